"""Picking the best setting of a sweep by validation, and what a report of the sweep shows of it."""

import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from seedbed.cells import CellArtifacts, Prediction, Row, size_unit
from seedbed.comparison.record import JobKey
from seedbed.config.job_names import job_name, names_arm
from seedbed.config.override_syntax import override_key
from seedbed.config.schema import Job
from seedbed.errors import InputError, nearest
from seedbed.metric_names import MetricName
from seedbed.report.analysis.choice import TEST, Choice, choices, validation_metric, validation_name, without_test
from seedbed.report.analysis.datasets import dataset_names
from seedbed.report.analysis.results_table import check_table
from seedbed.report.sections.choice import chosen_text, on_test
from seedbed.studies.confirmation_commands import Confirmation, checked_confirmation
from seedbed.studies.names import no_study
from seedbed.studies.report_sources import Log, ReportSource, from_study
from seedbed.tracking.settings import Tracking

if TYPE_CHECKING:
    from pandas import DataFrame

    from seedbed.tracking.store import Store

_OF_THE_SWEEP = ("name", "confirm", "output", "arm", "seed", "only", "force", "note", "baseline", "metric")
"""Keys that are not repeated to confirm a choice."""


@dataclass(frozen=True)
class Picked:
    """The choices of a sweep for each data set and size, and for each choice the words to paste.

    ``overrides``: those of swept keys. ``commands``: the words, and the config folder, of commands that train the
    choices on fresh draws and test on new texts. ``tracking``, ``records``: the store, and the jobs of the sweep.
    """

    name: str
    choices: tuple[Choice, ...]
    overrides: tuple[tuple[str, ...], ...]
    commands: tuple[tuple[list[str], str | None], ...]
    tracking: Tracking
    records: Sequence[Row]

    @property
    def several_datasets(self) -> bool:
        """Whether the sweep has several data sets."""
        return len({choice.dataset for choice in self.choices}) > 1

    def confirmations(self, shown: Sequence[str]) -> Iterator[Confirmation]:
        """Yield the commands, each after it has been tried on the data; ``shown``: their settings of the store."""
        for words, config_dir in self.commands:
            yield checked_confirmation(words, shown, config_dir, self.tracking, self.records)


def pick(store: "Store", name: str, log: Log, metric: str | None = None, by: Sequence[str] = ()) -> Picked:
    """Return the best settings of the sweep of this name by validation. Raises InputError.

    ``metric``: a validation score, by default that of the study. ``by``: swept keys, each value of which has a choice
    of its own.
    """
    if not store.comparisons(name):
        raise no_study(store, name, "name")
    source = from_study(store, name, log)
    if not source.jobs:
        raise InputError(
            f"name={name}: no job of `seedbed run -m` in this study says what was swept; of a sweep of an earlier "
            "version, run the same command again: finished cells are not trained again"
        )
    table = check_table(source.table)
    keys = list(zip(dataset_names(table), table["arm"], strict=True))
    found = [source.jobs.get(key) for key in zip(table["dataset"], table["arm"], strict=True)]
    jobs = {key: job for key, job in zip(keys, found, strict=True) if job}
    swept = dict.fromkeys(override_key(override) for job in jobs.values() for override in job.swept)
    if unknown := [key for key in by if key not in swept]:
        raise InputError(f"by={unknown[0]}: not a swept key{nearest(unknown[0], swept)}")
    labels = ["" if job is None else " ".join(o for o in job.swept if override_key(o) in by) for job in found]
    chosen: list[Choice] = []
    try:
        for label in dict.fromkeys(label for label, job in zip(labels, found, strict=True) if job):
            rows = [job is not None and label == own for own, job in zip(labels, found, strict=True)]
            of_group = choices(table[rows].reset_index(drop=True), metric or validation_name(source.metric))
            chosen += [replace(choice, group=label) for choice in with_unit(of_group, source)]
    except InputError as error:
        raise InputError(f"name={name}: {error}") from error
    overrides = [_swept(jobs[choice.dataset, choice.best.arm]) for choice in chosen]
    words = [tuple(map(shlex.quote, one)) for one in overrides]
    commands = tuple(_commands(name, chosen, jobs, source, by))
    return Picked(name, tuple(chosen), tuple(words), commands, store.tracking, source.records)


def with_unit(chosen: Sequence[Choice], source: ReportSource) -> list[Choice]:
    """Return the choices with the unit of their sizes, which the settings of the source say."""
    unit = size_unit(source.inputs.settings.get(arm, {}) for arm in set(source.table["arm"]))
    return [replace(choice, size_unit=unit) for choice in chosen]


