"""``seedbed lint``, and what ``lint=`` does to the other commands."""

import json
from pathlib import Path
from types import SimpleNamespace

import pytest

from seedbed.cells import Finding
from seedbed.comparison.record import findings_of
from seedbed.lint.rules import RULES
from seedbed.studies.planning import MOST_FINDINGS, check_protocol

from .conftest import command

ARMS = "arms={cnn: [], pool: [encoder=pool,training.learning_rate=0.1]}"
SHARED = ["sizes=[10]", "replicates=2", ARMS, "sampling.redraw_test=false", "sampling.test=12", "name=flawed"]
RULES_FOUND = {"one-test-set", "too-few-replicates", "arms-differ-in-more"}
SOUND = ["sizes=[20]", "sampling.strategy=stratified"]


def said_lines(said):
    return [line.split(": ")[1] for line in said.err.splitlines() if line.startswith("lint: ")]


def test_findings_are_printed_with_their_page_and_nothing_is_written(seedbed, own_csv):
    said = seedbed("lint", *own_csv, *SHARED)
    assert said.code == 1
    named = [line.partition(": ")[0] for line in said.lines if not line.startswith(" ")]
    assert set(named) >= RULES_FOUND
    for name in RULES_FOUND:
        assert f"(docs/lint/{name}.md)\n  What to do: {RULES[name].advice}\n" in said.out
    assert {path.name for path in Path().iterdir()} <= {"cache"}


def test_a_study_without_a_finding_is_exit_code_0(seedbed, own_csv):
    said = seedbed("lint", *own_csv, *SOUND, "dataset.drop_duplicates=true")
    assert (said.code, said.out) == (0, "nothing found\n")


def test_the_rules_are_listed_without_reading_anything(seedbed):
    said = seedbed("lint", "--rules")
    assert said.code == 0
    assert [line.split()[0] for line in said.lines if not line.startswith(" ")] == list(RULES)
    assert all(rule.advice in said.out for rule in RULES.values())


@pytest.mark.parametrize("word", ["compare", "run"])
def test_lint_error_refuses_before_anything_is_written(refused, own_csv, word):
    arms = [one for one in SHARED if word == "compare" or not one.startswith("arms=")]
    line = refused(word, *own_csv, *arms, "lint=error")
    assert "lint=error: " in line
    assert "one-test-set" in line
    assert "`seedbed lint`" in line


def test_another_value_is_refused(refused, own_csv):
    assert "lint=loud: choose warn, error, off" in refused("compare", *own_csv, "lint=loud")


@pytest.mark.slow
def test_off_may_be_written_without_quotes_in_a_config(seedbed, own_csv):
    file = Path("mine/experiment/quiet.yaml")
    file.parent.mkdir(parents=True)
    file.write_text("# @package _global_\nlint: off\n", encoding="utf-8")
    said = seedbed("compare", "--config-dir", "mine", "experiment=quiet", *own_csv, *SHARED, "floor=false")
    assert said.code == 0, said.err
    assert said_lines(said) == []
    assert "one-test-set" not in said.out


def test_many_findings_are_cut_before_training(monkeypatch):
    many = tuple(Finding("one-test-set", f"finding {n}") for n in range(MOST_FINDINGS + 3))
    monkeypatch.setattr("seedbed.lint.rules.lint", lambda plan, before: many)
    said = []
    assert check_protocol(SimpleNamespace(keys=SimpleNamespace(lint="warn")), None, said.append) == many
    assert len(said) == MOST_FINDINGS + 1
    assert said[-1] == "lint: and 3 more, which `seedbed lint` prints"


@pytest.fixture(scope="module")
def flawed(tmp_path_factory, own_csv):
    """A study with flaws, trained once: its folder and what was printed."""
    folder = tmp_path_factory.mktemp("flawed")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("SEEDBED_CACHE", str(folder / "cache"))
        return folder, command("compare", *own_csv, *SHARED, "floor=false", "training.epochs=1", "-v")


@pytest.mark.slow
def test_vectors_without_the_words_are_named_before_training_and_after_it(seedbed, own_csv, tmp_path):
    (tmp_path / "own.vec").write_text("zebra 1 2\n", encoding="utf-8")
    vectors = ["embedding=fasttext", f"embedding.path={tmp_path / 'own.vec'}", "embedding.dim=2"]
    said = seedbed("run", *own_csv, *vectors, "sizes=[10]", "replicates=1", "training.epochs=1", "arm=mine", "-v")
    assert said.code == 0, said.err
    text = "in the drawn examples, 0 % of tokens and 0 % of words have a vector in own.vec (mine)"
    before, _, _ = said.err.partition("starting the backend")
    assert text in before
    assert "! vectors-cover-little: " in said.out
    assert text in " ".join(said.out.split())


def page_of(folder):
    return (folder / "report/index.html").read_text(encoding="utf-8")


@pytest.mark.slow
def test_findings_are_said_before_training_and_shown_by_the_report(flawed):
    folder, said = flawed
    assert said.code == 0, said.err
    assert set(said_lines(said)) >= RULES_FOUND
    lines = said.err.splitlines()
    assert max(n for n, line in enumerate(lines) if line.startswith("lint: ")) < lines.index("starting the backend")
    for shown in (said.out, page_of(folder / "seedbed-out/flawed"),
                  (folder / "seedbed-out/flawed/report/report.md").read_text()):  # fmt: skip
        assert "one-test-set" in shown
        assert "arms-differ-in-more" in shown
        assert "epochs-ran-out" in shown
        assert RULES["epochs-ran-out"].advice in shown or shown is said.out
        assert "too-few-replicates" not in shown
        assert "cannot go below p" in shown


@pytest.mark.slow
@pytest.mark.parametrize("words", [[], ["study=flawed"]])
def test_they_come_back_from_the_store(flawed, monkeypatch, words):
    folder, _ = flawed
    monkeypatch.chdir(folder)
    said = command("report", *words, "output=again")
    assert said.code == 0, said.err
    assert "one-test-set" in page_of(Path("again"))
    assert RULES["one-test-set"].advice in page_of(Path("again"))


def test_a_comparison_kept_by_an_older_version_has_none():
    assert findings_of({"cells": []}) == ()
    kept = json.loads(json.dumps({"findings": [{"rule": "one-test-set", "text": "x", "why": "y"}]}))
    assert findings_of(kept) == (Finding("one-test-set", "x", "y"),)
    kept["findings"][0]["advice"] = "z"
    assert findings_of(kept) == (Finding("one-test-set", "x", "y", "z"),)
