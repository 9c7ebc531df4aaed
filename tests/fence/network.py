"""A second host: Linux namespaces of this machine, joined to it by a cable that can be pulled out. Root is needed."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.postgres import Cluster

NAME = f"seed{os.getpid()}"
HERE, THERE = (f"10.231.{os.getpid() % 256}.{last}" for last in (1, 2))
"""The network namespace of the other host, and the addresses of both."""
WITHIN = ("ip", "netns", "exec", NAME)
"""Begins a command that is run on the other host."""


@contextmanager
def other_host() -> Iterator[None]:
    """Create the other host's network, and remove it at the end."""
    try:
        _ip("netns", "add", NAME)
        _ip("link", "add", f"{NAME}-0", "type", "veth", "peer", "name", f"{NAME}-1", "netns", NAME)
        _ip("addr", "add", f"{HERE}/30", "dev", f"{NAME}-0")
        _ip("link", "set", f"{NAME}-0", "up")
        _ip("-n", NAME, "addr", "add", f"{THERE}/30", "dev", f"{NAME}-1")
        _ip("-n", NAME, "link", "set", f"{NAME}-1", "up")
        _ip("-n", NAME, "link", "set", "lo", "up")
        yield
    finally:
        subprocess.run(["ip", "netns", "del", NAME], check=False)


def cut() -> None:
    """Pull out the cable there: packets are lost, and no connection is closed."""
    _ip("-n", NAME, "link", "set", f"{NAME}-1", "down")


def join() -> None:
    """Put the cable in again."""
    _ip("-n", NAME, "link", "set", f"{NAME}-1", "up")


class ClusterThere(Cluster):
    """A PostgreSQL cluster on the other host."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, THERE, (*WITHIN, "runuser", "-u", "postgres", "--"))

    def allow(self) -> None:
        """Let this host connect."""
        with (self.data / "pg_hba.conf").open("a") as file:
            file.write(f"host all all {HERE}/32 scram-sha-256\n")


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True)