def validation_only(source: ReportSource, metric: str | None) -> ReportSource:
    """Return the source of a sweep's report without test scores: only of what was chosen by validation, in a line.

    ``metric``: as the user gave it. Raises InputError without validation scores.
    """
    table = check_table(source.table)
    wanted = metric or validation_name(source.metric)
    try:
        shown = validation_metric(table, wanted)
        chosen = with_unit(choices(table, wanted), source)
    except InputError as error:
        if metric:
            raise
        raise InputError(
            f"study={source.title}: a sweep is ranked by validation, and {error}; its test scores are shown with "
            f"metric={TEST}/..., such as metric={TEST}/accuracy: do not choose by them"
        ) from error
    lines = _chosen_lines(table, chosen)
    artifacts = source.inputs.artifacts
    inputs = replace(
        source.inputs, floor=None, items=None, published=None,
        artifacts=None if artifacts is None else HistoriesOnly(artifacts),
        context={"Chosen by validation": lines, **source.inputs.context},
    )  # fmt: skip
    return replace(
        source, table=without_test(source.table), inputs=inputs, metric=shown, lines=(*lines, *source.lines),
        run_id="",  # not logged: it would replace the files of the job
    )  # fmt: skip


@dataclass(frozen=True)
class HistoriesOnly:
    """The artifacts of cells without predictions for test examples; see `seedbed.cells.CellArtifacts`."""

    artifacts: CellArtifacts

    def predictions(self, run: str) -> tuple[Prediction, ...]:
        """Return nothing."""
        return ()

    def probabilities(self, run: str, indices: Sequence[int]) -> Sequence[tuple[float, ...] | None]:
        """Return None for each prediction."""
        return [None] * len(indices)

    def history(self, run: str) -> Mapping[str, tuple[float, ...]]:
        """Return the values per epoch, without those of the test split."""
        history = self.artifacts.history(run)
        return {name: values for name, values in history.items() if not name.startswith(f"{TEST}/")}

    def read(self, run: str, name: str) -> bytes | None:
        """Return None: other files are about test examples."""
        return None

    def address(self, run: str) -> str:
        """Return the address of the run in a browser."""
        return self.artifacts.address(run)


def _chosen_lines(table: "DataFrame", chosen: Sequence[Choice]) -> list[str]:
    """Return for each choice a line with its validation and test score."""
    names, lines = dataset_names(table), []
    several = names.nunique() > 1
    for choice in chosen:
        line = chosen_text(choice, several)
        column = f"{TEST}/{MetricName.of(choice.metric).without_split}"
        if column in table.columns:
            of_best = (names == choice.dataset) & (table["arm"] == choice.best.arm)
            of_best &= (table["n_train"] == choice.n_train) & (table["status"] == "finished")
            line += f" {on_test(table[of_best][column].dropna().tolist(), choice)}"
        lines.append(line)
    return lines


def _swept(job: Job) -> list[str]:
    """Return the swept overrides of a job that make its setting; not its size and seed."""
    return [override for override in job.swept if names_arm(override) or override_key(override) == "dataset"]


def _commands(
    name: str, chosen: Sequence[Choice], jobs: Mapping[JobKey, Job], source: ReportSource, by: Sequence[str]
) -> Iterator[tuple[list[str], str | None]]:
    """Yield the words and the config folder of commands that train each chosen setting on fresh draws, at its sizes."""
    by_size: dict[tuple[str, int], dict[str, str]] = {}
    for choice in chosen:
        by_size.setdefault((choice.dataset, choice.n_train), {})[choice.group] = choice.best.arm
    sizes_of: dict[tuple[str, tuple[str, ...]], list[int]] = {}
    for (dataset, n_train), best in by_size.items():
        sizes_of.setdefault((dataset, tuple(best.values())), []).append(n_train)
    configs = [record.get("context", {}).get("Settings", {}) for record in source.records if record.get("job")]
    seed = max(config.get("seed", 0) for config in configs) + 1
    requested = sorted({size for config in configs for size in config.get("sizes") or ()})
    measured = sorted({choice.n_train for choice in chosen})
    given = dict(zip(measured, requested, strict=True)) if len(measured) == len(requested) else {}
    left_out = (*_OF_THE_SWEEP, *["sizes"] * bool(given))
    for (dataset, arms), n_trains in sizes_of.items():
        job = jobs[dataset, arms[0]]
        words = [f"name={name}_confirmed", f"confirm={name}", f"seed={seed}"]
        words += [override for override in job.shared if override_key(override) not in left_out]
        words += [f"sizes=[{','.join(str(given[n_train]) for n_train in n_trains)}]"] if given else []
        if len(arms) == 1:
            yield ["run", *words, *_swept(job)], job.config_dir
            continue
        shared = [override for override in _swept(job) if not names_arm(override)]
        lists = [_named(jobs[dataset, arm].swept, by) for arm in arms]
        yield ["compare", *words, *shared, f"arms={{{', '.join(lists)}}}"], job.config_dir


def _named(swept: Sequence[str], by: Sequence[str]) -> str:
    """Return an arm with its overrides, ``glove: [embedding=glove,training.learning_rate=0.01]``."""
    name = job_name([override for override in swept if override_key(override) in by], "arm")
    name = re.sub(r"[^\w.+-]+", "_", name, flags=re.ASCII)  # characters that need no quotes
    overrides = [override for override in swept if names_arm(override)]
    return f"{name if re.match('[A-Za-z_]', name) else f'_{name}'}: [{','.join(overrides)}]"
