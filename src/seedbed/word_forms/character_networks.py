"""From the characters of the words of a batch to a vector of each token, on the replicate axis.

Each distinct word of a batch is read once, and its vector is copied to its tokens.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from seedbed.embeddings.features import Embed
from seedbed.embeddings.lookup import ReplicateRows
from seedbed.model.convolution import max_convolution
from seedbed.model.pooling import last_states
from seedbed.model.recurrent import bilstm, bilstm_weights
from seedbed.model.weights import Weight
from seedbed.types import Tensor, Tensors

PREFIX = "characters"


class CharacterNetwork(Embed, Protocol):
    """Reads the characters of words.

    ``characters [R, L, K]`` and ``words [R, T, B]`` with ``table [R, V, dim]`` to ``[R, T, B, width]``. ``characters``:
    rows of the table of the K distinct words, -1 after the end of a word. ``words``: the number of the word of each
    token.
    """

    @property
    def width(self) -> int:
        """The width of a word's vector."""

    def weights(self) -> dict[str, Weight]:
        """Return the weights of one replicate, without the vectors of characters."""


@dataclass(frozen=True)
class CharacterCNN:
    """Filters over characters, the maximum of each over the word, and tanh (Ma & Hovy 2016)."""

    dim: int
    filters: int
    widths: tuple[int, ...]

    @property
    def width(self) -> int:
        """The number of all filters."""
        return self.filters * len(self.widths)

    def weights(self) -> dict[str, Weight]:
        """A kernel and a bias for each width of filter."""
        weights: dict[str, Weight] = {}
        for size in self.widths:
            weights[f"{PREFIX}/conv{size}/kernel"] = Weight((size, self.dim, self.filters))
            weights[f"{PREFIX}/conv{size}/bias"] = Weight((self.filters,), "zeros")
        return weights

    def __call__(self, trained: Tensors, constants: Tensors, inputs: Tensors) -> Tensor:
        """See `CharacterNetwork`. The maximum is taken first: tanh and the bias keep the order."""
        from keras import ops

        x, mask = _characters(trained, inputs)
        maps = []
        for size in self.widths:
            maximum = max_convolution(x, trained[f"{PREFIX}/conv{size}/kernel"], size, mask)
            maps.append(ops.tanh(maximum + ops.expand_dims(trained[f"{PREFIX}/conv{size}/bias"], 1)))
        return _of_tokens(ops.concatenate(maps, axis=-1) if len(maps) > 1 else maps[0], inputs)

    def penalty(self, trained: Tensors) -> Tensor:
        """Return 0."""
        return 0.0


@dataclass(frozen=True)
class CharacterBiLSTM:
    """The last states of both directions of a BiLSTM over characters (Lample et al. 2016)."""

    dim: int
    units: int

    @property
    def width(self) -> int:
        """Both directions."""
        return 2 * self.units

    def weights(self) -> dict[str, Weight]:
        """Those of the BiLSTM."""
        return bilstm_weights(f"{PREFIX}/lstm", self.dim, self.units)

    def __call__(self, trained: Tensors, constants: Tensors, inputs: Tensors) -> Tensor:
        """See `CharacterNetwork`."""
        x, mask = _characters(trained, inputs)
        return _of_tokens(last_states(bilstm(trained, f"{PREFIX}/lstm", x, mask), mask), inputs)

    def penalty(self, trained: Tensors) -> Tensor:
        """Return 0."""
        return 0.0


_rows = ReplicateRows(trained=True)


def _characters(trained: Tensors, inputs: Mapping[str, Tensor]) -> tuple[Tensor, Tensor]:
    """Return the vectors of the characters ``[R, L, K, dim]``, zero after a word's end, and their mask."""
    from keras import ops

    ids = inputs["characters"]
    mask = ops.expand_dims(ops.cast(ids >= 0, "float32"), -1)
    return _rows({"table": trained["table"]}, {}, {"ids": ops.maximum(ids, 0)}) * mask, mask


def _of_tokens(vectors: Tensor, inputs: Mapping[str, Tensor]) -> Tensor:
    """``[R, K, width]`` to ``[R, T, B, width]``."""
    return _rows({"table": vectors}, {}, {"ids": inputs["words"]})
