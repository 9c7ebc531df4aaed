"""The floor in a report: scores of simple methods on the same draws, and the arms that do not beat the best of them."""

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
_SHORT_NAMES = {
    "tfidf": "TF-IDF",
    "majority": "majority",
    "most_frequent_tag": "most frequent tag",
    "all_o": "O everywhere",
}
MAJORITY = "majority"
_NEEDED = ("n_train", "replicate", "floor")
_VALUES = {"n_train": int, "replicate": int, "version": int} | dict.fromkeys(
    ("dataset", "draw", "floor", "corpus", "data"), str
)


@dataclass(frozen=True)
class BaselineScores:
    """One floor at one size: its score on each draw (on each replicate if the table of cells has no draws)."""

    n_train: int
    dataset: str
    floor: str
    scores: Mapping[tuple, float]

    @property
    def mean(self) -> float:
        """The mean over draws; replicates that share a draw count once."""
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
    """False if the interval of the difference includes zero or less; None if one pair does not show it."""


@dataclass(frozen=True)
class Floor:
    """The floors of a study in its primary metric, in the unit of its table, and each arm against the best."""

    series: tuple[BaselineScores, ...]
    against: tuple[ArmVsBaseline, ...]

    def at(self, n_train: int) -> list[BaselineScores]:
        """Return the floors at a size; none if the size has several data sets."""
        series = [series for series in self.series if series.n_train == n_train]
        return series if len({one.dataset for one in series}) == 1 else []

    def best(self, n_train: int, scale: Scale) -> BaselineScores | None:
        """Return the floor with the best mean at a size; None without one, or if the size has several data sets."""
        return max(self.at(n_train), key=lambda series: scale.gain(series.mean), default=None)

    def comparison(self, n_train: int, arm: str) -> ArmVsBaseline | None:
        """Return an arm at a size against the best floor, or None."""
        key = (n_train, arm)
        return next((comparison for comparison in self.against if (comparison.n_train, comparison.arm) == key), None)


def floor_name(floor: str, short: bool = False) -> str:
    """Return the display name of a floor."""
    return (_SHORT_NAMES if short else _NAMES).get(floor, floor)


def read_floor(content: bytes, where: str) -> "DataFrame":
    """Parse ``floor.csv``; InputError names ``where`` it was read from."""
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
    """Concatenate tables of floors, each row once; None if there are none."""
    import pandas as pd

    non_empty = [table for table in tables if table is not None and len(table)]
    if not non_empty:
        return None
    combined = pd.concat(non_empty, ignore_index=True)
    return combined.drop_duplicates([name for name in FLOOR_COLUMNS if name in combined.columns], ignore_index=True)


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
    comparisons = []
    finished = results.finished[results.finished[metric].notna()].sort_values("replicate")
    for (n_train, arm), cells in finished.groupby(["n_train", "arm"], sort=False):
        scored = _average_draws(cells[has_seeds(cells)], keys, metric) if crossed else cells
        scores = dict(zip(scored["replicate"], zip(_rows(scored, keys), scored[metric], strict=True), strict=True))
        comparisons.append(_compare_arm(int(n_train), arm, scores, series, scale))
    order = {arm: index for index, arm in enumerate(results.arms)}
    shared = [comparison for comparison in comparisons if comparison]
    shared.sort(key=lambda comparison: (comparison.n_train, order[comparison.arm]))
    return Floor(tuple(series), tuple(shared))


def _series(
    floor: "DataFrame", keys: Sequence[str], metric: str, factor: float, wanted: set[tuple]
) -> list[BaselineScores]:
    """Return the floors by size; a floor counts separately for each reading (corpus) of a data set."""
    all_scores = []
    names = [name for name in ("n_train", "dataset", "floor", "corpus") if name in floor.columns]
    for key_values, rows in floor[floor[metric].notna()].groupby(names, sort=False, dropna=False):
        values = dict(zip(names, key_values, strict=True))
        scored = zip(_rows(rows, keys), rows[metric], strict=True)
        scores = {key: float(score) * factor for key, score in scored if (values["n_train"], *key) in wanted}
        if scores:
            dataset = str(values.get("dataset", ""))
            all_scores.append(BaselineScores(int(values["n_train"]), dataset, str(values["floor"]), scores))
    return sorted(all_scores, key=lambda series: (series.n_train, series.dataset))


def _average_draws(cells: "DataFrame", keys: Sequence[str], metric: str) -> "DataFrame":
    """Return the first cell of each draw, with the mean score of its initializations."""
    by = ["data_seed", *(key for key in keys if key != "replicate")]
    return cells.assign(**{metric: cells.groupby(by)[metric].transform("mean")}).drop_duplicates(by)


def _keys(table: "DataFrame", keys: Sequence[str]) -> set[tuple]:
    return set(zip(table["n_train"], *(table[name] for name in keys), strict=True))


def _rows(table: "DataFrame", keys: Sequence[str]) -> list[tuple]:
    return list(zip(*(table[name] for name in keys), strict=True))


def _compare_arm(
    n_train: int, arm: str, scores: Mapping[int, tuple[tuple, float]], series: Sequence[BaselineScores], scale: Scale
) -> ArmVsBaseline | None:
    """Compare the arm with the best of the floors that share the most draws with it; None without shared draws."""
    shared = [(baseline, [(score, baseline.scores[key]) for key, score in scores.values() if key in baseline.scores])
              for baseline in series if baseline.n_train == n_train]  # fmt: skip
    most = max((len(pairs) for _, pairs in shared), default=0)
    if not most:
        return None
    candidates = [(baseline, pairs) for baseline, pairs in shared if len(pairs) == most]
    baseline, pairs = max(candidates, key=lambda candidate: scale.gain(sum(floor for _, floor in candidate[1])))
    paired = compare_pairs([score for score, _ in pairs], [floor for _, floor in pairs])
    return ArmVsBaseline(n_train, arm, baseline, paired, _beats(paired, scale))


def _beats(paired: PairedDifference, scale: Scale) -> bool | None:
    low = paired.ci_low if scale.higher_is_better else -paired.ci_high
    if math.isfinite(low):
        return low > 0
    return None if scale.gain(paired.mean_difference) > 0 else False
