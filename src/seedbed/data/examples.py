"""Convert raw examples to examples: tokens, a class, labels or IOB2 tags, an id; changes are counted."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from sys import intern
from typing import NamedTuple

from seedbed.data.corpus import Example
from seedbed.data.raw_example import RawExample
from seedbed.data.tags import Notation, Span, TagError, from_spans
from seedbed.data.tokenization import HALF, Tokenization, without_halves
from seedbed.errors import InputError
from seedbed.label_sets import LabelSet, tags_of

LACK_BEGINNING, LACK_END = "entities_that_lack_their_beginning", "entities_that_lack_their_end"
NO_BLANK_LINE, LONG_SENTENCES = "files_without_a_blank_line", "sentences_of_more_than_1,000_tokens"
"""Names of counts: of entities, and of files with a token per line."""
LONG = 1000
SHORT = 50
"""Tokens of a file that may well be one sentence."""


class File(NamedTuple):
    """A file of a data set: the prefix of its examples' ids, its path, and its raw examples.

    ``unlabelled``: the number of its rows without a label, which are not among them.
    """

    prefix: str
    path: Path
    raw: Sequence[RawExample]
    line_per_token: bool = False
    unlabelled: int = 0

    def where(self, raw: RawExample, token: int = 0) -> str:
        """Return file and line of an example, or of one of its tokens."""
        return f"{self.path}:{raw.lines[token] if raw.lines else raw.line + token * self.line_per_token}"


class Assembly(NamedTuple):
    """How raw examples become examples; ``counts``: what is changed or dropped.

    ``names`` renames classes, or types of entities (``O`` drops a type). With ``prefix_ids`` the set's own ids are
    unique only within a file, and get its prefix.
    """

    tokenization: Tokenization
    names: Mapping[str, str]
    notation: Notation | None
    counts: Counter
    prefix_ids: bool

    def examples(self, file: File) -> Iterator[Example]:
        """Yield the examples of a file, in order; those without tokens are dropped."""
        if file.line_per_token:
            self._count_sentences([len(raw.words) for raw in file.raw])
        for number, raw in enumerate(file.raw):
            words, halves = without_halves(raw.words)
            tokens = self.tokenization.tokens(words)
            if raw.left_out:
                self.counts.update(raw.left_out)
            if halves:
                self.counts["invalid_characters"] += halves
            if not tokens:
                self.counts["empty"] += 1
                continue
            target = self._label(file, raw) if self.notation is None else self._tags(file, raw, self.notation)
            yield Example(self._id(file, number, raw), tokens, target)

    def _label(self, file: File, raw: RawExample) -> str | LabelSet:
        if isinstance(raw.target, LabelSet):
            return LabelSet.of(self._named(file, raw, label) for label in raw.target.names)
        return self._named(file, raw, str(raw.target))

    def _named(self, file: File, raw: RawExample, label: str) -> str:
        if self.names and label not in self.names:
            valid = ", ".join(self.names)
            raise InputError(f"{file.where(raw)}: unknown label {label!r}; dataset.labels has {valid}")
        return intern(self.names[label] if self.names else _validate_text(label, "label", file, raw))

    def _tags(self, file: File, raw: RawExample, notation: Notation) -> tuple[str, ...]:
        """Return IOB2 tags; entities with other tags in the file are counted."""
        written = tags_of(raw.target)
        try:
            entities = notation.spans(written)
        except TagError as error:
            raise InputError(f"{file.where(raw, error.token)}: {error}") from error
        if unended := notation.unended(entities, written):
            self.counts[LACK_END] += unended
        tags = from_spans(entities, len(written))
        if tags != written:
            self._count(notation, entities, written, tags)
        for kind, first, _ in entities:
            _validate_text(kind, "type", file, raw, first)
        if self.names:
            tags = from_spans(self._renamed(file, raw, entities), len(written))
        return tuple(map(intern, tags))

    def _count(self, notation: Notation, entities: list[Span], written: Sequence[str], tags: Sequence[str]) -> None:
        irregular = notation.irregular(entities, written)
        if irregular:
            self.counts["entities_that_begin_with_I-" if notation.name == "IOB2" else LACK_BEGINNING] += irregular
        if notation.name != "IOB2":
            changed = sum(written[first:end] != tags[first:end] for _, first, end in entities)
            self.counts[f"entities_converted_from_{notation.name}"] += changed - irregular

    def _count_sentences(self, lengths: Sequence[int]) -> None:
        """Count what is a text rather than a sentence, as no blank line divides it."""
        if len(lengths) == 1 and lengths[0] > SHORT:
            self.counts[NO_BLANK_LINE] += 1
        if long := sum(length > LONG for length in lengths):
            self.counts[LONG_SENTENCES] += long

    def _renamed(self, file: File, raw: RawExample, entities: Iterable[Span]) -> Iterator[Span]:
        for kind, first, end in entities:
            if kind not in self.names:
                valid = ", ".join(self.names)
                raise InputError(f"{file.where(raw, first)}: unknown type {kind!r}; dataset.labels has {valid}")
            if self.names[kind] != "O":
                yield self.names[kind], first, end

    def _id(self, file: File, number: int, raw: RawExample) -> str:
        number_or_id = number if raw.id is None else raw.id
        return _validate_text(
            f"{file.prefix}/{number_or_id}" if self.prefix_ids or raw.id is None else raw.id, "id", file, raw
        )


def examples_of(
    files: Sequence[File],
    tokenization: Tokenization,
    names: Mapping[str, str],
    notation: Notation | None,
    id_setting: str,
) -> tuple[list[list[Example]], Counter]:
    """Return the examples of each file, and the counts; raises InputError for duplicate ids.

    Ids that are unique only within their file get its prefix, such as ``train/0``.
    """
    for prefix_ids in (False, True):
        counts: Counter = Counter()
        assembly = Assembly(tokenization, names, notation, counts, prefix_ids)
        by_file = [list(assembly.examples(file)) for file in files]
        (duplicate_id, count), *_ = Counter(example.id for examples in by_file for example in examples).most_common(
            1
        ) or [("", 0)]
        if count < 2:
            return by_file, counts
    named = ((file, raw) for file in files for raw in file.raw if raw.id is not None)
    duplicates = [
        (file.where(raw), raw.id) for file, raw in named if duplicate_id in (raw.id, f"{file.prefix}/{raw.id}")
    ]
    where, name = duplicates[-1] if duplicates else (str(files[0].path), duplicate_id)
    fix = f": dataset.reader.{id_setting}= (empty) numbers them" if id_setting else ""
    raise InputError(f"{where}: {count} examples have the id {name!r}; ids must be unique{fix}")


def _validate_text(text: str, kind: str, file: File, raw: RawExample, token: int = 0) -> str:
    """Return the text. Raises InputError where it cannot be encoded."""
    if not text.isascii() and HALF.search(text):
        raise InputError(
            f"{file.where(raw, token)}: the {kind} {text!r} has half of a surrogate pair, which is no character; "
            "write the whole character"
        )
    return text


def no_label(reader: object, others_have: bool) -> str:
    """Return what is wrong with a row without a label; ``others_have``: whether the file has rows with one."""
    named = [key for key in ("tags", "label", "label_column") if getattr(reader, key, "")]
    setting = f" (dataset.reader.{named[0]}={getattr(reader, named[0])})" if named else ""
    if others_have:
        return f"no label{setting}; dataset.without_label=unlabelled leaves such rows to `seedbed pretrain`"
    return f"no label{setting}, nor has any other row of the file"
