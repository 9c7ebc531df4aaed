"""A table of published scores by itself, without a study beside it: as rows, and as the statistics of its pairs."""

import math
from collections.abc import Iterator

from seedbed.report.entries import Entry, PageTable, between, number_entry, whole_entry
from seedbed.report.published.table import Table
from seedbed.report.scores import Scale, metric_label
from seedbed.report.statistics.paired import compare_pairs
from seedbed.report.statistics.sign_flips import EXACT_PAIRS, LEVEL
from seedbed.report.wording import count, level_text, p_clause, plain


def published_rows(table: Table) -> PageTable:
    """A row each, in percent where the scores are rates."""
    rows = []
    for label, row in table.whole.items():
        figures = row.figures.scaled(1.0 if table.unit == "percent" else 100.0)
        scale = Scale(1.0, 2, "points", True)
        rows.append((
            Entry(plain(label, 80)), Entry(metric_label(row.metric or table.metric)),
            whole_entry(figures.number) if figures.number else number_entry(math.nan, "–"),
            *(number_entry(value, scale.show(value)) for value in (figures.mean, figures.sd)),
            number_entry(figures.low, between(scale.show(figures.low), scale.show(figures.high))),
        ))  # fmt: skip
    heads = ("published", "score", "seeds", "mean", "sd", "spread")
    return PageTable(f"{plain(table.title)} (%)", heads, tuple(rows))


def row_lines(table: Table) -> Iterator[str]:
    """Which arm of the experiment a row stands against, and what is to be said of it."""
    for label, row in table.rows.items():
        arms = " minus ".join(plain(arm, 60) for arm in (row.arm, row.minus) if arm)
        said = [f"against arm {arms}"] * bool(arms) + [plain(row.note, 200)] * bool(row.note)
        yield f"{plain(label, 80)}: {'; '.join(said) or 'no arm is to match it'}"


def paired_lines(table: Table) -> Iterator[str]:
    """What the single published values of two rows say, paired by their place."""
    if not table.paired:
        return
    of, baseline = (table.rows[label].values for label in table.paired)
    paired = compare_pairs(of, baseline)
    yield f"{plain(table.paired[0], 80)} minus {plain(table.paired[1], 80)}, {count(paired.pairs, 'pair')}:"
    yield f"  mean difference {paired.mean_difference:.2f}, median {paired.median_difference:.2f}"
    level = "95 %" if paired.ci_level >= 1 - LEVEL else level_text(paired.ci_level)
    yield (
        f"  {level} interval {paired.ci_low:.2f} to {paired.ci_high:.2f} (sign-flip), "
        f"{paired.bca_low:.2f} to {paired.bca_high:.2f} (BCa bootstrap, 95 %)"
    )
    exact = f"p = {paired.p_value:.10g}, exact" if paired.pairs <= EXACT_PAIRS else p_clause(paired.p_value)
    yield f"  {exact} sign-flip test; Wilcoxon {p_clause(paired.p_wilcoxon)}"
    yield (
        f"  better in {100 * paired.improved:.0f} % of pairs ({100 * paired.improved_low:.0f} to "
        f"{100 * paired.improved_high:.0f} %); interquartile means {paired.iqm_arm:.2f} and {paired.iqm_baseline:.2f}"
    )
