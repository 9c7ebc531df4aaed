"""What a biLM is trained on: files, or the training texts of a data set, or its unlabelled part."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from seedbed.data.corpus import Corpus
from seedbed.data.tokenization import TOKENIZERS, check_tokenizer, identity, tokenize
from seedbed.data.unlabelled import Unlabelled
from seedbed.errors import InputError
from seedbed.pretraining.reading import DOCUMENTS, SENTENCES, read_documents, text_files, to_sentences
from seedbed.pretraining.shards import Document, Source

TRAIN, UNLABELLED, BOTH = "train", "unlabelled", "both"
DATASET_PARTS = (TRAIN, UNLABELLED, BOTH)


@dataclass(frozen=True)
class Texts:
    """Files of raw text: a file, or a folder with everything below it.

    ``documents`` and ``sentences`` say where they end; ``tokenizer`` and ``lowercase`` are those of data sets.
    """

    corpus: str
    documents: str = "blank"
    sentences: str = "split"
    tokenizer: str = "reviews"
    lowercase: bool = False
    encoding: str = "utf-8"

    def __post_init__(self) -> None:
        for key, choices in (("documents", DOCUMENTS), ("sentences", SENTENCES), ("tokenizer", TOKENIZERS)):
            if getattr(self, key) not in choices:
                raise InputError(f"{key}={getattr(self, key)}: choose {', '.join(choices)}")
        check_tokenizer("tokenizer", self.tokenizer)

    @property
    def name(self) -> str:
        """The name of the corpus."""
        return Path(self.corpus).expanduser().absolute().name

    @property
    def description(self) -> Source:
        """The text in the card; no path of this machine."""
        return {"corpus": self.name, "sentences": self.sentences}

    def source(self) -> Source:
        """Return what the shards depend on: the settings, and names, sizes and times of the files."""
        files = [[str(file), file.stat().st_size, file.stat().st_mtime_ns] for file in self._files()]
        return {
            "files": files, "documents": self.documents, "sentences": self.sentences,
            "tokenizer": identity(self.tokenizer), "lowercase": self.lowercase, "encoding": self.encoding,
        }  # fmt: skip

    def read(self) -> Iterator[Document]:
        """The documents, each as sentences of tokens. Raises InputError."""
        for lines in read_documents(self._files(), self.documents, self.encoding):
            tokens = [tokenize(line, self.tokenizer, self.lowercase) for line in lines]
            yield to_sentences(tokens, self.sentences)

    def excluded(self) -> Sequence[str]:
        """Return no ids: nothing is excluded."""
        return ()

    def _files(self) -> list[Path]:
        return text_files(Path(self.corpus).expanduser())


@dataclass(frozen=True)
class DatasetTexts:
    """The training texts of a data set, its unlabelled ones, or both; validation and test texts are excluded.

    ``exclude``: data sets all of whose texts are excluded too.
    """

    corpus: Corpus
    sentences: str = "split"
    part: str = TRAIN
    unlabelled: Unlabelled | None = None
    exclude: tuple[Corpus, ...] = ()

    def __post_init__(self) -> None:
        if self.sentences not in SENTENCES:
            raise InputError(f"sentences={self.sentences}: choose {', '.join(SENTENCES)}")
        if self.part != UNLABELLED and not self.corpus.splits.get("train"):
            raise InputError(f"dataset={self.corpus.name}: has no training texts")

    @property
    def name(self) -> str:
        """The name of the data set, with the part unless it is the training texts."""
        return self.corpus.name if self.part == TRAIN else f"{self.corpus.name}-{self.part}"

    @property
    def description(self) -> Source:
        """The text in the card."""
        return {"dataset": self.corpus.name, "part": self.part, **self.source()}

    def source(self) -> Source:
        """Return what the shards depend on."""
        other: dict[str, object] = {"part": self.part, "unlabelled": self.unlabelled.digest} if self.unlabelled else {}
        if self.exclude:
            other["exclude"] = [[corpus.name, corpus.digest] for corpus in self.exclude]
        return {"dataset": self.corpus.name, "digest": self.corpus.digest, "sentences": self.sentences, **other}

    def read(self) -> Iterator[Document]:
        """The documents, each as sentences of tokens; without texts that equal an excluded one."""
        excluded = self._excluded_texts()
        for tokens in self._texts():
            if tokens not in excluded:
                yield to_sentences([[clean for token in tokens if (clean := "".join(token.split()))]], self.sentences)

    def excluded(self) -> Sequence[str]:
        """Return the ids of the excluded texts of the data set."""
        texts = self._excluded_texts() if self.exclude else frozenset()
        return tuple(
            example.id
            for split, examples in self.corpus.splits.items()
            for example in examples
            if split != "train" or example.tokens in texts
        )

    def _texts(self) -> Iterator[tuple[str, ...]]:
        if self.part != UNLABELLED:
            yield from (example.tokens for example in self.corpus.splits["train"])
        yield from self.unlabelled or ()

    def _excluded_texts(self) -> frozenset[tuple[str, ...]]:
        held_out = (self.corpus.splits[split] for split in self.corpus.splits if split != "train")
        return frozenset(example.tokens for example in chain(*held_out, *self.exclude))
