"""``protocol=mteb`` from draws to scores: those of scikit-learn on the same arrays, and what the linter says of it."""

import json
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression

from seedbed.comparison.plan import plan
from seedbed.config.study import study
from seedbed.lint.rules import lint

RNG = np.random.default_rng(5)
WORDS = [f"{label}{n}" for label in "abc" for n in range(8)]
VECTORS = {word: np.round(RNG.normal(size=6), 3) for word in WORDS}


@pytest.fixture
def settings(tmp_path, monkeypatch):
    """A set of three classes, of which the first is frequent; words of other classes are in every text."""
    monkeypatch.chdir(tmp_path)
    for split, numbers in (("train", (40, 20, 20)), ("test", (60, 15, 15))):
        rows = [
            (" ".join([*RNG.choice([word for word in WORDS if word[0] == label], 3), *RNG.choice(WORDS, 4)]), label)
            for label, number in zip("abc", numbers, strict=True) for _ in range(number)
        ]  # fmt: skip
        (tmp_path / f"{split}.csv").write_text("text,label\n" + "".join(f"{text},{label}\n" for text, label in rows))
    lines = [" ".join([word, *map(str, vector)]) for word, vector in VECTORS.items()]
    (tmp_path / "own.vec").write_text("\n".join(lines) + "\n")
    return [
        "protocol=mteb", "dataset=csv", "dataset.files={train: train.csv, test: test.csv}", "embedding=fasttext",
        f"embedding.path={tmp_path / 'own.vec'}", "embedding.dim=6",
    ]  # fmt: skip


@pytest.mark.slow
def test_scores_are_those_of_scikit_learn_with_these_settings(settings, seedbed):
    said = seedbed("compare", *settings, "output=out")
    assert said.code == 0, said.err
    table = pd.read_csv("out/results.csv").set_index("replicate")
    planned = plan(study(settings)).planned
    assert len(planned) == len(table) == 10
    draws = json.loads(Path("out/draws.json").read_text())["draws"]
    for cell in planned:
        corpus, draw = cell.corpus, cell.draw
        assert draws[cell.cell.replicate]["train"] == list(draw.train)
        assert Counter(corpus.by_id[example].target for example in draw.train) == dict.fromkeys("abc", 8)
        assert cell.cell.n_train == 24
        assert (len(draw.validation), len(draw.test)) == (0, 90)
        x, y = ({}, {})
        for split in ("train", "test"):
            examples = [corpus.by_id[example] for example in getattr(draw, split)]
            x[split] = np.stack([np.mean([VECTORS[token] for token in e.tokens], axis=0) for e in examples])
            y[split] = [example.target for example in examples]
        model = LogisticRegression(C=1.0, max_iter=1000, tol=1e-10).fit(x["train"], y["train"])
        assert table.loc[cell.cell.replicate, "test/accuracy"] == pytest.approx(model.score(x["test"], y["test"]))
    assert len({draw.train for draw in (cell.draw for cell in planned)}) == 10


def test_its_flaws_are_named_by_the_linter(settings):
    texts = {finding.rule: finding.text for finding in lint(plan(study(settings)))}
    assert {"one-test-set", "class-shares-differ", "regularization-fixed"} <= set(texts)
    assert "the whole test split (90)" in texts["one-test-set"]
    assert "C=1 is not chosen on validation and the vectors are not standardized" in texts["regularization-fixed"]
    assert "a 33 % and 67 %" in texts["class-shares-differ"]
    fixed = ["encoder.c=[0.1,1,10]", "encoder.standardize=true", "sampling.validation=20", "sampling.strategy=random",
             "sizes=[24]", "sampling.test=40"]  # fmt: skip
    rules = {finding.rule for finding in lint(plan(study([*settings, *fixed])))}
    assert not rules & {"one-test-set", "class-shares-differ", "regularization-fixed"}
