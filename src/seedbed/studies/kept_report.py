"""The report of a study is written anew only where something of it has changed.

A digest of everything that it is made of, and those of its files, are an artifact of the parent run.
"""

import dataclasses
import hashlib
import json
import os
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from seedbed.errors import InputError
from seedbed.report.analysis.inputs import ReportInputs
from seedbed.studies.item_texts import FILE as ITEMS
from seedbed.studies.run import StudyRun

if TYPE_CHECKING:
    from pandas import DataFrame

FILE = "report.json"
"""The artifact of a parent run with the digests."""
PAGE = "report/index.html"
_TABLES = (
    "results.csv", "comparisons.csv", "ranking.csv", "ranks.csv", "floor.csv", "trials.csv", "tuning.json",
)  # fmt: skip
_PACKAGES = ("matplotlib", "numpy", "pandas", "scipy", "jinja2")
"""Packages whose version may change a page or a picture."""


def inputs_digest(run: StudyRun, table: "DataFrame", inputs: ReportInputs) -> str:
    """Return the digest of all that the report of a study is made of; empty where its files are not on this machine."""
    location, parent = run.store.location, run.parent
    if location is None or location.folder is None or parent is None:
        return ""
    digest = hashlib.sha256()
    keys = run.study.keys
    for frame in (table, inputs.floor):
        digest.update(b"" if frame is None else _of_frame(frame))
    tuning = {} if inputs.tuning is None else inputs.tuning.files()
    plain = {
        "keys": [keys.name, keys.baseline, keys.metric],
        "context": inputs.context,
        "findings": [dataclasses.astuple(finding) for finding in inputs.findings],
        "published": repr(inputs.published),
        "settings": [inputs.settings, inputs.as_run],
        "times": inputs.times,
        "tuning": {name: hashlib.sha256(content).hexdigest() for name, content in tuning.items()},
        "items": hashlib.sha256(run.store.read_bytes(parent, ITEMS) or b"").hexdigest(),
        "artifacts": [_listing(location.folder / str(one) / "artifacts") for one in table["run"] if one],
        "code": list(_code()),
        "packages": [metadata.version(name) for name in _PACKAGES],
    }
    digest.update(json.dumps(plain, sort_keys=True, default=str).encode())
    return digest.hexdigest()


def kept_page(run: StudyRun, digest: str) -> Path | None:
    """Return the page in the output folder where it, and all files of the report, are those of this digest."""
    try:
        kept = run.store.read_json(run.parent or "", FILE, {}) if digest else {}
        if kept.get("inputs") != digest or PAGE not in kept["files"]:
            return None
        same = all(_of_file(run.folder / name) == expected for name, expected in kept["files"].items())
    except (InputError, OSError, ValueError, KeyError, AttributeError, TypeError):  # damaged: written anew
        return None
    return run.folder / PAGE if same else None


def keep(run: StudyRun, digest: str) -> None:
    """Write the digests of a report that is in the output folder and logged."""
    if digest and run.parent:
        names = [name for name in _TABLES if (run.folder / name).is_file()]
        names += [str(file.relative_to(run.folder)) for file in sorted((run.folder / "report").rglob("*"))
                  if file.is_file()]  # fmt: skip
        files = {name: _of_file(run.folder / name) for name in names}
        run.store.log_json(run.parent, FILE, {"inputs": digest, "files": files})


def _of_frame(frame: "DataFrame") -> bytes:
    import pandas as pd

    values = pd.util.hash_pandas_object(frame, index=False).to_numpy().tobytes()
    return repr([*frame.columns, *map(str, frame.dtypes)]).encode() + values


def _of_file(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _listing(folder: Path) -> list[tuple[str, int, int]]:
    """Return names, sizes and times of a cell's files: predictions and histories are read for the report."""
    try:
        with os.scandir(folder) as entries:
            found = [(entry.name, entry.stat()) for entry in entries]
    except OSError:
        return []
    return sorted((name, stat.st_size, stat.st_mtime_ns) for name, stat in found)


def _code() -> Iterator[tuple[str, int, int]]:
    """Yield the files of this package: another version may write another report."""
    root = Path(__file__).parents[1]
    for folder, folders, files in os.walk(root):
        folders[:] = sorted(name for name in folders if name != "__pycache__")
        for name in sorted(files):
            stat = os.stat(os.path.join(folder, name))
            yield os.path.relpath(os.path.join(folder, name), root), stat.st_size, stat.st_mtime_ns
