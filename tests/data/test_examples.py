"""From what a file says to examples: ids, types that are renamed, tags that are converted, and invalid characters."""

import json

import pytest

from seedbed.data.dataset import Dataset
from seedbed.data.readers import Columns, JsonLines
from seedbed.errors import InputError

TAGGING = {"task": "tagging", "reader": JsonLines(tokens="tokens", tags="tags")}
ROW = {"tokens": ["Ana", "Lee", "saw", "Oslo"], "tags": ["B-PER", "I-PER", "O", "B-LOC"]}


@pytest.fixture
def corpus(tmp_path):
    def loaded(rows_of, **settings):
        for split, rows in rows_of.items():
            lines = rows if isinstance(rows, str) else "".join(json.dumps(row) + "\n" for row in rows)
            (tmp_path / split).write_text(lines, encoding="utf-8")
        files = settings.pop("files", {split: split for split in rows_of})
        return Dataset("toy", path=str(tmp_path), files=files, **{"reader": JsonLines(), **settings}).load()

    return loaded


def test_ids_that_begin_anew_in_each_split_are_ids_of_their_split(corpus):
    numbered = [ROW | {"id": number} for number in range(2)]
    result = corpus({"train": numbered, "test": numbered}, **TAGGING)
    assert [example.id for example in result] == ["train/0", "train/1", "test/0", "test/1"]
    apart = corpus({"train": numbered, "test": [ROW | {"id": 2}]}, **TAGGING)
    assert [example.id for example in apart] == ["0", "1", "2"]


def test_ids_that_begin_anew_in_each_file_of_a_split_carry_its_name(corpus):
    numbered = [ROW | {"id": number} for number in range(2)]
    result = corpus({"a": numbered, "b": numbered}, files={"train": ["a", "b"]}, **TAGGING)
    assert [example.id for example in result] == ["train/a/0", "train/a/1", "train/b/0", "train/b/1"]


def test_an_id_that_is_twice_in_a_file_is_refused_with_its_line_and_the_setting(corpus):
    with pytest.raises(InputError, match=r"train:2: 2 examples have the id 'x'; .*: dataset\.reader\.id= \(empty\)"):
        corpus({"train": [ROW | {"id": "x"}] * 2, "test": [ROW | {"id": "x"}]}, **TAGGING)
    reader = JsonLines(tokens="tokens", tags="tags", id="")
    assert len(corpus({"train": [ROW | {"id": "x"}] * 2}, task="tagging", reader=reader).splits["train"]) == 2


def test_sentences_without_tokens_are_dropped_and_counted(corpus):
    result = corpus({"train": [ROW, {"tokens": [], "tags": []}, ROW]}, **TAGGING)
    assert [example.id for example in result] == ["train/0", "train/2"]
    assert result.counts["empty"] == 1


def test_types_of_entities_are_renamed_put_together_or_left_out(corpus):
    rows = {"train": [{"tokens": list("abcd"), "tags": ["B-PER", "I-PER", "B-ORG", "B-LOC"]}]}
    result = corpus(rows, labels={"PER": "NAME", "ORG": "NAME", "LOC": "O"}, **TAGGING)
    assert result.splits["train"][0].target == ("B-NAME", "I-NAME", "B-NAME", "O")
    with pytest.raises(InputError, match=r"train:1: unknown type 'ORG'; dataset\.labels has PER, LOC"):
        corpus(rows, labels={"PER": "NAME", "LOC": "O"}, **TAGGING)
    with pytest.raises(InputError, match=r"^dataset\.labels\.PER: the new name is empty; O leaves a type out"):
        corpus(rows, labels={"PER": ""}, **TAGGING)


def test_an_unknown_type_is_refused_with_the_line_of_its_token(corpus):
    reader = Columns(token_column=1)
    text = "# x\n1-2\tab\t_\n1\ta\tO\n2\tb\tB-x\n"
    with pytest.raises(InputError, match=r"train:2: unknown type 'x'"):
        corpus({"train": text.split("\n", 2)[2]}, labels={"y": "z"}, task="tagging", reader=reader)
    named = "# global.columns = ID FORM NE\n" + text
    with pytest.raises(InputError, match=r"train:5: unknown type 'x'"):
        corpus({"train": named}, labels={"y": "z"}, task="tagging", reader=reader)


@pytest.mark.parametrize(
    ("tags", "counts"),
    [
        ("B-a I-a O B-a", {}),
        ("B_a I_a O B_a", {}),
        ("I-a I-a O I-a B-a", {"entities_converted_from_IOB1": 2}),
        ("I-a I-a O I-a", {"entities_converted_from_IO": 2}),
        ("B-a B-b O I-a", {"entities_that_begin_with_I-": 1}),
        ("B-a L-a U-b", {"entities_converted_from_BILOU": 2}),
        (
            "B-a E-a S-b I-b",
            {
                "entities_converted_from_BIOES": 2,
                "entities_that_lack_their_beginning": 1,
                "entities_that_lack_their_end": 1,
            },
        ),
        ("B-a E-a S-b E-c", {"entities_converted_from_BIOES": 2, "entities_that_lack_their_beginning": 1}),
        ("a a O b", {"entities_converted_from_bare": 2}),
        ("(a* *) * (b)", {"entities_converted_from_brackets": 2}),
    ],
)
def test_counts_say_what_was_done_to_tags(corpus, tags, counts):
    row_tags = tags.split()
    result = corpus({"train": [{"tokens": ["x"] * len(row_tags), "tags": row_tags}]}, **TAGGING)
    assert {key: number for key, number in result.counts.items() if "_" in key} == counts


