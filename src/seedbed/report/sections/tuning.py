"""What a search gained, in sentences."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from seedbed.report.analysis.budget_curves import Lead, segments
from seedbed.report.analysis.scores import metric_label
from seedbed.report.analysis.tuned_cells import has_tuned, settings_of_cells
from seedbed.report.analysis.tuning import Tuning
from seedbed.report.analysis.tuning_gains import ArmOrders, TuningGain, trial_counts
from seedbed.report.sections.page_table import interval_text, shown_digits
from seedbed.report.sections.rows import primary
from seedbed.report.wording import between_text, count, join_limited, number_word, sanitize, sentence

if TYPE_CHECKING:
    from seedbed.report.analysis.analysis import Analysis

MOST_NAMED = 8
"""Most arms or keys named in a sentence."""


def tuned_notice(analysis: "Analysis") -> str:
    """Return by which search the scores of the report are tuned; empty if they are not."""
    tuning = analysis.inputs.tuning
    if tuning is None or not has_tuned(analysis.cells):
        return ""
    default = _not_tuned(analysis)
    names = join_limited(default, MOST_NAMED)
    verb = "is" if len(default) == 1 else "are"
    pruned = int((tuning.trials["status"] == "pruned").sum())
    early = f"; {pruned:,} of all {len(tuning.trials):,} trials were stopped early" if pruned else ""
    return (
        f"Scores are tuned: in each replicate of each arm, the best of {between_text(*tuning.trials_each)} trials "
        f"({tuning.method_name}) by {metric_label(tuning.metric)}{early}"
        f"{f'; {names} {verb} not tuned' if default else ''}."
    )


def _not_tuned(analysis: "Analysis") -> list[str]:
    """Return the arms that are compared by their default cells, with the sizes if they are tuned at others."""
    names = []
    for arm, label in analysis.labels.items():
        cells = analysis.table[analysis.table["arm"] == arm]
        default = cells[settings_of_cells(cells) == "default"]
        sizes = sorted(set(default["n_train"]))
        names += [label] if len(default) == len(cells) else [f"{label} at {analysis.sized(size)}" for size in sizes]
    return names


def tuning_sentences(analysis: "Analysis") -> list[str]:
    """Return sentences on the order of the arms, gains, overtuning, validation against test, and trials."""
    tuning = analysis.inputs.tuning
    if tuning is None or analysis.metric is None:
        return []
    lines = [order_sentence(analysis, order) for order in reversed(analysis.orders)]
    lines += _gain_sentences(analysis, analysis.gains, "Tuned against default")
    lines += [worse_sentence(analysis)] if analysis.gains else []
    lines += _gain_sentences(analysis, analysis.refits, "Refit against tuned")
    lines += [lead_sentence(analysis, lead) for lead in reversed(analysis.leads)]
    lines += pruned_sentences(analysis, tuning)
    lines += _agreement_sentences(analysis, tuning)
    lines += _trial_sentences(tuning)
    for arm, keys in tuning.left_out.items():
        if keys and arm in analysis.labels:
            names = join_limited([sanitize(key, 60) for key in keys], MOST_NAMED)
            lines.append(f"{analysis.labels[arm]} has no {names}: left out of its space.")
    return lines


def order_sentence(analysis: "Analysis", order: ArmOrders) -> str:
    """Return whether tuning changes the order of the arms at a size."""
    at = analysis.sized(order.n_train)
    tuned, default = (
        join_limited([analysis.labels[a] for a in arms], MOST_NAMED) for arms in (order.tuned, order.default)
    )
    if not order.swapped:
        return f"At {at} tuning does not change the order of the arms: {tuned}."
    pairs = join_limited([f"{analysis.labels[a]} and {analysis.labels[b]}" for a, b in order.swapped], 4)
    return (
        f"At {at} tuning changes the order of the arms: {default} by default; {tuned} tuned. "
        f"{sentence(count(len(order.swapped), 'pair'))} {'changes' if len(order.swapped) == 1 else 'change'} places "
        f"({pairs}){_separated(analysis, order)}."
    )


def _separated(analysis: "Analysis", order: ArmOrders) -> str:
    """Return how many of the pairs that change places are separated when tuned, after a comma; empty if unknown."""
    ranking = analysis.rankings[order.n_train]
    tests = [ranking.test(first, second) for first, second in order.swapped]
    if ranking.too_few or not any(test is not None and test.tested for test in tests):
        return ""
    clear = sum(test is not None and test.separated for test in tests)
    if len(tests) == 1:
        return f", which are {'' if clear else 'not '}clearly apart when tuned"
    if clear == len(tests):
        return ", all clearly apart when tuned"
    return (
        f", of which {number_word(clear) if clear else 'none'} {'is' if clear < 2 else 'are'} clearly apart when tuned"
    )


def _gain_sentences(analysis: "Analysis", of: Sequence[TuningGain], what: str) -> Iterator[str]:
    for size in reversed(analysis.sizes):
        gains = [gain for gain in of if gain.n_train == size and gain.paired.pairs]
        texts = [_gain_text(analysis, gain) for gain in gains[:MOST_NAMED]]
        if texts:
            more = f"; {len(gains) - MOST_NAMED} more in the table" if len(gains) > MOST_NAMED else ""
            yield f"{what} at {analysis.sized(size)}: {'; '.join(texts)}{more}."


def _gain_text(analysis: "Analysis", gain: TuningGain) -> str:
    """``glove gained 3.1 points (95 % interval 1.0 to 5.2)``."""
    _, scale = primary(analysis)
    better = scale.gain(gain.paired.mean_difference)
    amount = scale.show(abs(gain.paired.mean_difference), shown_digits(scale)) + (
        f" {scale.unit}" if scale.unit else ""
    )
    interval = interval_text(gain.paired, scale)
    verb = "gained" if better >= 0 else "lost"
    return f"{analysis.labels[gain.arm]} {verb} {amount}" + (f" ({interval})" if interval else "")


def worse_sentence(analysis: "Analysis") -> str:
    """``In 9 of 140 searches the chosen settings have a worse test score than the default (accuracy).``

    With crossed seeds what is counted are draws, each by the means over the searches of its initializations.
    """
    pairs = sum(gain.paired.pairs for gain in analysis.gains)
    worse = sum(gain.worse for gain in analysis.gains)
    unit, score = ("draws", "mean test score") if analysis.crossed else ("searches", "test score")
    return (
        f"In {worse:,} of {pairs:,} {unit} the chosen settings have a worse {score} than the default "
        f"({metric_label(primary(analysis)[0])})."
    )


def lead_sentence(analysis: "Analysis", lead: Lead) -> str:
    """``At 200 examples glove is ahead of elmo with up to 6 trials, elmo from 11 on.``"""
    first, second = analysis.labels[lead.first], analysis.labels[lead.second]
    runs, budget = [run for run in segments(lead) if run[2]], len(lead.ahead)
    at = f"At {analysis.sized(lead.n_train)}"
    if not runs:
        return f"{at} neither {first} nor {second} is clearly ahead at any number of trials up to {budget}."
    parts, before = list[str](), 0
    for start, end, sign in runs:
        names = (first, second) if sign > 0 else (second, first)
        who = f"{names[0]} is ahead of {names[1]}" if not parts else names[0] if sign != before else "and"
        parts.append(f"{who} {_trials_text(start, end, budget)}")
        before = sign
    rest = "; elsewhere neither is clearly ahead" if 0 in lead.ahead else ""
    means = " (by the means: the replicates are too few for an interval)" if lead.by_means else ""
    return f"{at} {', '.join(parts)}{rest}{means}."


def _trials_text(start: int, end: int, budget: int) -> str:
    if start == 1:
        return f"at every number of trials up to {budget}" if end == budget else f"with {_up_to(end)}"
    if end == budget:
        return f"from {number_word(start)} on" if start < budget else f"with all {budget}"
    return f"from {number_word(start)} to {number_word(end)}" if start < end else f"with {number_word(start)}"


def _up_to(number: int) -> str:
    return f"{'' if number == 1 else 'up to '}{count(number, 'trial')}"


def pruned_sentences(analysis: "Analysis", tuning: Tuning) -> list[str]:
    """Return why arms with pruned trials have no budget curve, and what to type; empty where no trial was pruned."""
    counts = [counts for counts in trial_counts(tuning) if counts.arm in analysis.labels]
    pruned = [row for row in counts if row.pruned]
    if not pruned:
        return []
    names = [f"{analysis.labels[row.arm]} at {analysis.sized(row.n_train)}" for row in pruned]
    where = "" if len(pruned) == len(counts) else f" for {join_limited(names, MOST_NAMED)}"
    audited = any(curve.test is not None for curve in analysis.budget_curves if not curve.is_whole)
    return [
        f"No budget curve{' of validation or test scores' if audited else ''} and no importance of keys{where}: trials "
        "were stopped early, so that their scores are not final. Only the best of all trials is exact; for curves, "
        "search with tune.prune=none."
    ]


def _agreement_sentences(analysis: "Analysis", tuning: Tuning) -> Iterator[str]:
    if values := [agreement.mean for agreement in analysis.audit]:
        between = " to ".join(dict.fromkeys(rank_text(value) for value in (min(values), max(values))))
        names = f"{metric_label(tuning.metric)} and test {metric_label(primary(analysis)[0])}"
        yield (
            f"Over the trials of a search, {names} have a rank correlation of {between} (mean over replicates, by arm "
            "and size)."
        )


def _trial_sentences(tuning: Tuning) -> Iterator[str]:
    if failed := int((tuning.trials["status"] == "failed").sum()):
        yield f"{sentence(count(failed, 'trial'))} diverged, and {'counts' if failed == 1 else 'count'} as the worst."


def rank_text(value: float) -> str:
    """Return a rank correlation as text."""
    return f"{value:.2f}".replace("-", "−")
