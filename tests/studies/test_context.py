"""What a report is told of a study's data."""

from types import SimpleNamespace

from seedbed.data.corpus import Corpus, Example
from seedbed.studies.context import counts_by_name


def planned(arm, name, text, cut=0):
    corpus = Corpus(name, "classification", {"train": (Example("train/0", (text,), "x"),)}, ("x", "y"), {"cut": cut})
    return SimpleNamespace(arm=SimpleNamespace(name=arm), corpus=corpus)


def test_data_sets_of_one_name_are_all_counted():
    cells = [planned("a", "csv", "good", 1), planned("a", "csv", "good", 1), planned("b", "csv", "dull", 2)]
    plan = SimpleNamespace(planned=[*cells, planned("c", "trec", "who", 3)])
    assert list(counts_by_name(plan).items()) == [
        ("csv (a)", {"cut": 1}), ("csv (b)", {"cut": 2}), ("trec", {"cut": 3}),
    ]  # fmt: skip
