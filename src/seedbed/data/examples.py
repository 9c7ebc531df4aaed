"""From what readers give to examples: tokens, a class or tags in IOB2, an id; what is changed or dropped is counted."""

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


class File(NamedTuple):
    """A file of a data set: the prefix of its examples' ids, where it is, and what its reader gave."""

    prefix: str
    path: Path
    raw: Sequence[RawExample]
    line_per_token: bool = False

    def where(self, raw: RawExample, token: int = 0) -> str:
        """File and line of an example, or of one of its tokens."""
        return f"{self.path}:{raw.lines[token] if raw.lines else raw.line + token * self.line_per_token}"


class Assembly(NamedTuple):
    """How examples are made of what readers gave, and where what is left out or changed is counted.

    ``names`` renames classes, or types of entities (``O`` leaves a type out). With ``anew`` the set's own ids begin
    anew in each file, and stand behind its prefix.
    """

    wording: Tokenization
    names: Mapping[str, str]
    notation: Notation | None
    counts: Counter
    anew: bool

    def examples(self, file: File) -> Iterator[Example]:
        """The examples of a file, in order; those without any token are dropped."""
        for number, raw in enumerate(file.raw):
            words, halves = without_halves(raw.words)
            tokens = self.wording.tokens(words)
            if raw.left_out:
                self.counts.update(raw.left_out)
            if halves:
                self.counts["invalid_characters"] += halves
            if not tokens:
                self.counts["empty"] += 1
                continue
            target = self._label(file, raw) if self.notation is None else self._tags(file, raw, self.notation)
            yield Example(self._id(file, number, raw), tokens, target)

    def _label(self, file: File, raw: RawExample) -> str:
        if self.names and raw.target not in self.names:
            valid = ", ".join(self.names)
            raise InputError(f"{file.where(raw)}: unknown label {raw.target!r}; dataset.labels has {valid}")
        target = str(raw.target)
        return intern(self.names[target] if self.names else _whole(target, "label", file, raw))

    def _tags(self, file: File, raw: RawExample, notation: Notation) -> tuple[str, ...]:
        """The tags in IOB2; entities whose tags were written otherwise are counted."""
        try:
            entities = notation.spans(raw.target)
        except TagError as error:
            raise InputError(f"{file.where(raw, error.token)}: {error}") from error
        tags = from_spans(entities, len(raw.target))
        if tags != raw.target:
            self._count(notation, entities, raw.target, tags)
        for kind, first, _ in entities:
            _whole(kind, "type", file, raw, first)
        if self.names:
            tags = from_spans(self._renamed(file, raw, entities), len(raw.target))
        return tuple(map(intern, tags))

    def _count(self, notation: Notation, entities: list[Span], written: Sequence[str], tags: Sequence[str]) -> None:
        irregular = notation.irregular(entities, written)
        if irregular:
            begin = "begin_with_I-" if notation.name == "IOB2" else "lack_their_beginning"
            self.counts[f"entities_that_{begin}"] += irregular
        if notation.name != "IOB2":
            changed = sum(written[first:end] != tags[first:end] for _, first, end in entities)
            self.counts[f"converted_from_{notation.name}"] += changed - irregular

    def _renamed(self, file: File, raw: RawExample, entities: Iterable[Span]) -> Iterator[Span]:
        for kind, first, end in entities:
            if kind not in self.names:
                valid = ", ".join(self.names)
                raise InputError(f"{file.where(raw, first)}: unknown type {kind!r}; dataset.labels has {valid}")
            if self.names[kind] != "O":
                yield self.names[kind], first, end

    def _id(self, file: File, number: int, raw: RawExample) -> str:
        own = number if raw.id is None else raw.id
        return _whole(f"{file.prefix}/{own}" if self.anew or raw.id is None else raw.id, "id", file, raw)


def examples_of(
    files: Sequence[File], wording: Tokenization, names: Mapping[str, str], notation: Notation | None, id_setting: str
) -> tuple[list[list[Example]], Counter]:
    """The examples of each file, and what was counted; raises InputError where two have one id.

    Ids that are unique in their file alone stand behind its prefix, such as ``train/0``.
    """
    for anew in (False, True):
        counts: Counter = Counter()
        assembly = Assembly(wording, names, notation, counts, anew)
        made = [list(assembly.examples(file)) for file in files]
        (often, count), *_ = Counter(example.id for own in made for example in own).most_common(1) or [("", 0)]
        if count < 2:
            return made, counts
    named = ((file, raw) for file in files for raw in file.raw if raw.id is not None)
    own = [(file.where(raw), raw.id) for file, raw in named if often in (raw.id, f"{file.prefix}/{raw.id}")]
    where, name = own[-1] if own else (str(files[0].path), often)
    way_out = f": dataset.reader.{id_setting}= (empty) numbers them" if id_setting else ""
    raise InputError(f"{where}: {count} examples have the id {name!r}; ids must be unique{way_out}")


def _whole(text: str, what: str, file: File, raw: RawExample, token: int = 0) -> str:
    """The text; InputError where no file could hold it."""
    if not text.isascii() and HALF.search(text):
        raise InputError(
            f"{file.where(raw, token)}: the {what} {text!r} has half of a surrogate pair, which is no character; "
            "write the whole character"
        )
    return text
