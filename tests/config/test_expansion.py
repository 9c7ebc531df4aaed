"""Configs that grow without end when their interpolations are resolved are refused before they are."""

import time
from functools import reduce

import pytest
from omegaconf import OmegaConf
from omegaconf.errors import OmegaConfBaseException
from tests.refusals import refusal

from seedbed.config.expansion import MOST_REFERENCES, ExpansionError, refuse_long_interpolations
from seedbed.config.study import study

HEADER = "# @package _global_\n"


def chain(length, text="x", reference="${{labels.k{}}}${{labels.k{}}}"):
    """Texts that each name the one before twice."""
    return {"labels": {"k0": text} | {f"k{n}": reference.format(n - 1, n - 1) for n in range(1, length)}}


@pytest.mark.parametrize(
    "content",
    [
        chain(40),
        chain(40, text=""),
        chain(40, reference="${{.k{}}}${{.k{}}}"),
        chain(40, reference="${{oc.select:labels.k{}}}${{oc.select:labels.k{}}}"),
        chain(40, reference="${{labels[k{}]}}${{labels.k{}}}"),
        {"a": {"k0": {"x": 1}} | {f"k{n}": dict.fromkeys("xy", f"${{a.k{n - 1}}}") for n in range(1, 40)}},
        {"a": {"k0": ["x"]} | {f"k{n}": [f"${{a.k{n - 1}}}"] * 3 for n in range(1, 40)}},
        {"a": "x" * 600_000, "b": "${a}${a}"},
        {"a": {"x": "x" * 600_000}, "b": "${a.${c}}${a.${c}}", "c": "x"},
    ],
)
def test_it_is_refused_at_once_without_being_resolved(content):
    started = time.process_time()
    with pytest.raises(ExpansionError, match="stands for more than 1,000,000 characters or 10,000 references"):
        refuse_long_interpolations(OmegaConf.create(content))
    assert time.process_time() - started < 5


@pytest.mark.slow
def test_what_is_not_refused_resolves_to_as_much_as_was_counted():
    content = chain(12)
    config = OmegaConf.create(content)
    refuse_long_interpolations(config)
    texts = OmegaConf.to_container(config, resolve=True)["labels"]
    assert texts["k11"] == "x" * 2**11
    references = reduce(lambda last, _: 1 + 2 * last, range(11), 0)
    assert references < MOST_REFERENCES


@pytest.mark.parametrize("content", [{"a": "${a}"}, {"a": "${b}", "b": "${a}"}, {"a": {"b": "${a}"}}, {"a": "${b}"}])
def test_circles_and_missing_keys_are_left_for_omegaconf(content):
    config = OmegaConf.create(content)
    refuse_long_interpolations(config)
    with pytest.raises(OmegaConfBaseException):
        OmegaConf.to_container(config, resolve=True)


def test_a_file_is_named_with_the_line(tmp_path):
    (tmp_path / "experiment").mkdir()
    lines = "\n".join(f"    {key}: '{text}'" for key, text in chain(40)["labels"].items())
    text = HEADER + "dataset:\n  labels:\n" + lines.replace("labels.k", "dataset.labels.k") + "\n"
    (tmp_path / "experiment" / "mine.yaml").write_text(text, encoding="utf-8")
    line = refusal(study, ["experiment=mine"], str(tmp_path))
    assert f"{tmp_path}/experiment/mine.yaml:18: dataset.labels.k14: stands for more than" in line
