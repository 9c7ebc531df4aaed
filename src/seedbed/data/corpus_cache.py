"""A corpus that was read once is kept as arrays in the user's cache, under the digest of all that went into it."""

import contextlib
import hashlib
import io
import json
import logging
import zipfile
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any

import numpy as np

from seedbed.data.corpus import Corpus, Example
from seedbed.data.folders import cache_dir
from seedbed.files import replace_file

log = logging.getLogger(__name__)


def cached(key: object, make: Callable[[], Corpus]) -> Corpus:
    """The corpus of this key (anything that JSON can hold), from the cache or made now and kept.

    A damaged file is made again; where nothing can be written, the corpus is made each time.
    """
    digest = hashlib.sha256(json.dumps([key, _code()], sort_keys=True).encode()).hexdigest()[:32]
    path = cache_dir() / "corpora" / f"{digest}.npz"
    if path.exists():
        try:
            return unpack(path)
        except (OSError, ValueError, KeyError, IndexError, TypeError, EOFError, zipfile.BadZipFile) as error:
            log.warning("the cached corpus %s is damaged and made again: %s", path.name, error)
    corpus = make()
    with contextlib.suppress(OSError):
        replace_file(path, pack(corpus))
    return corpus


@cache
def _code() -> str:
    """sha256 of this package's source: a corpus that other code made is not taken for ours."""
    sha = hashlib.sha256()
    for file in sorted(Path(__file__).parent.glob("*.py")):
        sha.update(file.read_bytes())
    return sha.hexdigest()


def pack(corpus: Corpus) -> bytes:
    """The corpus as an uncompressed ``.npz``: numbers of words, and the words themselves as JSON."""
    examples = list(corpus)
    words, tokens, ends = _numbered(example.tokens for example in examples)
    targets, target, target_ends = _numbered(_as_tuple(example.target) for example in examples)
    about = {
        "name": corpus.name,
        "task": corpus.task,
        "splits": {split: len(own) for split, own in corpus.splits.items()},
        "labels": corpus.labels,
        "counts": dict(corpus.counts),
        "notation": corpus.notation,
        "digest": corpus.digest,
        "source": corpus.source,
        "ids": [example.id for example in examples],
        "words": words,
        "targets": targets,
    }
    text = np.frombuffer(json.dumps(about).encode("ascii"), np.uint8)
    arrays = {"about": text, "tokens": tokens, "ends": ends, "target": target, "target_ends": target_ends}
    stream = io.BytesIO()
    np.savez(stream, **arrays)  # type: ignore[arg-type]  # no array is named allow_pickle
    return stream.getvalue()


def unpack(path: Path) -> Corpus:
    """A packed corpus; raises one of the errors that ``cached`` takes for damage."""
    with path.open("rb") as stream, np.load(stream, allow_pickle=False) as arrays:
        about = json.loads(arrays["about"].tobytes())
        tokens = _sequences(about["words"], arrays["tokens"], arrays["ends"])
        targets: Sequence[Any] = _sequences(about["targets"], arrays["target"], arrays["target_ends"])
    if about["task"] == "classification":
        targets = [target[0] for target in targets]
    examples = [Example(*row) for row in zip(about["ids"], tokens, targets, strict=True)]
    sizes = about["splits"]
    if sum(sizes.values()) != len(examples):
        raise ValueError("numbers of examples differ")
    ends = list(accumulate(sizes.values()))
    splits = {split: tuple(examples[end - sizes[split] : end]) for split, end in zip(sizes, ends, strict=True)}
    known = (about[key] for key in ("counts", "source", "notation"))
    corpus = Corpus(about["name"], about["task"], splits, tuple(about["labels"]), *known)
    vars(corpus)["digest"] = about["digest"]  # what the cached property would compute, in seconds for a large set
    return corpus


def _numbered(sequences: Iterable[Sequence[str]]) -> tuple[list[str], np.ndarray, np.ndarray]:
    """The different words in order of appearance, the number of each word, and where each sequence ends."""
    known: dict[str, int] = {}
    numbers: list[int] = []
    ends: list[int] = []
    for sequence in sequences:
        numbers.extend([known.setdefault(word, len(known)) for word in sequence])
        ends.append(len(numbers))
    return list(known), np.array(numbers, np.int32), np.array(ends, np.int64)


def _sequences(words: list[str], numbers: np.ndarray, ends: np.ndarray) -> list[tuple[str, ...]]:
    """The tuples that ``_numbered`` took apart; equal words are one object in memory."""
    if ends.size and (np.any(np.diff(ends) < 0) or ends[-1] != len(numbers)):
        raise ValueError("the ends of sequences do not fit")
    every = np.array([*words, None], object)[numbers].tolist()
    bounds = [0, *ends.tolist()]
    return [tuple(every[start:end]) for start, end in pairwise(bounds)]


def _as_tuple(target: str | tuple[str, ...]) -> tuple[str, ...]:
    return (target,) if isinstance(target, str) else target
