"""The choice of a setting by validation, as a table and in sentences."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from seedbed.errors import InputError
from seedbed.report.analysis.choice import Choice, Setting, validation_metric, validation_name
from seedbed.report.analysis.scores import Scale, metric_label
from seedbed.report.sections.page_table import PageTable, TableCell, integer_cell, number_cell, score_text, shown_digits
from seedbed.report.statistics.paired import spread
from seedbed.report.wording import count, sanitize, sentence

if TYPE_CHECKING:
    from pandas import DataFrame

SHOWN = 60
"""Longest name of an arm and of a data set, in characters."""


def choice_table(choice: Choice, several_datasets: bool = False) -> PageTable:
    """Return a row for each setting at one size, best first: mean and sd of validation scores, finished replicates."""
    scale = choice.scale
    rows = tuple(
        (
            integer_cell(rank),
            TableCell(sanitize(setting.arm, SHOWN)),
            number_cell(setting.mean, scale.show(setting.mean)),
            number_cell(setting.sd, scale.show(setting.sd)),
            number_cell(setting.n, f"{setting.n} of {choice.replicates}"),
        )
        for rank, setting in enumerate(choice.settings, 1)
    )
    unit = " (%)" if scale.unit else ""
    title = f"{metric_label(choice.metric)}{unit} {_where(choice, several_datasets)}, best first"
    return PageTable(sentence(title), ("", "setting", "mean", "sd", "replicates"), rows, choice_note(choice))


def choice_note(choice: Choice) -> str:
    """Return why settings with fewer replicates are last; empty where there are none."""
    fewer = sum(setting.n < choice.best.n for setting in choice.settings)
    return (
        f"{sentence(count(fewer, 'setting'))} with fewer finished replicates: last, whatever the mean." if fewer else ""
    )


def chosen_text(choice: Choice, several_datasets: bool = False) -> str:
    """Return the chosen setting in a sentence."""
    best = f"{sanitize(choice.best.arm, SHOWN)}, {score_of(choice.best, choice.scale)}"
    return f"Chosen by {metric_label(choice.metric)} {_where(choice, several_datasets)}: {best}."


def _where(choice: Choice, several_datasets: bool) -> str:
    """``at 100 examples of imdb with embedding=glove``."""
    dataset = f" of {sanitize(choice.dataset, SHOWN)}" if several_datasets else ""
    group = f" with {sanitize(choice.group, SHOWN)}" if choice.group else ""
    return f"at {choice.size_unit.count(choice.n_train)}{dataset}{group}"


def on_test(scores: Sequence[float], choice: Choice) -> str:
    """Return the test scores of the chosen setting in a sentence; empty without any."""
    if not scores:
        return ""
    setting = Setting(choice.best.arm, len(scores), *spread(scores))
    return f"Its test score on these draws: {score_of(setting, choice.scale)}."


def score_of(setting: Setting, scale: Scale) -> str:
    """``64.2 % (sd 1.3, three replicates)``."""
    spread = f"sd {scale.show(setting.sd, shown_digits(scale))}, " if setting.n > 1 else ""
    return f"{score_text(setting.mean, scale)} ({spread}{count(setting.n, 'replicate')})"


def job_score(table: "DataFrame", metric: str | None = None) -> str:
    """Return the mean validation score of a job's cells, or that there is none. ``metric``: of any split."""
    try:
        column = validation_metric(table, validation_name(metric))
    except InputError:
        return "no validation score"
    return f"mean {column} {table[column].mean():.4f}"
