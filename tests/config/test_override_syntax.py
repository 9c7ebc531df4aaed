"""Overrides of mappings whose keys the user chooses: they arrive as they were given, in whatever way."""

import copy
import dataclasses
import importlib
import re
from functools import cache
from pathlib import Path
from typing import get_origin

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from seedbed.config.build import build
from seedbed.config.compose import compose
from seedbed.config.hydra_grammar import quote
from seedbed.config.open_mappings import apply_overrides
from seedbed.config.override_syntax import OPEN_MAPPINGS, parse_mapping_override
from seedbed.config.provenance import Provenance
from seedbed.config.study import study
from seedbed.errors import InputError

CONF = Path(__file__).parents[2] / "conf"
NAMES = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,8}", fullmatch=True)
TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=12)
WORDS = TEXTS.filter(lambda text: text.strip() and "${" not in text and text != "???")
LIKE_OTHERS = st.sampled_from([
    "yes", "no", "on", "null", "~", "true", "False", "0", "1.0", "1_000", "0x1F", "1e3", "inf", "U.S.", "it's", 'a "b"',
    "a: b", "a=b", "[x]", "{y}", "a, b", "très bon", "back\\slash",
])  # fmt: skip


@cache
def csv():
    return compose(["dataset=csv"])


def container(node):
    from omegaconf import OmegaConf

    return OmegaConf.to_container(node, resolve=True)


def set_in(config, *overrides):
    config = copy.deepcopy(config)
    apply_overrides(config, [parse_mapping_override(override) for override in overrides])
    return config


def labels(*overrides):
    return container(set_in(csv(), *overrides).dataset.labels)


def arms(*overrides, there=()):
    from omegaconf import OmegaConf

    return container(set_in(OmegaConf.create({"arms": {name: [] for name in there}}), *overrides).arms)


def filled(*overrides):
    from omegaconf import OmegaConf

    return container(set_in(OmegaConf.create({"dataset": {"labels": {}}}), *overrides).dataset.labels)


def test_every_mapping_of_a_config_is_in_the_table():
    found = {"arms", "protocols", "tune.space", "tune.spaces.*"}
    for file in (CONF / "dataset").glob("*.yaml"):
        found |= set(_mappings("dataset", yaml.safe_load(file.read_text(encoding="utf-8"))))
    for group in ("embedding", "encoder", "task", "sampling", "training", "tracking"):
        for file in (CONF / group).glob("*.yaml"):
            found |= set(_mappings(group, yaml.safe_load(file.read_text(encoding="utf-8"))))
    assert found | {"dataset.reader.tag_names", "plugins"} == set(OPEN_MAPPINGS)  # those may be lists


def _mappings(path, node):
    module, _, name = node["_target_"].rpartition(".")
    for field in dataclasses.fields(getattr(importlib.import_module(module), name)):
        if get_origin(field.type) is dict:
            yield f"{path}.{field.name}"
        elif isinstance(node.get(field.name), dict) and "_target_" in node[field.name]:
            yield from _mappings(f"{path}.{field.name}", node[field.name])


# labels, and what is like them


@settings(max_examples=50)
@given(st.dictionaries(WORDS | LIKE_OTHERS, WORDS | LIKE_OTHERS, min_size=1, max_size=4))
def test_random_labels_arrive_as_they_were_given_in_both_ways(mapping):
    whole = ", ".join(f"{quote(name)}: {quote(label)}" for name, label in mapping.items())
    assert filled(f"dataset.labels={{{whole}}}") == mapping
    assert filled(*(f"dataset.labels.{quote(name)}={quote(label)}" for name, label in mapping.items())) == mapping
    assert filled(f"dataset.labels={{{whole}}}", *(f"~dataset.labels.{quote(name)}" for name in mapping)) == {}


