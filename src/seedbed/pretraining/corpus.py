"""What a biLM is trained on: files, or the training texts of a data set, or its unlabelled part."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seedbed.data.corpus import Corpus
from seedbed.data.tokenization import TOKENIZERS, check_tokenizer, identity, tokenize
from seedbed.data.unlabelled import Unlabelled
from seedbed.errors import InputError
from seedbed.pretraining.reading import PARTS, documents, text_files
from seedbed.pretraining.sentences import SENTENCES, arranged
from seedbed.pretraining.shards import Document

TRAIN, UNLABELLED, BOTH = "train", "unlabelled", "both"
PARTS_OF_DATASETS = (TRAIN, UNLABELLED, BOTH)


@dataclass(frozen=True)
class Texts:
    """Files of raw text: a file, or a folder with all that is below it.

    ``documents`` and ``sentences`` say where they end; ``tokenizer`` and ``lowercase`` are those of data sets.
    """

    corpus: str
    documents: str = "blank"
    sentences: str = "split"
    tokenizer: str = "reviews"
    lowercase: bool = False
    encoding: str = "utf-8"

    def __post_init__(self):
        for key, known in (("documents", PARTS), ("sentences", SENTENCES), ("tokenizer", TOKENIZERS)):
            if getattr(self, key) not in known:
                raise InputError(f"{key}={getattr(self, key)}: choose {', '.join(known)}")
        check_tokenizer("tokenizer", self.tokenizer)

    @property
    def name(self) -> str:
        """What people call the corpus."""
        return Path(self.corpus).expanduser().absolute().name

    @property
    def said(self) -> Mapping[str, Any]:
        """What the card says of the text; no path of this machine."""
        return {"corpus": self.name, "sentences": self.sentences}

    def source(self) -> Mapping[str, Any]:
        """What the shards depend on: the settings, and names, sizes and times of the files."""
        files = [[str(file), file.stat().st_size, file.stat().st_mtime_ns] for file in self._files()]
        return {
            "files": files, "documents": self.documents, "sentences": self.sentences,
            "tokenizer": identity(self.tokenizer), "lowercase": self.lowercase, "encoding": self.encoding,
        }  # fmt: skip

    def read(self) -> Iterator[Document]:
        """The documents, each as sentences of tokens. Raises InputError."""
        for lines in documents(self._files(), self.documents, self.encoding):
            tokens = [tokenize(line, self.tokenizer, self.lowercase) for line in lines]
            yield arranged(tokens, self.sentences)

    def excluded(self) -> Sequence[str]:
        """Nothing is kept out."""
        return ()

    def _files(self) -> list[Path]:
        return text_files(Path(self.corpus).expanduser())


@dataclass(frozen=True)
class TrainingTexts:
    """The training texts of a data set, its unlabelled ones, or both; its validation and test texts are kept out."""

    corpus: Corpus
    sentences: str = "split"
    part: str = TRAIN
    unlabelled: Unlabelled | None = None

    def __post_init__(self):
        if self.sentences not in SENTENCES:
            raise InputError(f"sentences={self.sentences}: choose {', '.join(SENTENCES)}")
        if self.part != UNLABELLED and not self.corpus.splits.get("train"):
            raise InputError(f"dataset={self.corpus.name}: has no training texts")

    @property
    def name(self) -> str:
        """That of the data set, and of the part if it is another than the training texts."""
        return self.corpus.name if self.part == TRAIN else f"{self.corpus.name}-{self.part}"

    @property
    def said(self) -> Mapping[str, Any]:
        """What the card says of the text."""
        return {"dataset": self.corpus.name, "part": self.part, **self.source()}

    def source(self) -> Mapping[str, Any]:
        """What the shards depend on."""
        other = {"part": self.part, "unlabelled": self.unlabelled.digest} if self.unlabelled else {}
        return {"dataset": self.corpus.name, "digest": self.corpus.digest, "sentences": self.sentences, **other}

    def read(self) -> Iterator[Document]:
        """The documents, each as sentences of tokens; a text that is also kept out is left out."""
        kept_out = {example.tokens for example in self._kept_out()}
        for tokens in self._texts():
            if tokens not in kept_out:
                yield arranged([[clean for token in tokens if (clean := "".join(token.split()))]], self.sentences)

    def excluded(self) -> Sequence[str]:
        """The ids of the texts that are kept out."""
        return tuple(example.id for example in self._kept_out())

    def _texts(self) -> Iterator[tuple[str, ...]]:
        if self.part != UNLABELLED:
            yield from (example.tokens for example in self.corpus.splits["train"])
        yield from self.unlabelled or ()

    def _kept_out(self) -> list:
        return [example for split, own in self.corpus.splits.items() if split != "train" for example in own]
