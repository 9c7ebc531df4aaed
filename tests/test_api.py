"""The Python API: the same functions as the commands, without exit codes and without printing results."""

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

import seedbed

# MLflow 3.17 with SQLAlchemy 2.1, when the first store is opened.
pytestmark = pytest.mark.filterwarnings("ignore:The ``noload`` loader strategy is deprecated:DeprecationWarning")

LIGHT = """
import sys, seedbed
names = [name for name in dir(seedbed) if not name.startswith("_")]
print(*names)
print(*sorted({name.partition(".")[0] for name in sys.modules} & {"tensorflow", "keras", "mlflow", "hydra", "pandas"}))
"""


@pytest.fixture
def in_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SEEDBED_CACHE", str(tmp_path / "cache"))
    return tmp_path


@pytest.fixture
def reviews(tmp_path):
    rng = np.random.default_rng(0)
    words = {"pos": ["good", "great", "fine"], "neg": ["bad", "dull", "poor"]}
    rows = [(f"the film was {rng.choice(words[label])} {n}", label) for n in range(60) for label in words]
    file = tmp_path / "reviews.csv"
    pd.DataFrame(rows, columns=["review", "sentiment"]).to_csv(file, index=False)
    return {
        "dataset": "csv", "dataset__files": {"train": str(file)}, "dataset__reader__text_column": "review",
        "dataset__reader__label_column": "sentiment", "encoder": "cnn", "encoder__filters": 4, "embedding__dim": 6,
        "sampling__validation": 10, "sampling__test": 20, "training__epochs": 2, "sizes": [10], "replicates": 2,
    }  # fmt: skip


def cells(difference=0.05):
    rows = [(arm, 50, r, 0.6 + 0.01 * (r % 3) + difference * (arm == "b")) for arm in "ab" for r in range(6)]
    return pd.DataFrame(rows, columns=["arm", "n_train", "replicate", "test/accuracy"])


def test_names_are_listed_and_importing_them_loads_nothing_heavy():
    printed = subprocess.run([sys.executable, "-c", LIGHT], capture_output=True, text=True, check=True).stdout
    names, heavy = printed.split("\n")[:2]
    assert names.split() == [name for name in sorted(seedbed.__all__) if not name.startswith("_")]
    assert heavy == ""


def test_the_stub_lists_the_names_of_the_package():
    from pathlib import Path

    stub = Path(seedbed.__file__).with_suffix(".pyi").read_text("utf-8")
    assert all(f"import {name} as {name}" in stub for name in seedbed.__all__ if not name.startswith("_"))


def test_compare_trains_what_is_missing_and_equals_the_command(in_folder, reviews, capsys):
    arms = {"cnn": [], "pool": seedbed.arm(encoder="pool")}
    comparison = seedbed.compare(arms, name="mine", progress=False, **reviews)
    printed = capsys.readouterr()
    assert (printed.out, "reading" in printed.err, "cells" in printed.err) == ("", False, False)
    assert list(comparison.table["arm"]) == ["cnn", "cnn", "pool", "pool"]
    assert set(comparison.table["status"]) == {"finished"}
    again = seedbed.compare(arms, name="mine", progress=False, **reviews)
    assert sum(again.study.progress.trained.values()) == 0
    pd.testing.assert_frame_equal(again.table, comparison.table)
    from seedbed.cli.main import main

    words = [word for key, value in reviews.items() for word in [f"{key.replace('__', '.')}={value}".replace("'", "")]]
    assert main(["compare", *words, "task=classification", "sampling=fewshot", "name=mine",
                 "arms={cnn: [], pool: [encoder=pool]}"]) == 0  # fmt: skip
    assert "nothing is missing" in capsys.readouterr().err
    written = pd.read_csv(in_folder / "seedbed-out/mine/results.csv")
    assert list(written["cell"]) == list(comparison.table["cell"])
    stored = seedbed.results(where="encoder='pool'")
    assert sorted(stored["cell"]) == sorted(comparison.table["cell"][2:])
    assert len(seedbed.results()) == 4


@pytest.mark.slow
def test_an_object_in_place_of_a_choice_is_the_same_cell(in_folder, reviews):
    from seedbed.embeddings.random import Random

    keys = {key: value for key, value in reviews.items() if key != "embedding__dim"}
    named = {"x": seedbed.arm(embedding="random", embedding__dim=5), "y": seedbed.arm(embedding=Random(dim=5))}
    table = seedbed.compare(named, progress=False, **keys).table
    assert list(table["cell"][:2]) == list(table["cell"][2:])


@pytest.mark.slow
def test_load_and_draw_are_what_a_study_draws(in_folder, reviews):
    dataset = {key.removeprefix("dataset__"): value for key, value in reviews.items() if key.startswith("dataset__")}
    corpus = seedbed.load("csv", **dataset)
    comparison = seedbed.compare({"cnn": []}, progress=False, **reviews)
    from seedbed.data.draws import Sampling

    sampling = Sampling("random", 10, 20, comparison.study.run.study.arms[0].sampling.validation_from)
    draws = corpus.draw(size=10, replicates=2, sampling=sampling)
    assert [one.digest for one in draws] == list(comparison.table["draw"])
    assert [example.id for example in corpus.examples(draws[0].train)] == list(draws[0].train)


def test_analyse_answers_reports_and_shows_itself(tmp_path):
    comparison = seedbed.analyse(cells())
    assert comparison.answer.startswith("b beats a by 5.0 points of accuracy at 50 examples")
    assert repr(comparison) == comparison.answer
    assert list(comparison.comparisons["arm"]) == ["b"]
    page = comparison.report(tmp_path / "out", title="mine")
    assert page.is_file()
    html = comparison._repr_html_()
    assert "<svg" in html
    assert "<script" not in html


def test_text_of_the_data_is_escaped():
    table = cells().replace({"arm": {"b": "<script>alert(1)</script>"}})
    assert "<script" not in seedbed.analyse(table)._repr_html_()


def test_lower_is_better_can_be_said():
    table = cells().rename(columns={"test/accuracy": "test/strangeness"})
    assert seedbed.analyse(table).answer.startswith("b beats a")
    assert seedbed.analyse(table, lower_is_better=["strangeness"]).answer.startswith("a beats b")


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: seedbed.load("trek"), "dataset=trek"),
        (lambda: seedbed.compare({"a": ["encoder.fliters=3"]}, dataset="trec"), "fliters"),
        (lambda: seedbed.compare({"a": []}, dataset="trec", size=3), "size"),
        (lambda: seedbed.compare({"a": []}, dataset=len), "dataset=builtin_function_or_method: must be text"),
        (lambda: seedbed.arm(dataset_name=seedbed.Arm()), "dataset_name: an object can be given for"),
        (lambda: seedbed.results("sqlite:///nothing.db"), "no such store"),
        (lambda: seedbed.analyse(cells(), metric="f2"), "no such score"),
        (lambda: seedbed.analyse(cells().drop(columns="arm")), "no column arm"),
    ],
)
def test_bad_input_is_an_input_error_of_one_line(in_folder, call, message):
    with pytest.raises(seedbed.InputError, match=message) as caught:
        call()
    assert "\n" not in str(caught.value)
