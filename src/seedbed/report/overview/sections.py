"""Sentences and tables of the overview of several data sets."""

import math
from collections import Counter
from typing import TYPE_CHECKING

from seedbed.report.analysis.across_datasets import metrics_of, score_at
from seedbed.report.analysis.scores import metric_label
from seedbed.report.sections.context import Section
from seedbed.report.sections.page_table import PageTable, TableCell, integer_cell, number_cell
from seedbed.report.sections.tuning import tuned_notice
from seedbed.report.statistics.ranks import FEW, LEAST
from seedbed.report.statistics.sign_flips import LEVEL
from seedbed.report.wording import count, join_limited, number_word, p_clause, p_text, sanitize, sentence

if TYPE_CHECKING:
    from seedbed.report.analysis.across_datasets import Block, DatasetAnalyses, Ranking

BEST = "*"
"""Marks the best mean of a data set at a size."""


def rank_answers(analyses: "DatasetAnalyses") -> list[tuple[bool, str]]:
    """Return (clear, sentence) of each ranking: whether arms differ in rank over the data sets, and which ones."""
    return [(ranking.p_holm <= LEVEL, _answer(ranking, len(analyses.rankings) > 1)) for ranking in analyses.rankings]


def overview_warnings(analyses: "DatasetAnalyses") -> list[str]:
    """Return the arms that are not compared, what weakens the ranks, or why there are none."""
    lines = _single_dataset_lines(analyses)
    if not analyses.rankings:
        return lines or [
            f"No ranks: they need at least {number_word(LEAST)} data sets in which the same two arms have a score at "
            "the same size."
        ]
    for ranking in analyses.rankings:
        n_datasets = len(ranking.datasets)
        if n_datasets < FEW:
            lines.append(
                f"{sentence(ranking.label)}: with {count(n_datasets, 'data set')} a test of ranks is weak, and p "
                f"cannot go below {p_text(ranking.test.smallest_p)}."
            )
        if ranking.left_out:
            names = join_limited([sanitize(name, 60) for name in ranking.left_out])
            lines.append(f"{sentence(ranking.label)}: not ranked, as some of their scores are missing: {names}.")
    if len(analyses.rankings) > 1:
        lines.append(f"{sentence(count(len(analyses.rankings), 'test'))} of ranks: p after Holm is corrected for all.")
    return lines


def _single_dataset_lines(analyses: "DatasetAnalyses") -> list[str]:
    """Return a line on the arms that only one data set has, if any."""
    number = Counter(arm for analysis in analyses.studies.values() for arm in analysis.arms)
    arms = join_limited([sanitize(arm, 60) for arm in number if number[arm] == 1], 6)
    return [f"Arms on different data sets are not compared; arms with a single data set: {arms}."] if arms else []


def overview_sections(analyses: "DatasetAnalyses") -> list[Section]:
    """Return the scores of each arm on each data set, a table per size, and the average ranks."""
    sections = [Section("Scores", tables=tuple(_scores(analyses, block) for block in analyses.blocks))]
    if analyses.rankings:
        sections.append(Section("Average ranks", tables=(_ranks(analyses),)))
    return sections


def overview_summary(analyses: "DatasetAnalyses") -> str:
    """Return a line on what was compared."""
    parts = [count(len(analyses.studies), "data set"), count(len(analyses.arms), "arm")]
    parts.append(count(len(analyses.blocks), "size"))
    metrics = metrics_of(analyses)
    score = f" Main score: {' or '.join(metrics)}." if metrics else ""
    return f"{sentence(', '.join(parts))}: each data set has its own report.{score}{_tuned(analyses)}"


def _tuned(analyses: "DatasetAnalyses") -> str:
    """Return by which search the scores are tuned, after a space; empty if they are not."""
    notice = next((text for analysis in analyses.studies.values() if (text := tuned_notice(analysis))), "")
    return f" {notice}" if notice else ""


