"""A throw-away PostgreSQL cluster on loopback; it can be stopped and started again."""

import importlib.util
import os
import pwd
import shutil
import socket
import subprocess
from collections.abc import Iterator
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
    """A cluster in a folder; ``address`` is that of its database for SQLAlchemy."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self.address = f"postgresql+psycopg://bench:{quote(PASSWORD, safe='')}@127.0.0.1:{self.port}/postgres"

    def create(self) -> None:
        self.folder.mkdir(parents=True)
        file = self.folder / "password"
        file.write_text(PASSWORD)
        if os.geteuid() == 0:  # initdb refuses root
            user = pwd.getpwnam("postgres")
            for path in (self.folder, file):
                os.chown(path, user.pw_uid, user.pw_gid)
        self._do("initdb", "-D", self.data, "-U", "bench", "--pwfile", file, "-A", "scram-sha-256", "--no-sync")
        self.start()

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def start(self) -> None:
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off"
        self._do("pg_ctl", "-D", self.data, "-l", self.folder / "log", "-w", "-o", options, "start")

    def stop(self) -> None:
        self._do("pg_ctl", "-D", self.data, "-m", "immediate", "-w", "stop")

    def _do(self, *words: object) -> None:
        user = {"user": "postgres", "group": "postgres", "extra_groups": []} if os.geteuid() == 0 else {}
        done = subprocess.run(
            [str(word) for word in words], cwd="/", capture_output=True, text=True, timeout=60, check=False, **user
        )
        assert done.returncode == 0, done.stdout + done.stderr


@contextmanager
def cluster(folder: Path) -> Iterator[Cluster]:
    """Create and start a cluster in a new folder; at the end it is stopped."""
    made = Cluster(folder)
    made.create()
    try:
        yield made
    finally:
        if (made.data / "postmaster.pid").exists():
            made.stop()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]