def test_a_mixture_is_counted_by_its_rule_and_by_its_exceptions(corpus):
    rows = [{"tokens": list("abcd"), "tags": tags.split()} for tags in ("B-a I-a O B-a", "B-a O B-b O", "O O I-a I-a")]
    assert corpus({"train": rows}, **TAGGING).counts["entities_that_begin_with_I-"] == 1
    rows = [{"tokens": list("abcd"), "tags": tags.split()} for tags in ("I-a B-a O I-a", "I-b O I-c O", "O O B-a I-a")]
    result = corpus({"train": rows}, **TAGGING)
    assert (result.notation, result.counts["entities_converted_from_IOB1"]) == ("IOB1", 4)


def test_half_a_surrogate_pair_in_a_text_is_an_invalid_character_and_counted(corpus):
    rows = [{"text": "bad \ud83d film \ude00", "label": "n"}, {"text": "good \U0001f600", "label": "p"}]
    result = corpus({"train": rows}, tokenizer="spaces")
    assert result.splits["train"][0].tokens == ("bad", "\ufffd", "film", "\ufffd")
    assert result.splits["train"][1].tokens == ("good", "\U0001f600")
    assert result.counts["invalid_characters"] == 2
    result = corpus({"train": [ROW | {"tokens": ["Ana\ud83d", "Lee", "saw", "\ude00"]}]}, **TAGGING)
    assert result.splits["train"][0].tokens == ("Ana\ufffd", "Lee", "saw", "\ufffd")
    assert result.counts["invalid_characters"] == 2
    for text in (str(result), json.dumps([example.tokens for example in result], ensure_ascii=False)):
        text.encode()


@pytest.mark.parametrize(
    ("row", "message", "settings"),
    [
        ({"text": "a", "label": "n\ud83d"}, r"the label 'n\\ud83d' has half of a surrogate pair", {}),
        ({"text": "a", "label": "n", "id": "\ude00"}, r"the id '\\ude00' has half", {}),
        (ROW | {"tags": ["O", "O", "O", "B-L\ud83d"]}, r"the type 'L\\ud83d' has half", TAGGING),
    ],
)
def test_half_a_surrogate_pair_in_a_name_is_refused_with_its_line(corpus, row, message, settings):
    with pytest.raises(InputError, match=rf"train:2: {message}"):
        corpus({"train": [{**row, "label": "m", "tags": ["B-x"] * 4, "id": None}, row]}, **settings)


def test_a_changed_list_of_names_beside_the_file_is_read_again(corpus, tmp_path):
    rows = {"train": [{"tokens": ["a", "b"], "tags": [1, 0]}]}
    side = tmp_path / "dataset_info.json"
    for kind in ("PER", "LOC"):
        side.write_text(json.dumps({"features": {"tags": [{"names": ["O", f"B-{kind}"]}]}}))
        assert corpus(rows, **TAGGING).labels == ("O", f"B-{kind}")


IOB2 = "Ana B-PER\nLee I-PER\nsaw O\nOslo B-LOC\n"
BIOES = "Ana B-PER\nLee E-PER\nsaw O\nOslo S-LOC\n"


@pytest.mark.parametrize(("text", "counts"), [
    (IOB2 * 13, {"files_without_a_blank_line": 1}),
    (IOB2 * 12, {}),
    (f"{IOB2 * 13}\n{IOB2}", {}),
    (f"{IOB2 * 251}\n{IOB2}", {"sentences_of_more_than_1,000_tokens": 1}),
    (f"{IOB2}\n{BIOES}\n{BIOES.replace('B-PER', 'S-PER')}",
     {"entities_that_lack_their_end": 2, "entities_that_lack_their_beginning": 1}),
    (f"{BIOES}\n{BIOES}", {}),
    ("Ana B-PER\nLee I-PER\nsaw O\nOslo S-LOC\n", {}),  # a scheme without E
])  # fmt: skip
def test_what_no_blank_line_divides_and_what_has_no_end_is_counted(corpus, text, counts):
    found = corpus({"train": text, "test": f"{BIOES}\n{BIOES}" if "E-PER" in text else f"{IOB2}\n{IOB2}"},
                   task="tagging", reader=Columns()).counts  # fmt: skip
    names = ("files_without", "sentences_of", "entities_that")
    assert {name: count for name, count in found.items() if name.startswith(names)} == counts
