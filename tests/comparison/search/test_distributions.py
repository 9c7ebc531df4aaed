"""Distributions are read from text, and mean the same to Optuna."""

import numpy as np
import pytest
from tests.refusals import refusal

from seedbed.comparison.search.distributions import parse_distribution, parse_space


@pytest.mark.parametrize(("text", "kind", "arguments", "log"), [
    ("log(1e-4, 0.1)", "log", (0.0001, 0.1), True),
    (" uniform( 0 , .6 ) ", "uniform", (0.0, 0.6), False),
    ("uniform(-1, 1)", "uniform", (-1.0, 1.0), False),
    ("int(1, 9)", "int", (1, 9), False),
    ("int(16, 256, log)", "int", (16, 256), True),
    ("int(1e1, 1E+3)", "int", (10, 1000), False),
    ("choice(adam, sgd)", "choice", ("adam", "sgd"), False),
    ("choice(null, 1.0, 5e-1)", "choice", (None, 1.0, 0.5), False),
    ("choice(true, false)", "choice", (True, False), False),
    ("choice([1, 2], [3])", "choice", ([1, 2], [3]), False),
])  # fmt: skip
def test_a_text_is_read_as_the_distribution_it_describes(text, kind, arguments, log):
    found = parse_distribution("key", text)
    assert (found.text, found.kind, found.arguments, found.log) == (text, kind, arguments, log)
    assert [type(value) for value in found.arguments] == [type(value) for value in arguments]


@pytest.mark.parametrize(("text", "problem"), [
    ("0.5", "not a distribution; write log"),
    ("normal(0, 1)", "not a distribution"),
    ("log(1, 2", "not a distribution"),
    ("uniform()", "two finite numbers"),
    ("uniform(1)", "two finite numbers"),
    ("uniform(1, 2, 3)", "two finite numbers"),
    ("uniform(a, b)", "two finite numbers"),
    ("uniform(true, 2)", "two finite numbers"),
    ("uniform(0, .inf)", "two finite numbers"),
    ("uniform(0, .nan)", "two finite numbers"),
    (f"int(1, 1{'0' * 400})", "two finite numbers"),
    ("int(1, 2.5)", "two whole numbers"),
    ("int(1, 9, lin)", "two finite numbers"),
    ("uniform(0.6, 0.2)", "0.6 is not below 0.2"),
    ("uniform(0.2, 0.2)", "0.2 is not below 0.2"),
    ("int(9, 1)", "9 is not below 1"),
    ("log(0, 1)", "starts above 0"),
    ("log(-1, 1)", "starts above 0"),
    ("int(0, 8, log)", "starts above 0"),
    ("choice()", "at least two different"),
    ("choice(16)", "at least two different"),
    ("choice(16, 16.0)", "at least two different"),
    ("choice(a, [b)", "cannot be read"),
    ("choice(2001-99-99, b)", "cannot be read"),
])  # fmt: skip
def test_a_text_that_is_no_distribution_is_refused_with_its_key(text, problem):
    message = refusal(parse_space, {"encoder.dropout": text}, match=problem)
    assert message.startswith(f"tune.space: encoder.dropout: {text}: ")


@pytest.mark.parametrize("text", ["log(1e-4, 0.1)", "uniform(-2, 3)", "int(1, 9)", "int(1, 64, log)"])
def test_optuna_has_the_same_range(text):
    ours = parse_distribution("key", text)
    assert (ours.optuna.low, ours.optuna.high, ours.optuna.log) == (*ours.arguments, ours.log)
    assert not ours.optuna.single()


def test_a_choice_is_its_index_to_optuna():
    ours = parse_distribution("key", "choice(null, [1, 2], sgd)")
    assert ours.optuna.choices == (0, 1, 2)
    for index, value in enumerate((None, [1, 2], "sgd")):
        assert ours.value(index) == value
        assert ours.proposal(value) == index
    assert ours.proposal("adam") is None


@pytest.mark.parametrize(("value", "inside"), [
    (0.0, True), (0.6, True), (0.3, True), (-0.1, False), (0.61, False), (None, False), (True, False), ([0.1], False),
])  # fmt: skip
def test_a_value_outside_a_range_is_no_proposal(value, inside):
    assert parse_distribution("key", "uniform(0, 0.6)").proposal(value) == (value if inside else None)


@pytest.mark.parametrize("number", [2, 3, 7])
def test_levels_of_a_grid_are_evenly_spaced_on_the_scale_of_the_range(number):
    def levels(text):
        return parse_distribution("key", text).levels(number)

    np.testing.assert_allclose(levels("uniform(-1, 2)"), np.linspace(-1, 2, number))
    np.testing.assert_allclose(levels("log(1e-4, 1e2)"), np.geomspace(1e-4, 1e2, number))
    assert levels("int(1, 100)") == [round(value) for value in np.linspace(1, 100, number)]
    assert levels("int(1, 3)") == [1, 3] if number == 2 else [1, 2, 3]
    assert levels("choice(a, b, c, d)") == [0, 1, 2, 3]


@pytest.mark.parametrize("text", ["log(3e-4, 3e-2)", "log(1e-5, 1e3)", "uniform(0.1, 0.7)", "int(3, 300, log)"])
def test_levels_are_never_outside_the_range(text):
    ours = parse_distribution("key", text)
    for number in range(1, 40):
        levels = ours.levels(number)
        assert all(ours.proposal(level) == level for level in levels)
        assert len(set(levels)) == len(levels) <= number
        assert number == 1 or (levels[0], levels[-1]) == ours.arguments
