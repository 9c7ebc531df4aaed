"""A saved model that predicts: opened from its files, with all replicates as one ensemble."""

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seedbed.config.plugins import AllowedModule, allowed_modules
from seedbed.data.corpus import Example
from seedbed.devices import select_device
from seedbed.errors import InputError
from seedbed.model.fitted import FittedEncoder, restored
from seedbed.model.mlp_probe import is_pooled_once
from seedbed.model.tag_schemes import Allowed, TagSet
from seedbed.model.tasks import Classification, Multilabel, Tagging, decoding_of
from seedbed.saved_models.array_program import FittedProgram, Reader, head_program
from seedbed.saved_models.description import (
    MODEL,
    NETWORK,
    WEIGHTS,
    WORDS,
    Arrays,
    Description,
    Variant,
    of_replicate,
    read_arrays,
    read_description,
    read_words,
)
from seedbed.saved_models.floor_program import floor_program
from seedbed.saved_models.folder import read_folder
from seedbed.saved_models.programs import Program
from seedbed.saved_models.results import (
    EMPTY,
    MEAN,
    UNKNOWN_WORDS,
    VOTE,
    Predicted,
    best_tags,
    chosen,
    combined,
    label_sets,
    place_of,
    require_finite,
)
from seedbed.saved_models.saving import KEPT
from seedbed.saved_models.vectors import Stored, opened, trains_weights
from seedbed.saved_models.word_tables import WordRows
from seedbed.word_forms.key_table import SavedTable

Text = str | Sequence[str]
"""A text, or the tokens of one that is tokenized already."""
Words = Mapping[str, Sequence[str]]
Log = Callable[[str], None]

CHUNK_TEXTS = 2048
CHUNK_TOKENS = 100_000
"""The most texts and tokens that are predicted at once: bounds memory."""


