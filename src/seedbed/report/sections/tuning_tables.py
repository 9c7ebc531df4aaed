"""The tables on a search: tuned beside default, best settings, trials."""

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from seedbed.report.analysis.best_settings import best_settings, is_numeric, value_text
from seedbed.report.analysis.crossed_seeds import unit_of
from seedbed.report.analysis.scores import metric_label
from seedbed.report.analysis.trials_table import is_missing
from seedbed.report.analysis.tuning import Tuning
from seedbed.report.analysis.tuning_gains import TuningGain, trial_counts
from seedbed.report.sections.budget import budget_tables, importance_table
from seedbed.report.sections.cost import short
from seedbed.report.sections.page_table import (
    PageTable,
    TableCell,
    arm_cells,
    integer_cell,
    interval_column,
    interval_of,
    metric_title,
    number_cell,
    size_cell,
)
from seedbed.report.sections.rows import primary
from seedbed.report.sections.tuning import rank_text, worse_sentence
from seedbed.report.wording import between_text, join_limited, p_text, sanitize

if TYPE_CHECKING:
    from seedbed.report.analysis.analysis import Analysis

SECTION = "Tuning"
MOST_FAILED = 200
"""Most trials listed that diverged or were pruned; ``trials.csv`` has all."""


def tuning_tables(analysis: "Analysis", output: str = "") -> list[PageTable]:
    """Return the tables of the section; empty without a search. ``output``: the folder of the report, for a command."""
    tuning = analysis.inputs.tuning
    if tuning is None or analysis.metric is None:
        return []
    return [
        gain_table(analysis),
        *([refit_table(analysis)] if analysis.refits else []),
        best_table(analysis, tuning, output),
        *budget_tables(analysis),
        _with_lists_named(importance_table(analysis, tuning), analysis, tuning),
        _trial_table(analysis, tuning),
        _agreement_table(analysis, tuning),
        _chosen_table(analysis, tuning),
        _failed_table(analysis, tuning),
    ]


def _with_lists_named(table: PageTable, analysis: "Analysis", tuning: Tuning) -> PageTable:
    """Return the table of importance, whose column of trials has those that it counts, with why some are left out."""
    total = {(row.arm, row.n_train): row.trials for row in trial_counts(tuning)}
    if all(total[row.arm, row.n_train] == row.trials for row in analysis.importances):
        return table
    note = " Trials that have a list of values in place of a number, as a default may, are left out."
    return replace(table, note=table.note + note)


def gain_table(analysis: "Analysis") -> PageTable:
    """Return tuned beside default for each arm at each size."""
    note = f" {worse_sentence(analysis)}" if analysis.gains else ""
    return _beside(analysis, analysis.gains, "tuned", "default", note)


def refit_table(analysis: "Analysis") -> PageTable:
    """Return refit beside tuned for each arm at each size."""
    note = " Refits have the validation examples too, and are in no other comparison of this report."
    return _beside(analysis, analysis.refits, "refit", "tuned", note)


def _beside(analysis: "Analysis", gains: Sequence[TuningGain], setting: str, beside: str, more: str) -> PageTable:
    (metric, scale), arms = primary(analysis), arm_cells(analysis)
    head, intervals = interval_column([interval_of(gain.paired, scale) for gain in gains])
    rows = [
        (
            size_cell(gain.n_train), arms[gain.arm], integer_cell(gain.paired.pairs),
            *(number_cell(value, scale.show(value)) for value in (gain.paired.mean_arm, gain.paired.mean_baseline)),
            number_cell(gain.paired.mean_difference, scale.signed(gain.paired.mean_difference)),
            interval,
            number_cell(gain.paired.p_value, p_text(gain.paired.p_value)),
            number_cell(gain.worse / max(gain.paired.pairs, 1), f"{gain.worse} of {gain.paired.pairs}"),
        )
        for gain, interval in zip(gains, intervals, strict=True)
    ]  # fmt: skip
    header = (
        analysis.size_unit.many, "arm", "pairs", setting, beside, "gain", head, "p", f"{setting} is worse",
    )  # fmt: skip
    note = f"Gain: {setting} minus {beside}, paired by {unit_of(analysis.crossed)}; p is not corrected."
    note += "" if scale.higher_is_better else " Lower is better."
    title = "beside the default" if beside == "default" else f"{setting} beside {beside}"
    return PageTable(f"{metric_title(analysis, metric)}, {title}", header, tuple(rows), note + more)


def best_table(analysis: "Analysis", tuning: Tuning, output: str = "") -> PageTable:
    """Return the overrides to paste for each arm at each size, and the command that runs them on other draws."""
    arms = arm_cells(analysis)
    rows = [
        (size_cell(best.n_train), arms[best.arm], integer_cell(best.replicates), TableCell(best.command_line))
        for best in best_settings(tuning)
        if best.arm in arms
    ]
    note = (
        "Overrides to paste. For each key by itself the median over replicates of the chosen values, on a log scale "
        "where the space is logarithmic, and the most frequent one of categories: the combination may not be one that "
        "was tried."
    )
    settings = analysis.inputs.context.get("Settings")
    if rows and isinstance(settings, Mapping):
        folder, seed = shlex.quote(output or "OUTPUT"), int(settings.get("seed") or 0) + 1
        note += (
            " They run as an experiment, with another seed on other draws than those of the search: "
            f"seedbed compare --config-dir {folder} experiment=best_{rows[-1][0].number:.0f} seed={seed}."
        )
    header = (analysis.size_unit.many, "arm", "replicates", "best settings")
    return PageTable("Best settings", header, tuple(rows), note)


