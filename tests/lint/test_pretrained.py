"""Models that have read what they are tested on."""

import json

import pytest

from seedbed.data.text_fingerprints import TextFingerprints

RULE = "text-in-pretraining"


@pytest.fixture
def model(tmp_path, monkeypatch):
    """Writes a model that has read these texts; the override that names it in a study."""

    def build(*texts, folder="model"):
        target = tmp_path / folder
        target.mkdir()
        for name in ("weights.hdf5", "options.json"):
            (target / name).write_bytes(b"")
        (target / "trained_texts.npy").write_bytes(TextFingerprints.of(texts).packed())
        return [
            f"embedding.weights={target / 'weights.hdf5'}",
            f"embedding.options={target / 'options.json'}",
        ]

    monkeypatch.setattr("seedbed.embeddings.elmo.Elmo.content", lambda self: {"model": self.weights})
    return build


@pytest.fixture
def csv(tmp_path):
    """A data set of texts of 30 words, four in validation and six in test."""

    def build(split, n):
        return " ".join(f"{split}{n}w{k}x" for k in range(30))

    for split, number in (("train", 12), ("validation", 4), ("test", 6)):
        rows = [f'"{build(split, n)}.",{n % 2}' for n in range(number)]
        (tmp_path / f"{split}.csv").write_text("\n".join(["text,label", *rows]) + "\n", encoding="utf-8")
    files = [f"dataset.files.{split}={tmp_path / split}.csv" for split in ("train", "validation", "test")]
    build.words = ["dataset=csv", *files, "embedding=elmo_own", "task=classification", "encoder=cnn", "arm=mine"]
    return build


def test_test_and_validation_texts_that_a_model_has_read_are_counted(linted, csv, model):
    overrides = model(csv("test", 1).upper(), csv("test", 4) + " !", csv("validation", 0), csv("train", 3), "other")
    assert linted(*csv.words, *overrides).text(RULE) == (
        "csv: the model of mine, model/weights, has read 2 of 6 test texts and 1 of 4 validation texts"
    )


def test_training_texts_may_be_known_also_where_validation_is_drawn_from_them(linted, csv, model):
    overrides = model(*(csv("train", n) for n in range(12)))
    sampling = ["sampling=fewshot", "sampling.validation=4", "sampling.test=3", "sizes=[4]", "replicates=6"]
    assert RULE not in linted(*csv.words, *overrides).rules
    assert RULE not in linted(*csv.words, *overrides, *sampling).rules


def test_draws_are_counted_by_the_texts_that_they_have(linted, csv, model):
    sampling = ["sampling=fewshot", "sampling.validation=4", "sampling.test=3", "sizes=[2,4]", "replicates=12"]
    text = linted(*csv.words, *model(csv("test", 1)), *sampling).text(RULE)
    number, total = text.rpartition("(in ")[2].removesuffix(" draws)").split(" of ")
    assert text.startswith("csv: the model of mine, model/weights, has read 1 of 3 test texts (in ")
    assert 0 < int(number) < int(total) == 24


@pytest.mark.parametrize("end", ["first", "last"])
def test_texts_that_the_study_cuts_are_found_by_the_end_that_is_left(linted, csv, model, end):
    overrides = model(csv("test", 0), csv("train", 0))
    cut = ["dataset.max_tokens=25", f"dataset.keep_tokens={end}"]
    assert "1 of 6 test texts" in linted(*csv.words, *overrides, *cut).text(RULE)
    beginning = " ".join(csv("test", 0).split(" ")[:25])
    assert RULE not in linted(*csv.words, *model(beginning, folder="other")).rules


def test_models_in_a_stack_and_several_arms_of_one_are_named_once(linted, csv, model, tmp_path):
    vectors = tmp_path / "v.txt"
    vectors.write_text("a 0.1 0.2\n", encoding="utf-8")
    overrides = [word.replace("embedding.", "embedding.parts.elmo.") for word in model(csv("test", 1))]
    words = [word for word in csv.words if not word.startswith(("embedding", "arm="))]
    stack = [
        "embedding=static_elmo", "embedding@embedding.parts.elmo=elmo_own", "embedding@embedding.parts.static=glove",
        f"embedding.parts.static.path={vectors}", "embedding.parts.static.dim=2", *overrides,
    ]  # fmt: skip
    arms = "arms={both: [], twice: [encoder=pool], static: [~embedding.parts.elmo]}"
    assert "csv: the model of both and twice, " in linted(*words, *stack, arms).text(RULE)


def test_an_exported_model_is_looked_up_in_the_folder_of_its_weights(linted, csv, model, tmp_path):
    model(csv("test", 1))
    (tmp_path / "model" / "saved_model").mkdir()
    handle = ["embedding.source=hub", f"embedding.handle={tmp_path / 'model' / 'saved_model'}"]
    assert "1 of 6 test texts" in linted(*csv.words, *handle).text(RULE)


def test_nothing_is_said_of_models_that_say_nothing(linted, csv, model, tmp_path):
    overrides = model(csv("test", 1))
    (tmp_path / "model" / "trained_texts.npy").unlink()
    assert RULE not in linted(*csv.words, *overrides).rules
    published = ["embedding=elmo_small"]
    words = [word for word in csv.words if not word.startswith("embedding")]
    assert RULE not in linted(*words, *published).rules


def test_a_damaged_file_is_said(linted, csv, model, tmp_path):
    from seedbed.errors import InputError

    overrides = model(csv("test", 1))
    (tmp_path / "model" / "trained_texts.npy").write_text(json.dumps([]), encoding="utf-8")
    with pytest.raises(InputError, match=r"trained_texts.npy: cannot be read"):
        linted(*csv.words, *overrides)
