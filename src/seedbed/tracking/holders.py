"""Who holds a lease: a worker, which is a process on a host, and whether it is still there."""

import hashlib
import os
import platform
import re
import secrets
from dataclasses import dataclass
from pathlib import Path

from seedbed import __version__

NAME = "SEEDBED_WORKER"
"""The environment variable with the name of a worker, which launchers set."""
WORKER = "seedbed.worker"
"""The tag of a run with the id of the worker that writes it."""
_LONGEST = 200
_ID = re.compile(r"[^:]*:(\d+):(\w+)-(\w*)-\w+")


@dataclass(frozen=True)
class Holder:
    """A worker that holds leases: its id, and where and since when it runs.

    ``study``: the digest of the study it works on, or empty. ``since``, ``beat``: its start and its last sign of life,
    in seconds since 1970 by the clock of the store.
    """

    worker: str
    host: str
    pid: int
    name: str = ""
    version: str = __version__
    study: str = ""
    since: float = 0.0
    beat: float = 0.0

    def __str__(self) -> str:
        """Return ``HOST:PID``, and the name of the worker if it has one."""
        return f"{self.host}:{self.pid}" + (f" ({self.name})" if self.name else "")


def this_worker(name: str = "") -> Holder:
    """Return a new holder in this process. ``name``: by default that of the environment variable ``NAME``.

    Its id is ``HOST:PID:PLACE-START-RANDOM``: the digest of what distinguishes process ids here from those of other
    hosts and containers, and that of the start of the process, as ids are used again.
    """
    host, pid = platform.node()[:_LONGEST] or "localhost", os.getpid()
    plain = re.sub(r"[^a-zA-Z0-9.-]", "-", host[:60])  # ids are parts of names in MLflow
    worker = f"{plain}:{pid}:{_place()}-{_started(pid) or ''}-{secrets.token_hex(4)}"
    return Holder(worker, host, pid, (name or os.environ.get(NAME, ""))[:_LONGEST])


def is_gone(worker: str) -> bool:
    """Return whether the process of the worker of this id has ended: False on another host, where it is not known."""
    match = _ID.fullmatch(worker)
    if match is None or match[2] != _place():
        return False
    started = _started(int(match[1]))
    return started is None or started != match[3]


def is_running(pid: int) -> bool:
    """Return whether there is a process with this id on this host."""
    import psutil

    return bool(psutil.pid_exists(pid))


def _place() -> str:
    """Return a digest of the boot and the namespace of process ids: containers on one host may share their name."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        return _digest(f"{boot} {os.readlink('/proc/self/ns/pid')}")
    except OSError:
        return _digest(platform.node())


def _started(pid: int) -> str | None:
    """Return a digest of the start of a process, empty where unknown; None where there is no such process."""
    import psutil

    try:
        line = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
        state, *fields = line.rpartition(")")[2].split()
        return None if state in "ZX" else _digest(fields[18])  # ticks since the boot; a zombie has ended
    except OSError:
        pass
    try:
        return _digest(str(int(psutil.Process(pid).create_time())))
    except psutil.NoSuchProcess:
        return None
    except psutil.Error:
        return ""


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:10]
