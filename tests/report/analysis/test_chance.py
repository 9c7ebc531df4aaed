"""The level of chance, the arms that are not better, and the finding of the linter."""

import pytest

from seedbed.cells import FLOOR_COLUMNS
from seedbed.lint.rules import with_findings
from seedbed.report.analysis.analysis import analyse
from seedbed.report.analysis.chance import arms_at_chance, chance_level
from seedbed.report.analysis.inputs import ReportInputs
from seedbed.report.sections.notices import chance_sentence, notices


@pytest.fixture
def table(cells):
    """Two classes and three arms: random at 50 to 54 %, the others some five and ten points higher."""
    return cells(("random", "glove", "elmo"), (50,), 8, types=("neg", "pos")).assign(epochs=9.0)


def floor_at(table, level, name="majority"):
    rows = table[table["arm"] == "random"][["dataset", "n_train", "replicate", "draw"]]
    rows = rows.assign(floor=name, corpus="c", version=1, data="", **{"test/accuracy": level})
    return rows[[*FLOOR_COLUMNS, "test/accuracy"]]


def analysed(table, *floors):
    import pandas as pd

    return analyse(table, inputs=ReportInputs(floor=pd.concat(floors, ignore_index=True) if floors else None))


def test_chance_is_the_better_of_the_majority_class_and_random_labels(table):
    assert chance_level(analysed(table), 50).level == pytest.approx(0.5)
    assert chance_level(analysed(table, floor_at(table, 0.55)), 50).level == pytest.approx(0.55)
    assert chance_level(analysed(table, floor_at(table, 0.45)), 50).level == pytest.approx(0.5)
    percent = table.assign(**{name: 100 * table[name] for name in table if name.startswith("test/")})
    assert chance_level(analysed(percent), 50).level == pytest.approx(50)


def test_chance_is_unknown_without_classes_and_floor(cells):
    assert chance_level(analysed(cells(sizes=(50,))), 50) is None
    tagging = cells(sizes=(50,), task="tagging", types=("PER", "LOC"))
    assert chance_level(analysed(tagging), 50) is None


@pytest.mark.parametrize("label", ["accuracy", "test/accuracy"])
def test_a_class_named_as_a_score_is_no_such_score(table, label):
    named = table.rename(columns={"test/f1/neg": f"test/f1/{label}"})
    assert chance_level(analyse(named), 50).level == pytest.approx(0.5)
    assert chance_level(analyse(named, metric=f"test/f1/{label}"), 50) is None


@pytest.mark.parametrize(("level", "names"), [(0.3, []), (0.53, ["random"]), (0.7, ["elmo", "glove", "random"])])
def test_arms_whose_interval_does_not_exceed_it_are_at_chance(table, level, names):
    analysis = analysed(table.drop(columns=["test/f1/neg", "test/f1/pos"]), floor_at(table, level))
    assert [row.arm for row in arms_at_chance(analysis, 50)] == names


def test_a_sentence_names_them_and_those_below(table):
    analysis = analysed(table, floor_at(table, 0.58))
    (text,) = notices(analysis)
    assert text == chance_sentence(analysis, 50)
    assert text.startswith("At 50 examples glove (5")
    assert "are not better than chance, 58.0 % (the majority class); random is worse." in text
    assert "random (5" in text
    alone = analysed(table[table["arm"] == "random"], floor_at(table, 0.7))
    assert notices(alone)[0].endswith(") is worse than chance, 70.0 % (the majority class).")


def test_nothing_is_said_where_all_are_better(table):
    better = table.drop(columns=["test/f1/neg", "test/f1/pos"])
    assert notices(analysed(better, floor_at(table, 0.3))) == []


def findings(analysis):
    return [finding.text for finding in with_findings(analysis).inputs.findings if finding.rule == "arm-at-chance"]


def test_an_arm_at_chance_beside_a_better_one_is_a_finding(table):
    (text,) = findings(analysed(table, floor_at(table, 0.53)))
    assert text.startswith("random (5")
    assert "at 50 examples is not better than chance (53.0 %), but elmo is; training.learning_rate may be wrong" in text


def test_it_is_none_without_epochs_or_without_a_better_arm(table):
    assert findings(analysed(table.assign(epochs=0.0), floor_at(table, 0.53))) == []
    assert findings(analysed(table.drop(columns="epochs"), floor_at(table, 0.53))) == []
    alone = table[table["arm"] == "random"]
    assert findings(analysed(alone, floor_at(table, 0.53))) == []


def test_a_floor_that_is_clearly_better_is_enough(table):
    alone = table[table["arm"] == "random"]
    (text,) = findings(analysed(alone, floor_at(table, 0.53), floor_at(table, 0.8, "tfidf")))
    assert "but the floor is" in text
