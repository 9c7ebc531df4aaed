"""The search space of an arm: bad input is refused before data are read, and values reach the settings they name."""

import dataclasses
import math

import pytest
from tests.refusals import refusal

from seedbed.comparison.plan import plan
from seedbed.comparison.search.distributions import parse_space
from seedbed.comparison.search.settings import Tune
from seedbed.comparison.search.space import search_spaces
from seedbed.comparison.search.trials import Trial, best_of
from seedbed.config.study import study
from seedbed.directions import lower_is_better
from seedbed.model.probe import Probe
from seedbed.model.tasks import Classification, Multilabel, Tagging

DROPOUT = {"encoder.dropout": "uniform(0, 0.5)"}


@pytest.fixture
def arms(settings):
    """The arms of the study with these further settings."""

    def made(*more):
        keys = [one.split("=")[0] for one in more]
        return study([one for one in settings if one.split("=")[0] not in keys] + list(more)).arms

    return made


@pytest.fixture(scope="module")
def both(reviews):
    """Two arms, a CNN and pooled vectors."""
    return study([
        "dataset=csv", f"dataset.files.train={reviews}", "task=classification", "encoder=cnn", "encoder.filters=4",
        "sampling=fewshot", "sampling.validation=10", "arms={cnn: [], pool: [encoder=pool]}",
    ]).arms  # fmt: skip


def spaces_of(arms, **tune):
    return search_spaces(arms, Tune(**tune))


@pytest.mark.parametrize(("space", "match"), [
    ({"encoder.dropuot": "uniform(0, 0.5)"}, r"encoder\.dropuot: no arm has such a key.*encoder\.dropout"),
    ({"encoder": "choice(cnn, pool)"}, r"encoder: search keys of embedding, encoder, task, training"),
    ({"dataset.name": "choice(a, b)"}, r"dataset\.name: search keys of embedding"),
    ({"sampling.validation": "int(1, 9)"}, r"sampling\.validation: search keys of embedding"),
    ({"encoder.dropout": "uniform(0.5, 0.1)"}, r"encoder\.dropout: uniform\(0\.5, 0\.1\): 0\.5 is not below"),
    ({"encoder.dropout": "uniform(0.1, 0.1)"}, r"encoder\.dropout: .*0\.1 is not below 0\.1"),
    ({"encoder.dropout": "uniform()"}, r"encoder\.dropout: .*two finite numbers"),
    ({"training.learning_rate": "log(0, 0.1)"}, r"training\.learning_rate: .*starts above 0"),
    ({"training.learning_rate": "uniform(0, 0.1)"}, r"training\.learning_rate=0\.0: must be above 0"),
    ({"training.learning_rate": "0.1"}, r"training\.learning_rate: 0\.1: not a distribution; write log"),
    ({"encoder.dropout": "choice(a, b)"}, r"encoder\.dropout: choice\(a, b\): .*must be of type float"),
    ({"encoder.dropout": "uniform(0, 1.5)"}, r"arm cnn: .*encoder\.dropout=1\.5"),
    ({"training.optimizer": "choice(adam, adagrad)"}, r"training\.optimizer=adagrad: choose adam"),
    ({"training.weight_decay": "log(1e-5, 1e-2)"}, r"training\.weight_decay=.*training\.optimizer=adamw reads it"),
    ({"training.momentum": "uniform(0, 0.9)"}, r"training\.momentum=0\.9: only training\.optimizer=sgd reads it"),
    ({"training.schedule": "choice(constant, warmup)"}, r"training\.schedule=warmup needs steps"),
    ({"training.optimizer": "choice(adam, adamw)", "training.weight_decay": "log(1e-5, .1)"}, r"adamw reads it"),
    ({"training.group_size": "int(1, 8)"}, r"training\.group_size: cannot be searched: no score depends on it"),
    ({"training.score_at_end": "choice(a, b)"}, r"score_at_end: cannot be searched: trials are scored on val"),
    ({"embedding.cache": "choice(true, false)"}, r"embedding\.cache: no arm has such a key"),
    ({"encoder.filters": "int(0, 4)"}, r"arm cnn: .*encoder\.filters=0"),
    ({"task.label_smoothing": "uniform(0, 1)"}, r"arm cnn: .*task\.label_smoothing=1"),
])  # fmt: skip
def test_a_space_that_fits_no_arm_is_refused(both, space, match):
    assert refusal(spaces_of, both, space=space, match=rf"^tune\.space: .*{match}")