@dataclass(frozen=True)
class Model:
    """A model: its description, and the programs of its replicates with their places.

    ``where``: the folder, for messages.
    """

    description: Description
    programs: Sequence[tuple[Sequence[int], Program]]
    where: str

    @property
    def labels(self) -> tuple[str, ...]:
        """The classes, or the IOB2 tags."""
        return self.description.labels

    @cached_property
    def numbers(self) -> tuple[int, ...]:
        """The number by which each replicate is chosen: that of its study, or its place where two have the same."""
        numbers = tuple(replicate.replicate for replicate in self.description.replicates)
        return numbers if len(set(numbers)) == len(numbers) else tuple(range(len(numbers)))

    def predict(self, texts: Iterable[Text], by: str | int = MEAN) -> list[Predicted]:
        """Return the prediction of each text, in order; see `predictions`."""
        return list(self.predictions(texts, by))

    def predictions(self, texts: Iterable[Text], by: str | int = MEAN) -> Iterator[Predicted]:
        """Yield the prediction of each text, in order; only some thousand texts are in memory at once.

        A text is a string, which is tokenized as those of the data set, or a list of tokens. ``by``: ``mean`` of the
        probabilities of all replicates, ``vote`` of their classes, or the number of one. A text without tokens has no
        prediction, and the flag ``empty``. Raises InputError.
        """
        by = str(by)
        if by not in (MEAN, VOTE):
            place_of(by, self.numbers)
        first = 1
        for chunk in self._chunks(texts):
            yield from self._predicted(chunk, by, first)
            first += len(chunk)

    def _chunks(self, texts: Iterable[Text]) -> Iterator[list[tuple[Text, tuple[str, ...]]]]:
        chunk: list[tuple[Text, tuple[str, ...]]] = []
        size = 0
        for number, text in enumerate(texts, 1):
            try:
                tokens = self.description.text.tokens(text)
            except InputError as error:
                raise InputError(f"text {number}: {error}") from error
            if chunk and (len(chunk) == CHUNK_TEXTS or size + len(tokens) > CHUNK_TOKENS):
                yield chunk
                chunk, size = [], 0
            chunk.append((text, tokens))
            size += len(tokens)
        if chunk:
            yield chunk

    def _predicted(self, chunk: Sequence[tuple[Text, tuple[str, ...]]], by: str, first: int) -> Iterator[Predicted]:
        examples = [Example(str(n), tokens, "") for n, (_, tokens) in enumerate(chunk) if tokens]
        rows, choices, known = self._outputs(examples)
        used = slice(None) if by in (MEAN, VOTE) else [place_of(by, self.numbers)]
        sizes = [len(example.tokens) if self.description.per_token else 1 for example in examples]
        numbers = np.array(self.numbers)[used].tolist()
        require_finite(rows[used], numbers, sizes, [first + int(example.id) for example in examples])
        if self.description.multilabel:
            yield from label_sets(chunk, rows, known, self.labels, by, self.numbers)
            return
        values = combined(rows, by, self.numbers, choices)
        if len(rows) == 1 or by not in (MEAN, VOTE):
            classes = choices[0 if len(rows) == 1 else place_of(by, self.numbers)].tolist()
        elif self._allowed is not None and examples:
            lengths = [len(example.tokens) for example in examples]
            classes = best_tags(rows, values, by, lengths, self._allowed).tolist()
        else:
            classes = chosen(rows, values, by).tolist()
        labels, probabilities = self.labels, values.astype(float).round(6).tolist()
        start, place = 0, 0
        for text, tokens in chunk:
            written = text if isinstance(text, str) else " ".join(text)
            if not tokens:
                yield Predicted(written, tags=() if self.description.per_token else None, flag=EMPTY)
                continue
            flag = "" if known[place] else UNKNOWN_WORDS
            place += 1
            if not self.description.per_token:
                of_label = dict(zip(labels, probabilities[start], strict=True))
                yield Predicted(written, labels[classes[start]], of_label, flag=flag)
                start += 1
                continue
            end = start + len(tokens)
            of_tokens = tuple(dict(zip(labels, row, strict=True)) for row in probabilities[start:end])
            tags = tuple(labels[n] for n in classes[start:end])
            yield Predicted(written, None, of_tokens, tokens, tags, flag)
            start = end

    @cached_property
    def window(self) -> int | None:
        """The most tokens that a tagger reads at once; None for a model that reads any text whole."""
        trained = [one for one in self.description.variants if not isinstance(one.encoder, FittedEncoder)]
        windows = [getattr(one.task, "window", None) for one in trained]
        return min((window for window in windows if window is not None), default=None)

    @cached_property
    def _allowed(self) -> Allowed | None:
        """What the tags of several replicates may be together; None for all, where no replicate is constrained."""
        decodings = [decoding_of(variant.task, self.labels) for variant in self.description.variants]
        constrained = any(decoding is not None and decoding.is_constrained for decoding in decodings)
        return TagSet.of(self.labels).allowed if constrained else None

    def _outputs(self, examples: Sequence[Example]) -> tuple[NDArray[np.float32], NDArray[np.int64], NDArray[np.bool_]]:
        """Of each replicate the probabilities ``[R, rows, classes]`` and the classes that it predicts ``[R, rows]``.

        And whether each text has a known word.
        """
        replicates, known = len(self.description.replicates), np.zeros(len(examples), bool)
        rows = np.zeros((replicates, 0, len(self.labels)), np.float32)
        classes = np.zeros((replicates, 0), np.int64)
        for places, program in self.programs if examples else ():
            outputs = program.outputs(examples)
            if not rows.shape[1]:
                rows = np.zeros((replicates, *outputs.rows.shape[1:]), np.float32)
                classes = np.zeros(rows.shape[:2], np.int64)
            rows[list(places)] = outputs.rows
            classes[list(places)] = outputs.rows.argmax(axis=-1) if outputs.classes is None else outputs.classes
            known |= outputs.known
        return rows, classes, known


def load_model(folder: str | Path, plugins: Sequence[str] = ()) -> Model:
    """Return the model in a folder, which `seedbed ship` or ``tracking.save_model=true`` has written.

    No code of the folder is executed, and nothing in it is unpickled. ``plugins``: modules with classes of your own
    that the model needs. Raises InputError where a file is missing or changed.
    """
    allowed = allowed_modules([f"plugins=[{','.join(plugins)}]"]) if plugins else ()
    path = Path(folder).expanduser()
    return model_of(read_folder(path), str(folder), allowed)


