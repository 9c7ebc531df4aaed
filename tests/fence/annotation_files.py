"""Small exports of annotation tools, the calls that read them, and how they are damaged."""

import base64
import json
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path

from tests.fence.damage import DEEP, MB, sparse, written
from tests.fence.reader import Reader, one

_TEXT = "Ann Smith left\nOslo"


def _lines(*rows: object) -> bytes:
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


def _doccano() -> bytes:
    return _lines(
        {"id": 1, "text": _TEXT, "label": [[0, 9, "PER"], [15, 19, "LOC"]]}, {"id": 2, "text": "b", "label": []}
    )


def _label_studio() -> bytes:
    value = {"start": 0, "end": 9, "text": "Ann Smith", "labels": ["PER"]}
    result = [{"from_name": "label", "to_name": "text", "type": "labels", "value": value}]
    task = {"id": 1, "data": {"text": _TEXT}, "annotations": [{"completed_by": 1, "result": result}]}
    return json.dumps([task, {"id": 2, "data": {"text": "b"}, "annotations": []}]).encode()


def _prodigy() -> bytes:
    tokens = [{"text": "Ann", "start": 0, "end": 3, "id": 0}, {"text": "left", "start": 4, "end": 8, "id": 1}]
    spans = [{"start": 0, "end": 3, "token_start": 0, "token_end": 0, "label": "PER"}]
    return _lines({"text": "Ann left", "_input_hash": 1, "tokens": tokens, "spans": spans, "answer": "accept"})


def _argilla() -> bytes:
    spans = [{"start": 0, "end": 9, "label": "PER"}, {"start": 15, "end": 19, "label": "LOC"}]
    responses = {"entities": [{"value": spans, "user_id": "u"}]}
    return json.dumps([{"id": "1", "fields": {"text": _TEXT}, "responses": responses, "suggestions": {}}]).encode()


def _conllu() -> bytes:
    rows = ("1\tAnn\t_\tPROPN\t_\t_\t0\troot\t_\tNER=B-PER", "2\tleft\t_\tVERB\t_\t_\t1\tdep\t_\t_")
    return ("# sent_id = a\n" + "\n".join(rows) + "\n\n").encode()


def _webanno() -> bytes:
    head = "#FORMAT=WebAnno TSV 3.3\n#T_SP=webanno.custom.Span|value\n\n\n"
    return f"{head}#Text=Ann left\n1-1\t0-3\tAnn\tPER[1]\t\n1-2\t4-8\tleft\t_\t\n".encode()


def _spacy_json() -> bytes:
    tokens = [{"orth": "Ann", "space": " ", "ner": "U-PER"}, {"orth": "left", "space": "", "ner": "O"}]
    paragraph = {"raw": "Ann left", "sentences": [{"tokens": tokens}], "entities": [[0, 3, "PER"]], "cats": []}
    return json.dumps([{"id": 1, "paragraphs": [paragraph]}]).encode()


def _docbin(**changes: object) -> bytes:
    import msgpack
    import numpy as np

    from seedbed.data.annotations.docbin import string_hash

    tokens = np.array([[string_hash("Ann"), 3, string_hash("PER")], [string_hash("left"), 2, 0]], "<u8")
    message = {
        "version": "0.1", "attrs": [65, 77, 78], "tokens": tokens.tobytes(), "spaces": b"\x01\x00",
        "lengths": np.array([2], "<i4").tobytes(), "strings": ["", "Ann", "left", "PER"], "cats": [{}],
        "flags": [{"has_unknown_spaces": False}], "span_groups": [b"\x90"],
    }  # fmt: skip
    return zlib.compress(msgpack.packb(message | changes))


def _many_spans() -> bytes:
    spans = [[start, start + 3, "X"] for start in range(40_000)]
    return _lines({"id": 1, "text": "ab " * 20_000, "label": spans})


