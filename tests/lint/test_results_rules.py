"""The rules that look at results: epochs that ran out, the edge of a sweep, padding that is counted."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.cells import Finding
from seedbed.lint.rules import with_findings
from seedbed.lint.sweeps import point
from seedbed.report.analysis.analysis import analyse
from seedbed.report.analysis.inputs import ReportInputs

BEST = {"Settings": {"training": {"keep": "best"}, "arms": {}}}


def table(arms, sizes=(50,), metric="test/f1", **columns):
    """Arms with a score for each size; three replicates, of nearly that score."""
    rows = [
        {"arm": arm, "n_train": size, "replicate": r, metric: score + 0.001 * r}
        | {name: values[r] for name, values in columns.items()}
        for arm, scores in arms.items()
        for size, score in zip(sizes, np.atleast_1d(scores), strict=True)
        for r in range(3)
    ]
    return pd.DataFrame(rows)


def findings(cells, context=None, before=(), **keys):
    study = with_findings(analyse(cells, inputs=ReportInputs(context or {}, findings=tuple(before)), **keys))
    return {finding.rule: finding.text for finding in study.inputs.findings}


@pytest.mark.parametrize(
    ("best", "is_reported"), [([9, 9, 4], True), ([9, 4, 4], False), ([9, 9, 9], True), ([0, 9, 9], True)]
)
def test_epochs_ran_out_where_most_replicates_were_best_at_the_end(best, is_reported):
    cells = table({"a": 0.5, "b": 0.6}, epochs=[9, 9, 9], best_epoch=best)
    assert ("epochs-ran-out" in findings(cells, BEST)) == is_reported


@pytest.mark.parametrize(
    ("best", "settings", "is_reported"),
    [
        ([29, 28, 30], {"training.patience": "3", "training.epochs": "30"}, True),
        ([29, 28, 30], {"training.patience": "2", "training.epochs": "30"}, True),
        ([27, 27, 27], {"training.patience": "3", "training.epochs": "30"}, False),  # stopped in the last epoch
        ([29, 28, 28], {"training.epochs": "30"}, False),
        ([29, 28, 30], {"training.patience": "3", "training.epochs": "30", "training.keep": "last"}, False),
        ([29, 28, 30], {"training.patience": "3", "training.epochs": "40"}, False),  # a search left them
    ],
)
def test_epochs_ran_out_where_patience_had_not_stopped(best, settings, is_reported):
    cells = table({"a": 0.5}, epochs=[30, 30, 30], best_epoch=best)
    inputs = ReportInputs(BEST, settings={"a": settings})
    found = {finding.rule: finding.text for finding in with_findings(analyse(cells, inputs=inputs)).inputs.findings}
    assert ("epochs-ran-out" in found) == is_reported
    if is_reported:
        assert "replicates were still training in the last of 30 epochs" in found["epochs-ran-out"]


def test_the_last_epoch_is_that_of_each_replicate():
    cells = table({"a": 0.5}, epochs=[12, 30, 14], best_epoch=[7, 30, 9])
    assert "epochs-ran-out" not in findings(cells, BEST)


def test_what_is_said_of_epochs():
    cells = table({"a": 0.5}, epochs=[9, 9, 9], best_epoch=[9, 9, 3])
    assert findings(cells, BEST)["epochs-ran-out"].startswith(
        "a at 50 examples: 2 of 3 replicates were best in the last of 9"
    )


@pytest.mark.parametrize(
    ("context", "is_reported"),
    [
        (BEST, True),
        ({}, False),
        ({"Settings": {"training": {"keep": "last"}, "arms": {}}}, False),
        ({"Settings": {"training": {"keep": "best"}, "arms": {"a": ["training.keep=last"]}}}, False),
        ({"Settings": {"training": {"keep": "last"}, "arms": {"a": ["training.keep=best"]}}}, True),
    ],
)
def test_where_the_last_epoch_is_kept_it_says_nothing(context, is_reported):
    assert ("epochs-ran-out" in findings(table({"a": 0.5}, epochs=[4] * 3, best_epoch=[4] * 3), context)) == is_reported


def test_without_settings_a_replicate_that_was_stopped_shows_that_the_best_is_kept():
    cells = pd.concat([table({"a": 0.5}, epochs=[4] * 3, best_epoch=[4] * 3),
                       table({"b": 0.5}, epochs=[4] * 3, best_epoch=[2, 3, 1])])  # fmt: skip
    assert findings(cells)["epochs-ran-out"].startswith("a at 50")


def test_a_table_without_epochs_or_with_none_is_passed_over():
    assert findings(table({"a": 0.5})) == {}
    assert findings(table({"a": 0.5}, epochs=[np.nan] * 3, best_epoch=[np.nan] * 3), BEST) == {}


RATES = ["0.0001", "0.001", "0.01", "0.1"]


@given(st.permutations([0.1, 0.2, 0.3, 0.4]))
def test_the_best_of_a_sweep_is_found_at_its_ends_and_nowhere_else(scores):
    arms = {f"random-cnn training.learning_rate={rate}": score for rate, score in zip(RATES, scores, strict=True)}
    at = scores.index(max(scores))
    text = findings(table(arms)).get("edge-of-sweep")
    assert (text is not None) == (at in (0, 3))
    if text:
        assert f"the best value is the {'smallest' if at == 0 else 'largest'} tried ({float(RATES[at]):g} of " in text


def test_a_loss_is_best_where_it_is_smallest():
    arms = {f"a training.learning_rate={rate}": s for rate, s in zip(RATES, (0.9, 0.2, 0.5, 0.8), strict=True)}
    assert "edge-of-sweep" not in findings(table(arms, metric="test/loss"))
    assert "edge-of-sweep" in findings(table(arms, metric="test/f1"))


@pytest.mark.parametrize(
    "arms",
    [
        {"a training.learning_rate=0.1": 0.5, "a training.learning_rate=0.01": 0.4},
        {"a encoder.dropout=0.0": 0.5, "a encoder.dropout=0.2": 0.4, "a encoder.dropout=0.5": 0.3},
        {"a x.y=1 z.w=1": 0.5, "a x.y=2 z.w=2": 0.4, "a x.y=3 z.w=3": 0.7},
        {"a training.learning_rate=0.1": 0.5, "b training.learning_rate=0.2": 0.6, "c training.learning_rate=0.3": 0.7},
        {"a training.optimizer=adam": 0.5, "a training.optimizer=sgd": 0.6, "a training.optimizer=adamw": 0.7},
    ],
)
def test_two_values_natural_bounds_and_other_differences_are_no_sweep(arms):
    assert "edge-of-sweep" not in findings(table(arms))


def test_most_of_the_sizes_decide():
    scores = {"1e-4": (0.1, 0.1, 0.1), "1e-3": (0.2, 0.5, 0.5), "1e-2": (0.3, 0.2, 0.2)}
    arms = {f"a training.learning_rate={rate}": own for rate, own in scores.items()}
    assert "edge-of-sweep" not in findings(table(arms, sizes=(50, 100, 200)))
    arms["a training.learning_rate=1e-2"] = (0.3, 0.6, 0.2)
    assert "at 2 of 3 sizes" in findings(table(arms, sizes=(50, 100, 200)))["edge-of-sweep"]


def test_overrides_of_arms_are_read_where_the_settings_have_them():
    settings = {"arms": {name: [f"encoder.units={n}"] for name, n in (("s", 10), ("m", 20), ("l", 40))}}
    text = findings(table({"s": 0.1, "m": 0.2, "l": 0.3}), {"Settings": settings})["edge-of-sweep"]
    assert text == "encoder.units: the best value is the largest tried (40 of 10, 20, 40)"


def test_arms_of_a_sweep_are_read_by_their_swept_overrides_whatever_their_names():
    arms = {"units=10": 0.1, "units=20": 0.2, "units=40": 0.3}
    swept = {name: [f"encoder.{name}"] for name in arms}
    inputs = ReportInputs(swept=swept)
    found = {one.rule: one.text for one in with_findings(analyse(table(arms), inputs=inputs)).inputs.findings}
    assert found["edge-of-sweep"] == "encoder.units: the best value is the largest tried (40 of 10, 20, 40)"
    assert "edge-of-sweep" not in findings(table(arms))


def test_a_name_is_read_as_the_overrides_that_it_holds():
    assert point("glove-cnn training.learning_rate=0.01 encoder.widths=[3,4]").numbers == {
        "training.learning_rate": 0.01
    }
    assert point("glove-cnn lr=0.01 do=0.5 widths=[3,4]").numbers == {"lr": 0.01, "do": 0.5}
    assert point("a b=1").numbers == {}
    assert point("a x.y=nan").numbers == {}


def test_a_report_led_by_the_padded_accuracy_is_found():
    cells = table({"a": 0.5, "b": 0.6}).assign(**{"test/padded_accuracy": 0.9})
    assert "padding-counted" in findings(cells, metric="padded_accuracy")
    label = table({"a": 0.5, "b": 0.6}).assign(**{"test/f1/padded_accuracy": 0.9})
    assert "padding-counted" not in findings(label, metric="f1/padded_accuracy")
    assert "padding-counted" not in findings(cells)


def test_findings_of_before_come_first_and_once_and_the_report_says_itself_what_it_knows_better():
    before = [Finding("one-test-set", "x"), Finding("one-test-set", "x"), Finding("too-few-replicates", "y")]
    study = analyse(
        table({"a": 0.5}, epochs=[4] * 3, best_epoch=[4] * 3), inputs=ReportInputs(BEST, findings=tuple(before))
    )
    assert [finding.rule for finding in with_findings(study).inputs.findings] == ["one-test-set", "epochs-ran-out"]


def test_lint_off_adds_nothing_to_a_report():
    settings = {"Settings": BEST["Settings"] | {"lint": "off"}}
    assert findings(table({"a": 0.5}, epochs=[4] * 3, best_epoch=[4] * 3), settings) == {}


def test_no_finished_score_is_no_error():
    assert findings(table({"a": 0.5}).assign(status="failed")) == {}


def probed(values, c="[0.001,1,1000]", kind="probe", key="c"):
    """Three replicates of an arm that chose these values of a path, and its settings."""
    tried = [float(value) for value in c.strip("[]").split(",")]
    at_edge = [float(value in (min(tried), max(tried))) for value in values]
    cells = table({"a": 0.5}, status=["finished"] * 3, **{f"{kind}/{key}": values, f"{kind}/edge": at_edge})
    study = analyse(cells, inputs=ReportInputs({}, settings={"a": {f"encoder.{key}": c}}))
    return [finding.text for finding in with_findings(study).inputs.findings if finding.rule == "edge-of-sweep"]


def test_a_probe_at_the_edge_of_its_path_is_found_with_what_to_type():
    assert probed([1000.0, 1.0, 1000.0]) == [
        "a at 50 examples: 2 of 3 replicates chose encoder.c=1000, the largest of the values; "
        "encoder.c=[0.001,1,1000,10000,100000]"
    ]
    assert probed([0.001, 0.001, 0.001])[0].endswith(
        "the smallest of the values; encoder.c=[1e-05,0.0001,0.001,1,1000]"
    )


@pytest.mark.parametrize("values", [[1.0, 1.0, 1.0], [1000.0, 1.0, 1.0], [1000.0, 0.001, 1.0]])
def test_inside_the_path_or_at_no_edge_in_most_replicates_is_no_finding(values):
    assert probed(values) == []


def test_most_neighbors_are_an_edge_and_one_is_none():
    assert (
        "chose encoder.k=25, the largest of the values; extend encoder.k"
        in probed([25.0] * 3, "[1,3,25]", "knn", "k")[0]
    )
    assert probed([1.0] * 3, "[1,3,25]", "knn", "k") == []


def test_without_settings_the_edge_is_still_found():
    cells = table({"a": 0.5}, status=["finished"] * 3, **{"probe/c": [9.0] * 3, "probe/edge": [1.0] * 3})
    assert findings(cells)["edge-of-sweep"].endswith("at the edge of the values; extend encoder.c")
