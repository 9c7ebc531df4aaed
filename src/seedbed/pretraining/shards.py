"""A corpus made ready: tokenised once, divided into training and held-out text, in files of bounded size.

A sentence a line, tokens parted by spaces, a blank line after each document.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from seedbed.errors import InputError
from seedbed.files import write_whole
from seedbed.pretraining.vocabulary import Counted, write_counts

Document = list[list[str]]
"""Sentences of tokens."""

SHARD_CHARACTERS = 4 << 20
"""Of one file; some of them are in memory at once."""

AT_ONCE = 4
"""Shards whose documents are shuffled together: what is in memory of the corpus."""

INDEX, COUNTS = "index.json", "counts.txt"


@dataclass
class Part:
    """The files of a part of the corpus, by name the documents in each, and what is in them all."""

    files: dict[str, int] = field(default_factory=dict)
    documents: int = 0
    sentences: int = 0
    tokens: int = 0
    sha256: str = ""

    @property
    def predictions(self) -> int:
        """Words that each direction predicts: the tokens, and an end of each sentence."""
        return self.tokens + self.sentences


@dataclass(frozen=True)
class Shards:
    """A corpus that is ready, in ``folder``; ``source``: the settings that it was made by."""

    folder: Path
    train: Part
    held_out: Part
    source: Mapping[str, Any]


class _Writer:
    def __init__(self, folder: Path, name: str):
        self.folder, self.name, self.part = folder, name, Part()
        self.text: list[str] = []
        self.size = self.documents = 0
        self.sha = hashlib.sha256()

    def add(self, document: Document) -> None:
        text = "".join(f"{' '.join(sentence)}\n" for sentence in document) + "\n"
        self.text.append(text)
        self.size += len(text)
        self.documents += 1
        self.part.documents += 1
        self.part.sentences += len(document)
        self.part.tokens += sum(map(len, document))
        if self.size >= SHARD_CHARACTERS:
            self.close()

    def close(self) -> Part:
        if self.text:
            name = f"{self.name}-{len(self.part.files):05d}.txt"
            content = "".join(self.text).encode("utf-8", "ignore")
            write_whole(self.folder / name, content)
            self.sha.update(content)
            self.part.files[name] = self.documents
            self.text, self.size, self.documents = [], 0, 0
        self.part.sha256 = self.sha.hexdigest()
        return self.part


def make(documents: Iterable[Document], folder: Path, held_out: float, seed: int, source: Mapping[str, Any]):
    """Write the shards of a corpus and ``COUNTS``; returns the shards and the words of the training text, ``Counted``.

    Each document is held out with the probability ``held_out``; at least one is, and at least one is not. Raises
    InputError where there are not two.
    """
    rng = np.random.default_rng([seed, 0])
    train, held = _Writer(folder, "train"), _Writer(folder, "held_out")
    counted = Counted()
    pending: Document = []

    def place(document: Document, out: bool) -> None:
        if out:
            held.add(document)
            return
        train.add(document)
        for sentence in document:
            counted.add(sentence)

    for document in documents:
        if not document:
            continue
        if pending:
            place(pending, rng.random() < held_out)
        pending = document
    if not pending:
        raise InputError("the corpus has no text")
    if not train.part.documents and not held.part.documents:
        raise InputError("the corpus is one document, and one is needed to train and one to be held out; "
                         "documents=line takes each line for one")  # fmt: skip
    place(pending, train.part.documents > 0 and (held.part.documents == 0 or rng.random() < held_out))
    made = Shards(folder, train.close(), held.close(), dict(source))
    write_counts(folder / COUNTS, counted.counts)
    write_whole(folder / INDEX, json.dumps(_record(made), indent=1).encode())
    return made, counted


def found(folder: Path, source: Mapping[str, Any]) -> Shards | None:
    """The shards that are in a folder, if they are whole and of this source."""
    try:
        record = json.loads((folder / INDEX).read_text(encoding="utf-8"))
        shards = Shards(folder, Part(**record["train"]), Part(**record["held_out"]), record["source"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    names = (COUNTS, *shards.train.files, *shards.held_out.files)
    there = all((folder / name).is_file() for name in names)
    return shards if there and shards.source == json.loads(json.dumps(dict(source))) else None


def _record(shards: Shards) -> dict[str, Any]:
    return {"source": dict(shards.source), "train": asdict(shards.train), "held_out": asdict(shards.held_out)}


def read_shard(path: Path) -> list[str]:
    """The documents of a shard, each as its text."""
    try:
        return path.read_text(encoding="utf-8").removesuffix("\n\n").split("\n\n")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot be read: {getattr(error, 'strerror', None) or error}") from error


def sentences_of(text: str) -> Document:
    """The sentences of a document's text in a shard."""
    return [line.split(" ") for line in text.split("\n")]


def shuffled(folder: Path, part: Part, seed: int, skip: int = 0) -> Iterator[str]:
    """The documents of all epochs, without end, each epoch in an order of its own; ``skip``: leave out so many.

    Shards are shuffled, and the documents of ``AT_ONCE`` of them together.
    """
    names = list(part.files)
    epoch, skip = divmod(skip, part.documents)
    while True:
        order = np.random.default_rng([seed, epoch, 2]).permutation(len(names))
        for begin in range(0, len(order), AT_ONCE):
            group = [names[n] for n in order[begin : begin + AT_ONCE]]
            number = sum(part.files[name] for name in group)
            if skip >= number:
                skip -= number
                continue
            texts = [text for name in group for text in read_shard(folder / name)]
            for n in np.random.default_rng([seed, epoch, 3, begin]).permutation(number)[skip:]:
                yield texts[n]
            del texts  # before the next ones are read
            skip = 0
        epoch += 1


def in_turn(folder: Path, part: Part) -> Iterator[str]:
    """The documents once, as they are."""
    for name in part.files:
        yield from read_shard(folder / name)
