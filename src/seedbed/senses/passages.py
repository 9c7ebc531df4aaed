"""Sentences to look for a word in: from a file, with or without senses, or from a data set."""

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
"""How the first line of a file of sentences begins where it names the forms of its word."""
_ENDS = frozenset({".", "!", "?"})
_CLOSING = frozenset({'"', "''", "'", ")", "]", "”", "’"})


@dataclass(frozen=True, slots=True)
class Passage:
    """A sentence: its tokens, the sense of the word in it (empty if not given), and where it stands."""

    tokens: tuple[str, ...]
    sense: str = ""
    place: str = ""


@dataclass(frozen=True)
class Sentences:
    """What a file holds: its sentences in order, and the forms of the word if it names them."""

    passages: tuple[Passage, ...]
    forms: tuple[str, ...] = ()


def read_sentences(path: Path) -> Sentences:
    """The sentences of a file, UTF-8; raises InputError.

    One sentence a line, tokens split by spaces, a sense and a tab before it where it has one; blank lines are left
    out, and a first line ``# forms: work, works`` names forms. Or ``.csv`` with the columns text and, if need be,
    sense.
    """
    try:
        found = _table(path) if path.suffix == ".csv" else _plain(path)
    except InputError as error:
        raise of_no_data_set(error) from error
    if not found.passages:
        raise InputError(f"{path}: has no sentences")
    return found


def corpus_passages(corpus: Corpus) -> Iterator[Passage]:
    """The sentences of every split; texts to be classified are parted at full stops, as they hold several."""
    for example in corpus:
        if corpus.task == "tagging":
            yield Passage(example.tokens, place=example.id)
        else:
            for sentence in parted(example.tokens):
                yield Passage(sentence, place=example.id)


def parted(tokens: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """The sentences of a text: each ends with ``.``, ``!`` or ``?`` and what closes behind it."""
    start, ended = 0, False
    for at, token in enumerate(tokens):
        if ended and token not in _ENDS and token not in _CLOSING:
            yield tuple(tokens[start:at])
            start, ended = at, False
        ended = ended or token in _ENDS
    if start < len(tokens):
        yield tuple(tokens[start:])


def _plain(path: Path) -> Sentences:
    passages, forms = [], ()
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
    return Sentences(tuple(_passage(path, number, "".join(own).strip(), text) for number, (text, *own) in rows))


def _passage(path: Path, number: int, sense: str, text: str) -> Passage:
    tokens = tuple(tokenize(text, "spaces"))
    if not tokens:
        raise InputError(f"{path}:{number}: a sense without a sentence" if sense else f"{path}:{number}: no sentence")
    return Passage(tokens, sense, f"{path.name}:{number}")
