"""Several embeddings side by side, such as GloVe with ELMo."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from seedbed.data.corpus import Example
from seedbed.embeddings.features import Arrays, Embed, Embedded, Features, Positions, Slice, quiet, sliced
from seedbed.embeddings.text_features import TextEmbedding
from seedbed.errors import InputError
from seedbed.types import Tensor, Tensors


@dataclass(frozen=True)
class Concatenation:
    """Concatenates the vectors of the parts, in order; arrays and inputs are named ``part/name``."""

    parts: tuple[tuple[str, Embed], ...]

    def __call__(self, trained: Tensors, constants: Tensors, inputs: Tensors) -> Tensor:
        """``[R, T, B, sum of widths]``."""
        from keras import ops

        return ops.concatenate(
            [embed(_of(trained, part), _of(constants, part), _of(inputs, part)) for part, embed in self.parts], axis=-1
        )

    @property
    def zero_padding(self) -> bool:
        """Whether padding has zero vectors in all parts."""
        return all(getattr(embed, "zero_padding", False) for _, embed in self.parts)

    def penalty(self, trained: Tensors) -> Tensor:
        """Return the sum of the penalties of the parts."""
        return sum(embed.penalty(_of(trained, part)) for part, embed in self.parts)


class Stacked:
    """The features of a stack."""

    def __init__(self, parts: Mapping[str, Features]):
        self.parts = parts
        self.width = sum(part.width for part in parts.values())
        self.embed = Concatenation(tuple((name, part.embed) for name, part in parts.items()))
        self.arrays = Arrays(
            *(
                _joined({name: getattr(part.arrays, kind) for name, part in parts.items()})
                for kind in ("trained", "frozen", "shared")
            )
        )
        self.reports = [
            _joined(dict(zip(parts, reports, strict=True)))
            for reports in zip(*(part.reports for part in parts.values()), strict=True)
        ]

    @property
    def reads_files(self) -> bool:
        """Whether a part reads files for a batch."""
        return any(getattr(part, "reads_files", False) for part in self.parts.values())

    @property
    def row_tables(self) -> Mapping[str, str]:
        """Those of every part."""
        return {
            f"{name}/{table}": f"{name}/{ids}"
            for name, part in self.parts.items()
            for table, ids in getattr(part, "row_tables", {}).items()
        }

    def size(self, replicate: int) -> tuple[float, float]:
        """Return the sums over the parts."""
        trained, frozen = zip(*(part.size(replicate) for part in self.parts.values()), strict=True)
        return sum(trained), sum(frozen)

    def saved(self, replicate: int) -> Tensors:
        """Return the arrays of every part."""
        return _joined({name: part.saved(replicate) for name, part in self.parts.items()})

    def learned(self, trained: Tensors) -> Tensors:
        """Return the metrics of every part."""
        return _joined({name: part.learned(_of(trained, name)) for name, part in self.parts.items()})

    def inputs(self, replicates: Sequence[int], positions: Sequence[Sequence[int]], shape: tuple[int, int]) -> dict:
        """Return the inputs of every part."""
        return _joined({name: part.inputs(replicates, positions, shape) for name, part in self.parts.items()})

    def sliced(self, slices: Sequence[Slice]) -> "Stacked | None":
        """Return the features of slices of the examples; None where a part cannot slice them."""
        parts = {name: sliced(part, slices) for name, part in self.parts.items()}
        having = {name: part for name, part in parts.items() if part is not None}
        return Stacked(having) if len(having) == len(parts) else None


@dataclass(frozen=True)
class Stack:
    """Embeddings by name, concatenated in order."""

    parts: dict[str, Any] = field(default_factory=dict)  # Any: settings of any embedding class, plugins included

    def __post_init__(self):
        if not self.parts:
            raise InputError("embedding.parts is empty: name the embeddings to join, as in conf/embedding/stack.yaml")

    def features(
        self, examples: Sequence[Example], draws: Sequence[Positions], seeds: Sequence[int],
        watch: Callable[[Embedded], None] = quiet,
    ) -> Stacked:  # fmt: skip
        """Return the features of each part, concatenated."""
        return Stacked({name: part.features(examples, draws, seeds, watch) for name, part in self.parts.items()})

    def text_features(
        self, examples: Sequence[Example], draws: Sequence[Positions], seeds: Sequence[int],
        watch: Callable[[Embedded], None] = quiet,
    ) -> Stacked:  # fmt: skip
        """Return the text vectors of each part, concatenated. Raises InputError where a part has none."""
        for name, part in self.parts.items():
            if not isinstance(part, TextEmbedding):
                raise InputError(f"encoder.pooling=sentence: embedding.parts.{name} has no vectors of texts")
        return Stacked({name: part.text_features(examples, draws, seeds, watch) for name, part in self.parts.items()})

    def content(self) -> Mapping[str, str]:
        """Return the digests of each part."""
        return _joined({name: part.content() for name, part in self.parts.items()})


def leaves(embedding: Any, part: str = "") -> Iterator[tuple[str, Any]]:  # Any: settings of any embedding class
    """Yield the embeddings that a stack joins at any depth, in order, each after its name such as ``words/glove``.

    Another embedding is yielded itself, with an empty name.
    """
    if not isinstance(embedding, Stack):
        yield part, embedding
        return
    for name, one in embedding.parts.items():
        yield from leaves(one, f"{part}/{name}" if part else name)


def key_of(part: str) -> str:
    """Return the key of the settings of one of the `leaves` by its name, such as ``embedding.parts.glove``."""
    return "".join(["embedding", *(f".parts.{name}" for name in part.split("/") if part)])


def _joined(by_part: Mapping[str, Tensors]) -> dict[str, Tensor]:
    """Merge the mappings of the parts; keys become ``part/name``."""
    return {f"{part}/{name}": value for part, values in by_part.items() for name, value in values.items()}


def _of(mapping: Tensors, part: str) -> dict[str, Tensor]:
    """Return the entries of one part, without the prefix ``part/``."""
    return {key.removeprefix(part + "/"): value for key, value in mapping.items() if key.startswith(part + "/")}
