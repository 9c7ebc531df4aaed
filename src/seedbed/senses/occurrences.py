"""Where a word stands: its occurrences among sentences, as many as are wanted, and what to read around each."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from seedbed.errors import InputError
from seedbed.report.wording import count
from seedbed.senses.passages import Passage

CUT = "…"


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One token: the sentence it stands in, and its position there."""

    passage: Passage
    position: int

    @property
    def form(self) -> str:
        """The token as it is written."""
        return self.passage.tokens[self.position]


@dataclass(frozen=True)
class Found:
    """The occurrences that are looked at.

    ``total``: how many there were; ``sentences``: how many were searched; ``without``: how many of them lack the word;
    ``windowed``: in how many the sentence is cut to what the model may read.
    """

    occurrences: tuple[Occurrence, ...]
    total: int
    sentences: int
    without: int
    windowed: int = 0


def find(passages: Iterable[Passage], forms: Sequence[str], limit: int) -> Found:
    """Every token that is one of ``forms``, case aside; at most ``limit``, evenly spread over them in order.

    Raises InputError where there is none, or only one.
    """
    wanted = {form.casefold() for form in forms}
    known: set[str] = set()
    written: set[str] = set()
    found: list[Occurrence] = []
    sentences = without = 0
    for passage in passages:
        sentences += 1
        new = set(passage.tokens) - known
        known |= new
        written.update(token for token in new if token.casefold() in wanted)
        if written.isdisjoint(passage.tokens):
            without += 1
        else:
            found += [Occurrence(passage, at) for at, token in enumerate(passage.tokens) if token in written]
    if len(found) < 2:
        raise InputError(_too_few(forms, found, known, sentences))
    spread = range(len(found)) if len(found) <= limit else (n * len(found) // limit for n in range(limit))
    return Found(tuple(found[n] for n in spread), len(found), sentences, without)


def within(found: Found, longest: int) -> Found:
    """The same occurrences in sentences of at most ``longest`` tokens: around the word where they are longer."""
    kept, windowed = [], 0
    for one in found.occurrences:
        tokens = one.passage.tokens
        if len(tokens) > longest:
            start = max(0, min(one.position - longest // 2, len(tokens) - longest))
            passage = Passage(tokens[start : start + longest], one.passage.sense, one.passage.place)
            one = Occurrence(passage, one.position - start)  # noqa: PLW2901
            windowed += 1
        kept.append(one)
    return Found(tuple(kept), found.total, found.sentences, found.without, windowed)


def snippet(occurrence: Occurrence, longest: int) -> tuple[str, str, str]:
    """What stands before, the word, and what stands behind, in whole tokens and at most ``longest`` characters.

    Where something is cut off stands ``…``. A word that is longer by itself is cut.
    """
    tokens, at = occurrence.passage.tokens, occurrence.position
    word = tokens[at] if len(tokens[at]) <= longest else tokens[at][: longest - 1] + CUT
    left, right, room = at, at + 1, longest - len(word)
    growing = True
    while growing:
        growing = False
        # In turn, so that the word stays in the middle; the right side first, as words come after what they act on.
        if right < len(tokens) and len(tokens[right]) + 1 <= room:
            room -= len(tokens[right]) + 1
            right, growing = right + 1, True
        if left > 0 and len(tokens[left - 1]) + 1 <= room:
            room -= len(tokens[left - 1]) + 1
            left, growing = left - 1, True
    before = [CUT] * (left > 0) + list(tokens[left:at])
    behind = list(tokens[at + 1 : right]) + [CUT] * (right < len(tokens))
    return " ".join(before), word, " ".join(behind)


def snippet_text(occurrence: Occurrence, longest: int) -> str:
    """``snippet`` on one line."""
    return " ".join(part for part in snippet(occurrence, longest) if part)


def _too_few(forms: Sequence[str], found: Sequence[Occurrence], known: Iterable[str], sentences: int) -> str:
    named = " or ".join(forms)
    if found:
        where = f" ({found[0].passage.place})" if found[0].passage.place else ""
        return f"word={named}: occurs once in {count(sentences, 'sentence')}{where}; two are needed"
    near: set[str] = set()
    for form in map(str.casefold, forms):
        # Those that begin alike are enough to look through: a data set has 100,000 words and more.
        alike = {
            word.casefold() for word in known if word[:1].casefold() == form[:1] and abs(len(word) - len(form)) < 4
        }
        near.update(get_close_matches(form, sorted(alike), n=5, cutoff=0.6))
    # Those that go on where the word ends are forms of it, as far as one can tell; others may be what was meant.
    own = sorted(word for word in near if word.startswith(tuple(map(str.casefold, forms))))
    said = f"; near it there are {', '.join(own)}: name them with forms=" if own else (
        f"; did you mean {', '.join(sorted(near))}?" if near else "")  # fmt: skip
    return f"word={named}: in none of {count(sentences, 'sentence')}{said}"
