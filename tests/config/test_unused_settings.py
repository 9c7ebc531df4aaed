"""Settings that another choice leaves without effect are refused where the user set them, and nowhere else."""

import dataclasses
from functools import cache

import pytest

from seedbed.config.schema import ARM_GROUPS
from seedbed.config.study import study
from seedbed.config.unused_settings import unused_by_all, unused_settings
from seedbed.errors import InputError

CHOICES = {
    "csv": "dataset=csv task=classification encoder=cnn dataset.files.train=a.csv",
    "tokens": "dataset=jsonl dataset.task=tagging dataset.reader.tokens=a dataset.reader.tags=b",
    "lines": "dataset=jsonl task=classification encoder=cnn",
    "own splits": "dataset=conll2003 embedding=elmo",
    "vectors": "embedding=glove_elmo",
    "pieces": "embedding=static_tokens",
    "bytes": "embedding=bpemb",
    "subwords": "embedding=fasttext_bin",
    "precomputed": "embedding=precomputed",
}

UNREAD = [
    (
        "csv",
        "dataset",
        {"keep_tokens": "last"},
        "dataset.keep_tokens=last (command line): only a data set with dataset.m",
    ),
    (
        "csv",
        "dataset",
        {"held_out": {"test": 0.3}, "files": {"train": "a", "test": "b"}},
        "only a data set without files.t",
    ),
    ("csv", "dataset", {"files": {"train": "a.csv", "unlabelled": "b.txt"}}, "only `seedbed pretrain` reads it"),
    (
        "csv",
        "dataset",
        {"url": "http://x/"},
        "only a data set with dataset.folder or dataset.package and no dataset.path",
    ),
    ("csv", "dataset", {"unpack": "aclimdb"}, "only a data set with dataset.url reads it"),
    ("csv", "dataset", {"sha256": {"b.csv": "00"}}, "only a data set with a file b.csv (a.csv here) reads it"),
    ("own splits", "dataset", {"split_seed": 2}, "only a data set that takes a split out of train reads it"),
    ("own splits", "dataset", {"tokenizer": "reviews"}, "only a data set of texts reads it"),
    ("own splits", "dataset", {"path": "x", "folder": "y"}, "only a data set without dataset.path reads it"),
    (
        "own splits",
        "dataset",
        {"path": "x", "sha256": {"train.txt": "0"}},
        "only a data set without dataset.path reads it",
    ),
    (
        "tokens",
        "dataset.reader",
        {"text": "c"},
        "dataset.reader.text=c (command line): only a reader without dataset.reader",
    ),
    ("lines", "dataset.reader", {"tag_names": ["O", "B-X"]}, "only a reader with dataset.reader.tags reads it"),
    ("pieces", "embedding", {"path": "x", "folder": "y"}, "only a model without embedding.path reads it"),
    ("bytes", "embedding", {"path": "x", "url": "y"}, "only a model without embedding.path reads it"),
    ("own splits", "embedding", {"handle": "x"}, "only embedding.source=hub reads it"),
    ("own splits", "embedding", {"source": "hub", "options": "x"}, "only embedding.source=bilm reads it"),
    ("own splits", "embedding", {"cache": False, "cache_gb": 3.0}, "only embedding.cache=true reads it"),
    ("vectors", "embedding.parts.static", {"path": "v.txt", "url": "http://x"}, "only a table without embedding.path"),
    ("vectors", "embedding.parts.elmo", {"signature": "default"}, "embedding.parts.elmo.signature=default (command"),
    ("subwords", "embedding", {"path": "m.bin", "url": "http://x"}, "only a model without embedding.path reads it"),
    ("subwords", "embedding", {"url": "", "sha256": "0"}, "only a model with embedding.url and no embedding.path"),
    ("precomputed", "embedding", {"table_gb": 2.0}, "only embedding.level=token reads it"),
    ("vectors", "encoder", {"pooling": "mean"}, "encoder.pooling=mean (command line): only task=classification reads"),
    (
        "vectors",
        "sampling",
        {"redraw_test": False},
        "only a number of sampling.test, or of validation from another split",
    ),
    ("vectors", "sampling", {"validation": 0, "validation_from": "test"}, "only sampling.validation above 0 reads it"),
    ("vectors", "training", {"decay": 0.5}, "only training.schedule=exponential, inverse_time or plateau"),
    ("vectors", "training", {"sparse_updates": True}, "only an embedding with trainable=true reads it"),
    ("vectors", "training", {"plateau_patience": 5}, "only training.schedule=plateau reads it"),
    ("vectors", "task", {"constraints": "none"}, "task.constraints=none (command line): only task.decoder=crf reads"),
    ("vectors", "task", {"decoder": "constrained", "constraints": "none"}, "only task.decoder=crf reads it"),
    ("vectors", "training", {"warmup_steps": 5}, "only training.schedule=warmup reads it"),
    ("vectors", "training", {"schedule_epochs": 5}, "only training.schedule=warmup reads it"),
    ("vectors", "training", {"clip_by": "weight"}, "only training.clip_norm reads it"),
    (
        "vectors",
        "training",
        {"monitor": "score", "patience": None, "keep": "last"},
        "only training.patience or training.k",
    ),
]

