"""A corpus as shards: tokenized once, divided into training and held-out text, in files of bounded size.

A sentence a line, tokens separated by spaces, a blank line after each document.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np

from seedbed.errors import InputError
from seedbed.files import write_whole
from seedbed.pretraining.vocabulary import WordCounter, write_counts
from seedbed.readable import read_json, read_utf8, shaped

Document = list[list[str]]
"""Sentences of tokens."""

Source = Mapping[str, object]
"""The settings and files that the shards depend on, as JSON."""

SHARD_CHARACTERS = 4 << 20
"""Of one file; ``SHUFFLED_TOGETHER`` files are in memory at once."""

SHUFFLED_TOGETHER = 4
"""Shards whose documents are shuffled together."""

_PART = {"files": {str: int}, "documents": int, "sentences": int, "tokens": int, "sha256": str}
_SHAPE = {"source": dict, "train": _PART, "held_out": _PART}
"""The shape of the index."""

INDEX, COUNTS = "index.json", "counts.txt"


@dataclass
class CorpusPart:
    """A part of the corpus: its files with the number of documents in each, and the totals."""

    files: dict[str, int] = field(default_factory=dict)
    documents: int = 0
    sentences: int = 0
    tokens: int = 0
    sha256: str = ""

    @property
    def predictions(self) -> int:
        """Words that each direction predicts: the tokens, and the end of each sentence."""
        return self.tokens + self.sentences


@dataclass(frozen=True)
class Shards:
    """A corpus in the shards of ``folder``; ``source``: what they were made from."""

    folder: Path
    train: CorpusPart
    held_out: CorpusPart
    source: Source


class _Writer:
    def __init__(self, folder: Path, name: str):
        self.folder, self.name, self.part = folder, name, CorpusPart()
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

    def close(self) -> CorpusPart:
        if self.text:
            name = f"{self.name}-{len(self.part.files):05d}.txt"
            content = "".join(self.text).encode("utf-8", "ignore")
            write_whole(self.folder / name, content)
            self.sha.update(content)
            self.part.files[name] = self.documents
            self.text, self.size, self.documents = [], 0, 0
        self.part.sha256 = self.sha.hexdigest()
        return self.part


def write_shards(
    documents: Iterable[Document], folder: Path, held_out: float, seed: int, source: Source
) -> tuple[Shards, WordCounter]:
    """Write the shards of a corpus and ``COUNTS``; return the shards and the word counts of the training text.

    Each document is held out with the probability ``held_out``; at least one is, and at least one is not. Raises
    InputError where there are not two.
    """
    rng = np.random.default_rng([seed, 0])
    train, held = _Writer(folder, "train"), _Writer(folder, "held_out")
    counter = WordCounter()
    pending: Document = []

    def write(document: Document, out: bool) -> None:
        if out:
            held.add(document)
            return
        train.add(document)
        for sentence in document:
            counter.add(sentence)

    for document in documents:
        if not document:
            continue
        if pending:
            write(pending, rng.random() < held_out)
        pending = document
    if not pending:
        raise InputError("the corpus has no text")
    if not train.part.documents and not held.part.documents:
        raise InputError("the corpus has one document; at least two are needed, one to train and one held out; "
                         "documents=line takes each line for one")  # fmt: skip
    write(pending, train.part.documents > 0 and (held.part.documents == 0 or rng.random() < held_out))
    shards = Shards(folder, train.close(), held.close(), dict(source))
    write_counts(folder / COUNTS, counter.counts)
    write_whole(folder / INDEX, json.dumps(_record(shards), indent=1).encode())
    return shards, counter


def find_shards(folder: Path, source: Source) -> Shards | None:
    """Return the shards of a folder, None where they are incomplete or of another source."""
    try:
        record = shaped(read_json(folder / INDEX), _SHAPE, folder / INDEX)
        train, held_out = (CorpusPart(**record[name]) for name in ("train", "held_out"))
        shards = Shards(folder, train, held_out, record["source"])
    except (InputError, TypeError):
        return None
    names = (COUNTS, *shards.train.files, *shards.held_out.files)
    complete = all(Path(name).name == name and (folder / name).is_file() for name in names)
    return shards if complete and shards.source == json.loads(json.dumps(dict(source))) else None


def _record(shards: Shards) -> dict[str, object]:
    return {"source": dict(shards.source), "train": asdict(shards.train), "held_out": asdict(shards.held_out)}


def read_shard(path: Path) -> list[str]:
    """Return the documents of a shard, each as its text. Raises InputError."""
    return read_utf8(path).removesuffix("\n\n").split("\n\n")


def sentences_of(text: str) -> Document:
    """Return the sentences of a document's text in a shard."""
    return [line.split(" ") for line in text.split("\n")]


def shuffled_documents(folder: Path, part: CorpusPart, seed: int, skip: int = 0) -> Iterator[str]:
    """The documents of all epochs, endlessly, each epoch in its own order; ``skip``: how many to leave out.

    Shards are shuffled, and the documents of ``SHUFFLED_TOGETHER`` of them together.
    """
    names = list(part.files)
    epoch, skip = divmod(skip, part.documents)
    while True:
        order = np.random.default_rng([seed, epoch, 2]).permutation(len(names))
        for begin in range(0, len(order), SHUFFLED_TOGETHER):
            group = [names[n] for n in order[begin : begin + SHUFFLED_TOGETHER]]
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


def documents_in_order(folder: Path, part: CorpusPart) -> Iterator[str]:
    """The documents once, in the order of the corpus."""
    for name in part.files:
        yield from read_shard(folder / name)
