"""What ``seedbed report study=NAME`` and ``where=`` cost on stores of many cells, as whole processes."""

import itertools
import json
import sys
import tempfile
from contextlib import closing
from pathlib import Path
from sqlite3 import connect
from typing import Any

import numpy as np
from tests.bench.processes import measured

from seedbed.cells import IDENTITY_COLUMNS, MEASURES, Prediction
from seedbed.tracking.cell_artifacts import EPOCHS, PREDICTIONS
from seedbed.tracking.names import stored_name
from seedbed.tracking.opening import open_store
from seedbed.tracking.records import prediction_lines
from seedbed.tracking.settings import Tracking

STUDY = "large"
SHAPES = (
    (5, 10, 20, True, "study={study}", "under 5 s"),
    (10, 20, 50, False, "study={study}", "under 20 s and 1,500 MB"),
    (10, 20, 50, False, "where=study='{study}' and training.epochs < 100", "under 20 s and 1,500 MB"),
)
"""Arms, sizes and replicates; whether predictions and epochs are kept; what is asked for; the goal."""
ITEMS, EPOCHS_TRAINED = 500, 20
CLASSES = ("negative", "positive")

_COMMAND = """
import json, sys
from seedbed.cli.main import main
code = main(sys.argv[2:])
json.dump({"code": code, "loaded": sorted({"tensorflow", "keras"} & set(sys.modules))}, open(sys.argv[1], "w"))
"""


def large_stores() -> None:
    """Wall seconds, peak memory and page size of a report from SQLite, without TensorFlow."""
    print("\na report as a process of its own, from SQLite")
    made: dict[tuple, tempfile.TemporaryDirectory] = {}
    for arms, sizes, replicates, kept, asked, goal in SHAPES:
        shape = (arms, sizes, replicates, kept)
        if shape not in made:
            made[shape] = tempfile.TemporaryDirectory()
            make_store(Path(made[shape].name), *shape)
        query = asked.format(study=STUDY)
        cost = report_cost(Path(made[shape].name), query)
        files = "with predictions and epochs, " if kept else ""
        cells = f"{arms * sizes * replicates:,} cells ({arms} arms, {sizes} sizes, {replicates} replicates)"
        print(f"  {cells}, {files}{query.partition('=')[0]}=: {cost} (goal: {goal})")
    for folder in made.values():
        folder.cleanup()


def report_cost(folder: Path, query: str) -> str:
    """What a report costs in a process of its own, in words."""
    told = folder / "told.json"
    command = [sys.executable, "-c", _COMMAND, str(told), "report", query, f"output={folder / 'out'}"]
    cost = measured(command, folder)
    end = json.loads(told.read_text())
    if end["code"] or end["loaded"]:
        raise SystemExit(f"{query}: ended with {end}")
    page = (folder / "out" / "report" / "index.html").stat().st_size
    return f"{cost.wall:.1f} s ({cost.cpu:.1f} s of CPU), peak {cost.mb:,.0f} MB, page {page / 1e6:.1f} MB"


def make_store(folder: Path, arms: int, sizes: int, replicates: int, kept: bool) -> None:
    """A store in ``folder`` with one comparison named STUDY, its cells put there through SQL."""
    tracking = Tracking(uri=f"sqlite:///{folder / 'mlflow.db'}")
    store = open_store(tracking)
    places = [(a, s, r) for s in range(sizes) for r in range(replicates) for a in range(arms)]
    cells = [_cell(*place) for place in places]
    parent = store.start_comparison(STUDY, "digest", {}, [cell["cell"] for cell in cells])
    record = {"cells": cells, "baseline": None, "metric": None, "context": {}}
    store.log_json(parent, "study.json", record)
    store.finish(parent, "finished")
    rng = np.random.default_rng(0)
    draws = rng.normal(0, 0.02, (sizes, replicates))
    tables: dict[str, list[tuple]] = {"runs": [], "tags": [], "params": [], "latest_metrics": []}
    for number, ((arm, size, replicate), cell) in enumerate(zip(places, cells, strict=True)):
        chance = 0.6 + 0.01 * arm + 0.005 * size + draws[size, replicate] + rng.normal(0, 0.015)
        right = rng.random(ITEMS) < chance
        run = f"{number:032x}"
        uri = f"{tracking.artifact_root}/{run}/artifacts"
        _add(tables, run, uri, cell, parent, float(right.mean()), int(store.experiment_id))
        if kept:
            _keep(folder / "mlartifacts" / run / "artifacts", right, float(right.mean()))
    _insert(folder / "mlflow.db", tables)


