"""The config group ``tune``: its spaces, and what it refuses."""

from pathlib import Path

import pytest
import yaml
from tests.refusals import refusal

from seedbed.comparison.search.distributions import parse_space
from seedbed.comparison.search.settings import METHODS, Tune
from seedbed.comparison.search.space import search_spaces
from seedbed.config.study import study

CONF = Path(__file__).parents[2] / "conf"
SPACES = sorted(path.stem for path in (CONF / "tune" / "space").glob("*.yaml") if path.stem != "all")
ENCODERS = sorted(path.stem for path in (CONF / "encoder").glob("*.yaml"))
CLASSIFICATION = ["dataset=csv", "dataset.files.train=none.csv", "task=classification", "sampling=fewshot"]


def test_each_method_has_a_file_with_all_spaces():
    assert {path.stem for path in (CONF / "tune").glob("*.yaml")} == set(METHODS)
    for method in set(METHODS) - {"none"}:
        node = yaml.safe_load((CONF / "tune" / f"{method}.yaml").read_text(encoding="utf-8"))
        assert node["defaults"] == [{"space@spaces": "all"}, "_self_"]
        assert node["method"] == method
    listed = yaml.safe_load((CONF / "tune" / "space" / "all.yaml").read_text(encoding="utf-8"))["defaults"]
    assert sorted(listed, key=str) == [{f"/tune/space@{name}": name} for name in SPACES]


@pytest.mark.parametrize("method", [method for method in METHODS if method != "none"])
def test_a_method_is_chosen_with_the_spaces_of_all_encoders(method):
    tune = study([*CLASSIFICATION, f"tune={method}", "tune.budget=9"]).tune
    assert (tune.method, tune.budget, tune.space, sorted(tune.spaces)) == (method, 9, {}, SPACES)
    for space in tune.spaces.values():
        assert list(parse_space(space)) == list(space)


def test_without_a_method_nothing_is_searched():
    assert study(CLASSIFICATION).tune is None
    assert study([*CLASSIFICATION, "tune=none"]).tune is None


def test_the_space_of_an_encoder_fits_it():
    """All keys of its file, at both ends of each range, with the settings of conf."""
    taggers, others = {"nn_tagger"}, {"fine_tuned"}
    tagging = ["dataset=twitter_ner", "sampling=fewshot", "sizes=[20]"]
    for base, names in ((CLASSIFICATION, set(ENCODERS) - taggers - others), (tagging, taggers)):
        arms = ", ".join(f"{name}: [encoder={name}]" for name in sorted(names))
        made = study([*base, f"arms={{{arms}}}", "tune=random"])
        for name, space in search_spaces(made.arms, made.tune).items():
            assert space.left_out == () or name not in SPACES
            assert set(space.distributions) | set(space.left_out) == set(made.tune.space_of(name))


def test_a_space_of_ones_own_is_read_from_the_command_line_as_it_is_written():
    space = (
        "encoder.dropout: uniform(0, 0.5), training.learning_rate: 'log(1e-4, 1e-1)', encoder.filters: int(2, 9, log)"
    )
    tune = study([*CLASSIFICATION, "encoder=cnn", "tune=tpe", f"tune.space={{{space}}}"]).tune
    assert tune.space == {
        "encoder.dropout": "uniform(0, 0.5)", "training.learning_rate": "log(1e-4, 1e-1)",
        "encoder.filters": "int(2, 9, log)",
    }  # fmt: skip
    one = study([*CLASSIFICATION, "encoder=cnn", "tune=tpe", "tune.space.encoder.dropout=choice(0.1, 0.5)"]).tune
    assert one.space == {"encoder.dropout": "choice(0.1, 0.5)"}


def test_the_space_of_an_encoder_is_changed_on_the_command_line():
    own = ["tune.spaces.cnn.encoder.filters=choice(32, 64)", "~tune.spaces.cnn.task.label_smoothing",
           "tune.spaces.bilstm={encoder.units: int(8, 64, log)}"]  # fmt: skip
    plain, changed = (study([*CLASSIFICATION, "encoder=cnn", "tune=tpe", *more]).tune.spaces for more in ((), own))
    expected = dict(plain["cnn"]) | {"encoder.filters": "choice(32, 64)"}
    del expected["task.label_smoothing"]
    assert changed["cnn"] == expected
    assert changed["bilstm"]["encoder.units"] == "int(8, 64, log)"
    assert changed["pool"] == plain["pool"]