def model_of(
    files: Mapping[str, bytes], where: str, allowed: Sequence[AllowedModule] = (), log: Log | None = None
) -> Model:
    """Return the model of these files, which were read whole; ``where`` they are from. Raises InputError."""
    for name in (MODEL, WEIGHTS, WORDS):
        if name not in files:
            raise InputError(f"{where}: has no {name}; save the model again")
    description = read_description(files[MODEL], where, allowed)
    arrays, words = read_arrays(files[WEIGHTS], where), read_words(files[WORDS], where)
    try:
        if description.kind != NETWORK:
            return Model(description, [_floor(description, arrays, words)], where)
        variants = opened_variants(description, arrays, words, where, log or logging.getLogger(__name__).warning)
        programs = [(one.places, _program(one, description)) for one in variants]
    except (KeyError, ValueError, IndexError, TypeError, AttributeError) as error:
        raise InputError(f"{where}: damaged: its arrays are not those of its settings: {error}") from error
    return Model(description, programs, where)


def _floor(description: Description, arrays: Arrays, words: Words) -> tuple[range, Program]:
    return range(len(description.replicates)), floor_program(description, arrays, words)


@dataclass(frozen=True)
class OpenedVariant:
    """The replicates with the same settings: their places, the opened embedding, and the other arrays of each."""

    places: Sequence[int]
    variant: Variant
    embedding: Any  # an opened embedding
    arrays: Sequence[Arrays]


def opened_variants(
    description: Description, arrays: Arrays, words: Words, where: str, log: Log
) -> Iterator[OpenedVariant]:
    """Yield the variants of a model; ``where``: for messages; ``log``: see `opened`. Raises InputError."""
    for number, variant in enumerate(description.variants):
        places = [n for n, replicate in enumerate(description.replicates) if replicate.variant == number]
        own = [of_replicate(arrays, n) for n in places]
        tables = _tables(own, [of_replicate(words, n) for n in places])
        kept = {
            name.removeprefix(f"{KEPT}{number}/"): WordRows(
                list(words[name]), _float32(arrays[name]), description.whole
            )
            for name in words
            if name.startswith(f"{KEPT}{number}/")
        }
        stored = Stored(tables, kept, variant.content)
        embedding = opened(variant.embedding, stored, where, log)
        inside = {f"{part}/table" if part else "table" for part in tables}
        yield OpenedVariant(places, variant, embedding, [_without(one, inside) for one in own])


def _program(one: OpenedVariant, description: Description) -> Program:
    """Return the program of replicates with the same settings."""
    variant, embedding, own = one.variant, one.embedding, one.arrays
    encoder, task = variant.encoder, variant.task
    if isinstance(encoder, FittedEncoder):
        pooling = FittedProgram.pooling_of(encoder, task.per_token)
        return FittedProgram(
            Reader(embedding, pooling), [restored(encoder, one, len(description.labels)) for one in own]
        )
    weights = {name: np.stack([_float32(one[name]) for one in own]) for name in own[0]}
    in_arrays = is_pooled_once(encoder, variant.precision) and type(task) in (Classification, Multilabel, Tagging)
    decoded = decoding_of(task, description.labels) is not None
    if in_arrays and not decoded and not trains_weights(variant.embedding):
        return head_program(embedding, encoder, task, weights)
    from seedbed.saved_models.network_program import NetworkProgram

    select_device("auto")
    return NetworkProgram(embedding, encoder, task, description.labels, variant.precision, weights, len(own))


def _tables(own: Sequence[Arrays], words: Sequence[Words]) -> dict[str, list[SavedTable]]:
    """The tables of the replicates by part; ``words``: those of the rows from 1 on."""
    parts = [name.removesuffix("words").rstrip("/") for name in words[0]] if words else []
    tables = {}
    for part in parts:
        start = f"{part}/" if part else ""
        tables[part] = [
            SavedTable(
                {word: n for n, word in enumerate(listed[f"{start}words"], 1)}, _float32(arrays[f"{start}table"])
            )
            for arrays, listed in zip(own, words, strict=True)
        ]
    return tables


def _float32(array: NDArray[np.generic]) -> NDArray[np.float32]:
    return array.astype(np.float32, copy=False)


def _without(arrays: Arrays, names: set[str]) -> Arrays:
    return {name: array for name, array in arrays.items() if name not in names}