def _chosen_table(analysis: "Analysis", tuning: Tuning) -> PageTable:
    arms = arm_cells(analysis)
    rows = [
        (
            size_cell(best.n_train), arms[best.arm], TableCell(sanitize(setting.key, 80)),
            TableCell(sanitize(setting.distribution or "–", 80)), TableCell(sanitize(setting.value, 80)),
            TableCell(setting.how), TableCell(sanitize(setting.chosen, 80)),
        )
        for best in best_settings(tuning)
        if best.arm in arms
        for setting in best.settings
    ]  # fmt: skip
    header = (analysis.size_unit.many, "arm", "key", "space", "value", "how", "chosen in the replicates")
    return PageTable("Chosen values of each key", header, tuple(rows), "", True)


def _trial_table(analysis: "Analysis", tuning: Tuning) -> PageTable:
    arms, counts = arm_cells(analysis), [counts for counts in trial_counts(tuning) if counts.arm in analysis.labels]
    costs = [
        (title, name)
        for title, name in (("epochs", "epochs"), ("seconds", "seconds"), ("joules", "energy_j"))
        if any(np.isfinite(getattr(row, name)) for row in counts)
    ]
    rows = [
        (
            size_cell(row.n_train), arms[row.arm], integer_cell(row.searches),
            number_cell(row.each[1], between_text(*row.each)),
            *(number_cell(number, f"{number:,}") for number in (row.trials, row.finished, row.pruned, row.failed)),
            number_cell(row.default_chosen, f"{row.default_chosen} of {row.searches}"),
            *(_cost(getattr(row, name)) for _, name in costs),
        )
        for row in counts
    ]  # fmt: skip
    header = (
        analysis.size_unit.many, "arm", "searches", "trials each", "trials", "finished", "pruned", "diverged",
        "default chosen", *(f"{title} a trial" for title, _ in costs),
    )  # fmt: skip
    note = "A search: the trials of one replicate. Trial 0 is the default. Epochs and cost are means over trials."
    if lists := _lists(tuning):
        names = join_limited([sanitize(key, 60) for key in lists])
        note += f" A default that is a list of values ({names}), of which validation chooses one, counts as one trial."
    return PageTable("Trials", header, tuple(rows), note)


def _lists(tuning: Tuning) -> list[str]:
    """Return the keys that are a list of values by default, where they are searched as numbers."""
    lists = dict[str, None]()
    for trial in tuning.trials[tuning.trials["trial"] == 0].to_dict("records"):
        for key in tuning.keys:
            if str(trial[key]).startswith("[") and is_numeric(tuning, str(trial["arm"]), key):
                lists[key] = None
    return list(lists)


def _cost(value: float) -> TableCell:
    return number_cell(value, short(value) if np.isfinite(value) else "–")


def _agreement_table(analysis: "Analysis", tuning: Tuning) -> PageTable:
    metric, arms = analysis.metric or "", arm_cells(analysis)
    rows = [
        (
            size_cell(row.n_train), arms[row.arm], integer_cell(row.replicates),
            number_cell(row.trials, f"{row.trials:.0f}"), number_cell(row.mean, rank_text(row.mean)),
            number_cell(row.low, f"{rank_text(row.low)} to {rank_text(row.high)}"),
        )
        for row in analysis.audit
    ]  # fmt: skip
    title = f"Rank correlation of {metric_label(tuning.metric)} and test {metric_label(metric)} over trials"
    header = (analysis.size_unit.many, "arm", "searches", "trials", "Spearman's correlation", "range over searches")
    note = "Over the finished trials of each search; above 0, what is better on validation is better on test."
    return PageTable(title, header, tuple(rows), note, True)


def _failed_table(analysis: "Analysis", tuning: Tuning) -> PageTable:
    arms = arm_cells(analysis)
    trials = tuning.trials[tuning.trials["status"].isin(("failed", "pruned")) & tuning.trials["arm"].isin(arms)]
    rows = [
        (
            size_cell(trial["n_train"]), arms[trial["arm"]], integer_cell(trial["replicate"]),
            integer_cell(trial["trial"]), TableCell("diverged" if trial["status"] == "failed" else "pruned"),
            TableCell(sanitize(settings_text(tuning, trial), 300)),
        )
        for trial in trials.sort_values("status", kind="stable").head(MOST_FAILED).to_dict("records")
    ]  # fmt: skip
    more = f"The first {MOST_FAILED} of {len(trials):,}; trials.csv has all." if len(trials) > MOST_FAILED else ""
    header = (analysis.size_unit.many, "arm", "replicate", "trial", "status", "settings")
    return PageTable("Trials that diverged or were pruned", header, tuple(rows), more, True)


def settings_text(tuning: Tuning, trial: dict) -> str:
    """``training.learning_rate=0.01 encoder.dropout=0.3``: the settings of a trial."""
    arm = str(trial["arm"])
    return " ".join(
        f"{key}={value_text(value, tuning.distribution(arm, key))}"
        for key in tuning.keys
        if not is_missing(value := trial[key])
    )
