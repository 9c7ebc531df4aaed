"""Confirming a choice on new texts: those that no run of a named study used, also interrupted and partial ones."""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from seedbed.cells import Row
from seedbed.comparison.plan import Plan
from seedbed.comparison.record import FILE
from seedbed.config.schema import Study
from seedbed.data.corpus import Corpus, Example
from seedbed.data.holdout import NoTextsLeftError
from seedbed.errors import InputError
from seedbed.lint.shown_before import ShownBefore
from seedbed.readable import shaped
from seedbed.studies.confirmed_settings import Settings, settings_of_records
from seedbed.studies.names import no_study
from seedbed.tracking.opening import is_new, read_store
from seedbed.tracking.settings import Tracking

if TYPE_CHECKING:
    from seedbed.tracking.store import Store

DRAWS = "draws.json"
"""The file, and the artifact of a parent run, with the ids of all draws; of a single cell in its own run."""
SHOWN, DIGEST = "seedbed.shown", "seedbed.draws"
"""Tags of the parent runs of sweeps and searches: digests of their data, and one of all their draws."""
MOST_DATA = 70
"""Data sets whose digests fit into a tag."""
_SPLITS = ("train", "validation", "test")
_CELL = {"cell": str, "data": str, "draw": str}


@dataclass(frozen=True)
class ShownTexts:
    """The ids that a study used for train, validation or test, ``by_data``: by the digest of the data set.

    ``settings``: those of its arms by their names. ``again``: what it was, as what to do once more.
    """

    study: str
    by_data: Mapping[str, Set[str]]
    datasets: Set[str]
    log: Callable[[str], None]
    settings: Mapping[str, Settings] = field(default_factory=dict)
    again: str = "run it again"
    _said: set[str] = field(default_factory=set)

    def left_out(self, corpus: Corpus) -> Set[str]:
        """Return the ids that a test set may not have; log how many are left. InputError where none is."""
        key = f"confirm={self.study}"
        used = self.by_data.get(corpus.data)
        if used is None:
            raise InputError(
                f"{key}: that study has no draw of these data ({corpus.name}), only of "
                f"{', '.join(sorted(self.datasets)) or 'none'}"
            )
        of_split, left = _testable(corpus), _n_left(corpus, used)
        if of_split and not left:
            message = f"{key}: all {len(of_split):,} test texts of {corpus.name} were used by it, so none is left"
            if corpus.test_split == "train":
                raise NoTextsLeftError(message, len(of_split), self.again)
            raise InputError(
                f"{message}: {self.again}, under another name, with fewer, such as sampling.test="
                f"{max(1, len(of_split) // 2)} and sampling.redraw_test=false"
            )
        if corpus.digest not in self._said:
            self._said.add(corpus.digest)
            self.log(
                f"{key}: {left:,} of {len(of_split):,} test texts of {corpus.name} were not used by it, and are left"
            )
        return used


def texts_of(tracking: Tracking, name: str, log: Callable[[str], None]) -> ShownTexts:
    """Return the texts that all runs of the study of this name used. Raises InputError where that is not known."""
    if is_new(tracking):
        raise InputError(f"confirm={name}: no such study, as there is no store {tracking.shown_address} yet")
    store = read_store(tracking)
    by_data: dict[str, set[str]] = {}
    datasets: set[str] = set()
    known: set[tuple[str, str]] = set()

    def add(run_id: str) -> None:
        for draw in _draws(store, run_id):
            known.add((draw["data"], draw["digest"]))
            datasets.add(draw["dataset"])
            ids = by_data.setdefault(draw["data"], set())
            ids.update(*(draw[split] for split in _SPLITS))

    cells: list[Row] = []
    records: list[Row] = []
    for run_id in store.comparisons(name):
        stored = store.read_json(run_id, FILE, {"cells": []})
        records.append(shaped(stored, {"cells": [_CELL]}, f"{FILE} of run {run_id}"))
        of_run = records[-1]["cells"]
        cells += of_run
        if not set(map(_key, of_run)) <= known:  # jobs of a sweep share their draws
            add(run_id)
    cells += store.identities({"seedbed.name": name})
    if not cells:
        raise no_study(store, name, "confirm")
    if single := {cell["cell"] for cell in cells if _key(cell) not in known}:  # single runs have draws of their own
        rows = store.table(fingerprints=single, tags={"seedbed.name": name}, unfinished=True)
        for run_id in rows["run"]:
            add(run_id)
        _refuse_unknown(store, name, cells, known)
    return ShownTexts(name, by_data, datasets, log, settings_of_records(records), _again(records))