READ = [
    ("vectors", "task", {"decoder": "crf", "constraints": "none"}),
    ("csv", "dataset", {"keep_tokens": "last", "max_tokens": 9}),
    ("csv", "dataset", {"held_out": {"test": 0.3}, "split_seed": 2, "keep_tokens": "first", "sha256": {"a.csv": "0"}}),
    ("csv", "training", {"monitor": "score", "schedule": "warmup", "warmup_steps": 5, "decay": 0.0}),
    ("csv", "sampling", {"redraw_test": False, "test": 9}),
    ("vectors", "embedding.parts.static", {"path": "v.txt", "limit": 9}),
    ("subwords", "embedding", {"path": "m.bin", "case": "any"}),
    ("precomputed", "embedding", {"table_gb": 2.0, "level": "token"}),
    ("vectors", "embedding.parts.elmo", {"signature": "tokens", "cache_gb": 3.0}),
]


@cache
def arm(name):
    [made] = study(CHOICES[name].split(" "), single=True).arms
    return {group: getattr(made, group) for group in ARM_GROUPS}


class Given:
    """Tells that these keys, and no others, are of the command line."""

    def __init__(self, path, values):
        self.keys = {f"{path}.{key}" for key in values}

    def is_set_by_user(self, key):
        return any(key == own or key.startswith(f"{own}.") for own in self.keys)

    def __call__(self, key):
        return "command line"


def lines(name, path, values):
    group, *below = path.split(".")
    return list(
        unused_settings(arm(name) | {group: changed(arm(name)[group], below, values)}, Given(path, values)).values()
    )


def changed(stage, below, values):
    if not below:
        return dataclasses.replace(stage, **values)
    if isinstance(stage, dict):
        return stage | {below[0]: changed(stage[below[0]], below[1:], values)}
    return dataclasses.replace(stage, **{below[0]: changed(getattr(stage, below[0]), below[1:], values)})


@pytest.mark.parametrize(("name", "path", "values", "line"), UNREAD, ids=str)
def test_what_nothing_reads_is_said(name, path, values, line):
    assert line in "".join(lines(name, path, values))


@pytest.mark.parametrize(("name", "path", "values"), READ, ids=str)
def test_what_has_an_effect_is_not_and_neither_is_a_default_that_is_given_again(name, path, values):
    assert lines(name, path, values) == []


@pytest.mark.parametrize(
    ("word", "line"),
    [
        ("encoder.pooling=mean", "encoder.pooling=mean (command line): only task=classification reads it"),
        (
            "dataset.split_seed=3",
            "dataset.split_seed=3 (command line): only a data set that takes a split out of train",
        ),
        ("sizes=[50]", "sizes=50: sampling.strategy=all takes every example; use sampling=fewshot"),
        ("arms.a=[]", "arms.a=[]: `seedbed run` trains one arm; several are compared by `seedbed compare`"),
        ("protocols.p=[]", "protocols.p: has no effect unless it is chosen: protocol=p"),
    ],
)
def test_it_is_refused_in_one_line(word, line):
    with pytest.raises(InputError) as refused:
        study([word], single=True)
    assert line in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_setting_for_all_is_one_that_some_arm_reads():
    checked = study(["arms={a: [training.schedule=warmup], b: []}", "training.warmup_steps=5"])
    assert [arm.training.warmup_steps for arm in checked.arms] == [5, 5]
    with pytest.raises(InputError, match=r"arm b: training\.warmup_steps=5 .*only training.schedule=warmup reads it"):
        study(["arms={b: [training.warmup_steps=5]}"])


def test_a_job_of_a_sweep_keeps_what_another_may_read():
    jobs = [study([f"training.schedule={one}", "training.warmup_steps=5"], single=True, in_sweep=True).unused
            for one in ("constant", "warmup")]  # fmt: skip
    assert not unused_by_all(jobs)
    assert list(unused_by_all(jobs[:1])) == ["training.warmup_steps"]


def test_an_arm_of_compare_has_no_other_name():
    with pytest.raises(InputError, match=r"arm=x: applies only to `seedbed run`; the arms here are a"):
        study(["arms={a: []}", "arm=x"])


def test_a_run_trains_the_arm_of_an_experiment_that_is_named():
    arms = {arm.name: arm for arm in study(["experiment=quickstart"]).arms}
    (chosen,) = study(["experiment=quickstart", "arm=glove_cnn"], single=True).arms
    assert chosen == arms["glove_cnn"]
    (other,) = study(["experiment=quickstart", "arm=mine", "embedding=glove"], single=True).arms
    assert (other.name, type(other.encoder), other.embedding) == ("mine", type(arms["glove"].encoder), chosen.embedding)
