"""Files of spaCy, read without spaCy: DocBin (``.spacy``), and the JSON training format of ``docs_to_json``."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seedbed.data.annotations.docbin import DocBinDoc, read_docbin
from seedbed.data.annotations.document import LABELLED, UNLABELLED, Document, Span
from seedbed.data.annotations.json_records import json_value
from seedbed.data.annotations.offsets import checked
from seedbed.data.annotations.reader import AnnotationReader
from seedbed.data.compressed_files import read_head
from seedbed.data.tags import OUTSIDE, Notation, TagError
from seedbed.data.tags import spans as entities_of
from seedbed.errors import InputError
from seedbed.readable import shaped

_TOKEN = {"orth": str, "?space": (str, bool, None), "?ner": (str, None)}
_PARAGRAPH = {
    "?raw": (str, None), "?sentences": [{"tokens": [_TOKEN]}],
    "?cats": ([{"label": str, "value": (int, float)}], None), "?entities": ([[(int, str)]], None),
}  # fmt: skip
_DOCUMENTS = [{"?id": (int, str, None), "paragraphs": [_PARAGRAPH]}]

_ROLES = {"B": "B", "I": "I", "L": "E", "U": "S"}


@dataclass(frozen=True)
class Spacy(AnnotationReader):
    """Files of spaCy 3: entities or a group of spans for tagging, ``cats`` of at least 0.5 for classification.

    Offsets are code points, the end is exclusive. A document whose tokens have no entity tags (``ent_iob`` 0) and that
    has no cats is unlabelled. ``spans``: a group of ``doc.spans`` in the place of ``doc.ents``, of DocBin files. With
    ``own_tokens`` the tokens are those of the file. User data is not read.
    """

    spans: str = ""
    own_tokens: bool = True

    def documents(self, path: Path) -> Iterator[Document]:
        """Yield the documents of a file; raises InputError."""
        if read_head(path)[:1] == b"\x78":  # zlib
            yield from (self._of_docbin(path, doc, number) for number, doc in enumerate(read_docbin(path), 1))
            return
        if self.spans:
            raise InputError(f"{path}: dataset.reader.spans={self.spans}: spaCy's JSON has no groups of spans")
        number = 0
        for row in shaped(json_value(path, self.encoding), _DOCUMENTS, path):
            several = len(row["paragraphs"]) > 1
            for index, paragraph in enumerate(row["paragraphs"]):
                number += 1
                name = None if row.get("id") is None else str(row["id"])
                yield self._of_json(path, paragraph, number, f"{name}/{index}" if name and several else name)

    def _of_docbin(self, path: Path, doc: DocBinDoc, number: int) -> Document:
        where = f"{path}:{number}"
        text, tokens = _joined(doc.words, [" " if space else "" for space in doc.spaces])
        if self.spans:
            found = [Span(*span) for span in doc.groups.get(self.spans, ())]
            if self.spans not in doc.groups and doc.groups:
                raise InputError(
                    f"{where}: dataset.reader.spans={self.spans}: no such group; there are {', '.join(doc.groups)}"
                )
            is_annotated = self.spans in doc.groups
        else:
            found = list(_entities(doc, tokens))
            is_annotated = any(doc.iob)
        spans = tuple(checked(text, span, where) for span in found)
        labels = tuple(name for name, value in doc.cats.items() if value >= 0.5)
        status = LABELLED if is_annotated or labels else UNLABELLED
        own = tuple(tokens) if self.own_tokens else None
        return Document(text, number, None, "", status, labels, spans, own, is_annotated)

    def _of_json(self, path: Path, row: dict[str, Any], number: int, name: str | None) -> Document:
        where = f"{path}:{number}"
        rows = [token for sentence in row.get("sentences") or () for token in sentence["tokens"]]
        blanks = [token["space"] if isinstance(token.get("space"), str) else " " * (token.get("space") is not False)
                  for token in rows]  # fmt: skip
        joined, tokens = _joined([token["orth"] for token in rows], blanks)
        raw = row.get("raw")
        if raw is not None and rows and joined.strip() != raw.strip():
            tokens = list(_located(raw, [token["orth"] for token in rows], where))
        elif raw is not None and rows:
            shift = len(raw) - len(raw.lstrip()) - (len(joined) - len(joined.lstrip()))
            tokens = [(start + shift, end + shift) for start, end in tokens]
        text = joined if raw is None else raw
        spans = list(_json_entities(row.get("entities") or (), where))
        tags = [token.get("ner") or "-" for token in rows]
        if not spans and tags:
            spans = list(_of_tags(tags, tokens, where))
        labels = tuple(cat["label"] for cat in row.get("cats") or () if cat["value"] >= 0.5)
        is_tagged = bool(spans) or any(tag != "-" for tag in tags)
        return Document(
            text, number, name, "", LABELLED if is_tagged or labels else UNLABELLED, labels,
            tuple(checked(text, span, where) for span in spans), tuple(tokens) if self.own_tokens and rows else None,
            is_tagged,
        )  # fmt: skip


def _joined(words: Sequence[str], blanks: Sequence[str]) -> tuple[str, list[tuple[int, int]]]:
    """Return the text of words, each with what follows it, and start and end of each word."""
    pieces: list[str] = []
    tokens, position = [], 0
    for word, blank in zip(words, blanks, strict=True):
        tokens.append((position, position + len(word)))
        pieces += [word, blank]
        position += len(word) + len(blank)
    return "".join(pieces), tokens


def _located(text: str, words: Sequence[str], where: str) -> Iterator[tuple[int, int]]:
    """Yield where each word is in the text; raises InputError where one is not there."""
    position = 0
    for word in words:
        start = text.find(word, position)
        if start < 0:
            raise InputError(f"{where}: the token {word[:40]!r} is not in the text: tokenizations are mixed")
        position = start + len(word)
        yield start, position


def _entities(doc: DocBinDoc, tokens: Sequence[tuple[int, int]]) -> Iterator[Span]:
    tags = [("O" if iob != 3 else "B") if iob != 1 else "I" for iob in doc.iob]
    written = [tag if tag == "O" else f"{tag}-{kind}" for tag, kind in zip(tags, doc.types, strict=True)]
    for kind, first, end in entities_of(written):
        yield Span(tokens[first][0], tokens[end - 1][1], kind)


def _of_tags(tags: Sequence[str], tokens: Sequence[tuple[int, int]], where: str) -> Iterator[Span]:
    """Yield the entities of BILUO tags; ``-`` is a token without annotation."""
    meaning = {
        tag: (_ROLES[tag[0]], tag[2:]) if tag[:1] in _ROLES and tag[1:2] == "-" and tag[2:] else OUTSIDE
        for tag in tags
        if tag in ("O", "-") or tag[:1] in _ROLES
    }
    try:
        found = Notation("BILUO", meaning, refusal="spaCy has BILUO tags").spans(tags)
    except TagError as error:
        raise InputError(f"{where}: {error}") from error
    for kind, first, end in found:
        yield Span(tokens[first][0], tokens[end - 1][1], kind)


def _json_entities(rows: Sequence[Sequence[Any]], where: str) -> Iterator[Span]:
    for row in rows:
        if len(row) != 3 or not isinstance(row[0], int) or not isinstance(row[1], int) or not isinstance(row[2], str):
            raise InputError(f"{where}: an entity that is not [start, end, label]: {row!r:.60}")
        yield Span(row[0], row[1], row[2])
