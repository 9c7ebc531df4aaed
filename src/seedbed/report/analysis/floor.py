"""The floor in a report: what simple methods reach on the same draws, and which arms do not beat the best of them."""

import csv
import io
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from seedbed.cells import FLOOR_COLUMNS
from seedbed.errors import InputError
from seedbed.report.analysis.crossed_seeds import has_seeds
from seedbed.report.analysis.results import Results
from seedbed.report.analysis.scores import Scale, metric_scale
from seedbed.report.statistics.paired import PairedDifference, compare_pairs, spread

if TYPE_CHECKING:
    from pandas import DataFrame

_NAMES = {
    "tfidf": "TF-IDF with logistic regression",
    "majority": "the majority class",
    "most_frequent_tag": "the most frequent tag of each token",
    "all_o": "O for every token",
}
_NEEDED = ("n_train", "replicate", "floor")
_VALUES = {"n_train": int, "replicate": int, "version": int} | dict.fromkeys(
    ("dataset", "draw", "floor", "corpus", "data"), str
)


@dataclass(frozen=True)
class BaselineScores:
    """One floor at one size: its score on each draw (of each replicate, where the table of cells names no draws)."""

    n_train: int
    dataset: str
    floor: str
    scores: Mapping[tuple, float]

    @property
    def mean(self) -> float:
        """Over draws; replicates that share one count once."""
        return self.spread[0]

    @property
    def spread(self) -> tuple[float, float]:
        """Mean and sample standard deviation over draws."""
        return spread(list(self.scores.values()))


@dataclass(frozen=True)
class ArmVsBaseline:
    """An arm at one size against the best floor on its own draws; differences are arm minus floor."""

    n_train: int
    arm: str
    series: BaselineScores
    paired: PairedDifference
    beats: bool | None
    """False where the interval of the difference reaches zero or below; None where one pair is not enough to say."""


@dataclass(frozen=True)
class Floor:
    """The floors of a study in its primary metric, in the unit of its table, and each arm against the best."""

    series: tuple[BaselineScores, ...]
    against: tuple[ArmVsBaseline, ...]

    def best(self, n_train: int, scale: Scale) -> BaselineScores | None:
        """The floor with the best mean at a size; None without one, or where the size has several data sets."""
        here = [series for series in self.series if series.n_train == n_train]
        return _best(here, scale) if len({series.dataset for series in here}) == 1 else None


def floor_name(floor: str) -> str:
    """A floor as people say it."""
    return _NAMES.get(floor, floor)


def read_floor(content: bytes, where: str) -> "DataFrame":
    """The table that ``floor.csv`` holds; InputError names ``where`` it was read from."""
    import pandas as pd

    try:
        header, *rows = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True)
    except (ValueError, csv.Error) as error:
        raise InputError(f"{where}: not a table of floors") from error
    missing = [name for name in _NEEDED if name not in header]
    if missing:
        raise InputError(f"{where}: not a table of floors: no column {', '.join(missing)}")
    columns = {}
    for position, name in enumerate(header):
        try:
            columns[name] = [_VALUES.get(name, _score)(row[position]) for row in rows]
        except (ValueError, IndexError) as error:
            raise InputError(f"{where}: column {name}: {error}") from error
    return pd.DataFrame(columns)


def _score(text: str) -> float:
    return float(text) if text else math.nan


def concat_floors(tables: "Sequence[DataFrame | None]") -> "DataFrame | None":
    """Several tables of floors as one, each row once; None where there is none."""
    import pandas as pd

    there = [table for table in tables if table is not None and len(table)]
    if not there:
        return None
    whole = pd.concat(there, ignore_index=True)
    return whole.drop_duplicates([name for name in FLOOR_COLUMNS if name in whole.columns], ignore_index=True)


