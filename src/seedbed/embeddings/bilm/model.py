"""A loaded biLM: computes the layers of sentences."""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from seedbed import backend
from seedbed.embeddings.bilm.characters import FIRST, LAST
from seedbed.embeddings.bilm.network import Weights, recurrent
from seedbed.embeddings.bilm.options import Architecture, read_options
from seedbed.embeddings.bilm.precision import resolve_precision
from seedbed.embeddings.bilm.streams import IDLE, Streams, one_stream, streams
from seedbed.embeddings.bilm.token_table import TokenTable
from seedbed.embeddings.bilm.weights import Hdf5, open_hdf5, read_cnn, read_layer, refuse_more_layers
from seedbed.embeddings.bilm.word_vectors import CharacterVectors, WordTable, bucket, numpy_of
from seedbed.embeddings.layers import Sentence
from seedbed.errors import InputError
from seedbed.types import Tensor

STEPS = 32
"""Steps of a block; the state is passed between blocks, so memory does not grow with a sentence."""

WINDOW_BYTES = 384 << 20
"""Bytes of the rows of sentences computed at once."""

CARRIED_TOKENS = 1024
"""Tokens computed at once where the state is carried."""

State = tuple[Tensor, ...]
"""See ``network.recurrent``."""


def open_bilm(
    options: Path,
    weights: Path,
    precision: str = "float32",
    token_embeddings: Path | None = None,
    vocabulary: Path | None = None,
) -> "BiLM":
    """Read a model; raises InputError where its files are damaged or do not match."""
    architecture = read_options(options)
    if (token_embeddings is None) != (vocabulary is None):
        raise InputError("token embeddings and their vocabulary go together: give both or none")
    if architecture.characters is None and token_embeddings is None:
        raise InputError(f"{options}: the key char_cnn is missing, so token embeddings and a vocabulary are needed")
    table = None
    if token_embeddings is not None and vocabulary is not None:
        table = TokenTable(token_embeddings, vocabulary, architecture.projection)
    dtype = resolve_precision(precision)
    counts: Counter = Counter()
    with open_hdf5(weights) as file:
        characters = None
        if architecture.characters and (table is None or file.has("char_embed")):
            arrays = read_cnn(file, architecture.characters, architecture.projection)
            tensors = {
                name: _to_tensor(array, "float32" if name == "characters" or array.ndim == 1 else dtype)
                for name, array in arrays.items()
            }
            characters = CharacterVectors(architecture.characters, tensors)
        words = WordTable(architecture.projection, characters, table or None, counts)
        return BiLM(architecture, _recurrent_weights(file, architecture, dtype), words)


