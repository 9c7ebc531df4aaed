"""Settings of a confirmed study that a confirming one lacks are named."""

import pytest

from seedbed.config.study import study
from seedbed.studies.confirmed_settings import differing_settings, settings_of_records

CSV = ["dataset=csv", "dataset.files.train=a.csv", "task=classification", "encoder=cnn", "sampling=fewshot"]


@pytest.fixture(scope="module")
def arms():
    """Returns the arms of a study with these settings."""
    return lambda *words: study([*CSV, *words]).arms


@pytest.fixture(scope="module")
def record(arms):
    """Returns the record of a study with these settings, as its parent run has it."""

    def made(*words, tune=None):
        settings = {arm.name: dict(arm.choices) | dict(arm.settings) | arm.files for arm in arms(*words)}
        return {"settings": settings, "context": {"Settings": {"tune": tune or {"method": "none"}}}}

    return made


def lines(arms, *records):
    return list(differing_settings("tuned", arms, settings_of_records(records)))


def test_an_arm_with_the_same_settings_gives_no_line(arms, record):
    tuned = record("encoder.filters=8", "arms={a: [], b: [encoder.filters=16]}")
    assert lines(arms("encoder.filters=16", "sampling.test=7", "sampling.redraw_test=false"), tuned) == []


def test_what_the_nearest_arm_had_is_named_with_both_values(arms, record):
    tuned = record("training.epochs=90", "arms={a: [encoder.filters=8], b: [encoder.filters=16]}")
    [line] = lines(arms("arm=mine", "encoder.filters=16"), tuned)
    assert line.startswith("confirm=tuned: arm mine has the settings of no arm of that study; the nearest, b, had ")
    assert line.endswith(" had training.epochs=90 (here 60)")


def test_keys_that_were_searched_may_differ(arms, record):
    tuned = record(tune={"method": "random", "space": {"encoder.filters": "int(1, 9)"}, "spaces": {}})
    assert lines(arms("encoder.filters=7"), tuned) == []
    [line] = lines(arms("encoder.filters=7", "training.epochs=5"), tuned)
    assert line.endswith(" had training.epochs=60 (here 5)")


def test_a_store_of_an_earlier_version_says_nothing(arms):
    assert lines(arms(), {"cells": []}) == []