@pytest.mark.parametrize(
    ("words", "mapping"),
    [
        (["dataset.labels={0: bad, 1: good}"], {"0": "bad", "1": "good"}),
        (["dataset.labels={0:bad,1:good}"], {"0": "bad", "1": "good"}),
        (['dataset.labels={"0":"bad","1":"good"}'], {"0": "bad", "1": "good"}),
        (["dataset.labels.0=bad", "dataset.labels.1=good"], {"0": "bad", "1": "good"}),
        (["+dataset.labels.0=bad", "++dataset.labels.1=good"], {"0": "bad", "1": "good"}),
        (["dataset.labels={yes: ja, no: nein, on: an, null: x, 1.0: y}"],
         {"yes": "ja", "no": "nein", "on": "an", "null": "x", "1.0": "y"}),
        (["dataset.labels.yes=true", "dataset.labels.1.0=1.50"], {"yes": "true", "1.0": "1.50"}),
        (["dataset.labels.U.S.=no", "dataset.labels.very good=été"], {"U.S.": "no", "very good": "été"}),
        (["dataset.labels.it's bad=bad", "dataset.labels.'a=b'='it\\'s'"], {"it's bad": "bad", "a=b": "it's"}),
        (["dataset.labels={a: x}", "dataset.labels={b: y}", "~dataset.labels.a"], {"b": "y"}),
        (["dataset.labels={a: x}", "~dataset.labels"], {}),
        (["dataset.labels.0='null'"], {"0": "null"}),
        (["dataset.labels.0=\\${x}"], {"0": "${x}"}),
        (["dataset.labels.0=${name}"], {"0": "study"}),
    ],
)  # fmt: skip
def test_labels_as_people_type_them(words, mapping):
    assert labels(*words) == mapping


def test_labels_are_added_to_those_of_the_file():
    words = ["dataset=imdb", "dataset.labels={0: bad, 2: so so}", "~dataset.labels.1"]
    assert container(compose(words).dataset.labels) == {"0": "bad", "2": "so so"}


def test_other_mappings_are_set_in_the_same_way():
    words = [
        "dataset.reader.where={the source: imdb, 1.0: yes}", "dataset.sha256.a.csv=00", "dataset.files={all: a.csv}",
        "dataset.held_out={validation: 0.3}", "~dataset.held_out.test", "dataset.files.test=[1.csv,b.csv]",
    ]  # fmt: skip
    data = built(*words)
    assert data.reader.where == {"the source": "imdb", "1.0": "yes"}
    assert data.sha256 == {"a.csv": "00"}
    assert data.files == {"train": "", "validation": "", "test": ["1.csv", "b.csv"], "unlabelled": "", "all": "a.csv"}
    assert data.held_out == {"validation": 0.3}


@pytest.mark.parametrize(
    ("words", "names"),
    [
        (["dataset.reader.tag_names={0: O, 1: B-PER, 2: no}"], {"0": "O", "1": "B-PER", "2": "no"}),
        (["dataset.reader.tag_names={O: 0, B-PER: 1}"], {"O": 0, "B-PER": 1}),
        (["dataset.reader.tag_names.0=O", "dataset.reader.tag_names.1=B-PER"], {"0": "O", "1": "B-PER"}),
        (["dataset.reader.tag_names=[O,B-PER,no]"], ["O", "B-PER", "no"]),
        (["dataset.reader.tag_names=names.txt"], "names.txt"),
    ],
)
def test_names_of_tags_that_are_numbers(words, names):
    config = set_in(conll(), *words)
    assert build(config.dataset, "dataset", Provenance(config, words)).reader.tag_names == names


@cache
def conll():
    return compose(["dataset=conll"])


def built(*words):
    config = set_in(csv(), *words)
    return build(config.dataset, "dataset", Provenance(config, words))


def test_a_part_of_a_stack_can_be_added_and_a_known_one_changed():
    words = ["embedding=stack", "embedding.parts.mine={_target_: seedbed.embeddings.random.Random, dim: 5}"]
    parts = compose([*words, "embedding.parts.glove={limit: 9}"]).embedding.parts
    assert (parts.mine.dim, parts.glove.limit, parts.glove.dim) == (5, 9, 50)


def test_an_arm_of_another_data_set_takes_the_labels_too():
    arms = ["arms={b: [dataset=jsonl]}", "dataset.labels.0=bad", "dataset.reader.where.x=1"]
    [arm] = study(["dataset=csv", "task=classification", "encoder=cnn", *arms]).arms
    assert arm.dataset.labels == {"0": "bad"}


