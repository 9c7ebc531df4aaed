"""Forecasts of a table: units, directions, floors, refusals, and types that lack labels."""

import re

import numpy as np
import pandas as pd
import pytest
from tests.refusals import refusal

from seedbed.report.analysis.analysis import analyse
from seedbed.report.analysis.inputs import ReportInputs
from seedbed.report.analysis.label_growth import label_growth
from seedbed.report.pictures.label_growth import growth_picture
from seedbed.report.sections.label_growth import (
    forecast_table,
    label_sentences,
    labels_answer,
    lacking_table,
    reach_table,
)

SIZES = (25, 50, 100, 200)


def table(arms=None, sizes=SIZES, replicates=10, noise=0.004, metric="test/accuracy", scale=1.0):
    """Cells whose accuracy is top - 2 n^-1/2 for each arm."""
    rng, rows = np.random.default_rng(4), []
    for arm, top in (arms or {"glove": 0.8, "minilm": 0.9}).items():
        for size in sizes:
            for replicate in range(replicates):
                score = scale * (top - 2 * size**-0.5 + rng.normal(0, noise))
                rows.append({
                    "arm": arm, "dataset": "mine", "task": "classification", "n_train": size, "replicate": replicate,
                    "status": "finished", metric: score, "test/f1/rare": 0.1 * score, "test/f1/common": score,
                })  # fmt: skip
    return pd.DataFrame(rows)


def made(frame, **asked):
    inputs = asked.pop("inputs", None)
    return label_growth(analyse(frame, inputs=inputs), **asked)


def test_the_answer_is_the_curve_that_made_the_scores():
    growth = made(table(), asked=1000, target=0.8)
    (expected,) = growth.best.at([1000])
    assert growth.best.label == "minilm"
    assert expected.ci_low <= 0.9 - 2 * 1000**-0.5 <= expected.ci_high
    assert expected.ci_high - expected.ci_low < 0.1
    assert growth.forecast_sizes == (400, 1000)
    answer = labels_answer(growth)
    assert answer.startswith("With 1,000 labels minilm would have about 83")
    assert "better than with 200." in answer
    assert [arm.label for arm in growth.ranked] == ["minilm", "glove"]
    reach = growth.best.reach(growth.target)
    assert reach.low <= 400 <= reach.high  # 0.9 - 2 / sqrt(400) is 0.8
    sentences = " ".join(label_sentences(growth))
    assert "Labels for 80.0 % accuracy: minilm about" in sentences
    assert "minilm needs about" in sentences
    assert len(forecast_table(growth).rows) == 2


def test_percentages_and_losses_are_forecast_in_their_own_unit():
    fractions, percents = made(table(), asked=1000), made(table(scale=100.0), asked=1000, target=80)
    assert percents.best.at([1000])[0].mean == pytest.approx(100 * fractions.best.at([1000])[0].mean)
    assert made(table(), target=80).target == 0.8
    losses = table(metric="test/log_loss").drop(columns=["test/f1/rare", "test/f1/common"])
    losses["test/log_loss"] = 1 - losses["test/log_loss"]
    growth = made(losses, asked=1000)
    (expected,) = growth.best.at([1000])
    assert growth.best.label == "minilm"
    assert expected.ci_low < expected.mean < expected.ci_high
    assert expected.mean == pytest.approx(0.1 + 2 * 1000**-0.5, abs=0.02)


def test_a_noisy_curve_is_not_an_answer_and_says_how_many_replicates_would_do():
    growth = made(table(arms={"glove": 0.9}, noise=0.05, replicates=6), asked=400)
    answer = labels_answer(growth)
    assert answer.startswith("The curve of glove is still too noisy to say what 400 labels would give")
    more = growth.best.more_replicates(400)
    assert more is None or f"replicates={6 + more}" in answer


def test_far_forecasts_are_said_to_be_far():
    assert "too far to rely on" in labels_answer(made(table(), asked=5000))
    assert "too far" not in labels_answer(made(table(), asked=2000))


def test_the_floor_has_a_curve_of_its_own():
    frame = table()
    floor = frame[frame["arm"] == "glove"].drop(columns=["arm"]).assign(floor="tfidf")
    floor["test/accuracy"] += 0.3
    growth = made(frame, asked=1000, inputs=ReportInputs(floor=floor))
    assert [arm.label for arm in growth.ranked] == ["minilm", "glove"]
    assert [arm.label for arm in growth.with_floor(growth.ranked)] == ["minilm", "glove", "floor: TF-IDF"]
    assert [row[0].text for row in forecast_table(growth).rows] == ["minilm", "glove", "floor: TF-IDF"]
    assert [row[0].muted for row in forecast_table(growth).rows] == [False, False, True]
    assert "No arm is forecast to beat the simple baseline (TF-IDF)" in " ".join(label_sentences(growth))


