"""Floors as models: TF-IDF with logistic regression, the majority class, and the most frequent tag of each token."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from seedbed.data.corpus import Corpus, Example
from seedbed.data.draws import Draw
from seedbed.data.tags import to_iob2
from seedbed.errors import InputError
from seedbed.floor import most_frequent_tag, tfidf
from seedbed.floor.floors import FLOORS
from seedbed.floor.majority import class_frequencies
from seedbed.floor.ngrams import Ngrams
from seedbed.model.fitted import logistic
from seedbed.saved_models.description import Arrays, Description, of_replicate
from seedbed.saved_models.programs import Outputs, Program, softmax

Words = Mapping[str, Sequence[Any]]  # words, or n-grams as lists of words
Made = tuple[dict[str, NDArray[np.generic]], dict[str, Sequence[Any]]]
"""The arrays and the lists of words of a replicate."""


def fit_floor(floor: str, corpus: Corpus, draw: Draw, ngrams: Ngrams) -> Made:
    """Return the arrays and words of a floor that is fitted to a draw, as `seedbed.floor.floors` fits it."""
    train, validation = ([corpus.by_id[example] for example in ids] for ids in (draw.train, draw.validation))
    if floor == "all_o":
        return {}, {}
    if floor == "most_frequent_tag":
        arrays: dict[str, NDArray[np.generic]] = {}
        words: dict[str, Sequence[Any]] = {}
        for name, table in zip(("token", "lowered"), most_frequent_tag.tables(train, corpus.labels), strict=True):
            words[name] = list(table)
            arrays[f"{name}_tags"] = np.array([corpus.labels.index(tag) for tag in table.values()], np.int32)
        return arrays, words
    sets_of = corpus.labels if corpus.task == "multilabel" else None
    model = tfidf.fit(train, validation, ngrams, sets_of) if floor == "tfidf" else None
    if model is None:
        return {"frequencies": class_frequencies(train, corpus.labels)}, {}
    return {**model.arrays(corpus.labels)}, {"ngrams": ngrams.words(model.vocabulary)}


def floor_program(description: Description, arrays: Arrays, words: Words) -> Program:
    """Return the program of a floor. Raises InputError for an unknown one."""
    if description.kind not in FLOORS[description.task]:
        raise InputError(f"damaged: no method {description.kind!r} for {description.task}")
    labels = description.labels
    replicates = [
        _replicate(of_replicate(arrays, n), of_replicate(words, n), description, labels)
        for n in range(len(description.replicates))
    ]
    return FloorProgram(replicates)


class FloorReplicate(Protocol):
    """A floor that is fitted to one draw."""

    def outputs(self, examples: Sequence[Example]) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        """Return probabilities ``[rows, labels]``, and which texts have a known word."""


@dataclass(frozen=True)
class FloorProgram:
    """A floor fitted to several draws."""

    replicates: Sequence[FloorReplicate]

    def outputs(self, examples: Sequence[Example]) -> Outputs:
        """Return the probabilities of texts; those of tags are 0 or 1."""
        made = [replicate.outputs(examples) for replicate in self.replicates]
        return Outputs(np.stack([rows for rows, _ in made]), np.any([known for _, known in made], axis=0))


def _replicate(arrays: Arrays, words: Words, description: Description, labels: Sequence[str]) -> FloorReplicate:
    kind = description.kind
    if kind == "all_o":
        return _Tags({}, {}, labels)
    if kind == "most_frequent_tag":
        names = [[labels[n] for n in arrays[f"{name}_tags"].tolist()] for name in ("token", "lowered")]
        by_token, by_lowered = (
            dict(zip(words[name], tags, strict=True)) for name, tags in zip(("token", "lowered"), names, strict=True)
        )
        return _Tags(by_token, by_lowered, labels)
    if "frequencies" in arrays:
        return _Constant(arrays["frequencies"].astype(np.float32))
    columns = {tuple(ngram): n for n, ngram in enumerate(words["ngrams"])}
    idf, kernel, bias = (arrays[name].astype(np.float64) for name in ("idf", "kernel", "bias"))
    if not len(columns) == len(idf) == len(kernel) or kernel.shape[1:] != bias.shape:
        raise ValueError("n-grams, weights and labels differ in number")
    return _Tfidf(columns, idf, kernel, bias, description.multilabel)


@dataclass(frozen=True)
class _Constant:
    frequencies: NDArray[np.float32]

    def outputs(self, examples: Sequence[Example]) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        return np.tile(self.frequencies, (len(examples), 1)), np.ones(len(examples), bool)


@dataclass(frozen=True)
class _Tfidf:
    columns: Mapping[tuple[str, ...], int]
    idf: NDArray[np.float64]
    kernel: NDArray[np.float64]
    bias: NDArray[np.float64]
    sigmoid: bool = False

    def outputs(self, examples: Sequence[Example]) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        logits = np.tile(self.bias, (len(examples), 1))
        known = np.zeros(len(examples), bool)
        for n, example in enumerate(examples):
            words = [token.lower() for token in example.tokens]
            ngrams = [*zip(words, strict=True), *pairwise(words)]
            found = [column for ngram in ngrams if (column := self.columns.get(ngram)) is not None]
            if not found:
                continue
            known[n] = True
            columns, counts = np.unique(found, return_counts=True)
            weights = (1.0 + np.log(counts)) * self.idf[columns]
            logits[n] += (weights / np.linalg.norm(weights)) @ self.kernel[columns]
        return (logistic if self.sigmoid else softmax)(logits).astype(np.float32), known


@dataclass(frozen=True)
class _Tags:
    by_token: Mapping[str, str]
    by_lowered: Mapping[str, str]
    labels: Sequence[str]

    def outputs(self, examples: Sequence[Example]) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        rows, known = [], []
        for example in examples:
            found = [self.by_token.get(t) or self.by_lowered.get(t.lower()) for t in example.tokens]
            known.append(any(found) or not self.by_token)
            rows += [self._number[tag] for tag in to_iob2([tag or "O" for tag in found])]
        return np.eye(len(self.labels), dtype=np.float32)[rows], np.array(known, bool)

    @cached_property
    def _number(self) -> Mapping[str, int]:
        return {tag: n for n, tag in enumerate(self.labels)}