def _arrow() -> bytes:
    import io

    import pyarrow as pa

    features = {"text": {"dtype": "string", "_type": "Value"}, "label": {"names": ["a", "b"], "_type": "ClassLabel"}}
    table = pa.table({"text": ["good", "bad"], "label": [0, 1]})
    table = table.replace_schema_metadata({"huggingface": json.dumps({"info": {"features": features}})})
    out = io.BytesIO()
    with pa.ipc.new_stream(out, table.schema) as writer:
        writer.write_table(table)
    return out.getvalue()


def _read(module: str, name: str, file: str) -> Callable[[Path], object]:
    def read(folder: Path) -> object:
        from importlib import import_module

        reader = getattr(import_module(f"seedbed.data.annotations.{module}"), name)()
        return list(reader.read(folder / file))

    return read


READERS = (
    Reader("doccano", "a.jsonl", one("a.jsonl", _doccano), _read("doccano", "Doccano", "a.jsonl")),
    Reader("Label Studio", "a.json", one("a.json", _label_studio), _read("label_studio", "LabelStudio", "a.json")),
    Reader("Prodigy", "a.jsonl", one("a.jsonl", _prodigy), _read("prodigy", "Prodigy", "a.jsonl")),
    Reader("Argilla", "a.json", one("a.json", _argilla), _read("argilla", "Argilla", "a.json")),
    Reader("CoNLL-U", "a.conllu", one("a.conllu", _conllu), _read("conllu", "ConllU", "a.conllu")),
    Reader(
        "brat", "a.ann", one("a.ann", lambda: b"T1\tPER 0 9\tAnn Smith\n", a__txt=_TEXT.encode),
        _read("brat", "Brat", "a.txt"),
    ),
    Reader(
        "text of brat", "a.txt", one("a.txt", _TEXT.encode, a__ann=lambda: b"T1\tPER 0 9\tAnn Smith\n"),
        _read("brat", "Brat", "a.txt"),
    ),
    Reader("DocBin", "a.spacy", one("a.spacy", _docbin), _read("spacy_files", "Spacy", "a.spacy")),
    Reader("spaCy JSON", "a.json", one("a.json", _spacy_json), _read("spacy_files", "Spacy", "a.json")),
    Reader("Arrow of datasets", "a.arrow", one("a.arrow", _arrow), _read("hugging_face", "HuggingFace", "a.arrow")),
    Reader("WebAnno TSV", "a.tsv", one("a.tsv", _webanno), _read("webanno", "WebAnno", "a.tsv")),
)  # fmt: skip

_ROW = b'{"id": 1, "text": "ab", "label": %s}\n'

