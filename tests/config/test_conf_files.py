"""Every file of ``conf/`` and ``sweeps/``: it composes, builds, and lists all keys of what it describes."""

import dataclasses
import importlib
import tomllib
from pathlib import Path

import pytest
import yaml

from seedbed.config.build import build
from seedbed.config.compose import compose
from seedbed.config.conf_files import conf_dir
from seedbed.config.provenance import Provenance
from seedbed.config.schema import ARM_GROUPS, GROUPS, StudyKeys
from seedbed.config.study import as_yaml, study
from seedbed.config.sweep import is_sweep, trial_jobs
from seedbed.embeddings.bilm.options import read_options
from seedbed.errors import InputError

ROOT = Path(__file__).parents[2]
CONF = ROOT / "conf"
CHOICES = sorted((file.parent.name, file.stem) for file in CONF.glob("*/*.yaml") if file.parent.name in GROUPS)
EXPERIMENTS = sorted(file.stem for file in CONF.glob("experiment/*.yaml"))
SWEEPS = sorted(file.stem for file in (ROOT / "sweeps").glob("*.yaml"))
COMPOSED_ELSEWHERE = {
    "stack": {"parts"},
    "static_elmo": {"parts"},
    "glove_elmo": {"parts"},
    "glove_characters": {"parts"},
}
"""Keys that a file's own defaults list sets."""


def test_conf_has_nothing_but_groups_experiments_recipes_senses_and_published_numbers():
    assert {path.name for path in CONF.iterdir()} == {
        "config.yaml",
        "pretrain.yaml",
        "protocols.yaml",
        "experiment",
        "pretraining",
        "senses",
        "published_numbers",
        *GROUPS,
    }
    assert conf_dir() == CONF


@pytest.mark.parametrize(("group", "choice"), CHOICES, ids="-".join)
def test_a_file_lists_exactly_the_keys_of_its_class(group, choice):
    node = yaml.safe_load((CONF / group / f"{choice}.yaml").read_text(encoding="utf-8"))
    for described in _nodes(node):
        module, _, name = described["_target_"].rpartition(".")
        cls = getattr(importlib.import_module(module), name)
        listed = set(described) - {"_target_", "defaults"} | COMPOSED_ELSEWHERE.get(choice, set())
        assert listed == {field.name for field in dataclasses.fields(cls)}, name


def _nodes(node):
    if isinstance(node, dict):
        if "_target_" in node:
            yield node
        for below in node.values():
            yield from _nodes(below)


@pytest.mark.parametrize(("group", "choice"), CHOICES, ids="-".join)
def test_a_choice_composes_and_builds(group, choice):
    overrides = [f"{group}={choice}"]
    config = compose(overrides)
    built = build(config[group], group, Provenance(config, overrides))
    assert dataclasses.is_dataclass(built)


def test_the_root_lists_exactly_the_keys_of_a_study():
    node = yaml.safe_load((CONF / "config.yaml").read_text(encoding="utf-8"))
    assert set(node) - {"defaults", "hydra"} == {field.name for field in dataclasses.fields(StudyKeys)}
    defaults = StudyKeys()
    for field in dataclasses.fields(StudyKeys):
        assert node[field.name] == getattr(defaults, field.name), field.name


def test_every_group_has_a_default():
    checked = study([], single=True)
    assert set(checked.arms[0].choices) == set(GROUPS)
    assert all(getattr(checked.arms[0], group) is not None for group in ARM_GROUPS)


@pytest.mark.slow
@pytest.mark.parametrize("name", EXPERIMENTS)
def test_an_experiment_builds_with_all_its_arms_and_protocols(name):
    checked = study([f"experiment={name}"])
    assert checked.keys.name.startswith(name)
    assert [arm.name for arm in checked.arms] == list(checked.keys.arms)
    assert checked.keys.note
    for protocol in checked.keys.protocols:
        again = study([f"experiment={name}", f"protocol={protocol}"])
        assert {arm.name for arm in again.arms} >= {arm.name for arm in checked.arms}
        assert again.keys.protocol == protocol


@pytest.mark.parametrize("name", SWEEPS)
def test_every_job_of_a_sweep_composes_under_the_name_of_its_file(name):
    settings = [f"+sweeps={name}"]
    assert is_sweep(settings, str(ROOT))
    jobs = list(trial_jobs(settings, str(ROOT)))
    assert len(jobs) > 1
    for job in jobs:
        assert study(job, str(ROOT), single=True).keys.name == name


@pytest.mark.parametrize("name", SWEEPS)
def test_a_sweep_says_how_it_is_run(name):
    text = (ROOT / "sweeps" / f"{name}.yaml").read_text(encoding="utf-8")
    assert text.startswith("# @package _global_\n")
    assert f"seedbed run --config-dir . +sweeps={name}\n" in text


def test_what_show_prints_composes_to_itself():
    checked = study(["experiment=quickstart"])
    assert yaml.safe_load(as_yaml(checked)) == yaml.safe_load(yaml.safe_dump(dict(checked.composed)))
    assert "hydra" not in checked.composed


def test_a_protocol_stands_before_what_the_user_says():
    published = study(["experiment=imdb_static_200", "protocol=published"]).arms[0]
    assert (published.sampling.validation_from, published.training.learning_rate) == ("test", 0.001)
    own = study(["experiment=imdb_static_200", "protocol=corrected", "training.learning_rate=0.01"]).arms[0]
    assert (own.sampling.validation_from, own.training.learning_rate) == ("train", 0.01)