def _answer(ranking: "Ranking", corrected: bool) -> str:
    test, averages = ranking.test, ranking.averages
    after = " after Holm" if corrected else ""
    where = f"{sentence(ranking.label)}, {count(len(ranking.datasets), 'data set')}: "
    if math.isnan(test.chi_square):
        evidence = f"Wilcoxon's signed ranks {p_clause(ranking.p_holm)}{after}"
    else:
        f = f"{test.f:.1f}" if math.isfinite(test.f) else "infinite"
        evidence = f"Friedman's chi-square {test.chi_square:.1f}, {p_clause(ranking.p_holm)}{after}"
        evidence += f"; Iman and Davenport's F {f}, {p_clause(test.p_f)}{', not corrected' if corrected else ''}"
    order = sorted(range(len(averages)), key=lambda arm: averages[arm])
    best, names = order[0], [sanitize(arm, 60) for arm in ranking.arms]
    lead = f"{names[best]} has the best average rank, {averages[best]:.1f}"
    if [averages[arm] for arm in order].count(averages[best]) > 1:
        lead = f"more than one arm has the best average rank, {averages[best]:.1f}"
    if ranking.p_holm > LEVEL:
        return f"{where}no difference in ranks is shown ({evidence}); {lead}."
    if len(order) == 2:
        return f"{where}the arms differ ({evidence}); {lead}."
    different = [arm for arm in order if averages[arm] - averages[best] >= test.critical_difference]
    similar = [arm for arm in order[1:] if arm not in different]
    comparisons = [f"different from {_named_with_ranks(different, names, averages)}"] if different else []
    negation = "not from" if different else "not different from"
    comparisons += [f"{negation} {_named_with_ranks(similar, names, averages)}"] if similar else []
    difference = f"critical difference {test.critical_difference:.2f}, Nemenyi"
    return f"{where}the arms differ in rank ({evidence}); {lead}, and is {', '.join(comparisons)} ({difference})."


def _named_with_ranks(arms: list[int], names: list[str], averages: tuple[float, ...]) -> str:
    return join_limited([f"{names[arm]} ({averages[arm]:.1f})" for arm in arms], 6)


def _scores(analyses: "DatasetAnalyses", block: "Block") -> PageTable:
    """Return a table with a row per data set and a column per arm."""
    metrics = metrics_of(analyses)
    rows = tuple((TableCell(_name(analyses, name, block)), *_row(analyses, name, block)) for name in block.sizes)
    note = f"Mean and, in parentheses, sample standard deviation. {BEST} the best mean of its data set."
    units = {bool(analysis.metric and analysis.scales[analysis.metric].unit) for analysis in analyses.studies.values()}
    title = sentence(block.label) + (f": {metrics[0]}" if len(metrics) == 1 else "")
    title += " (%)" if units == {True} else ""
    return PageTable(title, ("data set", *(sanitize(arm, 60) for arm in analyses.arms)), rows, note)


def _name(analyses: "DatasetAnalyses", name: str, block: "Block") -> str:
    """Return the name of a data set, with its metric or size where these differ between data sets."""
    analysis = analyses.studies[name]
    label = f", {metric_label(analysis.metric)}" if len(metrics_of(analyses)) > 1 and analysis.metric else ""
    size = f", {analysis.sized(block.sizes[name])}" if len(set(block.sizes.values())) > 1 else ""
    return f"{sanitize(name, 60)}{label}{size}"


def _row(analyses: "DatasetAnalyses", name: str, block: "Block") -> list[TableCell]:
    """Return the cells of a data set, one per arm."""
    analysis = analyses.studies[name]
    scores = [score_at(analysis, arm, block.sizes[name]) for arm in analyses.arms]
    if analysis.metric is None:
        return [number_cell(math.nan, "–") for _ in scores]
    scale = analysis.scales[analysis.metric]
    digits = 1 if scale.unit else scale.digits
    sign = 1 if scale.higher_is_better else -1
    best = max((sign * mean for mean, *_ in scores if math.isfinite(mean)), default=math.nan)
    entries = []
    for mean, sd, _ in scores:
        text = scale.show(mean, digits) + (f" ({scale.show(sd, digits)})" if math.isfinite(sd) else "")
        entries.append(number_cell(mean, f"{text} {BEST}" if sign * mean == best else text))
    return entries


def _ranks(analyses: "DatasetAnalyses") -> PageTable:
    rows = []
    for ranking in analyses.rankings:
        test = ranking.test
        for arm, average in sorted(zip(ranking.arms, ranking.averages, strict=True), key=lambda pair: pair[1]):
            rows.append((
                TableCell(ranking.label), TableCell(sanitize(arm, 60), arm=analyses.arms.index(arm)),
                integer_cell(len(ranking.datasets)), number_cell(average, f"{average:.2f}"),
                number_cell(test.critical_difference, f"{test.critical_difference:.2f}"),
                number_cell(test.p_value, p_text(test.p_value)), number_cell(ranking.p_holm, p_text(ranking.p_holm)),
            ))  # fmt: skip
    header = ("size", "arm", "data sets", "average rank", "critical difference", "p", "p (Holm)")
    note = (
        "1 is the best mean of a data set; ties have their mean rank. Two arms whose average ranks are at least the "
        "critical difference apart differ at the 5 % level (Nemenyi), provided that p of Friedman's test is small, or "
        "of Wilcoxon's for two arms. A data set counts once, whatever the number of its replicates."
    )
    return PageTable("", header, tuple(rows), note)
