"""``seedbed data show``: what was understood of tags, what was counted, and what is refused."""

import csv
import hashlib
import json
from pathlib import Path

import pytest

SENTENCES = "".join(f"Ana{n} {{B}}\nLee {{I}}\nsaw {{O}}\nOslo {{L}}\n\n" for n in range(10))


@pytest.fixture
def show(seedbed, tmp_path):
    """What is printed of a file with these tags for Ana Lee and Oslo."""

    def shown(*settings, **tags):
        (tmp_path / "a.conll").write_text(SENTENCES.format(**tags), encoding="utf-8")
        said = seedbed("data", "show", "conll", "dataset.files.train=a.conll", "--examples", "1", *settings)
        assert said.code == 0, said.err
        return [line.strip() for line in said.lines]

    return shown


def test_the_notation_and_the_entities_of_each_type_are_shown(show):
    assert "tags: IOB2: 20 entities: LOC 10, PER 10" in show(B="B-PER", I="I-PER", O="O", L="B-LOC")
    shown = show(B="b:per", I="i:per", O="other", L="b:loc")
    assert "tags: IOB2, written b:per, i:per, outside other, converted to IOB2: 20 entities: loc 10, per 10" in shown
    assert shown[-1] == "train/0: Ana0/B-per Lee/I-per saw Oslo/B-loc"


def test_converted_entities_are_counted_as_such_and_irregular_ones_by_what_they_are(show):
    shown = show(B="I-PER", I="I-PER", O="O", L="I-LOC")
    assert "entities converted from IO: 20" in shown
    assert not [line for line in shown if "repaired" in line]
    assert "entities that begin with I-: 10" in show(B="B-PER", I="B-PER", O="O", L="I-LOC")


def test_types_are_renamed_by_the_labels(show):
    shown = show("+dataset.labels={PER: PERSON, LOC: PLACE}", B="B-PER", I="I-PER", O="O", L="B-LOC")
    assert "4 labels: O B-PERSON B-PLACE I-PERSON" in shown


def test_settings_of_the_reader_are_set_on_the_command_line(show):
    own = {"B": "B_PER", "I": "I_PER", "O": "NEG", "L": "B_LOC"}
    assert show("dataset.reader.outside=NEG", **own)[-1].startswith("train/0: Ana0/B-PER Lee/I-PER saw")
    own = {"B": "PERB", "I": "PERI", "O": "O", "L": "LOCB"}
    assert show("dataset.reader.tag_separator=none", "dataset.reader.tag_suffix=true", **own)[-1].endswith("Oslo/B-LOC")
    assert "tags: IOB2, written B, I, converted to IOB2: 20 entities: name 20" in show(
        "dataset.reader.untyped=name", B="B", I="I", O="O", L="B"
    )


def test_numbers_are_named_on_the_command_line(seedbed, tmp_path):
    row = {"tokens": ["Ana", "saw", "Oslo"], "ner_tags": [1, 0, 2]}
    (tmp_path / "a.jsonl").write_text("".join(json.dumps(row | {"id": n}) + "\n" for n in range(10)), encoding="utf-8")
    keys = ["dataset.task=tagging", "dataset.reader.tokens=tokens", "dataset.reader.tags=ner_tags"]
    command = ["data", "show", "jsonl", *keys, "dataset.files.train=a.jsonl"]
    assert "dataset.reader.tag_names=[O,B-PER,I-PER]" in seedbed(*command).err
    said = seedbed(*command, "dataset.reader.tag_names=[O,B-PER,B-LOC]")
    assert "  tags: IOB2: 20 entities: LOC 10, PER 10" in said.lines


def test_comments_are_counted(seedbed, tmp_path):
    text = "".join(f"# id {n}\tdomain=train\nAna{n} _ _ B-PER\n#tag _ _ O\n\n" for n in range(10))
    (tmp_path / "a.conll").write_text(text, encoding="utf-8")
    said = seedbed("data", "show", "conll", "dataset.files.train=a.conll")
    assert "  comment lines: 10" in said.lines
    assert "  train/0: Ana0/B-PER #tag" in said.lines


def test_what_looks_like_prefix_and_type_and_is_not_plain_is_refused_in_a_line(refused, tmp_path):
    (tmp_path / "a.conll").write_text(SENTENCES.format(B="BPER", I="IPER", O="O", L="BLOC"), encoding="utf-8")
    line = refused("data", "show", "conll", "dataset.files.train=a.conll", leaves=["a.conll"])
    assert "a.conll:1: unknown tag 'BPER'" in line
    assert "dataset.reader.tag_separator=none" in line


def test_ids_hashes_and_texts_are_written_for_vectors_made_elsewhere(seedbed, refused, tmp_path):
    (tmp_path / "a.conll").write_text(SENTENCES.format(B="B-PER", I="I-PER", O="O", L="B-LOC"), encoding="utf-8")
    command = ["data", "show", "conll", "dataset.files.train=a.conll"]
    said = seedbed(*command, "--output", "texts.jsonl")
    assert said.lines[-1].endswith("texts.jsonl: id, sha256, text and tokens of 10 examples")
    rows = [json.loads(line) for line in (tmp_path / "texts.jsonl").read_text(encoding="utf-8").splitlines()]
    assert len({row["id"] for row in rows}) == 10
    assert rows[0] == {
        "id": "train/0", "sha256": hashlib.sha256(b"Ana0 Lee saw Oslo").hexdigest(), "text": "Ana0 Lee saw Oslo",
        "tokens": ["Ana0", "Lee", "saw", "Oslo"],
    }  # fmt: skip
    leaves = ["a.conll"]
    assert "a file that ends in .jsonl" in refused(*command, "--output", "texts.csv", leaves=leaves)
    assert "cannot be written" in refused(*command, "--output", "a.conll/x.jsonl", leaves=leaves)
    assert "--output x.jsonl: goes with" in refused("data", "list", "--output", "x.jsonl")


def test_the_name_may_be_written_as_in_other_commands(seedbed, tmp_path):
    lines = [f"film {n},{('very good', 'bad')[n % 2]}" for n in range(20)]
    (tmp_path / "mine.csv").write_text("\n".join(["text,label", *lines]) + "\n", encoding="utf-8")
    said = seedbed("data", "show", "dataset=csv", "dataset.files.train=mine.csv")
    assert said == seedbed("data", "show", "csv", "dataset.files.train=mine.csv")
    assert '  2 labels: bad "very good"' in said.lines
    assert any('["very good] film'.replace("good]", 'good"]') in line for line in said.lines)


def test_the_digests_of_a_set_have_the_names_and_values_of_those_in_a_study(seedbed, own_csv):
    data = [word for word in own_csv if word.startswith("dataset")]
    said = seedbed("data", "show", *data)
    [line] = [line.strip() for line in said.lines if "digests" in line]
    assert "digest" not in said.lines[0]
    assert seedbed("compare", *own_csv, "arms={pool: [encoder=pool]}", "sizes=[10]", "name=mine", "lint=off").code == 0
    [draw] = json.loads(Path("seedbed-out/mine/draws.json").read_bytes())["draws"]
    assert line == f"digests: data {draw['data'][:16]}, corpus (as it is read) {draw['corpus'][:16]}"
    assert draw["data"] != draw["corpus"]
    with Path("seedbed-out/mine/results.csv").open(encoding="utf-8", newline="") as file:
        assert {row["data"] for row in csv.DictReader(file)} == {draw["data"]}
