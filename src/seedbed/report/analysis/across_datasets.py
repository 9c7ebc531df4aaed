"""Analyses of several data sets with the same arms, and the ranks of the arms over data sets."""

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
from seedbed.report.analysis.tuned_cells import main_cells
from seedbed.report.statistics.grids import complete_grid
from seedbed.report.statistics.ranks import LEAST, RankTest, rank_test, ranks_of
from seedbed.report.statistics.settling import holm
from seedbed.report.wording import sanitize

if TYPE_CHECKING:
    from pandas import DataFrame


@dataclass(frozen=True)
class Ranking:
    """The arms ranked within each data set that has all of them; ``left_out``: data sets and arms without a score."""

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
    """A size at which data sets are compared: its label, and the number of examples of each data set."""

    label: str
    sizes: Mapping[str, int]


@dataclass(frozen=True)
class DatasetAnalyses:
    """The analysis of each data set, by name; ``folders``: of their reports. ``rankings``: from three data sets on."""

    input_table: "DataFrame"
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
    """Analyse a table with several data sets; ``each`` is applied to every analysis.

    InputError on a bad table, and on a metric or baseline that no data set has.
    """
    inputs = inputs or ReportInputs()
    arms = arm_order(main_cells(check_table(table)), baseline)
    studies = {}
    for name, rows in by_dataset(table).items():
        first = baseline if baseline in set(rows["arm"].astype(str)) else None
        try:
            studies[name] = each(analyse(rows, first, metric, inputs))
        except InputError as error:
            raise InputError(f"data set {sanitize(name, 60)}: {error}") from error
    blocks = tuple(_blocks(studies))
    return DatasetAnalyses(
        table, studies, folder_names(list(studies)), arms, blocks, _rankings(studies, arms, blocks), inputs
    )


def score_at(analysis: Analysis, arm: str, n_train: int | None) -> tuple[float, float, int]:
    """Return (mean, sd, finished cells) of an arm in the primary metric of a study; NaN and 0 without scores."""
    if analysis.metric is not None:
        summary = analysis.summaries[analysis.metric]
        for row in summary[(summary["arm"] == arm) & (summary["n_train"] == n_train)].itertuples():
            return row.mean, row.sd, row.n
    return math.nan, math.nan, 0


def metrics_of(analyses: DatasetAnalyses) -> list[str]:
    """Return the labels of the primary metrics, each once."""
    metrics = (analysis.metric for analysis in analyses.studies.values())
    return list(dict.fromkeys(metric_label(metric) for metric in metrics if metric is not None))


def _blocks(studies: Mapping[str, Analysis]) -> list[Block]:
    """Return a block per size; one block if each data set has one size and they differ, as with all examples."""
    sizes_of = {name: analysis.sizes for name, analysis in studies.items()}
    sizes = sorted({size for dataset_sizes in sizes_of.values() for size in dataset_sizes})
    if len(sizes) > 1 and all(len(dataset_sizes) == 1 for dataset_sizes in sizes_of.values()):
        return [Block("each data set's own size", {name: size for name, (size,) in sizes_of.items()})]
    return [
        Block(_sized(size, studies), {name: size for name, own in sizes_of.items() if size in own}) for size in sizes
    ]


def _sized(size: int, studies: Mapping[str, Analysis]) -> str:
    """``200 examples``, or where the unit differs between data sets each of them."""
    return " or ".join(dict.fromkeys(study.sized(size) for study in studies.values() if size in study.sizes))


def _rankings(studies: Mapping[str, Analysis], arms: Sequence[str], blocks: Sequence[Block]) -> tuple[Ranking, ...]:
    rankings = []
    for block in blocks:
        names = list(block.sizes)
        grid = np.array([[score_at(studies[name], arm, block.sizes[name])[0] for arm in arms] for name in names])
        rows, columns = complete_grid(grid)
        if len(rows) < LEAST or len(columns) < 2:
            continue
        ranked_names = [names[row] for row in rows]
        scores = grid[np.ix_(rows, columns)]
        higher = [studies[name].scale.higher_is_better for name in ranked_names]
        lacking = [name for name in studies if name not in ranked_names]
        lacking += [arm for column, arm in enumerate(arms) if column not in columns]
        ranked = tuple(arms[column] for column in columns)
        rankings.append(
            (
                block.label,
                tuple(ranked_names),
                ranked,
                tuple(lacking),
                ranks_of(scores, higher),
                rank_test(scores, higher),
            )
        )
    corrected = holm([ranking[-1].p_value for ranking in rankings])
    return tuple(Ranking(*ranking, p_holm=float(p)) for ranking, p in zip(rankings, corrected, strict=True))
