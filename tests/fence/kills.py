"""Kill a comparison at random moments, start it again, and compare with one that nobody disturbed.

``python -m tests.fence.kills --kills 20 --terms 10``; ``--together 4``: as many processes that start one study at once,
in a new store; ``--old 4``: in one with other finished studies, with their leases and as it was before there were any.
Exit code 1 where a score differs, a cell was trained twice, a run is left RUNNING, or a file is left over.
"""

import argparse
import json
import os
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
SETTINGS = (
    "name=killed", "dataset=jsonl", "dataset.files.train=../texts.jsonl", "task=classification", "embedding=random",
    "embedding.dim=16", "sampling=fewshot", "sampling.validation=30", "sampling.test=60", "sizes=[30]",
    "replicates=4", "training.group_size=3", "training.epochs=6", "lint=off",
    "arms={cnn: [encoder=cnn], pool: [encoder=pool], probe: [encoder=probe]}",
)  # fmt: skip
OLD = (["name=first", "sizes=[20]"], ["name=second", "sizes=[20,25]"])
"""The studies of a store that has others; the second has cells of the first."""
BOUND = 1e-6
"""Of the losses of groups that were stored in part, see docs/guides/sharing.md; other scores are equal."""
SHRUNK = 3
"""Each third run has trained one replicate before, so that groups are stored in part."""
NOT_SCORES = re.compile("second|time|peak|_mb|energy|joule")
LEFT_OVER = re.compile(r"^\.|\.(new|tmp|partial|writing|part)(-|$)|^tmp")


@dataclass(frozen=True)
class Stored:
    """What a store has: the scores of each finished cell, cells that are there twice, and runs left RUNNING."""

    scores: dict[str, dict[str, float]]
    twice: list[str]
    running: list[str]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--terms", type=int, default=10)
    parser.add_argument("--together", type=int, nargs="*", default=[])
    parser.add_argument("--old", type=int, nargs="*", default=[])
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    rng = random.Random(asked.seed)
    signals = rng.sample([signal.SIGKILL] * asked.kills + [signal.SIGTERM] * asked.terms, asked.kills + asked.terms)
    failed = 0
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        write_texts(root / "texts.jsonl", rng)
        started = time.monotonic()
        whole, said = start(root / "whole")
        if whole.wait():
            raise SystemExit(said.read_text(encoding="utf-8"))
        seconds = time.monotonic() - started
        undisturbed = stored(root / "whole")
        print(f"undisturbed: {len(undisturbed.scores)} cells, {seconds:.1f} s", flush=True)
        for number, sent in enumerate(signals):
            part = (number + rng.random()) / len(signals)  # spread over the whole run
            folder, is_shrunk = root / f"{number}", number % SHRUNK == SHRUNK - 1
            faults = together(folder, 1, "only=[1]") if is_shrunk else []
            faults += disturbed(folder, sent, part * seconds)
            title = f"{number:2} {sent.name} after {part * seconds:5.1f} s{', groups that shrink' if is_shrunk else ''}"
            failed += report(title, folder, undisturbed, faults, BOUND if is_shrunk else 0)
        for n in asked.together:
            failed += report(f"{n} processes at once", root / f"by{n}", undisturbed, together(root / f"by{n}", n), 0)
        failed += sum(in_old_store(root, n, undisturbed) for n in asked.old)
    print(f"{len(signals) + len(asked.together) + 2 * len(asked.old)} runs, {failed} with faults")
    return int(failed > 0)


def in_old_store(root: Path, n: int, undisturbed: Stored) -> int:
    """Start the comparison n times at once in a store with other studies; how many of two runs have faults."""
    old, failed = root / "old", 0
    if not old.exists():
        for name in OLD:
            process, said = start(old, *name)
            if process.wait():
                raise SystemExit(said.read_text(encoding="utf-8"))
    others = stored(old).scores
    for tables in ("with leases", "without leases"):
        folder = root / f"{tables} {n}"
        shutil.copytree(old, folder)
        if tables == "without leases":
            with closing(sqlite3.connect(folder / "mlflow.db")) as store:
                store.executescript("DROP TABLE seedbed_leases; DROP TABLE seedbed_workers")
        faults = together(folder, n)
        found = stored(folder)
        faults += [f"{cell} of another study is lost" for cell in others.keys() - found.scores.keys()]
        own = {cell: scores for cell, scores in found.scores.items() if cell not in others}
        title = f"{n} processes at once, {len(others)} other cells in the store, {tables}"
        failed += report(title, folder, undisturbed, faults, 0, Stored(own, found.twice, found.running))
    return failed


def write_texts(file: Path, rng: random.Random) -> None:
    words = {"a": ["good", "fine", "great"], "b": ["bad", "poor", "awful"], "c": ["odd", "even", "so"]}
    lines = []
    for _ in range(400):
        label = rng.choice("abc")
        text = " ".join(rng.choices([*words[label], "film", "plot", "one", "two", "three"], k=8))
        lines.append(json.dumps({"text": text, "label": label}))
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")


