"""One study by every launcher, and by two nodes of Ray of which one is lost: equal results, each cell trained once.

``python -m tests.fence.launchers basic joblib submitit_local ray lost_node``; without names all of them. The second
node is a set of Linux namespaces of this machine: its own network, host name and processes. Exit code 1 where a score
differs, a cell is trained twice or missing, a run is left RUNNING, or more was trained again than was lost.
"""

import argparse
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from tests.fence.kills import Stored, report, start, stored, write_texts
from tests.fence.network import HERE, THERE, WITHIN, cut, other_host
from tests.postgres import free_port

from seedbed.launching.resources import thread_settings

STUDY = ("sizes=[30,45]", "training.group_size=2", "training.epochs=150", "training.patience=null")
"""Over the settings of `tests.fence.kills`: 24 cells in 12 groups."""
GROUP = 2
LAUNCHERS = ("basic", "joblib", "submitit_local", "ray", "lost_node")
TRAINED = re.compile(r"^\[\d+/\d+\] .*, (?:(\d+) replicates|replicate \d+): (?:\d+ epochs|fitted)", re.MULTILINE)
"""The line of a worker about a group that it trained."""
RAY = ("--num-cpus=1", "--num-gpus=0", "--object-store-memory=78643200", "--disable-usage-stats", "--block")
LONGEST_S = 600


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("launchers", nargs="*", default=LAUNCHERS)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    os.environ |= thread_settings(1)  # with other numbers of threads a loss differs by 1e-9
    failed = 0
    with tempfile.TemporaryDirectory() as name, tempfile.TemporaryDirectory(prefix="ray") as ray:
        os.environ |= {"RAY_TMPDIR": ray, "RAY_AUTH_MODE": "disabled"}  # short, as it is part of names of sockets
        root = Path(name)
        write_texts(root / "texts.jsonl", random.Random(asked.seed))
        run(root / "one")
        one = stored(root / "one")
        print(f"one process: {len(one.scores)} cells; load {os.getloadavg()[0]:.1f}", flush=True)
        for launcher in asked.launchers:
            failed += lost_node(root / launcher, one) if launcher == "lost_node" else by(launcher, root, one)
    print(f"{len(asked.launchers)} launchers, {failed} with faults")
    return int(failed > 0)


def run(folder: Path, *more: str) -> str:
    """Run the study in a folder; what it said."""
    process, said = start(folder, *STUDY, *more)
    try:
        code = process.wait(LONGEST_S)
    finally:
        process.kill()
    if code:
        raise SystemExit(said.read_text(encoding="utf-8"))
    return said.read_text(encoding="utf-8")


def by(launcher: str, root: Path, one: Stored) -> int:
    """Run the study with two workers of a launcher, and compare; whether anything is wrong."""
    began = time.monotonic()
    run(root / launcher, f"hydra/launcher={launcher}", "workers=2")
    return judged(f"{launcher}, {time.monotonic() - began:.0f} s", root / launcher, one, 0)


def judged(title: str, folder: Path, one: Stored, again: int) -> int:
    """Report on a folder, in which at most ``again`` cells may have been trained again."""
    trained = n_trained(folder)
    needed = len(one.scores)
    wrong = [] if needed <= sum(trained) <= needed + again else [f"{sum(trained)} cells trained, not {needed}"]
    return report(f"{title}; cells trained by each worker: {trained}", folder, one, wrong, 0)


def n_trained(folder: Path) -> list[int]:
    """The number of cells that each worker says it trained."""
    logs = sorted(folder.glob("seedbed-out/*/workers/*.log"))
    return [sum(int(n or 1) for n in TRAINED.findall(log.read_text(encoding="utf-8"))) for log in logs]


def lost_node(folder: Path, one: Stored) -> int:
    """Run the study on two nodes of Ray, and take one off in the middle: power and network at once."""
    with nodes() as (address, node):
        words = ("hydra/launcher=ray", f"hydra.launcher.ray.init.address={address}", "workers=2")
        process, said = start(folder, *STUDY, *words)
        try:
            until(lambda: process.poll() is not None or (len(n_trained(folder)) == 2 and all(n_trained(folder))))
            before = n_trained(folder)
            cut()
            os.killpg(node.pid, signal.SIGKILL)
            lost = time.monotonic()
            code = process.wait(LONGEST_S)
        finally:
            process.kill()
    text = said.read_text(encoding="utf-8")
    if code:
        raise SystemExit(text)
    print("   " + "\n   ".join(line for line in text.splitlines() if "worker" in line and not line.startswith("[")))
    title = f"ray, a node lost after {before} cells, ended {time.monotonic() - lost:.0f} s later"
    return judged(title, folder, one, GROUP)


@contextmanager
def nodes() -> Iterator[tuple[str, "subprocess.Popen[bytes]"]]:
    """Start a cluster of two nodes: this machine, and namespaces of it; its address, and the process of the second."""
    ray = [sys.executable, "-m", "ray.scripts.scripts", "start", *RAY]
    port, started = free_port(), []
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2] / "src")}
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "start_new_session": True}
    with other_host(), ExitStack() as stack:
        stack.callback(end_all, started)
        head = [*ray, "--head", f"--node-ip-address={HERE}", f"--port={port}", "--include-dashboard=false"]
        started.append(subprocess.Popen(head, env=environment, **quiet))
        until(lambda: n_nodes(f"{HERE}:{port}") == 1)
        apart = [*WITHIN, "unshare", "--uts", "--pid", "--fork", "--kill-child", "--mount-proc"]
        inner = [*ray, f"--address={HERE}:{port}", f"--node-ip-address={THERE}"]
        command = [*apart, "sh", "-c", 'hostname node2 && exec "$@"', "node2", *inner]
        started.append(subprocess.Popen(command, env=environment, **quiet))
        until(lambda: n_nodes(f"{HERE}:{port}") == 2)
        yield f"{HERE}:{port}", started[-1]


def end_all(started: list["subprocess.Popen[bytes]"]) -> None:
    """Kill these processes and those that they started."""
    for process in reversed(started):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def n_nodes(address: str) -> int:
    """The number of living nodes of a cluster; 0 where it does not answer yet."""
    from ray._raylet import GcsClient

    with suppress(Exception):
        return sum(node.state == 0 for node in GcsClient(address=address).get_all_node_info(timeout=5).values())
    return 0


def until(done) -> None:
    """Wait for a condition."""
    end = time.monotonic() + LONGEST_S
    while not done():
        if time.monotonic() > end:
            raise SystemExit("waited for too long")
        time.sleep(0.2)


if __name__ == "__main__":
    sys.exit(main())
