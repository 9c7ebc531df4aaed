"""The answer in one or two sentences."""

import numpy as np
import pytest

from seedbed.report.analysis.analysis import analyse
from seedbed.report.analysis.inputs import ReportInputs
from seedbed.report.sections.headline import headline

BASE = np.array([0.60, 0.62, 0.58, 0.61, 0.63, 0.59, 0.60, 0.64])
WAVE = np.array([0.03, -0.03, 0.02, -0.02, 0.01, -0.01, 0.02, -0.02])


def of(table, **inputs):
    return headline(analyse(table, inputs=ReportInputs(**inputs)))


def test_a_clear_winner_is_the_best_by_its_lead_over_the_next(bare):
    shown = of(bare({"a": BASE, "b": BASE + 0.1, "c": BASE + 0.04 + WAVE / 30}))
    assert shown.verdict == "clear"
    assert shown.text.startswith(
        "b is clearly the best at 200 examples: 70.9 % accuracy, ahead of c by 6.0 points (95 % interval 5.9 to 6.1)."
    )


def test_arms_tied_with_the_best_are_named(bare):
    shown = of(bare({"low": BASE - 0.2, "a": BASE, "b": BASE + 0.002 + WAVE, "c": BASE + 0.001 - WAVE}))
    assert shown.verdict == "no clear difference"
    assert shown.text.startswith("No arm is clearly the best at 200 examples: b has 61.1 % accuracy, ahead of c by ")
    assert shown.text.endswith("; it is tied with c and a.")


@pytest.mark.parametrize(("arms", "text"), [(2, "; they are tied."), (3, "; all three arms are tied.")])
def test_where_nothing_is_separated_all_are_tied(bare, arms, text):
    scores = {name: BASE + number * 0.001 + WAVE * number for number, name in enumerate("abc"[:arms])}
    assert of(bare(scores)).text.endswith(text)


def test_few_replicates_are_said_to_be_too_few(bare):
    shown = of(bare({"a": BASE[:4], "b": BASE[:4] + 0.1}))
    assert shown.verdict == "too few"
    assert shown.text.startswith("Four pairs are too few to tell arms apart at 200 examples: b has 70.2 % accuracy, ")
    assert "(87.5 % interval 10.0 to 10.0)" in shown.text


def test_one_pair_or_one_arm_has_no_lead(bare):
    assert of(bare({"a": BASE[:1], "b": BASE[:1] + 0.1})).text == (
        "b has the best mean at 200 examples: 70.0 % accuracy. It has one pair with a: too few."
    )
    assert of(bare({"a": BASE})).text == "a has 60.9 % accuracy at 200 examples (95 % interval 59.0 to 62.7)."


def test_the_best_mean_can_be_behind_in_the_pairs_that_it_shares(bare):
    table = bare({"a": BASE, "b": BASE - 0.01})
    table.loc[table["arm"] == "b", "replicate"] += 4
    table.loc[(table["arm"] == "b") & (table["replicate"] >= 8), "test/accuracy"] += 0.2
    text = of(table).text
    assert "b has " in text
    assert "in their pairs a is ahead by" in text


def test_of_a_loss_the_lower_is_best(bare):
    text = of(bare({"a": BASE, "b": BASE - 0.1}, metric="test/log_loss")).text
    assert text.startswith("b is clearly the best at 200 examples: 0.5088 log loss, ahead of a by 0.1000 (95 % ")


def floor_at(table, scores):
    rows = table[table["arm"] == "a"].assign(floor="tfidf", corpus="c", version=1, data="", dataset="d")
    return rows.assign(**{"test/accuracy": scores})


@pytest.mark.parametrize(
    ("level", "text"),
    [
        (0.5, " b beats the simple baseline (TF-IDF with logistic regression, 50.0 %)."),
        (0.9, " No arm beats the simple baseline (TF-IDF with logistic regression, 90.0 %)."),
    ],
)
def test_the_floor_is_in_the_headline(bare, level, text):
    table = bare({"a": BASE, "b": BASE + 0.1})
    assert of(table, floor=floor_at(table, level)).text.endswith(text)


def test_the_best_arm_may_not_beat_the_floor_while_another_does(bare):
    table = bare({"a": BASE + 0.005, "b": BASE + 0.006 + WAVE})
    text = of(table, floor=floor_at(table, BASE)).text
    assert (
        " b does not clearly beat the simple baseline (TF-IDF with logistic regression, 60.9 %): difference +0.6 (95 % "
        in text
    )


def test_arms_above_the_floor_without_proof_do_not_clearly_beat_it(bare):
    arms = {"a": BASE + 0.005 + WAVE, "b": BASE + 0.006 + WAVE}
    assert " No arm clearly beats the simple baseline (" in of(bare(arms), floor=floor_at(bare(arms), BASE)).text
    lower = {arm: scores - 0.02 for arm, scores in arms.items()}
    assert " No arm beats the simple baseline (" in of(bare(lower), floor=floor_at(bare(lower), BASE)).text


def test_without_a_score_there_is_none(cells):
    table = cells(replicates=2).drop(columns=["test/accuracy", "test/macro_f1", "test/log_loss"])
    assert of(table.assign(status="failed")) is None
