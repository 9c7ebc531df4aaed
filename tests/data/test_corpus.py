"""A data set in memory: its classes, and the split of its test examples."""

import pytest

from seedbed.data.corpus import Corpus, Example


def test_classes_are_those_of_an_example_and_of_a_data_set_also_where_no_example_has_one():
    tags = ("B-per", "I-per", "O", "B-loc", "B-per")
    tagged = Example("train/0", tuple("abcde"), tags)
    assert tagged.classes == ("per", "loc", "per")
    assert Example("train/1", ("a",), "O").classes == ("O",)  # a class may have any name
    labels = ("O", "B-per", "B-loc", "I-loc", "I-org", "I-per")
    assert Corpus("n", "tagging", {"train": (tagged,)}, labels).classes == ("loc", "org", "per")
    assert Corpus("c", "classification", {}, ("O", "B-x", "a")).classes == ("B-x", "O", "a")


@pytest.mark.parametrize(
    ("splits", "source"),
    [
        (("train",), "train"), (("train", "test"), "test"), (("train", "validation", "test"), "test"),
        (("train", "validation"), "test"), (("test",), "test"),
    ],
)  # fmt: skip
def test_only_a_data_set_of_train_alone_is_tested_on_its_rows(splits, source):
    examples = {split: (Example(f"{split}/0", ("a",), "x"),) for split in splits}
    assert Corpus("c", "classification", examples, ("x",)).test_split == source
