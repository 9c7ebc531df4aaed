"""Test items as the error viewer shows them: gold and predicted spans in their sentence, counts, probabilities."""

from collections import Counter
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from seedbed.cells import surface_form
from seedbed.metrics import Span
from seedbed.report.analysis.item_agreement import Answer, ItemAgreement, Pair, SharedCell
from seedbed.report.analysis.item_texts import Text
from seedbed.report.analysis.predictions import spans_of
from seedbed.report.analysis.probabilities import ReadShares
from seedbed.report.errors.item_strips import ItemStrips
from seedbed.report.errors.strips import Strip, word
from seedbed.report.wording import sanitize

if TYPE_CHECKING:
    from seedbed.report.analysis.analysis import Analysis


@dataclass(frozen=True)
class Piece:
    """A stretch of text; ``kind`` names its entity type where it is one, ``place`` its colour."""

    text: str
    kind: str = ""
    place: int = 0


@dataclass(frozen=True)
class Line:
    """What gold or an arm says of an item: a sentence with spans, or a class."""

    who: str
    pieces: tuple[Piece, ...]
    arm: int | None = None
    right: bool | None = None


@dataclass(frozen=True)
class SpanRow:
    """A gold entity: which arms find it in how many replicates, and in how many draws it was seen in training."""

    text: str
    kind: str
    place: int
    found: tuple[str, str]
    seen: str


@dataclass(frozen=True)
class ShownItem:
    """One test item; ``agree`` says in how many replicates the one arm alone is right."""

    id: str
    agree: str
    text: tuple[str, ...]
    cut: str
    lines: tuple[Line, ...]
    spans: tuple[SpanRow, ...]
    strips: tuple[Strip, ...]


class ItemRenderer:
    """Shows items of one pair of arms.

    ``places``: the colour of each entity type; ``arms``: that of each arm; ``class_probabilities``: what cells kept
    for strips.
    """

    def __init__(
        self,
        analysis: "Analysis",
        pair: Pair,
        cells: Sequence[SharedCell],
        places: Mapping[str, int],
        arms: Mapping[str, int],
        class_probabilities: ReadShares,
    ) -> None:
        self.analysis, self.pair, self.cells, self.places, self.arms = analysis, pair, cells, places, arms
        self._dataset = {cell.draw: cell.dataset for cell in cells}
        self._strips = ItemStrips(analysis, pair, cells, class_probabilities)

    @property
    def damaged(self) -> str:
        """What could not be read so far, empty where nothing."""
        return self._strips.damaged

    def text(self, meeting: ItemAgreement) -> Text | None:
        """Its text where it is kept."""
        items = self.analysis.inputs.items
        draw = meeting.draws[0]
        return None if items is None else items.text(self._dataset[draw], draw, meeting.id)

    def shown(self, item_agreements: Sequence[ItemAgreement], side: int, strips: int) -> list[ShownItem]:
        """The items that the arm on this side alone gets right; the first ones with ``strips``."""
        texts = {one.id: text.tokens for one in item_agreements[:strips] if (text := self.text(one)) is not None}
        found = self._strips.of(item_agreements[:strips], texts)
        return [self._item(one, side, found.get(one.id, ())) for one in item_agreements]

    def _item(self, one: ItemAgreement, side: int, strips: tuple[Strip, ...]) -> ShownItem:
        text = self.text(one)
        tokens = () if text is None else tuple(word(token) for token in text.tokens)
        cut = f"The first {len(tokens)} of {text.length:,} tokens." if text and len(tokens) < text.length else ""
        if text is None:
            cut = "The text is not kept."
        arm = sanitize((self.pair.first, self.pair.second)[side], 60)
        tagging = not isinstance(one.gold, str)
        replicates = f"{one.n_shared} replicate{'' if one.n_shared == 1 else 's'}"
        return ShownItem(
            id=sanitize(one.id, 80),
            agree=f"only {arm} right in {one.n_only_correct[side]} of {replicates}",
            text=() if tagging else tokens,
            cut=cut,
            lines=tuple(self._lines(one, tokens)),
            spans=tuple(self._spans(one, text)) if tagging else (),
            strips=strips,
        )

    def _lines(self, one: ItemAgreement, tokens: Sequence[str]) -> Iterator[Line]:
        yield Line("gold", self._pieces(one.gold, tokens))
        for arm, said, right in zip((self.pair.first, self.pair.second), one.answers, one.right, strict=True):
            answer, number = _most_common(said)
            is_right = _spans(answer) == _spans(one.gold)
            also = f", right in {right}" if right and not is_right else ""
            who = f"{sanitize(arm, 60)}: {number} of {one.n_shared}{also}"
            yield Line(who, self._pieces(answer, tokens), self.arms[arm], is_right)

    def _pieces(self, answer: Answer, tokens: Sequence[str]) -> tuple[Piece, ...]:
        if isinstance(answer, str):
            return (Piece(sanitize(answer, 80)),)
        spans = sorted(spans_of(answer))
        if len(tokens) < len(answer):  # without its text, or cut: the spans by their places
            named = [Piece(f"tokens {start + 1} to {end}", *self._kind(kind)) for start, end, kind in spans]
            return tuple(named) or (Piece("no entity"),)
        pieces, at = [], 0
        for start, end, kind in spans:
            pieces += [Piece(" ".join(tokens[at:start]))] if start > at else []
            pieces.append(Piece(" ".join(tokens[start:end]), *self._kind(kind)))
            at = end
        return tuple([*pieces, Piece(" ".join(tokens[at:]))] if at < len(tokens) else pieces)

    def _kind(self, kind: str) -> tuple[str, int]:
        return sanitize(kind, 40), self.places.get(kind, 0)

    def _spans(self, one: ItemAgreement, text: Text | None) -> Iterator[SpanRow]:
        items = self.analysis.inputs.items
        for span in sorted(spans_of(one.gold)):
            start, end, kind = span
            words = () if text is None or len(text.tokens) < end else text.tokens[start:end]
            training = [items.seen(self._dataset[draw], draw) for draw in one.draws] if items and words else []
            known = [own for own in training if own is not None]
            seen = sum((surface_form(words), kind) in own for own in known)
            found = tuple(f"{_hits(said, span)} of {one.n_shared}" for said in one.answers)
            named = " ".join(map(word, words)) or f"tokens {start + 1} to {end}"
            yield SpanRow(named, *self._kind(kind), found, f"{seen} of {len(known)}" if known else "–")


def _spans(answer: Answer) -> Hashable:
    return answer if isinstance(answer, str) else spans_of(answer)


def _most_common(said: Sequence[tuple[Answer, int]]) -> tuple[Answer, int]:
    """The answer that most replicates give, those with the same spans counted together."""
    counts: Counter = Counter()
    example: dict[Hashable, Answer] = {}
    for answer, number in said:
        key = _spans(answer)
        counts[key] += number
        example.setdefault(key, answer)
    ((key, number),) = counts.most_common(1)
    return example[key], number


def _hits(said: Sequence[tuple[Answer, int]], span: Span) -> int:
    return sum(number for answer, number in said if span in spans_of(answer))
