"""Small data sets and draws made by hand, plans of real experiments over small data, and tables with settings."""

import json
from dataclasses import dataclass
from types import SimpleNamespace

import pytest

from seedbed.comparison.plan import plan
from seedbed.config.study import study
from seedbed.data.corpus import Corpus, Example
from seedbed.data.draws import Draw
from seedbed.lint.plan_data import DrawnDataset
from seedbed.lint.rules import lint


@pytest.fixture(autouse=True)
def cache(tmp_path_factory, monkeypatch):
    monkeypatch.setenv("SEEDBED_CACHE", str(tmp_path_factory.mktemp("cache")))


@pytest.fixture(scope="session")
def drawn():
    """A data set from (text, target) pairs of each split, with ids ``train/0`` and so on, and its draws as dicts."""
    return make_drawn


def make_drawn(splits, draws=None, tagging=False, counts=None, sizes=None):
    examples = {
        split: tuple(Example(f"{split}/{n}", tuple(text.split(" ")), target) for n, (text, target) in enumerate(own))
        for split, own in splits.items()
    }
    every = [one for own in examples.values() for one in own]
    labels = tuple(sorted({label for one in every for label in (one.target if tagging else (one.target,))}))
    corpus = Corpus("mine", "tagging" if tagging else "classification", examples, labels, counts or {})
    draws = draws or [{split: [one.id for one in own] for split, own in examples.items()}]
    drawn = tuple(
        Draw(n, n, sizes[n] if sizes else None, *(tuple(own.get(s, ())) for s in ("train", "validation", "test")))
        for n, own in enumerate(draws)
    )
    return DrawnDataset(corpus, drawn, (SimpleNamespace(dataset=SimpleNamespace(max_tokens=5, keep_tokens="first")),))


@dataclass(frozen=True)
class Looked:
    """What the linter found in a plan: rule to texts."""

    texts_by_rule: dict[str, list[str]]

    @property
    def rules(self):
        return set(self.texts_by_rule)

    def text(self, rule):
        (only,) = self.texts_by_rule[rule]
        return only


@pytest.fixture
def linted():
    """Plans a study from overrides and lints it."""

    def lint_study(*settings):
        texts_by_rule = {}
        for finding in lint(plan(study(list(settings)))):
            texts_by_rule.setdefault(finding.rule, []).append(finding.text)
        return Looked(texts_by_rule)

    return lint_study


@pytest.fixture(scope="session")
def imdb(tmp_path_factory):
    """A folder that stands for IMDB: 900 short reviews a split, all different."""
    folder = tmp_path_factory.mktemp("imdb")
    for split in ("train", "test"):
        lines = [
            json.dumps({"id": f"{split}-{n}", "text": f"{split} film number {n} it was", "label": str(n % 2)})
            for n in range(900)
        ]
        (folder / f"{split}.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def tweets(tmp_path_factory):
    """A folder that stands for the tweets: 12, 4 and 4, and the last of train again in test and in validation."""
    folder = tmp_path_factory.mktemp("tweets")
    for split, number in (("train", 12), ("validation", 4), ("test", 4)):
        sentences = [f"{split}{n} O\nlikes O\n{split}town{n} B-geo-loc\n" for n in range(number)]
        repeated = "Thanks O\nAnn B-person\n" if split != "validation" else "thanks O\nann B-person\n"
        (folder / f"{split}.txt").write_text("\n".join([*sentences, repeated]) + "\n", encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def gmb(tmp_path_factory):
    """A folder that stands for GMB: 60 sentences, every fifth of 60 tokens."""
    lines = ["Sentence #,Word,POS,Tag"]
    for n in range(60):
        for at in range(60 if n % 5 == 0 else 6):
            lines.append(f"{f'Sentence: {n + 1}' if at == 0 else ''},word{n}x{at},NN,{'B-geo' if at == 1 else 'O'}")
    folder = tmp_path_factory.mktemp("gmb")
    (folder / "ner_dataset.csv").write_text("\n".join(lines) + "\n", encoding="latin-1")
    return folder
