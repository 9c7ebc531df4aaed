"""All sentences of a report in groups, those on clear differences first."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from seedbed.report.sections.answers import answers, clear_first, reported_sizes
from seedbed.report.sections.floor import floor_answers
from seedbed.report.sections.label_savings import saving_answers
from seedbed.report.sections.notices import chance_sentence
from seedbed.report.sections.published import verdict_lines
from seedbed.report.sections.tuning import tuning_sentences

if TYPE_CHECKING:
    from seedbed.report.analysis.analysis import Analysis

_TITLES = {
    "clear": "Clear differences",
    "unsettled": "Differences that are not significant",
    "no clear difference": "No clear difference",
    "too few": "Too few pairs to compare",
}


@dataclass(frozen=True)
class SentenceGroup:
    """Sentences under a title; ``kind`` is their verdict, or ``note``."""

    title: str
    kind: str
    lines: tuple[str, ...]


def sentence_groups(analysis: "Analysis") -> list[SentenceGroup]:
    """Return the groups that have sentences: differences, floor, chance, label savings, tuning, published scores."""
    return [group for group in _groups(analysis) if group.lines]


def _groups(analysis: "Analysis") -> Iterator[SentenceGroup]:
    ordered = clear_first(answers(analysis))
    for verdict, title in _TITLES.items():
        yield SentenceGroup(title, verdict, tuple(answer.text for answer in ordered if answer.verdict == verdict))
    yield SentenceGroup("The floor", "note", tuple(answer.text for answer in reversed(floor_answers(analysis))))
    at_chance = (chance_sentence(analysis, size) for size in reversed(reported_sizes(analysis)))
    yield SentenceGroup("Chance", "note", tuple(text for text in at_chance if text))
    yield SentenceGroup("Label savings", "note", tuple(saving_answers(analysis)))
    yield SentenceGroup("Tuning", "note", tuple(tuning_sentences(analysis)))
    yield SentenceGroup("Published scores", "note", tuple(verdict_lines(analysis)))
