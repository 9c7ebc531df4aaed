"""Exports in JSON are read in every encoding, packed or not."""

import gzip
import json

import pytest

from seedbed.data.annotations.doccano import Doccano
from seedbed.data.annotations.document import Span
from seedbed.data.annotations.label_studio import LabelStudio
from seedbed.data.annotations.prodigy import Prodigy
from seedbed.data.annotations.spacy_files import Spacy

TEXT = "Zoë ran"
RESULT = {"from_name": "l", "to_name": "text", "type": "labels", "value": {"start": 0, "end": 3, "labels": ["PER"]}}
TASK = {"id": 1, "data": {"text": TEXT}, "annotations": [{"completed_by": 1, "result": [RESULT]}]}
TOKENS = [{"orth": "Zoë", "space": " ", "ner": "U-PER"}, {"orth": "ran", "space": "", "ner": "O"}]
EXPORTS = [
    (Doccano, {"id": 1, "text": TEXT, "label": [[0, 3, "PER"]]}),
    (Doccano, [{"id": 1, "text": TEXT, "label": [[0, 3, "PER"]]}]),
    (LabelStudio, [TASK]),
    (Prodigy, {"text": TEXT, "spans": [{"start": 0, "end": 3, "label": "PER"}], "answer": "accept"}),
    (Spacy, [{"id": 1, "paragraphs": [{"raw": TEXT, "sentences": [{"tokens": TOKENS}]}]}]),
]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "latin-1"])
@pytest.mark.parametrize(("reader", "content"), EXPORTS)
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_an_export_is_read_in_its_encoding(reader, content, encoding, pack, tmp_path):
    path = tmp_path / "export.json"
    path.write_bytes(pack((json.dumps(content, ensure_ascii=False) + "\n").encode(encoding)))
    [document] = reader(encoding=encoding).documents(path)
    assert (document.text, document.spans) == (TEXT, (Span(0, 3, "PER"),))


@pytest.mark.parametrize("reader", [LabelStudio, Spacy])
def test_bytes_of_another_encoding_are_refused_with_their_line(reader, tmp_path, refused):
    path = tmp_path / "export.json"
    path.write_bytes('[\n"Zoë"]'.encode("latin-1"))
    assert "export.json:2: byte 0xeb (number 5) is not utf-8" in refused(reader(), path)