def test_a_space_is_refused_before_data_are_read(settings):
    made = study([*settings, "tune=random", "tune.space={encoder.dropout: uniform(0, 0.5), encoder.filter: int(2, 9)}"])
    assert refusal(
        plan, made, on_load=lambda name: pytest.fail("data were read"), match=r"did you mean encoder\.filters"
    )


@pytest.mark.parametrize(("metric", "match"), [
    ("test/accuracy", r"tune\.metric=test/accuracy: a trial is chosen on validation; use validation/accuracy"),
    ("train/loss", r"tune\.metric=train/loss: a trial is chosen on validation; use validation/loss"),
    ("acuracy", r"tune\.metric=acuracy: no such score.*validation/accuracy.*choose validation/loss"),
    ("validation/nothing", r"tune\.metric=validation/nothing: no such score"),
    ("f1/person", r"tune\.metric=f1/person: no such score.*; choose validation/loss"),
    ("test/f1/person", r"tune\.metric=test/f1/person: a trial is chosen on validation; use validation/f1/person"),
    ("", r"tune\.metric=: no such score"),
])  # fmt: skip
def test_a_metric_that_is_not_of_validation_is_refused(both, metric, match):
    assert refusal(spaces_of, both, metric=metric, space=DROPOUT, match=f"^{match}")


@pytest.mark.parametrize(("metric", "expected"), [
    (None, "validation/accuracy"), ("accuracy", "validation/accuracy"), ("loss", "validation/loss"),
    ("validation/loss", "validation/loss"), ("log_loss", "validation/log_loss"), ("macro_f1", "validation/macro_f1"),
])  # fmt: skip
def test_a_metric_is_found_with_and_without_its_split(both, metric, expected):
    own = spaces_of(both, metric=metric, space=DROPOUT)
    assert {space.metric for space in own.values()} == {expected}
    assert {space.lower_is_better for space in own.values()} == {"loss" in expected}


class Scored(Classification):
    """A task of a plugin with scores of its own."""

    scores = ("accuracy", "brier", "ece", "neg_brier", "quux")


@pytest.mark.parametrize(("metric", "lower"), [
    ("brier", True), ("ece", True), ("validation/neg_brier", False), ("accuracy", False), ("loss", True),
])  # fmt: skip
def test_the_direction_of_a_score_of_a_plugin_is_that_of_its_name(both, metric, lower):
    space = _space_of_a_plugin(both, metric)
    assert space.lower_is_better == lower
    trials = [Trial(n, {}, {space.metric: score}) for n, score in enumerate((0.2, 0.1, 0.3))]
    assert best_of(trials, space).number == (1 if lower else 2)


def test_a_score_without_a_direction_is_refused(both):
    message = refusal(_space_of_a_plugin, both, "quux", match=r"^tune\.metric=quux: its name does not show whether")
    scores = ("loss", "accuracy", "brier", "ece", "neg_brier")
    assert message.endswith("choose " + ", ".join(f"validation/{name}" for name in scores))


@pytest.mark.parametrize("task", [Classification, Multilabel, Tagging])
def test_every_score_of_a_task_has_a_direction(task):
    assert {name: lower_is_better(f"validation/{name}") for name in task.scores} == {
        name: "loss" in name for name in task.scores
    }


def _space_of_a_plugin(arms, metric):
    (space,) = spaces_of([dataclasses.replace(arms[0], task=Scored())], space=DROPOUT, metric=metric).values()
    return space


def test_a_search_without_validation_examples_is_refused_before_data_are_read(both):
    sampling = dataclasses.replace(both[1].sampling, validation=0)
    assert refusal(spaces_of, [both[0], dataclasses.replace(both[1], sampling=sampling)], space=DROPOUT, method="quasi",
            match=r"^tune=quasi: arm pool has no validation examples.*sampling\.validation=100")  # fmt: skip


PLATEAU = ["training.schedule=plateau", "training.decay=0.5"]


@pytest.mark.parametrize(("training", "space"), [
    (PLATEAU, DROPOUT), (PLATEAU, {"training.schedule": "choice(constant, sqrt2)"}),
    (["training.schedule=exponential", "training.decay=0.5"], {"training.schedule": "choice(exponential, plateau)"}),
])  # fmt: skip
def test_a_refit_of_a_schedule_that_reads_validation_is_refused_before_data_are_read(arms, training, space):
    searched = arms("arms={cnn: []}", *training)
    assert spaces_of(searched, space=space)
    assert refusal(spaces_of, searched, space=space, refit=True,
            match=r"^tune\.refit=true: arm cnn: training\.schedule=plateau.*use tune\.refit=false")  # fmt: skip