def test_the_overrides_of_an_arm_win_over_those_for_all():
    checked = study(
        ["experiment=movie_reviews_cnn", "~arms.glove_pool", "encoder.filters=8", "arms.wide=[encoder.filters=16]"]
    )
    filters = {arm.name: arm.encoder.filters for arm in checked.arms}
    assert filters == {"random": 8, "glove": 8, "elmo": 8, "glove_elmo": 8, "wide": 16}


def test_an_arm_takes_what_its_own_choices_have_a_key_for():
    checked = study(["experiment=movie_reviews_cnn", "encoder.filters=8", "encoder.dropout=0.5"])
    assert [getattr(arm.encoder, "filters", None) for arm in checked.arms] == [8, 8, None, 8, 8]
    assert [arm.encoder.dropout for arm in checked.arms] == [0.5] * 5
    with pytest.raises(InputError, match=r"no key encoder\.filter in encoder; did you mean encoder\.filters"):
        study(["experiment=movie_reviews_cnn", "encoder.filter=8"])


def test_a_part_of_a_stack_can_be_another_in_the_arms_that_have_it():
    parts = ["embedding@embedding.parts.elmo=elmo_tiny", "embedding@embedding.parts.static=glove"]
    muse, both, *_ = (arm.embedding for arm in study(["experiment=imdb_elmo_200", *parts]).arms)
    assert (list(muse.parts), muse.parts["static"].name) == (["static"], "glove")
    assert (list(both.parts), both.parts["elmo"].folder) == (["static", "elmo"], "elmo-tiny/model")
    tweets = study(["experiment=twitter_ner_elmo", "embedding=static_elmo", *parts])
    random, stack = (arm.embedding for arm in tweets.arms)
    assert random.dim == 200
    assert stack.parts["elmo"].folder == "elmo-tiny/model"
    with pytest.raises(InputError, match="no key embedding@embedding"):
        study(["experiment=quickstart", parts[0]])


def test_the_corrected_imdb_experiment_has_the_rates_that_were_stated():
    rates = {arm.name: arm.training.learning_rate for arm in study(["experiment=imdb_elmo_200"]).arms}
    assert (rates["muse"], rates["muse_elmo"]) == (1e-4, 1e-5)
    published = study(["experiment=imdb_elmo_200", "protocol=published"]).arms
    assert [(arm.training.learning_rate, arm.training.schedule) for arm in published] == [(0.001, "constant")] * len(
        published
    )


def test_one_arm_of_an_experiment_has_no_baseline_unless_it_is_asked_for():
    assert study(["experiment=quickstart"], single=True).keys.baseline is None
    with pytest.raises(InputError, match="baseline=glove: not an arm"):
        study(["experiment=quickstart", "baseline=glove"], single=True)


def test_an_arm_can_be_taken_away():
    checked = study(["experiment=movie_reviews_cnn", "~arms.glove_pool"])
    assert [arm.name for arm in checked.arms] == ["random", "glove", "elmo", "glove_elmo"]


def test_configs_of_ones_own_are_found_and_named(tmp_path):
    (tmp_path / "encoder").mkdir()
    own = tmp_path / "encoder" / "narrow.yaml"
    own.write_text("_target_: seedbed.model.encoders.CNN\nfilters: 4\nwidth: [3]\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"encoder\.width \(.*narrow\.yaml\): no such key; did you mean encoder\.wid"):
        study(["encoder=narrow"], str(tmp_path), single=True)
    own.write_text("_target_: seedbed.model.encoders.CNN\nfilters: 4\n", encoding="utf-8")
    assert study(["encoder=narrow"], str(tmp_path), single=True).arms[0].encoder.filters == 4


def test_the_wheel_carries_conf():
    build = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["hatch"]["build"]
    assert build["targets"]["wheel"]["force-include"] == {"conf": "seedbed/conf"}


def test_a_built_wheel_has_every_config(tmp_path):
    wheel = pytest.importorskip("hatchling.builders.wheel", reason="hatchling is not installed")
    import zipfile

    file = next(wheel.WheelBuilder(str(ROOT)).build(directory=str(tmp_path), versions=["standard"]))
    inside = set(zipfile.ZipFile(file).namelist())
    assert {f"seedbed/conf/{path.relative_to(CONF)}" for path in CONF.rglob("*.yaml")} <= inside
    assert "seedbed/conf/senses/work.tsv" in inside
    models = ROOT / "src/seedbed/embeddings/models"
    packaged = {f"seedbed/embeddings/models/{path.relative_to(models)}" for path in models.rglob("*.*")}
    assert packaged <= inside
    small = "seedbed/embeddings/models/small_english"
    assert {f"{small}/{name}" for name in ("options.json", "weights.hdf5", "vocabulary.txt")} <= packaged
    assert f"{small}/softmax.hdf5" not in inside
    assert {"seedbed/report/templates/index.html.j2", "seedbed/senses/templates/senses.html.j2"} <= inside


def test_the_small_model_in_the_package_is_small_and_opens():
    model = study(["embedding=elmo_reviews"], single=True).arms[0].embedding
    files = model.files()
    assert sum(path.stat().st_size for path in files["options"].parent.iterdir()) <= 10_000_000
    assert model.open().layout == read_options(files["options"]).layout


def test_the_password_of_a_store_is_not_in_what_is_written_of_a_study():
    checked = study(["tracking.uri=postgresql://ann:secret@host/runs"])
    assert "secret" not in as_yaml(checked)
    assert checked.composed["tracking"]["uri"] == "postgresql://***@host/runs"
    assert checked.tracking.address == "postgresql://ann:secret@host/runs"
