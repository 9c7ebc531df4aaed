"""What many small cells cost besides training: the store, planning and the report, as whole processes in turn.

``--old=FOLDER``: a clone of an older commit, whose sources run in turn with these.
"""

import json
import os
import random
import sys
import tempfile
from pathlib import Path

from tests.bench.processes import Cost, measured

HERE = Path(__file__).parents[2]
SETTINGS = (
    "task=classification", "encoder=pool", "embedding=random", "embedding.dim=8", "sampling=fewshot",
    "sampling.strategy=stratified", "sampling.validation=10", "sampling.test=20", "training.epochs=1", "name=load",
    "arms={a: [], b: [embedding.dim=4]}", "floor=false", "device=cpu",
)  # fmt: skip
"""Of a study whose cells train in no time; also those of older versions."""
SIZES, REPLICATES = (4, 6, 8, 10, 12), 100
FEW = 1
"""Replicates of the small study, whose time is taken off that of the large one."""


def load(rounds: int, old: str | None = None) -> None:
    """Overhead of a cell, ``nothing is missing`` with and without its report, and memory."""
    n_cells, n_few = 2 * len(SIZES) * REPLICATES, 2 * len(SIZES) * FEW
    print(f"\n{n_cells:,} trivial cells from SQLite, as processes of their own; seconds (CPU seconds), peak MB")
    for number in range(rounds):
        for name, source in {"old": old, "new": str(HERE)}.items():
            if source is None:
                continue
            with tempfile.TemporaryDirectory() as folder:
                _texts(Path(folder, "texts.jsonl"))
                few = _measured(source, folder, "few", FEW)
                first = _measured(source, folder, "all", REPLICATES)
                again = _measured(source, folder, "all", REPLICATES)
                elsewhere = _measured(source, folder, "all", REPLICATES, output="elsewhere")
            cells = n_cells - n_few
            other = [(first.wall - few.wall) / cells * 1000, (first.cpu - few.cpu) / cells * 1000]
            print(
                f"  {number + 1}, {name}: {other[0]:.1f} ms ({other[1]:.1f}) a cell with training and report (goal: "
                f"overhead under 10 ms); nothing is missing {_said(again)} (goal: under 2 s, 250 MB); with the report "
                f"written anew {_said(elsewhere)} (goal: under 8 s)"
            )


def _texts(file: Path) -> None:
    rng = random.Random(0)
    words = [f"w{n}" for n in range(200)]
    lines = [{"text": " ".join(rng.choices(words, k=8)), "label": ("neg", "pos")[n % 2]} for n in range(400)]
    file.write_text("".join(json.dumps(line) + "\n" for line in lines))


def _measured(source: str, folder: str, store: str, replicates: int, output: str = "out") -> Cost:
    """What one ``seedbed compare`` costs."""
    command = [
        sys.executable, "-m", "seedbed", "compare", "dataset=jsonl", f"dataset.files.train={folder}/texts.jsonl",
        *SETTINGS, f"sizes={list(SIZES)}".replace(" ", ""), f"replicates={replicates}",
        f"tracking.uri=sqlite:///{folder}/{store}.db", f"output={folder}/{output}-{store}",
    ]  # fmt: skip
    environment = os.environ | {"PYTHONPATH": f"{source}/src", "SEEDBED_CACHE": f"{folder}/cache"}
    return measured(command, folder, environment)


def _said(cost: Cost) -> str:
    return f"{cost.wall:.1f} s ({cost.cpu:.1f}), {cost.mb:,.0f} MB"
