"""Occurrences of a word in sentences, and text snippets around them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches

from seedbed.errors import InputError
from seedbed.report.wording import count
from seedbed.senses.passages import Passage

CUT = "…"


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One token: its sentence, and its position in it."""

    passage: Passage
    position: int

    @property
    def form(self) -> str:
        """The token as written."""
        return self.passage.tokens[self.position]


@dataclass(frozen=True)
class SearchResult:
    """The selected occurrences.

    ``total``: the number of all occurrences; ``sentences``: the number of sentences, and ``without_word`` of those that
    lack the word; ``clipped``: the number of occurrences whose sentence is cut to the maximum length of the model.
    """

    occurrences: tuple[Occurrence, ...]
    total: int
    sentences: int
    without_word: int
    clipped: int = 0


def find_occurrences(passages: Iterable[Passage], forms: Sequence[str], limit: int) -> SearchResult:
    """Find tokens that are one of ``forms``, ignoring case; if there are more than ``limit``, evenly spaced ones.

    Raises InputError if there are fewer than two.
    """
    folded = {form.casefold() for form in forms}
    vocabulary: set[str] = set()
    spellings: set[str] = set()
    occurrences: list[Occurrence] = []
    sentences = without_word = 0
    for passage in passages:
        sentences += 1
        new = set(passage.tokens) - vocabulary
        vocabulary |= new
        spellings.update(token for token in new if token.casefold() in folded)
        if spellings.isdisjoint(passage.tokens):
            without_word += 1
        else:
            occurrences += [Occurrence(passage, n) for n, token in enumerate(passage.tokens) if token in spellings]
    total = len(occurrences)
    if total < 2:
        raise InputError(_too_few(forms, occurrences, vocabulary, sentences))
    selected = range(total) if total <= limit else (n * total // limit for n in range(limit))
    return SearchResult(tuple(occurrences[n] for n in selected), total, sentences, without_word)


def clip_sentences(search: SearchResult, longest: int | None) -> SearchResult:
    """Return the same occurrences with longer sentences cut to ``longest`` tokens around the word; None: no limit."""
    if longest is None:
        return search
    occurrences, clipped = [], 0
    for occurrence in search.occurrences:
        passage, position = occurrence.passage, occurrence.position
        if len(passage.tokens) > longest:
            start = max(0, min(position - longest // 2, len(passage.tokens) - longest))
            passage = Passage(passage.tokens[start : start + longest], passage.sense, passage.location)
            position -= start
            clipped += 1
        occurrences.append(Occurrence(passage, position))
    return replace(search, occurrences=tuple(occurrences), clipped=clipped)


def snippet(occurrence: Occurrence, longest: int) -> tuple[str, str, str]:
    """Return the text before the word, the word, and the text after it: whole tokens, ``longest`` characters at most.

    ``…`` marks text that is cut off. A word longer than that is cut.
    """
    tokens, at = occurrence.passage.tokens, occurrence.position
    word = tokens[at] if len(tokens[at]) <= longest else tokens[at][: longest - 1] + CUT
    start, end, room = at, at + 1, longest - len(word)
    growing = True
    while growing:
        growing = False
        # In turn, so that the word is in the middle; the right side first, where the object of a verb is.
        if end < len(tokens) and len(tokens[end]) + 1 <= room:
            room -= len(tokens[end]) + 1
            end, growing = end + 1, True
        if start > 0 and len(tokens[start - 1]) + 1 <= room:
            room -= len(tokens[start - 1]) + 1
            start, growing = start - 1, True
    before = [CUT] * (start > 0) + list(tokens[start:at])
    after = list(tokens[at + 1 : end]) + [CUT] * (end < len(tokens))
    return " ".join(before), word, " ".join(after)


def snippet_text(occurrence: Occurrence, longest: int) -> str:
    """Return ``snippet`` on one line."""
    return " ".join(part for part in snippet(occurrence, longest) if part)


def _too_few(forms: Sequence[str], occurrences: Sequence[Occurrence], vocabulary: Iterable[str], sentences: int) -> str:
    named = " or ".join(forms)
    if occurrences:
        where = f" ({occurrences[0].passage.location})" if occurrences[0].passage.location else ""
        return f"word={named}: occurs once in {count(sentences, 'sentence')}{where}; two are needed"
    near: set[str] = set()
    for form in map(str.casefold, forms):
        # Only words with the same first letter, because a data set has 100,000 words and more.
        alike = {
            word.casefold() for word in vocabulary if word[:1].casefold() == form[:1] and abs(len(word) - len(form)) < 4
        }
        near.update(get_close_matches(form, sorted(alike), n=5, cutoff=0.6))
    # Words that start with it may be its forms; others may be what the user meant.
    suggestion = f"; did you mean {', '.join(sorted(near))}?" if near else ""
    if longer := sorted(word for word in near if word.startswith(tuple(map(str.casefold, forms)))):
        suggestion = f"; similar words are {', '.join(longer)}: name them with forms="
    return f"word={named}: in none of {count(sentences, 'sentence')}{suggestion}"
