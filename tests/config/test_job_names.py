"""Names of the jobs of a sweep."""

from itertools import permutations

import pytest

from seedbed.config.job_names import LONGEST, arm_name, by_value, job_name, names_arm, short_keys, single_name


@pytest.mark.parametrize(
    ("swept", "name"),
    [
        (["embedding=glove", "encoder=cnn"], "glove-cnn"),
        (["encoder=cnn", "training.learning_rate=0.01", "encoder.dropout=0.5"], "cnn lr=0.01 do=0.5"),
        (["training.learning_rate=0.01"], "lr=0.01"),
        (["encoder.widths=[3,4]", "training.batch_size=8"], "widths=[3,4] bs=8"),
        (["+embedding@embedding.parts.elmo=elmo_small"], "elmo=elmo_small"),
        (["++dataset.labels.neg='so, so'"], "neg=so, so"),
        (["sampling=fewshot"], "sampling=fewshot"),
        (["sizes=[10]", "seed=1", "dataset=imdb"], "random-bilstm"),
        (["sizes=[10]", "encoder=cnn"], "cnn"),
    ],
)
def test_an_arm_is_named_by_what_differs_between_jobs(swept, name):
    assert arm_name(swept, "random-bilstm") == name


def test_a_job_is_also_named_by_what_makes_no_other_arm():
    assert job_name(["sizes=[10]", "encoder=cnn", "seed=1"], "x") == "cnn sizes=[10] seed=1"
    assert job_name([], "x") == "x"


def test_keys_with_the_same_last_part_are_lengthened_until_they_differ_and_others_stay_short():
    keys = [
        "encoder.dropout",
        "task.dropout",
        "training.learning_rate",
        "embedding.parts.a.dim",
        "embedding.parts.b.dim",
    ]
    assert list(short_keys(keys).values()) == ["encoder.do", "task.do", "lr", "a.dim", "b.dim"]
    assert short_keys(["seed", "training.seed"]) == {"seed": "seed", "training.seed": "training.seed"}


def test_names_of_one_sweep_differ_where_its_overrides_do():
    values = [[f"encoder.dropout={a}", f"task.dropout={b}"] for a in (0, 0.5) for b in (0, 0.5)]
    assert len({arm_name(swept, "x") for swept in values}) == 4


def test_jobs_are_sorted_by_numbers_and_then_texts():
    rates = ["1e-3", "0.01", "10", "9", "null", "auto"]
    shuffled = sorted(rates)
    assert sorted(shuffled, key=lambda rate: by_value([f"a.b={rate}"])) == ["1e-3", "0.01", "9", "10", "auto", "null"]
    lists = sorted(["[100]", "[20]", "[3,4]"], key=lambda sizes: by_value([f"sizes={sizes}"]))
    assert lists == ["[3,4]", "[20]", "[100]"]
    two = sorted([("2", "b"), ("10", "a"), ("2", "a")], key=lambda pair: by_value([f"x.a={pair[0]}", f"x.b={pair[1]}"]))
    assert two == [("2", "a"), ("2", "b"), ("10", "a")]


def test_what_makes_another_arm():
    assert names_arm("training.learning_rate=0.01")
    assert names_arm("+embedding@embedding.parts.elmo=elmo_small")
    assert names_arm("dataset.max_tokens=5")
    assert not any(map(names_arm, ["dataset=imdb", "sizes=[10]", "seed=1", "replicates=3"]))


def test_a_single_arm_is_named_by_its_model_and_the_settings_that_were_given():
    keys = ["encoder.filters", "encoder.dim", "embedding.dim", "training.learning_rate"]
    assert single_name("glove-cnn", {}, keys) == "glove-cnn"
    assert single_name("glove-cnn", {"encoder.filters": "8", "training.learning_rate": "1e-2"}, keys) == (
        "glove-cnn filters=8 lr=1e-2"
    )
    assert single_name("a-b", {"encoder.dim": "5"}, keys) != single_name("a-b", {"embedding.dim": "5"}, keys)


@pytest.mark.parametrize("epochs", ["20", "20 and more, so that the name is cut"])
def test_the_order_in_which_settings_were_given_makes_no_other_name(epochs):
    keys = ["encoder.filters", "training.learning_rate", "training.epochs"]
    values = {"training.epochs": epochs, "encoder.filters": "8", "training.learning_rate": "0.01"}
    names = {single_name("glove-cnn", dict(order), keys) for order in permutations(values.items())}
    assert len(names) == 1


def test_a_long_name_is_cut_and_another_value_makes_another_name():
    values = {"task.decoder": "crf", "encoder.units": "32", "training.epochs": "20"}
    name = single_name("glove_characters-bilstm", values, values)
    assert name.startswith("glove_characters-bilstm decoder=crf ")
    assert len(name) <= LONGEST
    assert name != single_name("glove_characters-bilstm", values | {"training.epochs": "21"}, values)
    assert len(single_name("glove-cnn", {"embedding.path": "/a/b/" * 40}, [])) <= LONGEST