DATA: Mapping[str, Mapping[str, Callable[[Path], object]]] = {
    "doccano": {
        "a span beyond the text": written(_ROW % b'[[0, 9, "X"]]'),
        "a span of 10^30": written(_ROW % b'[[0, 1000000000000000000000000000000, "X"]]'),
        "a negative span": written(_ROW % b'[[-2, 1, "X"]]'),
        "an offset that is a text": written(_ROW % b'[["0", 1, "X"]]'),
        "an offset within a character": written(b'{"text": "\\ud83d\\udca9", "label": [[1, 2, "X"]]}\n'),
        "the same document twice": written(_ROW % b'["x"]' * 2),
        "a half-written line": written(_ROW % b'["x"]' + b'{"id": 2, "te'),
        "classes and spans": written(_ROW % b'["x"]' + (_ROW % b'[[0, 1, "X"]]').replace(b": 1,", b": 2,")),
        "images": written(b'{"id": 1, "filename": "a.png", "bbox": []}\n'),
        "half a surrogate pair": written(b'{"id": 1, "text": "a\\ud800b", "label": [[0, 2, "\\ud800"]]}\n'),
    },
    "Label Studio": {
        "the span of another text": written(lambda data: data.replace(b'"text": "Ann Smith"', b'"text": "Bob Jones"')),
        "HTML": written(lambda data: data.replace(b'"start": 0', b'"start": "/p[1]/text()[1]"')),
        "results that are no list": written(lambda data: data.replace(b'"result": [', b'"result": {}, "x": [')),
    },
    "Prodigy": {
        "tokens that overlap": written(lambda data: data.replace(b'"start": 4', b'"start": 1')),
        "a token end beyond the tokens": written(lambda data: data.replace(b'"token_end": 0', b'"token_end": 9')),
        "images": written(b'{"image": "a.png", "answer": "accept"}\n'),
    },
    "Argilla": {
        "a span beyond the text": written(lambda data: data.replace(b'"end": 9', b'"end": 99')),
        "a span without a label": written(lambda data: data.replace(b'"label": "PER"', b'"label": null')),
        "an offset of 10^30": written(lambda data: data.replace(b'"end": 9', b'"end": 1' + b"0" * 30)),
        "responses that are a list": written(lambda data: data.replace(b'"responses": {', b'"responses": [], "x": {')),
        "ratings alone": written(b'[{"fields": {"text": "a"}, "responses": {"stars": [{"value": 4}]}}]'),
        "images": written(b'[{"fields": {"image": {"url": "a.png"}}, "responses": {}}]'),
        "records of Argilla 1": written(b'[{"text": "a", "annotation": "A"}]'),
        "half-written": written(lambda data: data[:-9]),
    },
    "CoNLL-U": {
        "nine columns": written(b"1\ta\t_\t_\t_\t_\t_\t_\t_\n"),
        "no tags": written(b"1\ta" + b"\t_" * 8 + b"\n"),
    },
    "brat": {
        "an offset of 10^40": written(b"T1\tPER 0 1" + b"0" * 40 + b"\tx\n"),
        "the same id twice": written(lambda data: data * 2),
        "spaces in the place of tabs": written(lambda data: data.replace(b"\t", b" ")),
    },
    "DocBin": {
        "pickled": written(lambda data: b"\x80\x04\x95" + data),
        "lengths that do not agree": written(lambda _: _docbin(lengths=b"\xff\xff\xff\x7f")),
        "negative lengths": written(lambda _: _docbin(lengths=b"\xff\xff\xff\xff\x03\x00\x00\x00")),
        "a word that is not there": written(lambda _: _docbin(strings=["Ann"])),
        "numbers for mappings": written(lambda _: _docbin(cats=[1])),
        "no attributes": written(lambda _: _docbin(attrs=[])),
        "no msgpack": written(zlib.compress(b"\xc1\xc1")),
        "100,000 levels": written(zlib.compress(b"\x91" * 100_000)),
        "base64": written(base64.b64encode),
    },
    "Arrow of datasets": {
        "cut after its schema": written(lambda data: data[: data.rindex(b"\xff\xff\xff\xff", 0, -8)]),
        "another length of a text": written(
            lambda data: data.replace(b"\x04\x00\x00\x00\x07", b"\xff\xff\x00\x00\x07")
        ),
        "features that are no JSON": written(lambda data: data.replace(b'{"info"', b'["info"')),
    },
    "spaCy JSON": {"tokens of another text": written(lambda data: data.replace(b'"orth": "Ann"', b'"orth": "Bob"'))},
    "WebAnno TSV": {
        "WebAnno TSV 2": written(lambda data: data.replace(b"TSV 3.3", b"TSV 2")),
        "two layers": written(lambda data: data.replace(b"|value\n", b"|value\n#T_SP=x.Y|z\n")),
        "offsets of another text": written(lambda data: data.replace(b"4-8", b"5-9")),
    },
}

HEAVY: Mapping[str, Mapping[str, Callable[[Path], object]]] = {
    "doccano": {
        "a line of 70 MB": written(lambda _: b'"' + b"a" * (70 * MB)),
        "2 million brackets": written(lambda _: b"[" * 2_000_000),
        "40,000 overlapping spans": written(lambda _: _many_spans()),
    },
    "Label Studio": {"100,000 levels": written(DEEP), "a sparse file of 3 GB": sparse(3 * 10**9)},
    "DocBin": {"80 MB in 80 kB": written(lambda _: zlib.compress(bytes(80 * MB)))},
}  # fmt: skip