def _cell(arm: int, size: int, replicate: int) -> dict[str, Any]:
    return {
        "arm": f"arm{arm}", "dataset": "imdb", "embedding": "glove", "encoder": "cnn", "task": "classification",
        "n_train": 50 * (size + 1), "replicate": replicate, "data_seed": replicate, "init_seed": replicate,
        "draw": f"{size:04x}{replicate:04x}" * 8, "cell": f"{arm:04x}{size:04x}{replicate:04x}" * 5,
    }  # fmt: skip


def _add(
    tables: dict[str, list[tuple]], run: str, uri: str, cell: dict[str, Any], parent: str, score: float, experiment: int
) -> None:
    start = 1_700_000_000_000
    tables["runs"].append(
        (run, cell["arm"], "UNKNOWN", "bench", "FINISHED", start, start + int(run, 16), "active", uri, experiment)
    )
    tags = {f"seedbed.{name}": str(value) for name, value in cell.items()}
    tags |= {"seedbed.kind": "cell", "seedbed.name": STUDY, "seedbed.device": "cpu", "mlflow.parentRunId": parent}
    tags |= {"seedbed.versions": "python 3.11.7 keras 3.15.1 numpy 2.4.6", "seedbed.platform": "Linux"}
    tables["tags"] += [(key, value, run) for key, value in tags.items()]
    params = {f"training.setting{n}": str(n) for n in range(40)} | {"training.epochs": "40", "encoder.filters": "64"}
    params |= {name: str(cell[name]) for name in IDENTITY_COLUMNS[:9]}
    tables["params"] += [(key, value, run) for key, value in params.items()]
    final = {f"{split}/{name}": score for split in ("test", "validation") for name in ("accuracy", "macro_f1")}
    final |= {
        f"{split}/{kind}/{name}": score
        for split, kind, name in itertools.product(("test", "validation"), ("precision", "recall", "f1"), CLASSES)
    }
    final |= {f"{split}/{name}": 1.2 - score for split in ("test", "validation") for name in ("log_loss", "loss")}
    final |= {f"embedding/{n}": float(n) for n in range(6)} | dict.fromkeys(MEASURES, 1.5)
    final |= {f"epoch/{name}": score for name in list(final)[:16]}
    tables["latest_metrics"] += [(stored_name(key), value, 0, 0, 0, run) for key, value in final.items()]


def _keep(folder: Path, right: np.ndarray, score: float) -> None:
    folder.mkdir(parents=True)
    said = [
        Prediction(f"test/{n}", CLASSES[n % 2], CLASSES[n % 2 if good else 1 - n % 2], (0.25, 0.75))
        for n, good in enumerate(right)
    ]
    (folder / PREDICTIONS).write_bytes(prediction_lines(said))
    names = ("train/loss", "validation/loss", "validation/accuracy", "validation/macro_f1")
    names += tuple(f"validation/{kind}/{name}" for kind in ("precision", "recall", "f1") for name in CLASSES)
    history = {name: [score * epoch / EPOCHS_TRAINED for epoch in range(EPOCHS_TRAINED)] for name in names}
    (folder / EPOCHS).write_text(json.dumps(history, indent=1))


def _insert(database: Path, tables: dict[str, list[tuple]]) -> None:
    columns = {
        "runs": "run_uuid, name, source_type, user_id, status, start_time, end_time, lifecycle_stage, artifact_uri, "
        "experiment_id",
        "tags": "key, value, run_uuid",
        "params": "key, value, run_uuid",
        "latest_metrics": "key, value, timestamp, step, is_nan, run_uuid",
    }
    with closing(connect(database)) as connection:
        for table, rows in tables.items():
            marks = ", ".join("?" * len(rows[0]))
            connection.executemany(f"INSERT INTO {table} ({columns[table]}) VALUES ({marks})", rows)
        connection.commit()