def test_a_probe_reads_no_schedule_and_can_be_refitted(arms):
    (cnn,) = arms("arms={cnn: []}", *PLATEAU)
    assert spaces_of([dataclasses.replace(cnn, encoder=Probe())], space={"encoder.c": "log(1e-3, 1)"}, refit=True)


def test_a_draw_without_validation_examples_is_refused(planned):
    settings = ["sampling.validation=all", "sampling.validation_from=validation", "dataset.held_out.validation=0"]
    message = refusal(
        planned, *settings, "tune=random", f"tune.space={{encoder.dropout: {DROPOUT['encoder.dropout']}}}"
    )
    assert "validation" in message


def test_a_key_that_an_arm_lacks_is_left_out_of_its_space(both):
    own = spaces_of(both, space={"encoder.output_dropout": "uniform(0, 0.5)", "encoder.dropout": "uniform(0, 0.5)"})
    assert list(own["cnn"].distributions) == ["encoder.output_dropout", "encoder.dropout"]
    assert own["cnn"].left_out == ()
    assert list(own["pool"].distributions) == ["encoder.dropout"]
    assert own["pool"].left_out == ("encoder.output_dropout",)


def test_an_arm_that_lacks_every_key_is_refused(both):
    assert refusal(spaces_of, both, space={"encoder.filters": "int(2, 8)"},
            match=r"^tune: arm pool: no key to search; .*it lacks encoder\.filters")  # fmt: skip


def test_each_arm_has_the_space_of_its_encoder(both):
    spaces = {"cnn": {"encoder.filters": "int(2, 8)"}, "default": {"encoder.dropout": "uniform(0, 0.5)"}}
    own = spaces_of(both, spaces=spaces)
    assert {name: list(space.distributions) for name, space in own.items()} == {
        "cnn": ["encoder.filters"], "pool": ["encoder.dropout"],
    }  # fmt: skip
    same = spaces_of(both, spaces=spaces, space={"training.learning_rate": "log(1e-4, 1)"})
    assert {name: list(space.distributions) for name, space in same.items()} == {
        name: ["training.learning_rate"] for name in ("cnn", "pool")
    }


def test_trial_0_is_the_arm_and_other_values_are_those_of_the_arm_configured_with_them(arms):
    space = {"encoder.filters": "int(2, 8)", "training.patience": "int(1, 9)", "task.label_smoothing": "uniform(0, .2)",
             "training.clip_norm": "choice(null, 0.5)"}  # fmt: skip
    own = spaces_of(arms("arms={cnn: []}"), space=space)["cnn"]
    assert own.default() == {
        "encoder.filters": 4, "training.patience": 3, "task.label_smoothing": 0.0, "training.clip_norm": None,
    }  # fmt: skip
    assert dataclasses.replace(own.with_values(own.default()), settings=own.arm.settings) == own.arm
    values = {"encoder.filters": 7, "training.patience": 2, "task.label_smoothing": 0.125, "training.clip_norm": 0.5}
    (configured,) = arms("arms={cnn: []}", *(f"{key}={value}" for key, value in values.items()))
    found = own.with_values(values)
    assert (found.encoder, found.task, found.training) == (configured.encoder, configured.task, configured.training)
    assert {key: found.settings[key] for key in values} == {key: str(value) for key, value in values.items()}


def test_values_that_only_together_make_an_arm_are_tried_together(both):
    space = {"training.schedule": "choice(constant, warmup)", "training.warmup_steps": "int(1, 20)"}
    assert list(spaces_of(both, space=space)["cnn"].distributions) == list(space)


def test_a_space_of_very_many_combinations_is_checked_in_part(both):
    space = {"encoder.dropout": f"choice({', '.join(str(n / 4000) for n in range(2000))})",
             "training.learning_rate": f"choice({', '.join(str(n) for n in range(1, 2000))})",
             "training.optimizer": "choice(adam, adamw)", "training.weight_decay": "uniform(0, 0.1)"}  # fmt: skip
    assert math.prod(len(own.arguments) for own in parse_space(space).values()) > 10**6
    assert refusal(spaces_of, both, space=space, match="only training.optimizer=adamw reads it")


def test_one_value_of_a_probe_is_a_list_of_one(both):
    probe = dataclasses.replace(both[1], name="probe", encoder=Probe(pooling="mean"))
    own = spaces_of([probe], space={"encoder.c": "log(1e-3, 10)"})["probe"]
    assert own.with_values({"encoder.c": 0.25}).encoder.c == [0.25]
    assert len(own.default()["encoder.c"]) > 1
    assert own.with_values({"encoder.c": 0.25}).settings["encoder.c"] == "0.25"
