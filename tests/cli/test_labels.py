"""`seedbed labels` on a small data set, from file to page; again without training; from a study of the store."""

import json
import random

import pandas as pd
import pytest

from seedbed.config.study import study
from seedbed.data.corpus import Corpus, Example
from seedbed.errors import InputError
from seedbed.studies.labels import default_sizes, labels_study, training_counts

FAST = (
    "embedding=random", "embedding.dim=8", "encoder=prototype", "lint=off", "tracking.uri=sqlite:///mlflow.db",
    "replicates=6",
)  # fmt: skip


def reviews(path, number):
    rng = random.Random(0)
    words = {"good": ["fine", "great", "lovely"], "bad": ["dull", "awful", "poor"]}
    rows = []
    for index in range(number):
        label = "good" if index % 2 else "bad"
        text = " ".join(rng.choice(words[label]) if rng.random() < 0.3 else f"w{rng.randrange(40)}" for _ in range(9))
        rows.append({"text": f"{text} {index}", "label": label})
    pd.DataFrame(rows).to_csv(path, index=False)
    return ["dataset=csv", f"dataset.files.train={path}", "dataset.reader.label_column=label"]


@pytest.mark.slow
def test_from_a_file_to_a_page_and_again_without_training(seedbed, tmp_path):
    data = reviews(tmp_path / "mine.csv", 160)
    words = ["labels", *data, *FAST, "for=300", "target=0.9"]
    first = seedbed(*words)
    assert first.code == 0, first.err
    assert "18 cells" in first.err  # three sizes fit
    out = first.out.split("page: ")[0]
    assert all(len(line) <= 80 for line in out.splitlines())
    assert len(first.lines) <= 30
    assert "300 labels" in " ".join(out.split())
    page = (tmp_path / "seedbed-out/labels_csv/labels/index.html").read_text("utf-8")
    assert "How many labels should I buy?" in page
    assert "<svg" in page
    assert "Labels for the target" in page
    forecasts = pd.read_csv(tmp_path / "seedbed-out/labels_csv/labels/forecasts.csv")
    measured = pd.read_csv(tmp_path / "seedbed-out/labels_csv/results.csv")
    sizes = sorted(measured["n_train"].unique())
    assert len(sizes) == 3
    arm = measured["arm"].iloc[0]
    mine = forecasts[forecasts["arm"] == arm].set_index("n_train")
    for size in sizes:
        expected = measured[measured["n_train"] == size]["test/accuracy"].mean()
        assert mine.loc[size, "measured"] == pytest.approx(expected)
    assert {2 * sizes[-1], 5 * sizes[-1], 300} <= set(mine.index)

    again = seedbed(*words)
    assert "nothing is missing: all 18 cells are in the store" in again.err
    assert again.out == first.out
    stored = seedbed("labels", "study=labels_csv", "for=300", "target=0.9", FAST[4])
    assert stored.code == 0, stored.err
    assert stored.out == first.out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "give your data, such as dataset=csv"),
        (("dataset=trec", "for=many"), "for=many: give a number of labels"),
        (("dataset=trec", "for=0"), "for=0: give a number of labels from 1 to 1,000,000,000"),
        (("dataset=trec", "for=1000000001"), "for=1000000001: give a number of labels from 1 to 1,000,000,000"),
        (("dataset=trec", "for=99_999_999_999"), "for=99999999999: give a number of labels from 1 to 1,000,000,000"),
        (("dataset=trec", "for"), "cannot read 'for': write key=value"),
        (("dataset=trec", "target=high"), "target=high: give a score"),
        (("study=a", "sizes=[3]"), "no key sizes"),
        (("study=a", "tracking.uri=sqlite:///none.db"), "no such store"),
    ],
)
def test_bad_input_is_one_line(refused, words, said):
    assert said in refused("labels", *words)


def test_too_few_examples_are_refused_before_anything_is_trained(refused, tmp_path):
    data = reviews(tmp_path / "mine.csv", 40)
    line = refused("labels", *data, *FAST, leaves=("mine.csv",))
    assert "a learning curve needs 48" in line
    assert "sizes=[5,10,20]" in line


def test_a_setting_of_one_embedding_alone_is_one_of_its_arm_as_in_compare():
    said = []
    checked, words = labels_study(["dataset=trec", "embedding.bad_lines=skip", "sizes=[5,10,20]"], None, said.append)
    arms = {arm.name: arm.embedding for arm in checked.arms}
    assert arms["glove"].bad_lines == "skip"
    assert "minilm" in arms or any("minilm is left out" in line for line in said)
    again = study(words)
    assert again.keys == checked.keys
    assert again.arms == checked.arms
    assert checked.keys.name == "labels_trec"


@pytest.mark.parametrize(
    ("pool", "classes", "sizes"),
    [
        (300, 2, [12, 25, 50, 100, 200]),
        (100_000, 6, [120, 250, 500, 1000, 2000]),
        (60, 2, [10, 20, 40]),
        (300, 30, [50, 100, 200]),
    ],
)
def test_default_sizes_halve_and_fit_the_data(pool, classes, sizes):
    assert default_sizes(pool, classes) == sizes


def test_default_sizes_refuse_a_small_pool():
    with pytest.raises(InputError, match="20 examples are left to train on"):
        default_sizes(20, 2)


class Planned:
    """A planned cell of a draw: what is counted of it."""

    def __init__(self, corpus, train):
        self.corpus, self.draw = corpus, type("Draw", (), {"train": train, "digest": json.dumps(train)})
        self.cell = type("Cell", (), {"n_train": len(train)})


def test_training_examples_are_counted_by_class_and_entities_by_type():
    tags = (("B-per", "I-per", "O"), ("B-per", "B-loc", "O"), ("O", "O", "O"))
    examples = tuple(Example(str(number), ("a", "b", "c"), one) for number, one in enumerate(tags))
    ner = Corpus("n", "tagging", {"train": examples}, ("O", "B-loc", "B-per", "I-per"))
    counts = training_counts([Planned(ner, ["0", "1"]), Planned(ner, ["1", "2"]), Planned(ner, ["0", "1"])])
    assert counts == {2: {"per": 1.5, "loc": 1.0}}
    classes = Corpus("c", "classification", {"train": (Example("0", ("a",), "x"),)}, ("x", "y"))
    assert training_counts([Planned(classes, ["0"])]) == {1: {"x": 1.0, "y": 0.0}}
