import json

import pytest

from seedbed.data.readers import Columns, JsonLines
from seedbed.data.tag_names import TagNames, class_names
from seedbed.errors import InputError

NAMES = ["O", "B-PER", "I-PER"]
NEW = {"features": {"tokens": {"feature": {"_type": "Value"}, "_type": "List"},
                    "ner_tags": {"feature": {"names": NAMES, "_type": "ClassLabel"}, "_type": "List"}}}  # fmt: skip
OLD = {"features": {"ner_tags": {"feature": {"num_classes": 3, "names": NAMES, "names_file": None, "id": None,
                                             "_type": "ClassLabel"}, "length": -1, "id": None, "_type": "Sequence"},
                    "pos_tags": {"feature": {"names": ["a"], "_type": "ClassLabel"}, "_type": "Sequence"}}}  # fmt: skip
LAYOUTS = {
    "new": ("dataset_info.json", NEW),
    "old": ("dataset_info.json", OLD),
    "of several configurations": ("dataset_infos.json", {"en": OLD, "all": OLD}),
    "features alone": ("features.json", {"ner_tags": [{"names": NAMES, "_type": "ClassLabel"}]}),
    "of a dataset card": ("dataset_info.json", {"dataset_info": {"features": [
        {"name": "ner_tags", "sequence": {"class_label": {"names": {"0": "O", "1": "B-PER", "2": "I-PER"}}}}]}}),
}  # fmt: skip


@pytest.fixture
def numbers(tmp_path):
    path = tmp_path / "train.jsonl"
    path.write_text('{"tokens": ["a", "b", "c"], "ner_tags": [1, 2, 0]}\n')
    return path


def read(path, **settings):
    return [raw.target for raw in JsonLines(tokens="tokens", tags="ner_tags", **settings).read(path)]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_numbers_are_named_by_what_datasets_wrote_beside_the_file(numbers, layout):
    name, content = LAYOUTS[layout]
    (numbers.parent / name).write_text(json.dumps(content))
    assert read(numbers) == [("B-PER", "I-PER", "O")]


@pytest.mark.parametrize(
    "given",
    [NAMES, {"0": "O", "1": "B-PER", "2": "I-PER"}, {0: "O", 1: "B-PER", 2: "I-PER"}, {"O": 0, "B-PER": 1, "I-PER": 2}],
)
def test_names_are_given_as_a_list_or_a_mapping_either_way_round(numbers, given):
    assert read(numbers, tag_names=given) == [("B-PER", "I-PER", "O")]


@pytest.mark.parametrize(
    ("name", "content"),
    [("names.txt", "O\nB-PER\nI-PER\n"), ("n.json", json.dumps(NAMES)),
     ("n.json", json.dumps({"O": 0, "B-PER": 1, "I-PER": 2})),
     ("config.json", json.dumps({"id2label": {"0": "O", "1": "B-PER", "2": "I-PER"}})), ("i.json", json.dumps(OLD))],
)  # fmt: skip
def test_names_are_in_a_file_beside_the_data_or_elsewhere(numbers, name, content, monkeypatch, tmp_path_factory):
    (numbers.parent / name).write_text(content)
    assert read(numbers, tag_names=name) == [("B-PER", "I-PER", "O")]
    assert read(numbers, tag_names=str(numbers.parent / name)) == [("B-PER", "I-PER", "O")]


def test_numbers_in_columns_are_named_too_and_names_stay_names(tmp_path):
    path = tmp_path / "a.conll"
    path.write_text("a 1\nb 2\nc O\n")
    assert [raw.target for raw in Columns(tag_names=NAMES).read(path)] == [("B-PER", "I-PER", "O")]


def test_numbers_without_names_are_refused_with_what_to_type(numbers):
    with pytest.raises(
        InputError, match=r"train\.jsonl:1: .* dataset\.reader\.tag_names=\[O,B-PER,I-PER\].*dataset_info"
    ):
        read(numbers)
    with pytest.raises(InputError, match=r"train\.jsonl:1: tag 2 has no name; dataset\.reader\.tag_names names 0, 1$"):
        read(numbers, tag_names=NAMES[:2])
    numbers.write_text('{"tokens": ["a"], "ner_tags": [-1]}\n')
    with pytest.raises(InputError, match="tag -1 has no name"):
        read(numbers, tag_names=NAMES)


@pytest.mark.parametrize("given", [[], "", None])
def test_nothing_given_leaves_tags_alone(tmp_path, given):
    assert TagNames(given, tmp_path / "x").of(["B-x", "7"], "x:1") == ("B-x", "7")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ([1, 2], "must be a list of names"),
        ({"0": ["O"]}, "must be a list of names"),
        ("none.txt", "no such file"),
        (7, "must be"),
    ],
)
def test_names_that_cannot_be_are_refused_with_their_setting(numbers, given, message):
    with pytest.raises(InputError, match=r"^dataset\.reader\.tag_names") as caught:
        read(numbers, tag_names=given)
    assert message in str(caught.value)


def test_damaged_and_ambiguous_files_are_refused(numbers):
    side = numbers.parent / "dataset_info.json"
    side.write_text("{")
    with pytest.raises(InputError, match=r"dataset_info\.json: not JSON"):
        read(numbers)
    side.write_text("[" * 100_000)
    with pytest.raises(InputError, match=r"dataset_info\.json: not read: JSON that is nested too deep"):
        read(numbers)
    other = {"ner_tags": [{"names": ["O", "B-X", "I-X"], "_type": "ClassLabel"}]}
    side.write_text(json.dumps({"a": OLD, "b": other}))
    with pytest.raises(InputError, match="several lists of names for 'ner_tags'"):
        read(numbers)


def test_other_features_are_not_taken():
    assert class_names(OLD, "tags") == []
    assert class_names({"ner_tags": "x", "names": NAMES}, "ner_tags") == []
