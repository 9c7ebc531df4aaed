"""A throw-away PostgreSQL cluster on loopback, which can be stopped and started, and an MLflow server before it."""

import importlib.util
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

PASSWORD = "Zq7/pass@word?x=1"
MISSING = [name for name in ("initdb", "pg_ctl") if shutil.which(name) is None]
REASON = (
    f"not installed: {', '.join(MISSING)}"
    if MISSING
    else ""
    if importlib.util.find_spec("psycopg")
    else "not installed: psycopg"
)
"""Why there can be no cluster; empty where there can."""


class Cluster:
    """A cluster in a folder; ``address`` is that of its database for SQLAlchemy.

    ``host``: the address that it listens to; ``within``: begins its commands, where they are run elsewhere by its user.
    """

    def __init__(self, folder: Path, host: str = "127.0.0.1", within: Sequence[str] = ()) -> None:
        self.folder, self.port, self.host, self.within = folder, free_port(), host, within
        self.address = f"postgresql+psycopg://bench:{quote(PASSWORD, safe='')}@{host}:{self.port}/postgres"

    def create(self) -> None:
        self.folder.mkdir(parents=True)
        file = self.folder / "password"
        file.write_text(PASSWORD)
        if os.geteuid() == 0:  # initdb refuses root
            user = pwd.getpwnam("postgres")
            for path in (self.folder, file):
                os.chown(path, user.pw_uid, user.pw_gid)
        self._do("initdb", "-D", self.data, "-U", "bench", "--pwfile", file, "-A", "scram-sha-256", "--no-sync")
        self.allow()
        self.start()

    def allow(self) -> None:
        """Let others connect than this machine; here none."""

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def start(self) -> None:
        options = f"-p {self.port} -c listen_addresses={self.host} -c unix_socket_directories='' -c fsync=off"
        self._do("pg_ctl", "-D", self.data, "-l", self.folder / "log", "-w", "-o", options, "start")

    def stop(self) -> None:
        self._do("pg_ctl", "-D", self.data, "-m", "immediate", "-w", "stop")

    def _do(self, *words: object) -> None:
        user = {"user": "postgres", "group": "postgres", "extra_groups": []} if not self.within else {}
        user = user if os.geteuid() == 0 else {}
        done = subprocess.run(
            [*self.within, *map(str, words)], cwd="/", capture_output=True, text=True, timeout=60, check=False, **user
        )
        assert done.returncode == 0, done.stdout + done.stderr


@contextmanager
def cluster(folder: Path, kind: type[Cluster] = Cluster) -> Iterator[Cluster]:
    """Create and start a cluster in a new folder; at the end it is stopped."""
    made = kind(folder)
    made.create()
    try:
        yield made
    finally:
        if (made.data / "postmaster.pid").exists():
            made.stop()


@contextmanager
def mlflow_server(address: str, folder: Path) -> Iterator[str]:
    """Start an MLflow server on a database, with its files and its log in a folder; its address."""
    port = free_port()
    words = ["--backend-store-uri", address, "--artifacts-destination", folder / "files", "--port", port]
    command = [sys.executable, "-W", "ignore", "-m", "mlflow", "server", "--workers", "1", *map(str, words)]
    environment = os.environ | {"MLFLOW_DISABLE_TELEMETRY": "true", "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            command, cwd=folder, env=environment, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
        )
    try:
        end = time.monotonic() + 300
        while time.monotonic() < end:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=5).close()
                break
            except OSError:
                assert process.poll() is None, (folder / "log").read_text()
                time.sleep(0.3)
        yield f"http://127.0.0.1:{port}"
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(30)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]
