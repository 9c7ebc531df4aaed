"""What a model is: ``model.json`` with its labels, text preparation and settings, and the arrays of its replicates."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, TypeVar, get_args

import numpy as np
from numpy.typing import NDArray

from seedbed.config.plugins import AllowedModule
from seedbed.config.schema import Stage
from seedbed.data.corpus import Task
from seedbed.embeddings.safetensors_file import tensors_in
from seedbed.errors import InputError
from seedbed.readable import parse_json, shaped
from seedbed.saved_models.objects import from_json, to_json
from seedbed.saved_models.text import TextPreparation

MODEL, CONFIG, WEIGHTS, WORDS, CARD = "model.json", "config.json", "weights.safetensors", "words.json", "README.md"

Arrays = Mapping[str, NDArray[np.generic]]
T = TypeVar("T")

_VARIANT = {"embedding": dict, "encoder": dict, "task": dict, "precision": str, "content": {str: {str: str}}}
_REPLICATE = {
    "variant": int, "replicate": int, "cell": str, "draw": str, "data_seed": int, "init_seed": int, "n_train": int,
    "setting": str,
}  # fmt: skip
_SHAPE = {
    "kind": str, "task": str, "labels": [str], "notation": str, "name": str, "dataset": str, "data": str,
    "text": {"tokenizer": str, "lowercase": bool, "normalise": str, "max_tokens": (int, None), "keep_tokens": str},
    "variants": [_VARIANT], "replicates": [_REPLICATE], "versions": {str: str}, "whole": bool,
}  # fmt: skip

NETWORK = "arm"
"""The kind of a trained arm; other kinds are the names of floors."""


@dataclass(frozen=True)
class Variant:
    """Settings that some replicates share. ``content``: digests of the files of the embedding, by part."""

    embedding: Stage
    encoder: Stage
    task: Stage
    precision: str = "float32"
    content: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class ReplicateInfo:
    """Where a replicate is from; ``variant``: the number of its settings."""

    variant: int
    replicate: int
    cell: str
    draw: str
    data_seed: int
    init_seed: int
    n_train: int
    setting: str = "default"


@dataclass(frozen=True)
class Description:
    """A model without its arrays.

    ``kind``: `NETWORK` or the name of a floor; ``name``: of the arm; ``dataset``: its name, ``data``: its digest.
    ``labels``: classes or labels, or IOB2 tags; ``notation``: how the tags of the data set were written. ``whole``:
    whether the words with a vector in the folder are all of those of their files.
    """

    kind: str
    task: str
    labels: tuple[str, ...]
    name: str
    dataset: str
    data: str
    text: TextPreparation
    replicates: tuple[ReplicateInfo, ...]
    variants: tuple[Variant, ...] = ()
    notation: str = ""
    versions: Mapping[str, str] = field(default_factory=dict)
    whole: bool = False

    @property
    def per_token(self) -> bool:
        """Whether each token has a tag."""
        return self.task == "tagging"

    @property
    def multilabel(self) -> bool:
        """Whether a text has a set of labels."""
        return self.task == "multilabel"

    def to_bytes(self) -> bytes:
        """Return the content of ``model.json``."""
        variants = [
            {"embedding": to_json(v.embedding), "encoder": to_json(v.encoder), "task": to_json(v.task),
             "precision": v.precision, "content": v.content}
            for v in self.variants
        ]  # fmt: skip
        content = {
            "kind": self.kind, "task": self.task, "labels": self.labels, "notation": self.notation, "name": self.name,
            "dataset": self.dataset, "data": self.data, "text": asdict(self.text), "variants": variants,
            "replicates": [asdict(replicate) for replicate in self.replicates], "versions": dict(self.versions),
            "whole": self.whole,
        }  # fmt: skip
        return json.dumps(content, indent=1, ensure_ascii=False).encode()


def read_description(content: bytes, where: str, allowed: Sequence[AllowedModule] = ()) -> Description:
    """Return the description in ``model.json``; raises InputError with ``where`` it is from."""
    where = f"{where}/{MODEL}"
    read: dict[str, Any] = shaped(parse_json(content, where), _SHAPE, where)  # Any: JSON
    try:
        text = TextPreparation(**read["text"])
    except InputError as error:
        raise InputError(f"{where}: {error}") from error
    if read["task"] not in get_args(Task):
        raise InputError(f"{where}: damaged: no task {read['task']!r}")
    variants = tuple(_variant(variant, where, allowed) for variant in read["variants"])
    replicates = tuple(ReplicateInfo(**{key: one[key] for key in _REPLICATE}) for one in read["replicates"])
    if len(read["labels"]) < 2 or not replicates:
        raise InputError(f"{where}: damaged: a model has at least two labels and one replicate")
    for one in replicates:
        if variants and not 0 <= one.variant < len(variants):
            raise InputError(f"{where}: damaged: there are no settings number {one.variant}")
    return Description(
        read["kind"], read["task"], tuple(read["labels"]), read["name"], read["dataset"], read["data"], text,
        replicates, variants, read["notation"], read["versions"], read["whole"],
    )  # fmt: skip


def _variant(content: Mapping[str, Any], where: str, allowed: Sequence[AllowedModule]) -> Variant:  # Any: JSON
    embedding, encoder, task = (
        from_json(content[key], key, where, allowed) for key in ("embedding", "encoder", "task")
    )
    return Variant(embedding, encoder, task, content["precision"], content["content"])


def of_replicate(values: Mapping[str, T], number: int) -> dict[str, T]:
    """Return the arrays or words of a replicate, without the ``NUMBER/`` before their names."""
    start = f"{number}/"
    return {name.removeprefix(start): value for name, value in values.items() if name.startswith(start)}


def numbered(number: int, values: Mapping[str, T]) -> dict[str, T]:
    """Return the arrays or words of a replicate with ``NUMBER/`` before their names, as in a file of several."""
    return {f"{number}/{name}": value for name, value in values.items()}


def arrays_to_bytes(arrays: Arrays) -> bytes:
    """Return arrays of numbers as the content of a safetensors file."""
    from safetensors.numpy import save

    return bytes(save({name: np.ascontiguousarray(array) for name, array in arrays.items()}))


def read_arrays(content: bytes, where: str) -> dict[str, NDArray[np.generic]]:
    """Return the arrays in ``weights.safetensors``; raises InputError with ``where`` it is from."""
    return tensors_in(content, f"{where}/{WEIGHTS}")


def read_words(content: bytes, where: str) -> dict[str, Any]:  # Any: JSON
    """Return the lists of words in ``words.json``; raises InputError with ``where`` it is from."""
    where = f"{where}/{WORDS}"
    words: dict[str, Any] = shaped(parse_json(content, where), {str: list}, where)
    return words
