"""Test items of the error viewer: gold and predicted spans in their sentence, counts, probabilities."""

from collections import Counter
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from seedbed.cells import surface_form
from seedbed.label_sets import tags_of
from seedbed.metrics import Span
from seedbed.report.analysis.item_agreement import Answer, ItemAgreement, Pair, SharedCell
from seedbed.report.analysis.item_texts import Text
from seedbed.report.analysis.predictions import spans_of
from seedbed.report.analysis.probabilities import ProbabilityReader
from seedbed.report.errors.heat_strips import Strip, token_text
from seedbed.report.errors.item_strips import ItemStrips
from seedbed.report.wording import plural, sanitize

if TYPE_CHECKING:
    from seedbed.report.analysis.analysis import Analysis


@dataclass(frozen=True)
class Piece:
    """A part of a text; ``kind`` is its entity type, or empty, and ``color_index`` the color of that type."""

    text: str
    kind: str = ""
    color_index: int = 0


@dataclass(frozen=True)
class Line:
    """The gold answer to an item or that of an arm: a sentence with spans, a class, or labels."""

    label: str
    pieces: tuple[Piece, ...]
    arm: int | None = None
    right: bool | None = None


@dataclass(frozen=True)
class SpanRow:
    """A gold entity: in how many replicates each arm finds it, and in how many draws it was seen in training."""

    text: str
    kind: str
    color_index: int
    found_by: tuple[str, ...]
    n_seen: str


@dataclass(frozen=True)
class RenderedItem:
    """One test item; ``summary``: in how many replicates only one of the arms is right."""

    id: str
    summary: str
    text: tuple[str, ...]
    cut: str
    lines: tuple[Line, ...]
    spans: tuple[SpanRow, ...]
    strips: tuple[Strip, ...]


class ItemRenderer:
    """Renders items of one pair of arms.

    ``type_colors``: the color index of each entity type; ``arms``: that of each arm; ``class_probabilities``: of the
    cells, for strips.
    """

    def __init__(
        self,
        analysis: "Analysis",
        pair: Pair,
        cells: Sequence[SharedCell],
        type_colors: Mapping[str, int],
        arms: Mapping[str, int],
        class_probabilities: ProbabilityReader | None,
    ) -> None:
        self.analysis, self.pair, self.cells, self.type_colors, self.arms = analysis, pair, cells, type_colors, arms
        self._dataset = {cell.draw: cell.dataset for cell in cells}
        self._strips = ItemStrips(analysis, pair, cells, class_probabilities)

    @property
    def damaged(self) -> str:
        """The last file that could not be read, empty if none."""
        return self._strips.damaged

    def text(self, item: ItemAgreement) -> Text | None:
        """Return the text of an item, or None if it is not stored."""
        stored = self.analysis.inputs.items
        draw = item.draws[0]
        return None if stored is None else stored.text(self._dataset[draw], draw, item.id)

    def render(self, items: Sequence[ItemAgreement], side: int, strips: int) -> list[RenderedItem]:
        """Render items that only the arm on this side gets right; the first ``strips`` of them with heat strips."""
        texts = {item.id: text.tokens for item in items[:strips] if (text := self.text(item)) is not None}
        strips_by_item = self._strips.of(items[:strips], texts)
        return [self._item(item, side, strips_by_item.get(item.id, ())) for item in items]

    def _item(self, item: ItemAgreement, side: int, strips: tuple[Strip, ...]) -> RenderedItem:
        text = self.text(item)
        tokens = () if text is None else tuple(token_text(token) for token in text.tokens)
        cut = f"The first {len(tokens)} of {text.length:,} tokens." if text and len(tokens) < text.length else ""
        if text is None:
            cut = "The text is not stored."
        arm = self.analysis.labels[(self.pair.first, self.pair.second)[side]]
        tagging = isinstance(item.gold, tuple)
        replicates = f"{item.n_shared} {plural(item.n_shared, 'replicate')}"
        return RenderedItem(
            id=sanitize(item.id, 80),
            summary=f"only {arm} right in {item.n_only_correct[side]} of {replicates}",
            text=() if tagging else tokens,
            cut=cut,
            lines=tuple(self._lines(item, tokens)),
            spans=tuple(self._spans(item, text)) if tagging else (),
            strips=strips,
        )

    def _lines(self, item: ItemAgreement, tokens: Sequence[str]) -> Iterator[Line]:
        yield Line("gold", self._pieces(item.gold, tokens))
        for arm, answers, right in zip((self.pair.first, self.pair.second), item.answers, item.right, strict=True):
            answer, number = _most_common(answers)
            is_right = _spans(answer) == _spans(item.gold)
            also = f", right in {right}" if right and not is_right else ""
            label = f"{self.analysis.labels[arm]}: {number} of {item.n_shared}{also}"
            yield Line(label, self._pieces(answer, tokens), self.arms[arm], is_right)

    def _pieces(self, answer: Answer, tokens: Sequence[str]) -> tuple[Piece, ...]:
        if not isinstance(answer, tuple):
            return (Piece(sanitize(str(answer), 80)),)
        spans = sorted(spans_of(answer))
        if len(tokens) < len(answer):  # text missing or truncated: spans by token position
            named = [Piece(f"tokens {start + 1} to {end}", *self._kind(kind)) for start, end, kind in spans]
            return tuple(named) or (Piece("no entity"),)
        pieces, position = [], 0
        for start, end, kind in spans:
            pieces += [Piece(" ".join(tokens[position:start]))] if start > position else []
            pieces.append(Piece(" ".join(tokens[start:end]), *self._kind(kind)))
            position = end
        return tuple([*pieces, Piece(" ".join(tokens[position:]))] if position < len(tokens) else pieces)

    def _kind(self, kind: str) -> tuple[str, int]:
        return sanitize(kind, 40), self.type_colors.get(kind, 0)

    def _spans(self, item: ItemAgreement, text: Text | None) -> Iterator[SpanRow]:
        stored = self.analysis.inputs.items
        for span in sorted(spans_of(tags_of(item.gold))):
            start, end, kind = span
            words = () if text is None or len(text.tokens) < end else text.tokens[start:end]
            training = (
                [stored.training_mentions(self._dataset[draw], draw) for draw in item.draws] if stored and words else []
            )
            known = [mentions for mentions in training if mentions is not None]
            n_seen = sum((surface_form(words), kind) in mentions for mentions in known)
            found_by = tuple(f"{_count_found(answers, span)} of {item.n_shared}" for answers in item.answers)
            entity = " ".join(map(token_text, words)) or f"tokens {start + 1} to {end}"
            yield SpanRow(entity, *self._kind(kind), found_by, f"{n_seen} of {len(known)}" if known else "–")


def _spans(answer: Answer) -> Hashable:
    return spans_of(answer) if isinstance(answer, tuple) else answer


def _most_common(answers: Sequence[tuple[Answer, int]]) -> tuple[Answer, int]:
    """Return the most common answer and its count; answers with the same spans are counted together."""
    counts: Counter[Hashable] = Counter()
    example: dict[Hashable, Answer] = {}
    for answer, number in answers:
        key = _spans(answer)
        counts[key] += number
        example.setdefault(key, answer)
    ((key, number),) = counts.most_common(1)
    return example[key], number


def _count_found(answers: Sequence[tuple[Answer, int]], span: Span) -> int:
    return sum(number for answer, number in answers if span in spans_of(tags_of(answer)))
