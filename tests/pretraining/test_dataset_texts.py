"""The texts of a data set that are trained on: which, and which are kept out."""

import pytest

from seedbed.data.corpus import Corpus, Example
from seedbed.data.text_fingerprints import TextFingerprints
from seedbed.data.text_fingerprints import read as read_known_texts
from seedbed.errors import InputError
from seedbed.pretraining import files, shards
from seedbed.pretraining.corpus import DatasetTexts


class Part(tuple):
    """Stands for an unlabelled part."""

    digest = "d"


def corpus(**texts):
    splits = {split: tuple(Example(f"{split}/{n}", tuple(text.split(" ")), "x") for n, text in enumerate(own))
              for split, own in texts.items()}  # fmt: skip
    return Corpus("mine", "classification", splits, ("x",))


CORPUS = corpus(train=["a b", "c d .", "e f", "?"], validation=["c d .", "!"], test=["e f", "?"])
MORE = Part([("g", "h"), ("a", "b"), ("e", "f"), ("!",)])


def read(part, unlabelled=None):
    return [" ".join(sentence) for (sentence,) in DatasetTexts(CORPUS, "document", part, unlabelled).read()]


def test_what_equals_a_validation_or_test_text_is_left_out_of_each_part():
    assert read("train") == ["a b"]
    assert read("unlabelled", MORE) == ["g h", "a b"]
    assert read("both", MORE) == ["a b", "g h", "a b"]


def test_texts_of_excluded_data_sets_are_left_out_and_the_ids_are_those_of_the_data_set():
    other = corpus(train=["a b"], test=["x"])
    texts = DatasetTexts(CORPUS, "document", "both", MORE, (other,))
    assert [" ".join(sentence) for (sentence,) in texts.read()] == ["g h"]
    assert texts.excluded() == (
        "train/0", "train/1", "train/2", "train/3", "validation/0", "validation/1", "test/0", "test/1",
    )  # fmt: skip
    assert texts.source()["exclude"] == [["mine", other.digest]]


def test_the_part_is_in_the_name_the_card_and_what_shards_depend_on():
    train, both = DatasetTexts(CORPUS), DatasetTexts(CORPUS, part="both", unlabelled=MORE)
    assert (train.name, both.name) == ("mine", "mine-both")
    assert (train.description["part"], both.description["part"]) == ("train", "both")
    assert both.source() == {**train.source(), "part": "both", "unlabelled": "d"}
    assert train.excluded() == both.excluded() == ("validation/0", "validation/1", "test/0", "test/1")


def test_training_texts_are_needed_only_where_they_are_trained_on():
    bare = corpus(test=["a"])
    assert DatasetTexts(bare, part="unlabelled", unlabelled=MORE).name == "mine-unlabelled"
    for part in ("train", "both"):
        with pytest.raises(InputError, match="dataset=mine: has no training texts"):
            DatasetTexts(bare, part=part, unlabelled=MORE)


def test_a_model_says_what_it_and_the_one_before_it_have_read(tmp_path, monkeypatch):
    texts = [[["word", str(n), "."]] for n in range(40)]
    made, _ = shards.write_shards(texts, tmp_path / "shards", 0.3, 0, {})
    begin = tmp_path / "begin"
    (begin).mkdir()
    (begin / files.TRAINED_TEXTS).write_bytes(TextFingerprints.of(["before"]).packed())
    files.write_trained_texts(tmp_path, made, begin)
    known = read_known_texts(tmp_path / files.TRAINED_TEXTS)
    assert len(known) == made.train.documents + 1 < 41
    held_out = "".join((tmp_path / "shards" / name).read_text("utf-8") for name in made.held_out.files)
    for n in range(40):
        assert known.has(f"WORD {n}") == (f"word {n} ." not in held_out)
    assert known.has("before")
    monkeypatch.setattr(files, "MOST_TRAINED_TEXTS", 5)
    files.write_trained_texts(tmp_path / "none", made)
    assert not (tmp_path / "none").exists()
