"""``seedbed data show`` of exports of annotation tools: annotators, their agreement, and each change."""

import json

import pytest

ROWS = [{"id": n, "text": f"Ann Smith of New-York {n}", "label": [[0, 9, "PER"], [17, 21, "LOC"]]} for n in range(12)]


@pytest.fixture
def export(tmp_path):
    """Write exports: names of annotators and their rows."""

    def written(**rows):
        for name, of_file in rows.items():
            text = "".join(json.dumps(row) + "\n" for row in of_file)
            (tmp_path / f"{name}.jsonl").write_text(text, encoding="utf-8")

    return written


def test_each_changed_span_is_shown_with_its_document(seedbed, export):
    export(ann=[*ROWS, {"id": 77, "text": "new", "label": []}])
    said = seedbed("data", "show", "doccano", "dataset.path=ann.jsonl", "--changes", "2")
    assert said.code == 0, said.err
    assert "  documents: 12 labelled, 1 unlabelled" in said.lines
    assert "  spans that split a token: 12" in said.lines
    assert "  changes: 13, the first 2 (--changes 13)" in said.lines
    shown = next(line for line in said.lines if line.startswith("    ann.jsonl:2: document 1: "))
    assert shown.endswith("spans that split a token: LOC 17-21 'York' begins or ends inside 'New-York', which is split")


def test_the_agreement_of_annotators_is_shown(seedbed, export):
    export(ann=ROWS, bob=[row | {"label": row["label"][:1]} for row in ROWS[:6]])
    said = seedbed("data", "show", "doccano", "dataset.files.all=[ann.jsonl,bob.jsonl]")
    assert "  annotators: ann 12, bob 6" in said.lines
    assert "  agreement: span F1 of ann and bob 0.667, on 6 texts" in said.lines


def test_a_bad_export_is_refused_in_a_line(refused, export):
    export(ann=[ROWS[0], ROWS[1] | {"label": [[0, 99, "PER"]]}])
    line = refused("data", "show", "doccano", "dataset.path=ann.jsonl", leaves=["ann.jsonl"])
    assert "ann.jsonl:2: the span 0 to 99 of 'PER' is beyond the text" in line
