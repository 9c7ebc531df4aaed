"""The overview of several data sets in words and tables."""

import math
from collections import Counter
from typing import TYPE_CHECKING

from seedbed.report.analysis.across_datasets import metrics_of, score_at
from seedbed.report.analysis.scores import metric_label
from seedbed.report.sections.context import Section
from seedbed.report.sections.page_table import PageTable, TableCell, integer_cell, number_cell
from seedbed.report.statistics.ranks import FEW, LEAST
from seedbed.report.statistics.sign_flips import LEVEL
from seedbed.report.wording import count, join_limited, number_word, p_clause, p_text, sanitize, sentence

if TYPE_CHECKING:
    from seedbed.report.analysis.across_datasets import Block, DatasetAnalyses, Ranking

BEST = "*"
"""Stands beside the best mean of a data set at a size."""


def rank_answers(found: "DatasetAnalyses") -> list[tuple[bool, str]]:
    """(clear, sentence) a ranking: whether the arms differ in rank over the data sets, and which are apart."""
    return [(ranking.p_holm <= LEVEL, _answer(ranking, len(found.rankings) > 1)) for ranking in found.rankings]


def overview_warnings(found: "DatasetAnalyses") -> list[str]:
    """Which arms are not compared, what weakens the ranks, or why there are none."""
    single_arm_lines = _alone(found)
    if not found.rankings:
        return single_arm_lines or [
            f"No ranks: they need at least {number_word(LEAST)} data sets in which the same two arms have a score at "
            "the same size."
        ]
    said = single_arm_lines
    for ranking in found.rankings:
        number = len(ranking.datasets)
        if number < FEW:
            said.append(
                f"{sentence(ranking.label)}: with {count(number, 'data set')} a test of ranks is weak, and p cannot go "
                f"below {p_text(ranking.test.smallest_p)}."
            )
        if ranking.left_out:
            names = join_limited([sanitize(name, 60) for name in ranking.left_out])
            said.append(f"{sentence(ranking.label)}: not ranked, as some of their scores are missing: {names}.")
    if len(found.rankings) > 1:
        said.append(f"{sentence(count(len(found.rankings), 'test'))} of ranks: p after Holm is corrected for all.")
    return said


def _alone(found: "DatasetAnalyses") -> list[str]:
    """Arms of one data set only."""
    number = Counter(arm for analysis in found.studies.values() for arm in analysis.arms)
    single_arm_lines = join_limited([sanitize(arm, 60) for arm in number if number[arm] == 1], 6)
    return (
        [f"Arms on different data are not compared; on one data set only: {single_arm_lines}."]
        if single_arm_lines
        else []
    )


def overview_sections(found: "DatasetAnalyses") -> list[Section]:
    """Each arm on each data set, a table a size; then the ranks."""
    sections = [Section("Scores", tables=tuple(_scores(found, block) for block in found.blocks))]
    if found.rankings:
        sections.append(Section("Average ranks", tables=(_ranks(found),)))
    return sections


def overview_summary(found: "DatasetAnalyses") -> str:
    """What was tried, in a line."""
    parts = [count(len(found.studies), "data set"), count(len(found.arms), "arm"), count(len(found.blocks), "size")]
    metrics = metrics_of(found)
    judged = f" Judged by {' or '.join(metrics)}." if metrics else ""
    return f"{sentence(', '.join(parts))}: each data set has a report of its own.{judged}"


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
    order = sorted(range(len(averages)), key=lambda place: averages[place])
    best, names = order[0], [sanitize(arm, 60) for arm in ranking.arms]
    lead = f"{names[best]} has the best average rank, {averages[best]:.1f}"
    if [averages[place] for place in order].count(averages[best]) > 1:
        lead = f"the best average rank is {averages[best]:.1f}, of more than one arm"
    if ranking.p_holm > LEVEL:
        return f"{where}no difference in ranks is shown ({evidence}); {lead}."
    if len(order) == 2:
        return f"{where}the arms differ ({evidence}); {lead}."
    far = [place for place in order if averages[place] - averages[best] >= test.critical_difference]
    near = [place for place in order[1:] if place not in far]
    told = [f"apart from {_named(far, names, averages)}"] if far else []
    told += [f"not {'' if far else 'apart '}from {_named(near, names, averages)}"] if near else []
    apart = f"critical difference {test.critical_difference:.2f}, Nemenyi"
    return f"{where}the arms differ in rank ({evidence}); {lead}, and is {', '.join(told)} ({apart})."


