"""A model as a graph of ONNX, with the words of its ids in a JSON file; built from its arrays, without a backend."""

import dataclasses
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

import seedbed
from seedbed.config.plugins import AllowedModule
from seedbed.data.corpus import Example
from seedbed.embeddings.random import Random
from seedbed.embeddings.stack import key_of, leaves
from seedbed.embeddings.static import CASES, Static
from seedbed.errors import InputError
from seedbed.model.tasks import Classification, Multilabel, Tagging
from seedbed.saved_models.array_program import Floats, flat_vectors
from seedbed.saved_models.description import (
    MODEL,
    NETWORK,
    WEIGHTS,
    WORDS,
    Description,
    read_arrays,
    read_description,
    read_words,
)
from seedbed.saved_models.model import OpenedVariant, opened_variants
from seedbed.saved_models.onnx_graph import (
    ENCODERS,
    FLOAT,
    INT64,
    IR_VERSION,
    LINEAR,
    OPSET,
    Graph,
    Texts,
    probabilities,
)
from seedbed.saved_models.saving import KEPT, is_words
from seedbed.saved_models.vectors import features_of

if TYPE_CHECKING:
    from onnx import ModelProto

GRAPH, VOCABULARY = "model.onnx", "onnx.json"
LARGEST = 2_000_000_000
"""Most bytes of vectors: a file of ONNX has at most 2 GB."""

IDS, LENGTHS, PROBABILITIES, REPLICATES = "ids", "lengths", "probabilities", "replicates"
"""Inputs: int64 ``[texts, tokens]`` and ``[texts]``. Outputs: the mean over all replicates, and of each replicate."""

_HARMLESS = {
    Classification: {"hidden", "dropout", "class_weights", "label_smoothing"},
    Multilabel: {"hidden", "dropout", "class_weights", "label_smoothing"},
    Tagging: {"hidden", "dropout", "class_weights", "label_smoothing", "padded_to", "window"},
}
"""Settings of heads that change no prediction, or that the graph has."""


def refuse_unexportable(embedding: Any, encoder: Any, task: Any, precision: str) -> None:  # Any: built objects
    """Raise InputError where an arm with these settings cannot be a graph of ONNX."""
    for part, one in leaves(embedding):
        if type(one) not in (Static, Random):
            raise InputError(
                f"onnx=true: {key_of(part)} is {type(one).__name__}; only vectors of whole words from a file, or "
                "random ones, can be exported"
            )
    if type(encoder) not in (*ENCODERS, *LINEAR):
        names = ", ".join(cls.__name__ for cls in (*ENCODERS, *LINEAR))
        raise InputError(f"onnx=true: encoder {type(encoder).__name__} cannot be exported; these can: {names}")
    if type(task) not in _HARMLESS:
        names = ", ".join(cls.__name__ for cls in _HARMLESS)
        raise InputError(f"onnx=true: task {type(task).__name__} cannot be exported; these can: {names}")
    others = [
        field.name for field in dataclasses.fields(task)
        if field.name not in _HARMLESS[type(task)] and getattr(task, field.name) != field.default
    ]  # fmt: skip
    if others:
        raise InputError(f"onnx=true: task.{others[0]}={getattr(task, others[0])} cannot be exported")
    if precision != "float32":
        raise InputError(f"onnx=true: training.precision={precision} cannot be exported, only float32")


def refuse_without_onnx() -> None:
    """Raise InputError where the package is not installed."""
    try:
        import onnx  # noqa: F401
    except ImportError as error:
        raise InputError('onnx=true: needs the package onnx: pip install "seedbed[onnx]"') from error


def onnx_files(files: Mapping[str, bytes], where: str, allowed: Sequence[AllowedModule] = ()) -> dict[str, bytes]:
    """Return ``model.onnx`` and ``onnx.json`` of a model with the vectors of its words; see `seedbed ship`.

    ``where``: the model, for messages; ``allowed``: modules of plugins. Raises InputError where it cannot be exported.
    """
    description = read_description(files[MODEL], where, allowed)
    if description.kind != NETWORK:
        raise InputError(f"onnx=true: {description.kind} cannot be exported, only arms on vectors of words")
    for variant in description.variants:
        refuse_unexportable(variant.embedding, variant.encoder, variant.task, variant.precision)
    spellings = _spellings(description)
    arrays, words = read_arrays(files[WEIGHTS], where), read_words(files[WORDS], where)
    whole = dataclasses.replace(description, whole=True)  # what the folder has, and not the file beside it
    variants = list(opened_variants(whole, arrays, words, where, lambda line: None))
    has_trained = any(map(is_words, words))  # only their vectors depend on the spelling that is asked for
    vocabulary = _Vocabulary.of(sorted(_listed(words)), spellings if has_trained else ())
    tables, respelled = _tables(variants, vocabulary)
    model = _model(description, variants, tables)
    content = {
        "words": vocabulary.words, "spellings": [change.__name__ for change in spellings],
        "respelled": respelled, "labels": description.labels, "text": dataclasses.asdict(description.text),
    }  # fmt: skip
    return {
        GRAPH: model.SerializeToString(deterministic=True),
        VOCABULARY: json.dumps(content, ensure_ascii=False, indent=0).encode(),
    }


def _spellings(description: Description) -> Sequence[Callable[[str], str]]:
    """The other spellings of a word to look up, which all files of the model share. Raises InputError."""
    static = [
        one for variant in description.variants for _, one in leaves(variant.embedding) if isinstance(one, Static)
    ]
    if len({one.case for one in static}) > 1:
        raise InputError("onnx=true: embeddings with different values of case cannot be exported together")
    return CASES[static[0].case] if static else ()


