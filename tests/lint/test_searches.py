"""Searches: chosen values at an end of the range that was searched (``edge-of-sweep``), and TPE that is random."""

import math
from types import SimpleNamespace

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.comparison.search.distributions import parse_distribution
from seedbed.comparison.search.proposals import at_random, propose
from seedbed.comparison.search.settings import Tune
from seedbed.comparison.search.space import SearchSpace
from seedbed.comparison.search.trials import Trial
from seedbed.lint.rules import with_findings
from seedbed.lint.searches import end_of, tpe_at_random, wider
from seedbed.report.analysis.analysis import analyse
from seedbed.report.analysis.inputs import ReportInputs
from seedbed.report.analysis.tuning import Tuning

RATE = "training.learning_rate"


def searched(values, text="log(1e-4, 1e-1)", key=RATE, sizes=(50,)):
    """What is found in a search of one arm that chose these values in its replicates, with one trial besides."""
    trials, cells = [], []
    for size in sizes:
        for replicate, value in enumerate(values):
            identity = {"arm": "glove", "n_train": size, "replicate": replicate}
            for trial, (own, score) in enumerate([(0.01, 0.5), (value, 0.6)]):
                result = {"validation/accuracy": score, "test/accuracy": score, "epochs": 3.0, "seconds": 1.0}
                status = {"energy_j": math.nan, "status": "finished", "chosen": trial == 1}
                trials.append(identity | {"trial": trial, key: own} | result | status)
                setting = ("default", "tuned")[trial]
                cells.append(
                    identity | {"setting": setting, "test/accuracy": score, "cell": f"{size}-{replicate}-{trial}"}
                )
    tuning = Tuning(pd.DataFrame(trials), {"glove": {key: text}}, "random", 2, "validation/accuracy")
    study = with_findings(analyse(pd.DataFrame(cells), inputs=ReportInputs({}, tuning=tuning)))
    return [finding.text for finding in study.inputs.findings if finding.rule == "edge-of-sweep"]


def test_half_of_the_replicates_at_an_end_are_reported_with_a_wider_range():
    assert searched([0.09, 0.08, 0.01, 0.002]) == [
        "glove at 50 examples: 2 of 4 replicates chose training.learning_rate at the upper end of log(1e-4, 1e-1); "
        "search a wider range, such as log(0.0001, 1)"
    ]
    assert searched([1.1e-4, 1e-4, 1.2e-4])[0].endswith("lower end of log(1e-4, 1e-1); search a wider range, such as "
                                                        "log(1e-05, 0.1)")  # fmt: skip


@pytest.mark.parametrize("values", [[0.09, 0.01, 0.01], [0.09, 1e-4, 0.01], [0.01] * 4, [0.09, 0.09], [0.06] * 3])
def test_fewer_both_ends_the_inside_and_two_replicates_are_no_finding(values):
    assert searched(values) == []


def test_each_size_is_looked_at_by_itself():
    assert [text.partition(":")[0] for text in searched([0.1] * 3, sizes=(50, 200))] == [
        "glove at 50 examples",
        "glove at 200 examples",
    ]


@pytest.mark.parametrize(
    ("values", "text", "key"),
    [
        ([0.0, 0.01, 0.0], "uniform(0, 0.6)", "encoder.dropout"),
        ([1, 1, 1], "int(1, 25)", "encoder.k"),
        (["cosine"] * 3, "choice(cosine, euclidean)", "encoder.metric"),
        ([0.89, 0.9, 0.9], "uniform(0.1, 0.9)", "encoder.dropout"),
        ([0.1] * 3, "", RATE),
        (["null"] * 3, "int(3, 10)", "training.patience"),
    ],
)
def test_bounds_choices_and_unknown_ranges_have_no_end(values, text, key):
    assert searched(values, text, key) == []


def test_whole_numbers_have_an_outermost_one_and_stay_whole():
    assert searched([10, 10, 4], "int(3, 10)", "training.patience")[0].endswith("such as int(3, 17)")
    assert searched([3, 3, 4], "int(3, 10)", "training.patience")[0].endswith("such as int(1, 10)")
    assert searched([16, 16, 16], "int(16, 256, log)", "encoder.filters")[0].endswith("such as int(2, 256, log)")
    assert searched([9, 9, 9], "int(3, 10)", "training.patience") == []


def test_a_default_beyond_the_range_counts_to_the_end_that_it_is_beyond():
    assert "lower end" in searched([1e-6] * 3)[0]
    assert "2 of 3 replicates" in searched(["null", "10", "10"], "int(3, 10)", "training.patience")[0]


@given(st.floats(0, 1), st.sampled_from(["log(1e-5, 1e3)", "uniform(-2, 5)"]))
def test_an_end_is_a_twentieth_of_the_scale(place, text):
    distribution = parse_distribution("a.b", text)
    low, high = distribution.arguments
    value = low * (high / low) ** place if distribution.log else low + place * (high - low)
    if min(abs(place - 0.05), abs(place - 0.95)) > 1e-9:
        assert end_of(distribution, value) == (0 if place < 0.05 else 1 if place > 0.95 else None)


@given(st.sampled_from(["log(1e-4, 0.1)", "uniform(0.1, 0.5)", "int(3, 10)", "int(16, 256, log)", "uniform(-1, 1)"]),
       st.sampled_from([0, 1]))  # fmt: skip
def test_what_is_suggested_can_be_typed_and_holds_the_range(text, end):
    before = parse_distribution("encoder.dropout", text)
    after = parse_distribution("encoder.width", wider("encoder.width", before, end))
    assert after.arguments[1 - end] == before.arguments[1 - end]
    assert (-1, 1)[end] * (after.arguments[end] - before.arguments[end]) > 0
    assert (after.kind, after.log) == (before.kind, before.log)


@pytest.mark.parametrize(("method", "budget", "batch", "found"), [
    ("tpe", 8, 8, True), ("tpe", 9, 8, True), ("tpe", 10, 8, False), ("tpe", 8, 4, True), ("tpe", 9, 4, False),
    ("tpe", 16, 16, True), ("random", 8, 8, False),
])  # fmt: skip
def test_a_search_by_tpe_that_ends_before_it_has_modeled_a_score_is_random(method, budget, batch, found):
    plan = SimpleNamespace(tune=Tune(method, budget=budget, batch=batch))
    assert [text.startswith(f"tune=tpe tune.budget={budget}") for text in tpe_at_random(plan)] == [True] * found
    assert list(tpe_at_random(SimpleNamespace(tune=None))) == []


def test_the_trials_before_a_model_are_those_that_are_proposed_at_once():
    """Without trial 0; `tpe` proposes the next batch from their scores."""
    space = SearchSpace(SimpleNamespace(), {"a": parse_distribution("a", "uniform(0, 1)")}, "validation/accuracy")
    for tune in (Tune("tpe", budget=64), Tune("tpe", budget=64, batch=4), Tune("tpe", budget=64, batch=16)):
        assert len(propose(space, tune, 0, [Trial(0, {"a": 0.5})])) == at_random(tune) - 1
