"""One worker process, run by whatever a launcher started: a thread, a job of SLURM, a task of Ray."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
from dataclasses import dataclass
from typing import IO

from seedbed.launching.orders import Order, Tell
from seedbed.launching.resources import thread_settings

GRACE_S = 9.0
"""Seconds from asking a worker to stop until it is killed."""


@dataclass(frozen=True)
class Ended:
    """How a worker ended: its exit ``code``, negative for a signal; None where its place was lost, see ``why``."""

    code: int | None
    why: str = ""

    @property
    def text(self) -> str:
        """The end in words."""
        if self.code is None:
            return self.why
        if self.code >= 0:
            return f"ended with exit code {self.code}"
        with contextlib.suppress(ValueError):
            return f"was killed by {signal.Signals(-self.code).name}"
        return f"was killed by signal {-self.code}"


class Supervised:
    """Starts the process of an order and passes on what it writes.

    The worker reads standard input until it ends: so it stops where the process that supervises it is gone.
    """

    def __init__(self, order: Order, tell: Tell) -> None:
        self.order, self.tell = order, tell
        self.process: subprocess.Popen[str] | None = None
        self._stopping = threading.Event()

    def run(self) -> Ended:
        """Start the worker and wait for its end; whatever is raised here stops it."""
        order = self.order
        cores = thread_settings(order.cores) if order.cores else {}
        environment = {**order.defaults, **cores, **os.environ, **order.environment}
        if not os.path.isdir(order.folder):
            return Ended(None, f"has no folder {order.folder} on {os.uname().nodename}: it must be on every machine")
        command = [sys.executable, "-m", order.module]
        process = self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=order.folder,
            env=environment, text=True, encoding="utf-8", errors="replace", bufsize=1,
            start_new_session=True,  # Ctrl-C reaches the parent alone, which stops the workers
        )  # fmt: skip
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        log = threading.Thread(target=self._pass_on, args=(process.stderr,), daemon=True)
        log.start()
        try:
            with contextlib.suppress(BrokenPipeError):
                process.stdin.write(json.dumps(dict(order.task)) + "\n")
                process.stdin.flush()
            if self._stopping.is_set():
                self.stop()
            for line in process.stdout:
                self.tell(order.number, "events", line.rstrip("\n"))
            process.wait()
        except BaseException:
            self.stop()
            raise
        finally:
            log.join(timeout=1)
            for pipe in (process.stdin, process.stdout, process.stderr):
                with contextlib.suppress(OSError):  # what was not sent to a worker that has ended
                    pipe.close()
        return Ended(process.returncode)

    def stop(self) -> None:
        """Ask the worker to stop, which ends its group as interrupted; kill it where it does not."""
        self._stopping.set()
        process = self.process
        if process is None or process.poll() is not None:
            return
        with contextlib.suppress(OSError, ValueError):
            process.terminate()
        try:
            process.wait(GRACE_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _pass_on(self, stream: IO[str]) -> None:
        for line in stream:
            self.tell(self.order.number, "log", line.rstrip("\n"))
