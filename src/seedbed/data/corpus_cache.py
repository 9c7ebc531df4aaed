"""Cache of corpora: arrays in the user's cache folder, keyed by a digest of files, settings and code."""

import contextlib
import hashlib
import io
import json
import logging
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from itertools import accumulate, pairwise
from pathlib import Path

import numpy as np

from seedbed.arrays import open_archive
from seedbed.data.corpus import Corpus, Example
from seedbed.data.folders import cache_dir
from seedbed.errors import InputError
from seedbed.files import replace_file
from seedbed.label_sets import LabelSet, Target
from seedbed.readable import parse_json

log = logging.getLogger(__name__)

DAMAGE = (InputError, OSError, ValueError, KeyError, IndexError, TypeError, AttributeError, OverflowError)
"""What `unpack` raises for a damaged file."""


def cached(key: object, make: Callable[[], Corpus]) -> Corpus:
    """Return the corpus of this key (any JSON value), from the cache or built by ``make`` and cached.

    A damaged file is rebuilt; where nothing can be written, the corpus is built each time.
    """
    digest = hashlib.sha256(json.dumps([key, _code_digest()], sort_keys=True).encode()).hexdigest()[:32]
    path = cache_dir() / "corpora" / f"{digest}.npz"
    if path.exists():
        try:
            return unpack(path)
        except DAMAGE as error:
            log.warning("the cached corpus %s is damaged and made again: %s", path.name, error)
    corpus = make()
    with contextlib.suppress(OSError):
        replace_file(path, pack(corpus))
    return corpus


@cache
def _code_digest() -> str:
    """Return the sha256 of this package's source: a corpus that other code built is not reused."""
    sha = hashlib.sha256()
    for file in sorted(Path(__file__).parent.rglob("*.py")):
        sha.update(file.read_bytes())
    return sha.hexdigest()


def pack(corpus: Corpus) -> bytes:
    """Return the corpus as an uncompressed ``.npz``: indices of words, and the words as JSON."""
    examples = list(corpus)
    words, tokens, ends = _encode(example.tokens for example in examples)
    targets, target, target_ends = _encode(_as_tuple(example.target) for example in examples)
    metadata = {
        "name": corpus.name,
        "task": corpus.task,
        "splits": {split: len(examples_of_split) for split, examples_of_split in corpus.splits.items()},
        "labels": corpus.labels,
        "counts": dict(corpus.counts),
        "notation": corpus.notation,
        "digest": corpus.digest,
        "source": corpus.source,
        "ids": [example.id for example in examples],
        "words": words,
        "targets": targets,
    }
    text = np.frombuffer(json.dumps(metadata).encode("ascii"), np.uint8)
    arrays = {"about": text, "tokens": tokens, "ends": ends, "target": target, "target_ends": target_ends}
    stream = io.BytesIO()
    np.savez(stream, **arrays)  # type: ignore[arg-type]  # no array is named allow_pickle
    return stream.getvalue()


def unpack(path: Path) -> Corpus:
    """Return a packed corpus; raises an error that ``cached`` catches where the file is damaged."""
    with open_archive(path) as arrays:
        metadata = parse_json(arrays["about"].tobytes(), path)
        tokens = _decode(metadata["words"], arrays["tokens"], arrays["ends"])
        found = _decode(metadata["targets"], arrays["target"], arrays["target_ends"])
    targets: Sequence[Target] = found
    if metadata["task"] == "classification":
        targets = [target[0] for target in found]
    elif metadata["task"] == "multilabel":
        targets = [LabelSet(target) for target in found]
    examples = [Example(*row) for row in zip(metadata["ids"], tokens, targets, strict=True)]
    sizes = metadata["splits"]
    if sum(sizes.values()) != len(examples):
        raise ValueError("numbers of examples differ")
    ends = list(accumulate(sizes.values()))
    splits = {split: tuple(examples[end - sizes[split] : end]) for split, end in zip(sizes, ends, strict=True)}
    fields = (metadata[key] for key in ("counts", "source", "notation"))
    corpus = Corpus(metadata["name"], metadata["task"], splits, tuple(metadata["labels"]), *fields)
    vars(corpus)["digest"] = metadata["digest"]  # the cached property would take seconds for a large set
    return corpus


def _encode(sequences: Iterable[Sequence[str]]) -> tuple[list[str], np.ndarray, np.ndarray]:
    """Return the different words in order of appearance, the index of each word, and the end of each sequence."""
    index: dict[str, int] = {}
    numbers: list[int] = []
    ends: list[int] = []
    for sequence in sequences:
        numbers.extend([index.setdefault(word, len(index)) for word in sequence])
        ends.append(len(numbers))
    return list(index), np.array(numbers, np.int32), np.array(ends, np.int64)


def _decode(words: list[str], numbers: np.ndarray, ends: np.ndarray) -> list[tuple[str, ...]]:
    """Return the tuples that ``_encode`` encoded; equal words share one object."""
    if ends.size and (np.any(np.diff(ends) < 0) or ends[-1] != len(numbers)):
        raise ValueError("the ends of sequences do not fit")
    words_in_order = np.array([*words, None], object)[numbers].tolist()
    bounds = [0, *ends.tolist()]
    return [tuple(words_in_order[start:end]) for start, end in pairwise(bounds)]


def _as_tuple(target: Target) -> tuple[str, ...]:
    if isinstance(target, LabelSet):
        return target.names
    return (target,) if isinstance(target, str) else target