@pytest.mark.parametrize(
    ("word", "line"),
    [
        ("dataset.labels={0: bad, 1: good", "cannot read 'dataset.labels={0: bad, 1: good': write dataset.labels={"),
        ("dataset.labels={0, 1}", "write dataset.labels={NAME: VALUE, NAME: VALUE}, with quotes around a text"),
        ("dataset.labels={a: 1, a: 2}", "the key a appears twice"),
        ("dataset.labels", "cannot read 'dataset.labels': write key=value"),
        ("dataset.labels.=x", "write dataset.labels.NAME=VALUE, NAME in quotes where it has quotes or = itself"),
        ("dataset.labels.0=it's", "a text with ' goes in quotes: type \"dataset.labels.0=\\\"it's\\\"\""),
        ("dataset.labels.0=a,b", "several values; `seedbed run -m` sweeps over them; a text with , goes in quotes"),
        ("dataset.labels.0=null", "dataset.labels.0=null (command line): must be of type str"),
        ("dataset.labels.0=[a]", "dataset.labels.0=['a'] (command line): must be of type str"),
        ("dataset.labels=null", "dataset.labels=null (command line): must be of type dict[str, str]"),
        ("dataset.labels=[a]", "dataset.labels=['a'] (command line): must be of type dict[str, str]"),
        ("~dataset.labels.0", "there is no dataset.labels.0"),
        ("dataset.held_out.test=x", "dataset.held_out.test=x (command line): must be of type float or null"),
        ("dataset.files.tran=a.csv", "dataset.files.tran: choose train, validation, test, all, unlabelled (command"),
        ("embedding.parts.x=glove", "a part is a mapping; one of another choice is +embedding@embedding.parts.NAME="),
    ],
)  # fmt: skip
def test_what_cannot_be_set_is_refused_in_one_line(word, line):
    with pytest.raises(InputError) as refused:
        built(word)
    assert line in str(refused.value)
    assert "\n" not in str(refused.value)


# arms


def test_an_arm_needs_no_quotes():
    assert arms("arms.a=[embedding=glove,encoder=cnn]") == {"a": ["embedding=glove", "encoder=cnn"]}


@pytest.mark.parametrize("whole", [False, True])
def test_brackets_within_an_arm_need_no_quotes_either(whole):
    own = "[encoder=cnn, encoder.widths=[3,4], 'task.hidden=5', dataset.held_out={test: 0.2, validation: 0.1}]"
    assert arms(f"arms={{a: {own}}}" if whole else f"arms.a={own}")["a"] == [
        "encoder=cnn", "encoder.widths=[3,4]", "task.hidden=5", "dataset.held_out={test: 0.2, validation: 0.1}",
    ]  # fmt: skip


@pytest.mark.parametrize("sign", ["", "+", "++"])
def test_signs_before_an_arm_make_no_difference(sign):
    assert arms(f"{sign}arms.a=[encoder=cnn]") == {"a": ["encoder=cnn"]}


def test_a_mapping_sets_several_arms():
    assert arms("arms={a: [], b: [encoder=cnn, 'encoder.widths=[3,4]']}") == {
        "a": [], "b": ["encoder=cnn", "encoder.widths=[3,4]"],
    }  # fmt: skip


def test_an_arm_may_have_any_name():
    assert list(arms("arms={a b: [], 'c: d': [], yes: [], 1.0: []}", "arms.'x=y'=[]")) == [
        "a b",
        "c: d",
        "yes",
        "1.0",
        "x=y",
    ]


def test_a_whole_mapping_takes_the_place_of_the_one_there_was():
    assert arms("arms={a: []}", there=["x", "y"]) == {"a": []}
    assert arms("arms=null", there=["x"]) == {}
    assert list(arms("arms.a=[]", "~arms.x", there=["x", "y"])) == ["y", "a"]
    assert arms("arms={a: []}", "arms={b: []}", "arms.c=[]") == {"b": [], "c": []}


def test_other_overrides_are_left_to_hydra():
    for override in (
        "encoder.widths=[3,4]", "armss.x=[a=b]", "name=arms.a=[x]", "embedding=glove", "dataset.labelss.x=1",
        "embedding.parts.glove.dim=50", "~embedding.parts.glove",
    ):  # fmt: skip
        assert parse_mapping_override(override) is None


@pytest.mark.parametrize("given_arms", ["arms={a: [x", "arms={a}", "arms.=[]"])
def test_arms_that_cannot_be_read_are_refused_in_one_line(given_arms):
    with pytest.raises(InputError) as refused:
        arms(given_arms)
    assert "\n" not in str(refused.value)


@given(st.lists(TEXTS, max_size=4))
def test_quoting_is_undone_by_hydra(values):
    from hydra.core.override_parser.overrides_parser import OverridesParser

    parsed = OverridesParser.create().parse_override(f"key={quote(values)}").value()
    assert [str(value) for value in parsed] == values


@given(st.dictionaries(NAMES, st.lists(TEXTS, max_size=2), max_size=3))
def test_quoting_of_mappings_is_undone_by_hydra(mapping):
    from hydra.core.override_parser.overrides_parser import OverridesParser

    reserved = re.compile("null|true|false|nan|inf", re.IGNORECASE)
    names = {name: values for name, values in mapping.items() if not reserved.fullmatch(name)}
    parsed = OverridesParser.create().parse_override(f"key={quote(names)}").value()
    assert {key: [str(value) for value in values] for key, values in parsed.items()} == names
