"""The choice of a setting by validation: the arms of a sweep ranked at each size, without test scores."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from seedbed.cells import EXAMPLES, SizeUnit
from seedbed.errors import InputError
from seedbed.metric_names import SPLITS, MetricName
from seedbed.report.analysis.datasets import by_dataset
from seedbed.report.analysis.results import finished_groups
from seedbed.report.analysis.scores import (
    Scale,
    choose_metric,
    main_metrics,
    metric_columns,
    metric_scale,
)
from seedbed.report.statistics.paired import spread

if TYPE_CHECKING:
    from pandas import DataFrame

TEST, VALIDATION, TRAIN = SPLITS


@dataclass(frozen=True)
class Setting:
    """The validation scores of an arm: number of replicates that have one, their mean and sample sd."""

    arm: str
    n: int
    mean: float
    sd: float


@dataclass(frozen=True)
class Choice:
    """The settings of one data set and size, best first; of ``replicates`` that some arm has.

    Arms in which fewer replicates finished are last, whatever their mean: it leaves out those that diverged.
    ``group``: overrides that all of them share, where there is a choice for each value of some swept key.
    ``size_unit``: what ``n_train`` counts.
    """

    dataset: str
    n_train: int
    metric: str
    scale: Scale
    replicates: int
    settings: tuple[Setting, ...]
    group: str = ""
    size_unit: SizeUnit = EXAMPLES

    @property
    def best(self) -> Setting:
        """The chosen setting: of equal ones the first in the table."""
        return self.settings[0]


def choices(table: "DataFrame", metric: str | None = None) -> tuple[Choice, ...]:
    """Return the choice for each data set and size in a checked table. Raises InputError without validation scores.

    ``metric``: a validation score, by default the main one.
    """
    found = [choice for name, rows in by_dataset(table).items() for choice in _of_dataset(name, rows, metric)]
    if not found:
        raise InputError("no cell has finished, so there is nothing to choose from")
    return tuple(found)


def without_test(table: "DataFrame") -> "DataFrame":
    """Return the table without the columns of test scores."""
    return table.drop(columns=[name for name in table.columns if str(name).startswith(f"{TEST}/")])


def validation_name(metric: str | None) -> str | None:
    """Return the score on validation that a metric names: ``validation/f1`` for ``test/f1`` and for ``f1``."""
    split = MetricName.of(metric or "").split
    return metric and f"{VALIDATION}/{metric.removeprefix(f'{split}/') if split in SPLITS else metric}"


def validation_metric(table: "DataFrame", metric: str | None = None) -> str:
    """Return the column to choose by. InputError for a score of another split, an unknown one, or without any."""
    refuse_other_split(metric)
    table = without_test(table)
    scored = [name for name in metric_columns(table) if name.startswith(f"{VALIDATION}/") and table[name].notna().any()]
    if not scored:
        raise InputError(
            "no cell has a validation score to choose by: set sampling.validation to a number of examples, such as "
            "sampling.validation=100, and run the sweep again"
        )
    if metric is not None:
        return choose_metric(table, str(validation_name(metric)))
    return main_metrics(table)[0]


def refuse_other_split(metric: str | None) -> None:
    """Raise InputError for a score of the test or train split."""
    if MetricName.of(metric or "").split in (TEST, TRAIN):
        raise InputError(
            f"metric={metric}: a setting is chosen by validation scores only; give metric={validation_name(metric)}"
        )


def _of_dataset(name: str, table: "DataFrame", wanted: str | None) -> Iterator[Choice]:
    if not (table["status"] == "finished").any():
        return
    metric = validation_metric(table, wanted)
    scale = metric_scale(table, metric)
    replicates = table.groupby("n_train")["replicate"].nunique()
    arms = list(dict.fromkeys(table["arm"]))
    by_size: dict[int, list[Setting]] = {}
    for n_train, arm, cells in finished_groups(table, arms):
        scores = cells[metric].dropna().to_numpy()
        if scores.size:
            by_size.setdefault(n_train, []).append(Setting(arm, scores.size, *spread(scores)))
    for n_train, settings in by_size.items():
        most = max(setting.n for setting in settings)
        settings.sort(key=lambda setting: (setting.n < most, -scale.gain(round(setting.mean, 12))))  # stable
        yield Choice(name, n_train, metric, scale, int(replicates[n_train]), tuple(settings))
