"""The verdict on published scores in words and tables."""

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from seedbed.report.entries import Entry, PageTable, between, number_entry, places_of, whole_entry
from seedbed.report.published.table import WIDTH, Figures, Published
from seedbed.report.published.verdicts import Verdict
from seedbed.report.scores import Scale, metric_label
from seedbed.report.wording import count, plain

if TYPE_CHECKING:
    from seedbed.report.study import Study

_SAID = {
    "inside": "inside the published spread",
    "above": "above the published spread",
    "below": "below the published spread",
    "no spread published": "no spread is published",
}
_NOTE = (
    "Inside: the mean here is within the published spread, from the smallest to the largest published score, or where "
    f"only a standard deviation is published, {WIDTH:.0f} of them to each side. The last interval is Welch's, of the "
    "difference of the two means: where it leaves out zero, they differ by more than replicates vary."
)


def verdict_lines(study: "Study") -> list[str]:
    """A sentence for each published row that something here stands against, and one about all the others."""
    lines = [_line(verdict) for verdict in study.verdicts if verdict.ours.number]
    if study.beside.published is not None and study.beside.published.table.note:
        lines.append(plain(study.beside.published.table.note, 500))
    others = [verdict for verdict in study.verdicts if not verdict.ours.number and verdict.row.arm]
    if others:
        reasons = dict.fromkeys(verdict.why for verdict in others)
        lines.append(f"Not compared with {count(len(others), 'published score')}: {plain('; '.join(reasons), 500)}.")
    return lines


def note_lines(study: "Study") -> list[str]:
    """The verdicts, and what is known to differ from the published protocol, for the note of a run."""
    published = study.beside.published
    differences = [] if published is None else published.differences()
    return [*verdict_lines(study), *(f"Differs from what is published: {plain(line, 1_000)}" for line in differences)]


def verdict_tables(study: "Study") -> list[PageTable]:
    """The published rows with what stands against them, their source, and the known differences of protocol."""
    published = study.beside.published
    if published is None:
        return []
    return [_rows(study), _about(published)]


def score_text(value: float, scale: Scale) -> str:
    """``57.1``, or a loss with its digits."""
    return scale.show(value, 1 if scale.unit else None)


def spread_text(figures: Figures, scale: Scale) -> str:
    """``65.2 (10.6)``: mean and sd; the mean alone where there is no sd."""
    sd = f" ({score_text(figures.sd, scale)})" if math.isfinite(figures.sd) else ""
    return score_text(figures.mean, scale) + sd


def _line(verdict: Verdict) -> str:
    """``MUSE: accuracy 65.2 (10.6) published, 57.1 (3.5) here (basic, ten replicates): inside the published ...``."""
    scale, ours = verdict.scale, verdict.ours
    head = (
        f"{plain(verdict.label, 80)}: {metric_label(verdict.metric)} {spread_text(verdict.published, scale)} published"
    )
    head += f", {spread_text(ours, scale)} here ({_arms(verdict)}, {count(ours.number, 'replicate')})"
    if verdict.word == "not compared":
        return f"{head}; no verdict: {plain(verdict.why, 300)}."
    said = f"{head}: {_SAID[verdict.word]}; difference {scale.signed(verdict.difference, 1 if scale.unit else None)}"
    if not math.isfinite(verdict.low):
        return f"{said}."
    low, high = score_text(verdict.low, scale), score_text(verdict.high, scale)
    more = ", more than replicates vary" if verdict.apart else ""
    return f"{said}, 95 % interval {low} to {high}{more}."


def _rows(study: "Study") -> PageTable:
    places = places_of(study)
    rows = tuple(tuple(_entries(verdict, places)) for verdict in study.verdicts)
    heads = (
        "published", "verdict", "score", "seeds", "mean (sd)", "published spread", "arm here", "finished",
        "mean (sd) here", "difference", "95 % interval",
    )  # fmt: skip
    return PageTable(plain(study.beside.published.table.title), heads, rows, _NOTE if rows else "")


def _entries(verdict: Verdict, places: dict[str, int]) -> Iterator[Entry]:
    scale, published, ours = verdict.scale, verdict.published, verdict.ours
    yield Entry(plain(verdict.label, 80))
    yield Entry(f"none: {plain(verdict.why, 300)}" if verdict.word == "not compared" else verdict.word)
    yield Entry(metric_label(verdict.metric) + (" (%)" if scale.unit else ""))
    yield whole_entry(published.number) if published.number else number_entry(math.nan, "–")
    yield number_entry(published.mean, _mean_and_sd(published, scale))
    yield number_entry(published.low, between(scale.show(published.low), scale.show(published.high)))
    yield Entry(_arms(verdict) or "–", arm=None if verdict.row.minus else places.get(verdict.row.arm))
    yield whole_entry(ours.number)
    yield number_entry(ours.mean, _mean_and_sd(ours, scale))
    yield number_entry(verdict.difference, scale.signed(verdict.difference))
    yield number_entry(verdict.low, between(scale.show(verdict.low), scale.show(verdict.high)))


def _arms(verdict: Verdict) -> str:
    return " minus ".join(plain(arm, 60) for arm in (verdict.row.arm, verdict.row.minus) if arm)


def _mean_and_sd(figures: Figures, scale: Scale) -> str:
    sd = f" ({scale.show(figures.sd)})" if math.isfinite(figures.sd) else ""
    return scale.show(figures.mean) + sd


def _about(published: Published) -> PageTable:
    """Source, protocol and differences as rows of one column, which the page gives its whole width."""
    table = published.table
    said = [("Source", table.source), ("Protocol", table.protocol), ("Note", table.note)]
    lines = [f"{title}: {text}" for title, text in said if text]
    lines += [f"Known difference: {line}" for line in (*published.differences(), *published.unknown())]
    rows = tuple((Entry(plain(line, 1_000)),) for line in lines)
    return PageTable("Source, and known differences of protocol", ("what is known",), rows)
