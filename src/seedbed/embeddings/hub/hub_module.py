"""A loaded TensorFlow Hub module: sentences in, its outputs out."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

import numpy as np

from seedbed.embeddings.layers import Layout, Sentence
from seedbed.errors import InputError

LAYERS = ("word_emb", "lstm_outputs1", "lstm_outputs2")
OUTPUTS = (*LAYERS, "elmo", "default")
MOST_BYTES = 48
"""Of a token, as the published models read them; the rest is cut inside the module."""
BATCH_TOKENS = 2048
"""Tokens of a call; the characters of the published module take some 0.4 MB a token on the way."""


class HubModule:
    """One signature of a module, a ``LanguageModel``; ``alone``: no two sentences may share a call.

    ``counts``: tokens so far that a module as published cuts, by ``cut_words``.
    ``inputs``: the types of the tensors that the signature takes, by name. Raises InputError where its outputs
    are not those of an ELMo.
    """

    def __init__(self, name: str, signature: str, loaded: Any, inputs: Mapping[str, Any]):
        # Any: TensorFlow has no type for a loaded object or a DType that checkers know
        self.name, self.signature, self.alone = name, signature, False
        self.counts: Counter = Counter()
        self._loaded, self._inputs = loaded, inputs  # the object, as a signature does not keep its variables alive
        widths = tuple(layer.shape[-1] for layer in self._layers([("a", "b")]))
        try:
            self.layout = Layout(widths)
        except ValueError as error:
            raise InputError(f"{name}: {error}") from error

    def batches(self, sentences: Sequence[Sentence]) -> Iterator[tuple[Sequence[int], Sequence[np.ndarray]]]:
        """Rows ``[tokens, layout.total]`` of each sentence, shortest first.

        Only sentences of one length share a call, so there is no padding at all: of the published module it is
        reported that the rest of a call changes a sentence's vectors (tensorflow/hub issue 369).
        """
        self.counts["cut_words"] += sum(len(_encoded(token)) > MOST_BYTES for tokens in sentences for token in tokens)
        order = sorted(range(len(sentences)), key=lambda n: len(sentences[n]))
        for length, group in groupby(order, key=lambda n: len(sentences[n])):
            equal_length = list(group)
            step = 1 if self.alone else max(1, BATCH_TOKENS // max(1, length))
            for start in range(0, len(equal_length), step):
                positions = equal_length[start : start + step]
                yield positions, list(self.rows([sentences[n] for n in positions]))

    def rows(self, sentences: Sequence[Sentence]) -> np.ndarray:
        """``[sentences, longest, layout.total]`` of one call; values after a sentence's end are undefined."""
        return np.concatenate(self._layers(sentences), axis=-1)

    def outputs(self, sentences: Sequence[Sentence]) -> dict[str, np.ndarray]:
        """The five outputs of one call: ``[sentences, longest, width]``, and ``default`` is ``[sentences, width]``.

        Raises InputError where the module has not all of them.
        """
        outputs = self._run(sentences)
        refuse_missing(self.name, self.signature, OUTPUTS, outputs)
        return {name: outputs[name] for name in OUTPUTS}

    def carried(self, sentences: Sequence[Sentence]) -> Iterator[np.ndarray]:
        """Raises InputError: a module starts every call afresh."""
        raise InputError(
            "embedding.state=carried: a hub module starts each sentence afresh; take embedding.source=bilm"
        )

    def _layers(self, sentences: Sequence[Sentence]) -> list[np.ndarray]:
        outputs, longest = self._run(sentences), max(len(sentence) for sentence in sentences)
        for name in LAYERS:
            shape = list(outputs[name].shape)
            if len(shape) != 3 or shape[:2] != [len(sentences), longest]:
                requested = f"{len(sentences)} sentences of up to {longest} tokens"
                raise InputError(f"{self.name}: output {name} has shape {shape} for {requested}")
        return [outputs[name] for name in LAYERS]

    def _run(self, sentences: Sequence[Sentence]) -> dict[str, np.ndarray]:
        import tensorflow as tf

        encoded = [[_encoded(token) for token in sentence] for sentence in sentences]
        lengths = [len(sentence) for sentence in encoded]
        strings: list[list[bytes]] | list[bytes]
        if self.signature == "tokens":
            strings = [sentence + [b""] * (max(lengths) - len(sentence)) for sentence in encoded]
        else:
            strings = [_joined(sentence) for sentence in encoded]
        arguments = {
            name: tf.constant(strings if dtype == tf.string else lengths, dtype) for name, dtype in self._inputs.items()
        }
        call = self._loaded.signatures[self.signature]
        try:
            return {name: tensor.numpy() for name, tensor in call(**arguments).items()}
        except tf.errors.OpError as error:
            requested = f"{len(lengths)} sentences of up to {max(lengths)} tokens"
            raise InputError(f"{self.name}: fails on {requested}: {brief(error)}") from error


def refuse_missing(name: str, signature: str, required: Sequence[str], outputs: Mapping[str, object]) -> None:
    """Raise InputError where an output is missing, with the list of available ones."""
    missing = ", ".join(output for output in required if output not in outputs)
    if missing:
        raise InputError(
            f"{name}: signature {signature} has no output {missing}; there are: {', '.join(sorted(outputs))}"
        )


def brief(error: Exception) -> str:
    """Return the message of an error in one line, without the location in a graph."""
    text = str(error).partition("[[{{node")[0].strip().rpartition("\n\n")[2]
    return " ".join(text.split())[:200] or type(error).__name__


def _encoded(token: str) -> bytes:
    """UTF-8 without lone surrogates, as the published models' own readers encode."""
    return token.encode("utf-8", "ignore")


def _joined(sentence: Sequence[bytes]) -> bytes:
    for token in sentence:
        if token.split() != [token]:
            raise InputError(
                f"embedding.signature=default splits at spaces and cannot take the token {token.decode()!r}; "
                "take embedding.signature=tokens"
            )
    return b" ".join(sentence)