class BiLM:
    """Implements ``LanguageModel``. ``counts``: tokens so far that were cut or unknown, by ``cut_words`` and so on."""

    def __init__(self, architecture: Architecture, weights: Weights, words: WordTable):
        self.architecture, self.weights, self.words = architecture, weights, words
        self.layout = architecture.layout
        self.counts = words.counts
        self._run = backend.full_precision(backend.compiled(recurrent(architecture)))
        markers = words.vectors_of([FIRST, LAST])[None, :, None]
        zeros = self._zeros(1)
        self._first, _ = self._run(weights, zeros, zeros, markers, np.zeros((1, 1), bool))

    def batches(self, sentences: Sequence[Sentence]) -> Iterator[tuple[Sequence[int], Sequence[np.ndarray]]]:
        """See ``LanguageModel``; the longest sentences come first."""
        empty = [n for n in range(len(sentences)) if not len(sentences[n])]
        if empty:
            yield empty, [np.empty((0, self.layout.total), np.float32) for _ in empty]
        order = sorted(set(range(len(sentences))) - set(empty), key=lambda n: (-len(sentences[n]), n))
        for window in windows(order, sentences, max(1, WINDOW_BYTES // (4 * self.layout.total))):
            lengths = [len(sentences[n]) for n in window]
            first = np.cumsum([0, *lengths])
            ends_sentence = np.full(first[-1], -1)
            ends_sentence[first[1:] - 1] = range(len(window))
            words = self.words.vectors_of([word for n in window for word in sentences[n]])
            rows = np.empty((len(words), self.layout.total), np.float32)
            for tokens, _ in self._fill_rows(rows, words, streams(lengths), None):
                done = ends_sentence[tokens[tokens != IDLE]]
                done = done[done >= 0]
                if len(done):
                    yield [window[n] for n in done], [rows[first[n] : first[n + 1]].copy() for n in done]

    def carried(self, sentences: Sequence[Sentence]) -> Iterator[np.ndarray]:
        """See ``LanguageModel``: both markers are run and every state goes on, from zeros before the first sentence.

        A sentence without tokens has no rows and changes no state.
        """
        state = self._zeros(1)
        for window in windows(range(len(sentences)), sentences, CARRIED_TOKENS):
            marked = [[FIRST, *sentences[n], LAST] if len(sentences[n]) else [] for n in window]
            words = self.words.vectors_of([word for sentence in marked for word in sentence])
            rows = np.empty((len(words), self.layout.total), np.float32)
            for _, new_state in self._fill_rows(rows, words, one_stream([len(sentence) for sentence in marked]), state):
                state = new_state
            for end, sentence in zip(np.cumsum([len(sentence) for sentence in marked]), marked, strict=True):
                yield rows[end - len(sentence) : end][1:-1].copy()

    def _fill_rows(self, rows: np.ndarray, words: np.ndarray, packed: Streams, state: State | None) -> Iterator:
        """Fill rows block by block; yield the tokens whose forward rows are computed, and the state after them.

        With a state, it is carried through the stream; else every stream starts from the initial state.
        """
        projection = self.architecture.projection
        rows[:, :projection] = words
        fresh = state is None
        for block, start in packed.blocks(STEPS):
            steps, _, streams_ = block.shape
            size = (backend.shape_bucket(steps), bucket(streams_)) if fresh else (steps, streams_)
            tokens = np.full((size[0], 2, size[1]), IDLE, np.int32)
            tokens[:steps, :, :streams_] = block
            resets = np.zeros(size, bool)
            resets[:steps, :streams_] = start
            state = self._zeros(size[1]) if state is None else _narrow_state(state, size[1])
            state, outputs = self._run(self.weights, self._first, state, words[tokens], resets)
            outputs = numpy_of(outputs)
            for direction in (0, 1):
                is_token = tokens[:, direction] != IDLE
                token_ids, values = tokens[:, direction][is_token], outputs[:, direction][is_token]
                for layer in range(self.architecture.layers):
                    column = projection * (1 + 2 * layer + direction)
                    rows[token_ids, column : column + projection] = values[
                        :, layer * projection : (layer + 1) * projection
                    ]
            yield block[:, 0], state

    def _zeros(self, streams_: int) -> State:
        from keras import ops

        shapes = [self.architecture.layers * self.architecture.projection]
        shapes += [self.architecture.units] * self.architecture.layers
        return tuple(ops.zeros((2, streams_, width)) for width in shapes)


def windows(order: Sequence[int], sentences: Sequence[Sentence], room: int) -> Iterator[list[int]]:
    """Sentences in order, in lists of not more tokens than ``room``, or of one sentence."""
    window: list[int] = []
    tokens = 0
    for n in order:
        if window and tokens + len(sentences[n]) > room:
            yield window
            window, tokens = [], 0
        window.append(n)
        tokens += len(sentences[n])
    if window:
        yield window


def _narrow_state(state: State, streams_: int) -> State:
    """The state of the first streams."""
    return state if state[0].shape[1] == streams_ else tuple(part[:, :streams_] for part in state)


def _recurrent_weights(file: Hdf5, architecture: Architecture, dtype: str) -> Weights:
    weights = {}
    for layer in range(architecture.layers):
        gates, project = read_layer(file, architecture, layer)
        if backend.name() == "jax":  # one product over all gates is faster than four
            gates = np.concatenate(gates, axis=-1)
        weights[f"gates_{layer}"], weights[f"project_{layer}"] = _to_tensor(gates, dtype), _to_tensor(project, dtype)
    refuse_more_layers(file, architecture)
    return weights


def _to_tensor(array: np.ndarray, dtype: str) -> Tensor:
    from keras import ops

    return ops.cast(ops.convert_to_tensor(array), dtype)