def test_types_are_listed_from_the_lowest_score_with_their_examples():
    growth = made(table(), training={200: {"rare": 3.5, "common": 150.0}})
    assert [one.name for one in growth.lacking] == ["rare", "common"]
    rare, common = growth.lacking
    assert rare.training == 3.5
    assert common.gain == pytest.approx(2 * 100**-0.5 - 2 * 200**-0.5, abs=0.006)  # per doubling, 100 to 200
    assert common.ci_low > 0
    assert common.ci_level == pytest.approx(0.95, abs=0.003)
    assert "Labels are most lacking for rare (" in " ".join(label_sentences(growth))


def test_the_interval_of_a_type_in_few_replicates_says_that_it_has_less_than_95_percent():
    frame = table()
    frame.loc[frame["replicate"] >= 5, "test/f1/rare"] = np.nan
    growth = made(frame)
    assert {one.name: one.ci_level < 0.95 for one in growth.lacking} == {"rare": True, "common": False}
    assert lacking_table(growth).header[-1] == "93.75 to 95 % interval"
    shown = {row[0].text: row[-1].text for row in lacking_table(growth).rows}
    assert shown["rare"].endswith(" (93.75 %)")  # 1 - 2 / 2^5
    assert shown["common"].endswith(" (95 %)")


def test_gains_of_a_type_are_paired_by_replicate_in_whatever_order_the_cells_are():
    frame = table()
    assert made(frame.sample(frac=1, random_state=1)).lacking == made(frame).lacking


@pytest.mark.parametrize(
    ("frame", "asked", "match"),
    [
        (table(sizes=(25, 50)), {}, "has 2 of 3 sizes.*: a learning curve needs 3 sizes and 6 replicates: sizes="),
        (table(replicates=5), {}, "has 5 of 6 replicates with all sizes"),
        (table(), {"asked": 0}, "for=0: give a number of labels"),
        (table(), {"target": 130}, "target=130: a score of this table is above 0 and at most 1"),
        (table().assign(status="failed"), {}, "has 0 of 3 sizes"),
    ],
)
def test_what_has_no_forecast_is_refused(frame, asked, match):
    assert refusal(made, frame, match=match, **asked)


def test_an_arm_without_enough_replicates_is_named_and_the_others_are_forecast():
    frame = table()
    growth = made(frame[(frame["arm"] == "glove") | (frame["replicate"] < 4)])
    assert [arm.label for arm in growth.arms] == ["glove"]
    assert "minilm has no forecast: it has 4 of 6 replicates with all sizes." in label_sentences(growth)
    partly = made(frame[(frame["replicate"] > 0) | (frame["n_train"] != 25)])
    assert "glove: one replicate left out, which lack a size." in label_sentences(partly)


def test_an_interval_of_a_rate_stays_between_zero_and_the_highest_score():
    frame = table(arms={"glove": 0.45}, noise=0.05)
    frame["test/accuracy"] = frame["test/accuracy"].clip(0, 1) / 4
    far = made(frame).best.at([400, 2000, 10**6])
    assert all(0 <= one.ci_low <= one.mean <= one.ci_high <= 1 for one in far)


def test_sizes_that_count_mentions_are_never_called_labels_or_examples():
    settings = {arm: {"sampling.strategy": "k_per_type"} for arm in ("glove", "minilm")}
    counts = {200: {"rare": 12.0, "common": 150.0}}
    growth = made(table(), asked=1000, target=0.8, inputs=ReportInputs(settings=settings), training=counts)
    assert labels_answer(growth).startswith("With 1,000 mentions of each type minilm would have about 83")
    sentences = label_sentences(growth)
    assert "Mentions of each type for 80.0 % accuracy: minilm about" in " ".join(sentences)
    picture = growth_picture(growth)
    tables = [forecast_table(growth), reach_table(growth), lacking_table(growth)]
    heads = [text for of in tables for text in (of.title, *of.header, of.note)]
    assert "200 mentions of each type" in heads
    for text in (*sentences, *heads, picture.title):
        assert not re.search(r"[\d,]+ (labels|examples)\b|number of (labels|examples)|^labels$|12 of 200", text), text
    assert growth.unit == "mentions of each type"
    assert made(table()).unit == "labels"
