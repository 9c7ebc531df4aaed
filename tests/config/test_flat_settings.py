"""The settings of an arm as texts by key."""

from seedbed.comparison.record import as_run
from seedbed.config.flat_settings import all_settings, flat_settings
from seedbed.config.schema import ARM_GROUPS
from seedbed.config.study import study


def arms_of(*overrides):
    return study(["dataset=csv", "dataset.path=a.csv", "task=classification", *overrides]).arms


def stages(arm):
    return {group: getattr(arm, group) for group in ARM_GROUPS}


def test_all_settings_are_those_of_fingerprints_and_the_defaults_that_they_leave_out():
    (arm,) = arms_of("encoder=cnn", "arms={a: []}")
    flat, every = flat_settings(stages(arm)), all_settings(stages(arm))
    assert flat == dict(arm.settings)
    assert flat.items() <= every.items()
    assert {key: every[key] for key in ("task.label_smoothing", "training.max_tokens", "dataset.reader.id_column")} == {
        "task.label_smoothing": "0.0", "training.max_tokens": "null", "dataset.reader.id_column": "",
    }  # fmt: skip
    assert not {"task.label_smoothing", "training.max_tokens", "dataset.reader.id_column"} & set(flat)


def test_an_encoder_that_is_fitted_at_once_reads_few_settings_of_training():
    probe, cnn = arms_of("arms={p: [encoder=probe], c: [encoder=cnn]}")
    assert as_run(probe)["training.learning_rate"] == "not read"
    assert as_run(cnn)["training.learning_rate"] == "0.001"
    assert as_run(probe)["training.score_at_end"] == as_run(cnn)["training.score_at_end"]
    assert as_run(cnn)["encoder"] == "cnn"
