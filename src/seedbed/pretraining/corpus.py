"""What a biLM is trained on: files, or the training texts of a data set."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seedbed.data.corpus import Corpus
from seedbed.data.tokens import TOKENIZERS, tokenize
from seedbed.errors import InputError
from seedbed.pretraining.reading import PARTS, documents, text_files
from seedbed.pretraining.sentences import SENTENCES, arranged
from seedbed.pretraining.shards import Document


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

    @property
    def name(self) -> str:
        """What people call the corpus."""
        return Path(self.corpus).expanduser().absolute().name

    def source(self) -> Mapping[str, Any]:
        """What the shards depend on: the settings, and names, sizes and times of the files."""
        files = [[str(file), file.stat().st_size, file.stat().st_mtime_ns] for file in self._files()]
        return {
            "files": files, "documents": self.documents, "sentences": self.sentences, "tokenizer": self.tokenizer,
            "lowercase": self.lowercase, "encoding": self.encoding,
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
    """The training texts of a data set; its validation and test texts are kept out."""

    corpus: Corpus
    sentences: str = "split"

    def __post_init__(self):
        if self.sentences not in SENTENCES:
            raise InputError(f"sentences={self.sentences}: choose {', '.join(SENTENCES)}")
        if not self.corpus.splits.get("train"):
            raise InputError(f"dataset={self.corpus.name}: has no training texts")

    @property
    def name(self) -> str:
        """That of the data set."""
        return self.corpus.name

    def source(self) -> Mapping[str, Any]:
        """What the shards depend on."""
        return {"dataset": self.corpus.name, "digest": self.corpus.digest, "sentences": self.sentences}

    def read(self) -> Iterator[Document]:
        """The documents, each as sentences of tokens; a text that is also kept out is left out."""
        kept_out = {example.tokens for example in self._kept_out()}
        for example in self.corpus.splits["train"]:
            if example.tokens not in kept_out:
                yield arranged([[clean for token in example.tokens if (clean := "".join(token.split()))]],
                               self.sentences)  # fmt: skip

    def excluded(self) -> Sequence[str]:
        """The ids of the texts that are kept out."""
        return tuple(example.id for example in self._kept_out())

    def _kept_out(self) -> list:
        return [example for split, own in self.corpus.splits.items() if split != "train" for example in own]