def _listed(words: Mapping[str, Sequence[str]]) -> set[str]:
    """The words that the folder has a vector of."""
    return {word for name, own in words.items() if name.startswith(KEPT) or is_words(name) for word in own}


@dataclasses.dataclass(frozen=True)
class _Vocabulary:
    """``words`` have the ids from 1 on. ``forms``: by word, a spelling that is none of them and is looked up as it."""

    words: Sequence[str]
    forms: Mapping[str, str]

    @classmethod
    def of(cls, words: Sequence[str], spellings: Sequence[Callable[[str], str]]) -> "_Vocabulary":
        known, forms = set(words), {}
        for word in words:
            for form in _forms(word) if spellings else ():
                found = next((other for change in spellings if (other := change(form)) in known), None)
                if form not in known and found == word:
                    forms[word] = form
                    break
        return cls(words, forms)

    @property
    def unknown(self) -> str:
        """A word that is none of these."""
        return "\0" * (1 + max(map(len, self.words), default=0))


def _forms(word: str) -> Iterator[str]:
    """Other spellings of a word, in upper and lower case."""
    yield from (word.upper(), word.lower(), word.swapcase())
    for n, letter in enumerate(word):
        yield word[:n] + letter.swapcase() + word[n + 1 :]


def _model(description: Description, variants: Sequence[OpenedVariant], tables: Sequence[Floats]) -> "ModelProto":
    from onnx import helper

    graph, per_token = Graph(), description.per_token
    mask = _mask(graph)
    rows: dict[int, str] = {}
    for one, table in zip(variants, tables, strict=True):
        encoder, task = one.variant.encoder, one.variant.task
        for n, (place, arrays) in enumerate(zip(one.places, one.arrays, strict=True)):
            x = graph.op("Gather", graph.constant(table[n if len(table) > 1 else 0]), IDS, axis=0)
            texts = Texts(graph, graph.op("Mul", x, mask), mask, LENGTHS, per_token)
            rows[place] = graph.op(
                "Unsqueeze", probabilities(texts, encoder, task, arrays), graph.constant([0], np.int64)
            )
    joined = [rows[place] for place in sorted(rows)]
    graph.nodes.append(helper.make_node("Concat", joined, [REPLICATES], axis=0))
    first = graph.constant([0], np.int64)
    graph.nodes.append(helper.make_node("ReduceMean", [REPLICATES, first], [PROBABILITIES], keepdims=0))
    shape: list[str | int | None] = ["texts", *["tokens"] * per_token, len(description.labels)]
    made = helper.make_graph(
        graph.nodes, "seedbed",
        [helper.make_tensor_value_info(IDS, INT64, ["texts", "tokens"]),
         helper.make_tensor_value_info(LENGTHS, INT64, ["texts"])],
        [helper.make_tensor_value_info(PROBABILITIES, FLOAT, shape),
         helper.make_tensor_value_info(REPLICATES, FLOAT, [len(joined), *shape])],
        graph.constants,
    )  # fmt: skip
    return helper.make_model(
        made, producer_name="seedbed", producer_version=seedbed.__version__, ir_version=IR_VERSION,
        opset_imports=[helper.make_opsetid("", OPSET)],
    )  # fmt: skip


def _mask(graph: Graph) -> str:
    """``[texts, tokens, 1]``: 1 for tokens and 0 for padding."""
    tokens = graph.op("Gather", graph.op("Shape", IDS), graph.constant(1, np.int64))
    steps = graph.op("Range", graph.constant(0, np.int64), tokens, graph.constant(1, np.int64))
    within = graph.op("Less", steps, graph.op("Unsqueeze", LENGTHS, graph.constant([1], np.int64)))
    return graph.op("Unsqueeze", graph.op("Cast", within, to=FLOAT), graph.constant([2], np.int64))


def _tables(variants: Sequence[OpenedVariant], vocabulary: _Vocabulary) -> tuple[list[Floats], dict[str, int]]:
    """The vectors of the ids of each variant, ``[1 or R, ids, width]``.

    And the id of a word for other spellings that are looked up as it, where it has another vector then: a vector that
    was trained is that of the spelling in the training examples.
    """
    asked = [vocabulary.unknown, *vocabulary.words, *vocabulary.forms.values()]
    if (size := sum(_vectors(one.embedding, asked[:1]).nbytes for one in variants) * len(asked)) > LARGEST:
        raise InputError(
            f"onnx=true: the vectors of {len(vocabulary.words):,} words take {size / 1e9:.1f} GB, and a file of ONNX "
            "has at most 2 GB: vectors=words keeps fewer"
        )
    tables = [_vectors(one.embedding, asked) for one in variants]
    number = {word: n for n, word in enumerate(vocabulary.words, 1)}
    own = np.array([number[word] for word in vocabulary.forms], np.int64)
    again = np.arange(1 + len(number), len(asked))
    differ = np.zeros(len(own), bool)
    for table in tables:
        differ |= (table[:, own] != table[:, again]).any(axis=(0, 2))
    kept = [*range(1 + len(number)), *again[differ].tolist()]
    words = [word for word, other in zip(vocabulary.forms, differ.tolist(), strict=True) if other]
    return [table[:, kept] for table in tables], {word: 1 + len(number) + n for n, word in enumerate(words)}


def _vectors(embedding: Any, words: Iterable[str]) -> Floats:  # Any: an opened embedding
    """The vectors of words, each as the model has it: ``[1 or R, words, width]``."""
    examples = [Example("0", tuple(words), "")]
    return flat_vectors(features_of(embedding, examples, False), [0], examples)