def _again(records: Sequence[Row]) -> str:
    """Return what to do once more with the study of these records: a sweep, a search or a comparison."""
    if any(record.get("job") for record in records):
        return "sweep again"
    tunes = (record.get("context", {}).get("Settings", {}).get("tune") or {} for record in records)
    return "search again" if any(tune.get("method", "none") != "none" for tune in tunes) else "run it again"


def shown_tags(plan: Plan) -> dict[str, str]:
    """Return the tags of the parent run of a sweep or search, by which `tested_before` finds what it was tested on."""
    draws = sorted({f"{corpus.data} {draw.digest}" for corpus, draw in plan.draws()})
    data = {corpus.data for corpus, _ in plan.draws()}
    return {SHOWN: " ".join(sorted(data)[:MOST_DATA]), DIGEST: hashlib.sha256("\n".join(draws).encode()).hexdigest()}


def tested_before(study: Study, plan: Plan) -> tuple[ShownBefore, ...]:
    """Return, by data set, the test examples of this study and those of sweeps and searches of other names.

    None for the jobs of a sweep, as no test score of theirs is shown, and where there is no store yet.
    """
    if study.job is not None or is_new(study.tracking):
        return ()
    store = read_store(study.tracking)
    names = {corpus.data: corpus.name for corpus, _ in plan.draws()}
    runs = {
        (run.tags.get("seedbed.name", ""), run.tags.get(DIGEST, "")): run.id  # jobs with the same draws once
        for run in store.tagged_comparisons(SHOWN)
        if set(run.tags[SHOWN].split()) & set(names) and run.tags.get("seedbed.name") != study.keys.name
    }
    shown: dict[str, dict[str, set[str]]] = {data: {} for data in names}
    used: dict[str, dict[str, set[str]]] = {data: {} for data in names}
    for (name, _), run_id in runs.items():
        for stored in _draws(store, run_id):
            if stored["data"] in shown:
                shown[stored["data"]].setdefault(name, set()).update(stored["test"])
                used[stored["data"]].setdefault(name, set()).update(*(stored[split] for split in _SPLITS))
    tested: dict[str, set[str]] = {}
    left: dict[str, dict[str, int]] = {}
    for corpus, draw in plan.draws():
        tested.setdefault(corpus.data, set()).update(draw.test)
        if corpus.data not in left:
            left[corpus.data] = {name: _n_left(corpus, ids) for name, ids in used[corpus.data].items()}
    return tuple(
        ShownBefore(name, tested[data], shown[data], left[data]) for data, name in names.items() if shown[data]
    )


def _testable(corpus: Corpus) -> Sequence[Example]:
    """Return the examples that a test set is drawn from."""
    return corpus.splits.get(corpus.test_split) or corpus.splits["train"]


def _n_left(corpus: Corpus, used: Set[str]) -> int:
    """Return how many texts a test set may have that are not used."""
    return sum(example.id not in used for example in _testable(corpus))


def _draws(store: "Store", run_id: str) -> Sequence[Row]:
    """Return the draws of a run; none where they were not stored. InputError where the file is damaged."""
    stored = store.read_json(run_id, DRAWS) or {"draws": []}
    draw = {"data": str, "digest": str, "dataset": str} | {split: [str] for split in _SPLITS}
    draws: Sequence[Row] = shaped(stored, {"draws": [draw]}, f"{DRAWS} of run {run_id}")["draws"]
    return draws


def _refuse_unknown(store: "Store", name: str, cells: Iterable[Row], known: Set[tuple[str, str]]) -> None:
    """Raise InputError for a finished cell whose texts are not recorded: versions before this one lack some."""
    unknown = {cell["cell"]: cell for cell in cells if _key(cell) not in known}
    for row in store.finished(unknown).values():
        cell = f"arm {row['arm']}, n_train {row['n_train']}, replicate {row['replicate']}"
        raise InputError(
            f"confirm={name}: the texts of a run of {name} are not recorded ({cell}), as it was interrupted in an "
            "earlier version: run its command again; finished cells are not trained again"
        )


def _key(row: Row) -> tuple[str, str]:
    """Return data and draw of a cell: data sets with equal ids have equal draws."""
    return str(row["data"]), str(row["draw"])