def start(folder: Path, *more: str) -> tuple["subprocess.Popen[bytes]", Path]:
    """Start the comparison in a folder, with caches and temporary files there; also the file of what it says."""
    places = {"SEEDBED_CACHE": "cache", "SEEDBED_STATE": "state", "TMPDIR": "temporary"}
    for name in places.values():
        (folder / name).mkdir(parents=True, exist_ok=True)
    said = folder.with_suffix(f".{time.monotonic_ns()}.err")
    environment = os.environ | {key: str(folder / name) for key, name in places.items()}
    with said.open("wb") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", "seedbed", "compare", *SETTINGS, *more], cwd=folder, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=errors, env=environment | {"PYTHONPATH": str(ROOT / "src")},
        )  # fmt: skip
    return process, said


def disturbed(folder: Path, sent: signal.Signals, seconds: float) -> list[str]:
    """Start the comparison, send it the signal after some seconds, and start it again; what is wrong, if anything."""
    process, said = start(folder)
    time.sleep(seconds)
    process.send_signal(sent)
    at = time.monotonic()
    code = process.wait()
    took = time.monotonic() - at
    faults = [] if code in (0, -sent, 128 + sent) else [f"exit code {code}"]
    if took > 10:
        faults.append(f"ended {took:.1f} s after the signal")
    lines = said.read_text(encoding="utf-8").splitlines()
    print(f"   exit code {code} after {took:.1f} s; last: {(lines or ['nothing'])[-1][:90]}")
    again, said = start(folder)
    if again.wait():
        faults.append(f"started again: exit code {again.returncode}: {said.read_text(encoding='utf-8')[-300:]}")
    print("  ", next((line for line in said.read_text(encoding="utf-8").splitlines() if "in the store" in line), ""))
    return faults


def together(folder: Path, n: int, *more: str) -> list[str]:
    """Start the comparison n times at once, and wait for all; what is wrong, if anything."""
    processes = [start(folder, *more) for _ in range(n)]
    codes = [process.wait() for process, _ in processes]
    return [said.read_text(encoding="utf-8")[-300:] for (_, said), code in zip(processes, codes, strict=True) if code]


def stored(folder: Path) -> Stored:
    """Read the sqlite store of a folder."""
    with closing(sqlite3.connect(folder / "mlflow.db")) as store:
        return contents(store)


def contents(store: Any) -> Stored:  # Any: a connection of any database
    """Read a store."""
    of_cell, twice, running, metrics = {}, [], [], {}
    for run, key, value in store.execute("SELECT run_uuid, key, value FROM latest_metrics").fetchall():
        if not NOT_SCORES.search(key):
            metrics.setdefault(run, {})[key] = value
    tags = "SELECT run_uuid, max(CASE key WHEN 'seedbed.kind' THEN value END) AS kind, "
    tags += "max(CASE key WHEN 'seedbed.cell' THEN value END) AS cell FROM tags GROUP BY run_uuid"
    runs = f"SELECT run_uuid, status, kind, cell FROM runs LEFT JOIN ({tags}) AS told USING (run_uuid)"
    for run, status, kind, cell in store.execute(f"{runs} WHERE lifecycle_stage = 'active'").fetchall():
        if status == "RUNNING":
            running.append(f"{kind} {run}")
        if kind == "cell" and status == "FINISHED":
            twice += [cell] if cell in of_cell else []
            of_cell[cell] = metrics.get(run, {})
    return Stored(of_cell, twice, running)


def report(
    name: str, folder: Path, undisturbed: Stored, faults: list[str], bound: float, found: Stored | None = None
) -> int:
    """Compare a folder with the undisturbed one, print what is wrong, and remove it; whether anything is.

    ``found``: what its store has, where that is no sqlite file in it.
    """
    if found is None:
        found = Stored({}, [], []) if any("started again" in fault for fault in faults) else stored(folder)
    pairs = [
        (key, abs(value - found.scores[cell][key]))
        for cell, scores in undisturbed.scores.items() if cell in found.scores
        for key, value in scores.items() if key in found.scores[cell]
    ]  # fmt: skip
    if {cell: set(scores) for cell, scores in found.scores.items()} != {
        cell: set(scores) for cell, scores in undisturbed.scores.items()
    }:
        faults.append(f"{len(found.scores)} cells, not those of the undisturbed run, or other scores")
    faults += [f"{key} differs by {by:.1e}" for key, by in pairs if by > (bound if "loss" in key else 0)]
    faults += [f"{cell} is there twice" for cell in found.twice] + [f"{run} is RUNNING" for run in found.running]
    left = [path.relative_to(folder) for path in folder.rglob("*") if LEFT_OVER.search(path.name)]
    left += [path.relative_to(folder) for path in (folder / "temporary").rglob("*")]
    faults += [f"{path} is left over" for path in dict.fromkeys(left)]
    worst = max((by for _, by in pairs), default=0)
    print(f"{'FAULT' if faults else 'ok'} {name}: scores differ by at most {worst:.1e}; {'; '.join(faults[:5])}",
          flush=True)  # fmt: skip
    shutil.rmtree(folder)
    return int(bool(faults))


if __name__ == "__main__":
    sys.exit(main())