def test_a_wrong_space_of_an_encoder_is_refused():
    assert refusal(study, [*CLASSIFICATION, "encoder=cnn", "tune=tpe", "~tune.spaces.cnn.encoder.dropot"],
                   match=r"there is no tune\.spaces\.cnn\.encoder\.dropot.*encoder\.dropout")  # fmt: skip
    assert refusal(study, [*CLASSIFICATION, "encoder=cnn", "tune.spaces.cnn.encoder.dropout=uniform(0, 1)"],
                   match="has no effect with tune=none")  # fmt: skip


@pytest.mark.parametrize(("override", "match"), [
    ("tune.budget=8", "tune.budget=8: has no effect with tune=none; choose a method, such as tune=random"),
    ("tune.space={encoder.dropout: uniform(0, 1)}", "has no effect with tune=none"),
    ("tune.refit=true", "has no effect with tune=none"),
])  # fmt: skip
def test_keys_of_a_search_without_a_method_are_refused(override, match):
    assert refusal(study, [*CLASSIFICATION, override], match=match)


@pytest.mark.parametrize(("override", "match"), [
    ("tune.batch=4", r"^tune\.batch=4 \(command line\): only tune=tpe reads it"),
    ("tune.space=[cnn]", r"^tune\.space=\[cnn\] \(command line\): must be a mapping"),
    ("tune.space=cnn", r"^tune\.space=cnn \(command line\): must be a mapping of keys to distributions, such as \{"),
])  # fmt: skip
def test_settings_of_another_method_are_refused(override, match):
    assert refusal(study, [*CLASSIFICATION, "encoder=cnn", "tune=random", override], match=match)
    assert study([*CLASSIFICATION, "encoder=cnn", "tune=tpe", "tune.batch=4"]).tune.batch == 4


def test_in_a_sweep_another_job_may_read_a_setting():
    unread = study([*CLASSIFICATION, "encoder=cnn", "tune=random", "tune.batch=4"], in_sweep=True).unused
    assert list(unread) == ["tune.batch"]


@pytest.mark.parametrize("own", ["tune.spaces.cnn.encoder.dropout=uniform(0, 0.1)", "tune/space@tune.spaces.cnn=pool"])
def test_spaces_of_encoders_are_refused_beside_one_for_all(own):
    words = [*CLASSIFICATION, "encoder=cnn", "tune=random", "tune.space={encoder.dropout: uniform(0, 0.5)}"]
    assert refusal(study, [*words, own], match=r"^command line: tune.*: has no effect beside tune\.space")


@pytest.mark.parametrize(("settings", "match"), [
    ({"method": "bayes"}, r"^tune\.method=bayes: choose none, random, quasi, tpe, grid"),
    ({"prune": "asha"}, r"^tune\.prune=asha: choose none, halving, median"),
    ({"budget": 0}, r"^tune\.budget=0: must be at least 2"),
    ({"budget": 1}, r"^tune\.budget=1: must be at least 2; trial 0 is the default"),
    ({"budget": -3}, r"^tune\.budget=-3: must be at least 2"),
    ({"batch": 0}, r"^tune\.batch=0: must be at least 1"),
    ({"seed": -1}, r"^tune\.seed=-1: must be at least 0"),
    ({"spaces": {"cnn": "my_cnn"}},
     r"^tune\.spaces\.cnn: must be a mapping of keys.*; a file .* is chosen with tune/space@tune\.spaces\.cnn="),
    ({"spaces": {"cnn": {"encoder.dropout": 0.5}}}, r"^tune\.spaces\.cnn: must be a mapping"),
])  # fmt: skip
def test_settings_without_a_meaning_are_refused(settings, match):
    assert refusal(Tune, **settings, match=match)