def compare_with_floor(results: Results, floor: "DataFrame | None") -> Floor | None:
    """Return the floors on the draws of the results in the primary metric; None if there are none.

    Where seeds are crossed, an arm's score on a draw is the mean of its initializations.
    """
    table, metric, scale, crossed = results.table, results.metrics[0], results.scale, results.crossed
    if floor is None or metric not in floor.columns:
        return None
    keys = [name for name in ("dataset", "draw") if name in table.columns and name in floor.columns]
    keys += [] if "draw" in keys else ["replicate"]
    series = _series(floor, keys, metric, metric_scale(floor, metric).factor / scale.factor, _keys(table, keys))
    if not series:
        return None
    found = []
    finished = results.finished[results.finished[metric].notna()].sort_values("replicate")
    for (n_train, arm), cells in finished.groupby(["n_train", "arm"], sort=False):
        own = _one_a_draw(cells[has_seeds(cells)], keys, metric) if crossed else cells
        scores = dict(zip(own["replicate"], zip(_rows(own, keys), own[metric], strict=True), strict=True))
        found.append(_against(int(n_train), arm, scores, series, scale))
    order = {arm: place for place, arm in enumerate(results.arms)}
    kept = sorted((one for one in found if one), key=lambda one: (one.n_train, order[one.arm]))
    return Floor(tuple(series), tuple(kept))


def _series(
    floor: "DataFrame", keys: Sequence[str], metric: str, factor: float, wanted: set[tuple]
) -> list[BaselineScores]:
    """By size; the same floor of another reading of the same data set is another one."""
    found = []
    names = [name for name in ("n_train", "dataset", "floor", "corpus") if name in floor.columns]
    for which, rows in floor[floor[metric].notna()].groupby(names, sort=False, dropna=False):
        own = dict(zip(names, which, strict=True))
        scored = zip(_rows(rows, keys), rows[metric], strict=True)
        scores = {key: float(score) * factor for key, score in scored if (own["n_train"], *key) in wanted}
        if scores:
            dataset = str(own.get("dataset", ""))
            found.append(BaselineScores(int(own["n_train"]), dataset, str(own["floor"]), scores))
    return sorted(found, key=lambda series: (series.n_train, series.dataset))


def _one_a_draw(cells: "DataFrame", keys: Sequence[str], metric: str) -> "DataFrame":
    """The first cell of each draw, with the mean score of its initializations."""
    by = ["data_seed", *(key for key in keys if key != "replicate")]
    return cells.assign(**{metric: cells.groupby(by)[metric].transform("mean")}).drop_duplicates(by)


def _keys(table: "DataFrame", keys: Sequence[str]) -> set[tuple]:
    return set(zip(table["n_train"], *(table[name] for name in keys), strict=True))


def _rows(table: "DataFrame", keys: Sequence[str]) -> list[tuple]:
    return list(zip(*(table[name] for name in keys), strict=True))


def _against(
    n_train: int, arm: str, scores: Mapping[int, tuple[tuple, float]], series: Sequence[BaselineScores], scale: Scale
) -> ArmVsBaseline | None:
    """The arm against the floor that is best on the most of its draws; None where it shares none with any."""
    shared = [(one, [(score, one.scores[key]) for key, score in scores.values() if key in one.scores])
              for one in series if one.n_train == n_train]  # fmt: skip
    most = max((len(pairs) for _, pairs in shared), default=0)
    if not most:
        return None
    full = [(one, pairs) for one, pairs in shared if len(pairs) == most]
    one, pairs = max(full, key=lambda own: scale.gain(sum(floor for _, floor in own[1])))
    paired = compare_pairs([score for score, _ in pairs], [floor for _, floor in pairs])
    return ArmVsBaseline(n_train, arm, one, paired, _beats(paired, scale))


def _beats(paired: PairedDifference, scale: Scale) -> bool | None:
    low = paired.ci_low if scale.higher_is_better else -paired.ci_high
    if math.isfinite(low):
        return low > 0
    return None if scale.gain(paired.mean_difference) > 0 else False


def _best(series: Sequence[BaselineScores], scale: Scale) -> BaselineScores | None:
    return max(series, key=lambda one: scale.gain(one.mean), default=None)
