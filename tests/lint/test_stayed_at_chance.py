"""Replicates that never left chance, from the curves that are stored with their cells."""

import math

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.lint.rules import with_findings
from seedbed.report.analysis.analysis import analyse
from seedbed.report.analysis.inputs import ReportInputs
from seedbed.report.sections.notices import notices

RULE = "stayed-at-chance"


class Curves:
    """The artifacts of cells: a history for each run."""

    def __init__(self, histories):
        self.histories = histories

    def history(self, run):
        return self.histories.get(run, {})

    def predictions(self, run):
        return ()

    def read(self, run, name):
        return None

    def address(self, run):
        return ""


def study(cells, supports=(30, 30, 30), score="accuracy", task="classification"):
    """An analysis; ``cells``: by arm, the training losses and validation scores of each replicate."""
    rows, histories = [], {}
    for arm, replicates in cells.items():
        for number, (losses, scores) in enumerate(replicates):
            run = f"{arm}{number}"
            histories[run] = {"train/loss": tuple(losses), f"validation/{score}": tuple(scores)}
            rows.append(
                {"arm": arm, "n_train": 50, "replicate": number, "run": run, "epochs": len(losses), "task": task,
                 "best_epoch": 1, f"test/{score}": 0.5 + number / 100, f"validation/{score}": max(scores)}
                | {f"validation/support/{kind}": n for kind, n in enumerate(supports)}
                | ({"validation/accuracy": 0.9} if task == "tagging" else {})
            )  # fmt: skip
    return with_findings(analyse(pd.DataFrame(rows), inputs=ReportInputs(artifacts=Curves(histories))))


def texts(analysis):
    return [finding.text for finding in analysis.inputs.findings if finding.rule == RULE]


LEARNED = ([1.1, 0.8, 0.3], [0.33, 0.6, 0.8])
STUCK = ([1.12, 1.1, 1.09], [0.33, 0.34, 0.36])


def test_it_is_named_with_its_cell_beside_the_answer():
    analysis = study({"random": [LEARNED] * 3, "glove": [LEARNED, STUCK, STUCK]})
    (text,) = texts(analysis)
    assert text.startswith("glove at 50 examples: replicates 1, 2 never left chance: 3 epochs kept the loss of ")
    assert "chance (1.09; chance is 1.10); raise training.min_steps" in text
    assert f"! {text}." in notices(analysis)


@pytest.mark.parametrize(
    ("losses", "scores", "is_reported"),
    [
        ([1.1, 1.1], [0.33, 0.33], True),
        ([1.1, 0.9], [0.33, 0.33], False),  # it learned its training examples: see arm-at-chance
        ([1.1, 1.1], [0.33, 0.6], False),  # it learned, at a low rate
        ([2.0, 1.3], [0.3, 0.3], True),
    ],
)
def test_both_the_training_loss_and_the_score_are_at_chance(losses, scores, is_reported):
    assert bool(texts(study({"a": [(losses, scores), LEARNED]}))) == is_reported


def test_chance_is_that_of_the_shares_of_the_classes():
    prior = -(0.8 * math.log(0.8) + 0.2 * math.log(0.2))
    stuck = ([0.69, prior + 0.01], [0.8, 0.8])
    assert "(0.51; chance is 0.50)" in texts(study({"a": [stuck, LEARNED]}, supports=(80, 20)))[0]
    assert texts(study({"a": [stuck, LEARNED]}, supports=(50, 50))) == []


def test_a_tagger_that_found_no_entity_in_any_epoch():
    cells = {"a": [([0.5, 0.4], [0.0, 0.0]), ([0.5, 0.1], [0.0, 0.3])]}
    (text,) = texts(study(cells, score="f1", task="tagging"))
    assert "replicate 0 never left chance: 2 epochs found no entity" in text


@pytest.mark.slow
@given(st.lists(st.tuples(st.floats(0.01, 3), st.floats(0, 1)), min_size=1, max_size=8))
def test_a_curve_that_left_chance_in_any_epoch_is_no_finding(curve):
    losses, scores = zip(*curve, strict=True)
    stayed = min(losses) >= 0.95 * math.log(3) and max(scores) <= 1 / 3 + 2 * math.sqrt((1 / 3) * (2 / 3) / 90)
    assert bool(texts(study({"a": [(losses, scores), LEARNED]}))) == stayed


def test_nothing_is_said_without_curves():
    table = pd.DataFrame([{"arm": "a", "n_train": 50, "replicate": r, "test/accuracy": 0.3 + r / 9} for r in range(3)])
    assert texts(with_findings(analyse(table))) == []