def _named(places: list[int], names: list[str], averages: tuple[float, ...]) -> str:
    return join_limited([f"{names[place]} ({averages[place]:.1f})" for place in places], 6)


def _scores(found: "DatasetAnalyses", block: "Block") -> PageTable:
    """A row a data set, a column an arm."""
    metrics = metrics_of(found)
    rows = tuple((TableCell(_name(found, name, block)), *_row(found, name, block)) for name in block.sizes)
    note = f"Mean and, in parentheses, sample standard deviation. {BEST} the best mean of its data set."
    units = {bool(analysis.metric and analysis.scales[analysis.metric].unit) for analysis in found.studies.values()}
    title = (
        sentence(block.label) + (f": {metrics[0]}" if len(metrics) == 1 else "") + (" (%)" if units == {True} else "")
    )
    return PageTable(title, ("data set", *(sanitize(arm, 60) for arm in found.arms)), rows, note)


def _name(found: "DatasetAnalyses", name: str, block: "Block") -> str:
    """A data set with what is its own: its metric where there are several, its size where they differ."""
    analysis = found.studies[name]
    label = f", {metric_label(analysis.metric)}" if len(metrics_of(found)) > 1 and analysis.metric else ""
    size = f", {block.sizes[name]:,} examples" if len(set(block.sizes.values())) > 1 else ""
    return f"{sanitize(name, 60)}{label}{size}"


def _row(found: "DatasetAnalyses", name: str, block: "Block") -> list[TableCell]:
    """The entries of a data set, an arm each."""
    analysis = found.studies[name]
    own = [score_at(analysis, arm, block.sizes[name]) for arm in found.arms]
    if analysis.metric is None:
        return [number_cell(math.nan, "–") for _ in own]
    scale = analysis.scales[analysis.metric]
    digits = 1 if scale.unit else scale.digits
    sign = 1 if scale.higher_is_better else -1
    best = max((sign * mean for mean, *_ in own if math.isfinite(mean)), default=math.nan)
    entries = []
    for mean, sd, _ in own:
        text = scale.show(mean, digits) + (f" ({scale.show(sd, digits)})" if math.isfinite(sd) else "")
        entries.append(number_cell(mean, f"{text} {BEST}" if sign * mean == best else text))
    return entries


def _ranks(found: "DatasetAnalyses") -> PageTable:
    rows = []
    for ranking in found.rankings:
        test = ranking.test
        for arm, average in sorted(zip(ranking.arms, ranking.averages, strict=True), key=lambda pair: pair[1]):
            rows.append((
                TableCell(ranking.label), TableCell(sanitize(arm, 60), arm=found.arms.index(arm)),
                integer_cell(len(ranking.datasets)), number_cell(average, f"{average:.2f}"),
                number_cell(test.critical_difference, f"{test.critical_difference:.2f}"),
                number_cell(test.p_value, p_text(test.p_value)), number_cell(ranking.p_holm, p_text(ranking.p_holm)),
            ))  # fmt: skip
    header = ("size", "arm", "data sets", "average rank", "critical difference", "p", "p (Holm)")
    note = (
        "1 is the best mean of a data set; ties have their mean rank. Two arms whose average ranks are at least the "
        "critical difference apart differ at the 5 % level (Nemenyi), where p is small to begin with: of Friedman's "
        "test, or of Wilcoxon's for two arms. A data set counts once, whatever the number of its replicates."
    )
    return PageTable("", header, tuple(rows), note)
