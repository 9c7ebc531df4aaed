"""The studies of several data sets with the same arms, and the ranks of the arms over them."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from seedbed.errors import InputError
from seedbed.report.analysis.analysis import Analysis, analyse
from seedbed.report.analysis.datasets import by_dataset, folder_names
from seedbed.report.analysis.inputs import ReportInputs
from seedbed.report.analysis.results import arm_order
from seedbed.report.analysis.results_table import check_table
from seedbed.report.analysis.scores import metric_label
from seedbed.report.statistics.grids import whole_part
from seedbed.report.statistics.ranks import LEAST, RankTest, rank_test, ranks_of
from seedbed.report.statistics.settling import holm
from seedbed.report.wording import count_examples, sanitize

if TYPE_CHECKING:
    from pandas import DataFrame


@dataclass(frozen=True)
class Ranking:
    """The arms ranked within each data set that has them all; ``left_out`` are data sets and arms that lack a score."""

    label: str
    datasets: tuple[str, ...]
    arms: tuple[str, ...]
    left_out: tuple[str, ...]
    ranks: NDArray[np.float64]
    test: RankTest
    p_holm: float

    @property
    def averages(self) -> tuple[float, ...]:
        """The average rank of each arm."""
        return tuple(float(value) for value in self.ranks.mean(axis=0))


@dataclass(frozen=True)
class Block:
    """A size at which data sets stand side by side: its words, and the number of examples of each data set."""

    label: str
    sizes: Mapping[str, int]


@dataclass(frozen=True)
class DatasetAnalyses:
    """A study a data set, by name and in order; ``folders`` are those of their reports. ``rankings``: from three on."""

    given: "DataFrame"
    studies: Mapping[str, Analysis]
    folders: Mapping[str, str]
    arms: tuple[str, ...]
    blocks: tuple[Block, ...]
    rankings: tuple[Ranking, ...]
    inputs: ReportInputs


def analyse_datasets(
    table: "DataFrame",
    baseline: str | None = None,
    metric: str | None = None,
    inputs: ReportInputs | None = None,
    each: Callable[[Analysis], Analysis] = lambda analysis: analysis,
) -> DatasetAnalyses:
    """The studies of a table with several data sets; ``each`` is what else is done with every study.

    InputError on a bad table, and on a metric or baseline that no data set has.
    """
    inputs = inputs or ReportInputs()
    arms = arm_order(check_table(table), baseline)
    studies = {}
    for name, own in by_dataset(table).items():
        first = baseline if baseline in set(own["arm"].astype(str)) else None
        try:
            studies[name] = each(analyse(own, first, metric, inputs))
        except InputError as error:
            raise InputError(f"data set {sanitize(name, 60)}: {error}") from error
    blocks = tuple(_blocks(studies))
    return DatasetAnalyses(
        table, studies, folder_names(list(studies)), arms, blocks, _rankings(studies, arms, blocks), inputs
    )


def score_at(analysis: Analysis, arm: str, n_train: int | None) -> tuple[float, float, int]:
    """(mean, sd, finished cells) of an arm in the primary metric of a study; NaN and 0 where it has none there."""
    if analysis.metric is not None:
        summary = analysis.summaries[analysis.metric]
        for row in summary[(summary["arm"] == arm) & (summary["n_train"] == n_train)].itertuples():
            return row.mean, row.sd, row.n
    return math.nan, math.nan, 0


def metrics_of(found: DatasetAnalyses) -> list[str]:
    """The primary metrics of the studies, as people say them, each once."""
    return list(dict.fromkeys(metric_label(one.metric) for one in found.studies.values() if one.metric is not None))


def _blocks(studies: Mapping[str, Analysis]) -> list[Block]:
    """A block a size; one block where each data set has one size and they differ, as with all examples of each."""
    own = {name: analysis.sizes for name, analysis in studies.items()}
    sizes = sorted({size for several in own.values() for size in several})
    if len(sizes) > 1 and all(len(several) == 1 for several in own.values()):
        return [Block("each data set's own size", {name: size for name, (size,) in own.items()})]
    return [
        Block(count_examples(size), {name: size for name, several in own.items() if size in several}) for size in sizes
    ]


def _rankings(studies: Mapping[str, Analysis], arms: Sequence[str], blocks: Sequence[Block]) -> tuple[Ranking, ...]:
    found = []
    for block in blocks:
        names = list(block.sizes)
        grid = np.array([[score_at(studies[name], arm, block.sizes[name])[0] for arm in arms] for name in names])
        rows, columns = whole_part(grid)
        if len(rows) < LEAST or len(columns) < 2:
            continue
        kept = [names[row] for row in rows]
        scores = grid[np.ix_(rows, columns)]
        higher = [studies[name].scale.higher_is_better for name in kept]
        lacking = [name for name in studies if name not in kept]
        lacking += [arm for place, arm in enumerate(arms) if place not in columns]
        ranked = tuple(arms[column] for column in columns)
        found.append(
            (block.label, tuple(kept), ranked, tuple(lacking), ranks_of(scores, higher), rank_test(scores, higher))
        )
    corrected = holm([ranking[-1].p_value for ranking in found])
    return tuple(Ranking(*ranking, p_holm=float(p)) for ranking, p in zip(found, corrected, strict=True))
