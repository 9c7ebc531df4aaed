"""Sentences in which a word is searched: from a file, with or without senses, or from a data set."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from seedbed.data.corpus import Corpus
from seedbed.data.csv_dialect import CsvDialect
from seedbed.data.csv_table import CsvTable
from seedbed.data.text_files import ended_lines, lines, of_no_data_set
from seedbed.data.tokenization import tokenize
from seedbed.errors import InputError

FORMS = "# forms:"
"""The start of the first line of a file of sentences, if it lists the forms of its word."""
_SENTENCE_ENDS = frozenset({".", "!", "?"})
_CLOSING_MARKS = frozenset({'"', "''", "'", ")", "]", "”", "’"})


@dataclass(frozen=True, slots=True)
class Passage:
    """A sentence: its tokens, the sense of the word in it (empty if unknown), and its file and line or example."""

    tokens: tuple[str, ...]
    sense: str = ""
    location: str = ""


@dataclass(frozen=True)
class Sentences:
    """The content of a file: its sentences in order, and the forms of the word if it lists them."""

    passages: tuple[Passage, ...]
    forms: tuple[str, ...] = ()


def read_sentences(path: Path) -> Sentences:
    """Return the sentences of a file in UTF-8; raises InputError.

    One sentence a line, tokens split by spaces, with an optional sense and a tab before it; blank lines are ignored,
    and a first line ``# forms: work, works`` lists forms. Or ``.csv`` with the column text and optionally sense.
    """
    try:
        sentences = _table(path) if path.suffix == ".csv" else _plain(path)
    except InputError as error:
        raise of_no_data_set(error) from error
    if not sentences.passages:
        raise InputError(f"{path}: has no sentences")
    return sentences


def corpus_passages(corpus: Corpus) -> Iterator[Passage]:
    """Yield the sentences of every split; texts of a classification task are split into sentences."""
    for example in corpus:
        if corpus.task == "tagging":
            yield Passage(example.tokens, location=example.id)
        else:
            for sentence in split_sentences(example.tokens):
                yield Passage(sentence, location=example.id)


def split_sentences(tokens: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """Yield the sentences of a text: each ends with ``.``, ``!`` or ``?``, and closing quotes or brackets after it."""
    start, ended = 0, False
    for n, token in enumerate(tokens):
        if ended and token not in _SENTENCE_ENDS and token not in _CLOSING_MARKS:
            yield tuple(tokens[start:n])
            start, ended = n, False
        ended = ended or token in _SENTENCE_ENDS
    if start < len(tokens):
        yield tuple(tokens[start:])


def _plain(path: Path) -> Sentences:
    passages: list[Passage] = []
    forms: tuple[str, ...] = ()
    for number, line in enumerate(lines(path, "utf-8"), 1):
        if number == 1 and line.startswith(FORMS):
            forms = tuple(tokenize(line.removeprefix(FORMS).replace(",", " "), "spaces"))
        elif line.strip():
            sense, tab, text = line.rpartition("\t")
            if "\t" in sense:
                raise InputError(f"{path}:{number}: several tabs; a line is SENSE, a tab, and the sentence")
            passages.append(_passage(path, number, sense.strip() if tab else "", text))
    return Sentences(tuple(passages), forms)


def _table(path: Path) -> Sentences:
    table = CsvTable(path, lambda: ended_lines(path, "utf-8"), CsvDialect())
    sense = [name for name in table.names if name == "sense"]
    rows = table.columns(["text", *sense], labelled=bool(sense))
    return Sentences(tuple(_passage(path, number, "".join(senses).strip(), text) for number, (text, *senses) in rows))


def _passage(path: Path, number: int, sense: str, text: str) -> Passage:
    tokens = tuple(tokenize(text, "spaces"))
    if not tokens:
        raise InputError(f"{path}:{number}: a sense without a sentence" if sense else f"{path}:{number}: no sentence")
    return Passage(tokens, sense, f"{path.name}:{number}")
