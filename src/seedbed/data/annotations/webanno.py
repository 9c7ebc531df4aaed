"""WebAnno TSV 3, as INCEpTION and WebAnno export it: sentences with tokens, and columns for each layer."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, NamedTuple

from seedbed.data.annotations.document import LABELLED, UNLABELLED, Document, Span
from seedbed.data.annotations.offsets import Offsets, check_text, to_utf16
from seedbed.data.annotations.reader import AnnotationReader
from seedbed.data.text_files import streamed
from seedbed.errors import InputError

_FORMAT = "#FORMAT=WebAnno TSV 3"
_ROW = re.compile(r"(\d+)-(\d+)(\.\d+)?\t(\d{1,18})-(\d{1,18})\t([^\t]*)(?:\t(.*))?", re.DOTALL)
_VALUE = re.compile(r"((?:\\.|[^\\])*?)(?:\[(\d+)\])?", re.DOTALL)
_STACKED = re.compile(r"(?:\\.|[^\\|])+", re.DOTALL)
_ESCAPES = {"t": "\t", "n": "\n", "r": "\r", "f": "\f", "b": "\b"}
_OF_TOKENS = ("POS", "Lemma", "MorphologicalFeatures", "SurfaceForm", "Stem")
"""Layers that INCEpTION fills for every token by itself."""
_PROJECT_FOLDERS = ("annotation", "curation")
"""Of a project export: below them is a folder for each document, with a file for each annotator."""


class Layer(NamedTuple):
    """A span layer of a file: its name, its features, and the column of the first one, from 0 after the token."""

    name: str
    features: tuple[str, ...]
    column: int


@dataclass(frozen=True)
class WebAnno(AnnotationReader):
    """WebAnno TSV 3.0 to 3.3: each sentence is a document, with the tokens of the file.

    Offsets are UTF-16 units of the whole document, the end is exclusive. ``layer``: its name, or the end of it, such as
    ``NamedEntity``; ``feature``: of it. An annotation without a value has the name of its layer. In the export of a
    project, the annotator is the name of the file, and the document that of its folder. ``without_spans``: what the
    sentences of a file without any annotation are.
    """

    layer: str = ""
    feature: str = ""
    own_tokens: bool = True
    without_spans: str = UNLABELLED
    pattern: ClassVar[str] = "**/*.tsv"

    def documents(self, path: Path) -> Iterator[Document]:
        """Yield the sentences of a file; raises InputError."""
        of_project = path.parent.parent.name in _PROJECT_FOLDERS
        name, annotator = (path.parent.name, path.stem) if of_project else (path.stem, "")
        documents = [
            Document(
                sentence.text,
                sentence.line,
                f"{name}:{number}",
                annotator,
                UNLABELLED,
                (),
                tuple(spans),
                tokens,
                notes=tuple(sentence.notes),
            )
            for number, (sentence, spans, tokens) in enumerate(self._sentences(path), 1)
        ]
        if self.without_spans == LABELLED or any(document.spans for document in documents):
            documents = [document._replace(status=LABELLED) for document in documents]
        yield from documents

    def _sentences(self, path: Path) -> Iterator[tuple["_Sentence", list[Span], tuple[tuple[int, int], ...] | None]]:
        layers: list[Layer] = []
        width, column, label = 0, -1, ""
        sentence = _Sentence(path)
        for number, line in enumerate(streamed(path, self.encoding), 1):
            if number == 1 and not line.startswith(_FORMAT):
                raise InputError(f"{path}:1: the first line of WebAnno TSV 3 is {_FORMAT}.3, not {line[:40]!r}")
            if line.startswith("#T_"):
                kind, _, names = line.partition("=")
                layer, *features = names.split("|")
                if kind == "#T_SP":
                    layers.append(Layer(layer, tuple(features or ("",)), width))
                width += len(features or ("",))
            elif line.startswith("#Text="):
                sentence.add_text(_unescaped(line.removeprefix("#Text=")), number)
            elif not line.strip():
                if sentence.rows:
                    yield sentence, *sentence.read(column, label, self.own_tokens)
                    sentence = _Sentence(path)
            elif line[0] != "#":
                if column < 0:
                    column, label = self._column(path, layers)
                sentence.add_row(line, number, width)
        if sentence.rows:
            yield sentence, *sentence.read(column, label, self.own_tokens)
        elif column < 0:
            raise InputError(f"{path}: has no tokens")

    def _column(self, path: Path, layers: Sequence[Layer]) -> tuple[int, str]:
        """Return the column of the feature that is read, and the name of its layer."""
        fitting = [layer for layer in layers if f".{layer.name}".endswith(f".{self.layer}")] if self.layer else [
            layer for layer in layers if layer.name.rpartition(".")[2] not in _OF_TOKENS]  # fmt: skip
        if len(fitting) != 1:
            which = f"no layer {self.layer}" if self.layer else f"{len(fitting)} layers of spans"
            names = ", ".join(layer.name for layer in layers) or "none"
            raise InputError(f"{path}: {which}: dataset.reader.layer=NAME chooses one; there are {names[:300]}")
        layer = fitting[0]
        wanted = self.feature or ("value" if "value" in layer.features else layer.features[0])
        if wanted not in layer.features or (not self.feature and wanted != "value" and len(layer.features) > 1):
            raise InputError(
                f"{path}: the layer {layer.name} has the features {', '.join(layer.features)[:200]}: "
                "dataset.reader.feature=NAME chooses one"
            )
        return layer.column + layer.features.index(wanted), layer.name.rpartition(".")[2]


@dataclass
class _Sentence:
    """The lines of a sentence."""

    path: Path
    line: int = 0
    text: str = ""
    rows: list[tuple[int, bool, int, int, str, list[str]]] = field(default_factory=list)
    notes: list[tuple[str, str]] = field(default_factory=list)

    def add_text(self, text: str, line: int) -> None:
        self.text = text if not self.line else f"{self.text}\n{text}"
        self.line = self.line or line

    def add_row(self, line: str, number: int, width: int) -> None:
        match = _ROW.fullmatch(line)
        cells = match[7].split("\t") if match and match[7] is not None else []
        if not match or len(cells) < width:
            raise InputError(
                f"{self.path}:{number}: no row of WebAnno TSV with {width} columns of layers: {line[:60]!r}"
            )
        self.rows.append((number, bool(match[3]), int(match[4]), int(match[5]), _unescaped(match[6]), cells))

    def read(self, column: int, label: str, own_tokens: bool) -> tuple[list[Span], tuple[tuple[int, int], ...] | None]:
        """Return the spans, in order, and the tokens, in code points of the sentence."""
        number, _, first, _, token, _ = self.rows[0]
        at = self.text.find(token)
        if not self.line or at < 0:
            raise InputError(f"{self.path}:{number}: the token {token[:40]!r} is not in the text before it")
        base, to_code_point = first - to_utf16(self.text, at), Offsets(self.text, "utf16")
        tokens: list[tuple[int, int]] = []
        spans: dict[str, Span] = {}
        for number, is_part, start, end, token, cells in self.rows:
            span = Span(to_code_point(start - base), to_code_point(end - base), label)
            where = f"{self.path}:{number}"
            if not 0 <= span.start <= span.end <= len(self.text) or (
                tokens and not is_part and span.start < tokens[-1][1]
            ):
                raise InputError(f"{where}: the token {token[:40]!r} from {start} to {end} is not in its sentence")
            check_text(self.text, span, token, where)
            if not is_part:
                tokens.append(span[:2])
            for value in _STACKED.findall(cells[column]) if cells[column] != "_" else ():
                match = _VALUE.fullmatch(value)
                assert match is not None
                name = label if match[1] in ("*", "") else _unescaped(match[1])
                key = f"[{match[2]}]" if match[2] else f"{number} {len(spans)}"
                before = spans.get(key, span)
                spans[key] = Span(min(before.start, span.start), max(before.end, span.end), name)
        for span in spans.values():
            if span.start == span.end:
                self.notes.append(("spans_without_a_token_dropped", f"{span.label} at {span.start} is empty, dropped"))
        kept = sorted(span for span in spans.values() if span.start < span.end)
        return kept, tuple(tokens) if own_tokens else None


def _unescaped(text: str) -> str:
    return re.sub(r"\\(.)", lambda match: _ESCAPES.get(match[1], match[1]), text) if "\\" in text else text
