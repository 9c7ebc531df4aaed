"""A study of texts with several labels: from the file to the report, predictions and a shipped model."""

import json
import random
import re
from pathlib import Path

import pytest

WORDS = {"bug": "crash error fails", "docs": "typo guide page", "speed": "slow memory latency"}
KEYS = ["dataset=jsonl", "dataset.task=multilabel", "embedding=random", "embedding.dim=8", "sampling=fewshot"]


def rows(number=260):
    """Texts with none to three labels, each with a word of its own."""
    rng = random.Random(4)
    for _ in range(number):
        labels = [label for label in WORDS if rng.random() < 0.4]
        words = [rng.choice(["the", "a", "it", "was", "of", "to"]) for _ in range(5)]
        words += [rng.choice(WORDS[label].split()) for label in labels]
        yield {"text": " ".join(words), "label": labels}


def written(folder):
    file = folder / "issues.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows()), encoding="utf-8")
    return f"dataset.files.train={file}"


def test_data_show_counts_the_labels_of_a_text(seedbed, tmp_path):
    said = seedbed("data", "show", "jsonl", "dataset.task=multilabel", written(tmp_path), "--examples", "2")
    assert said.code == 0, said.err
    numbers = [len(row["label"]) for row in rows()]
    line = next(line for line in said.lines if "labels per text" in line)
    assert f"mean {sum(numbers) / len(numbers):.2f} (0 in {numbers.count(0)}, 1 in {numbers.count(1)}," in line
    assert f"bug {sum('bug' in row['label'] for row in rows())}" in line
    first = next(rows())
    assert said.lines[-2] == f"  train/0: [{', '.join(sorted(first['label']))}] {first['text']}"


def test_lists_for_one_class_are_refused_with_what_to_type(refused, tmp_path):
    file = written(tmp_path)
    line = refused("run", "dataset=jsonl", file, "task=classification", "embedding=random", "encoder=pool")
    assert "dataset.task=multilabel learns all of them" in line


@pytest.fixture(scope="session")
def studied(training, tmp_path_factory):
    """Two arms at one size, four replicates, with saved models and probabilities."""
    made = training(
        "compare", *KEYS, written(tmp_path_factory.mktemp("issues")), "sizes=[60]", "replicates=4",
        "sampling.validation=60", "sampling.test=60", "training.epochs=12", "training.learning_rate=0.02",
        "sampling.redraw_test=false", "arms={pool: [encoder=pool], probe: [encoder=probe]}", "name=issues",
        "tracking.save_model=true", "tracking.probabilities=true",
    )  # fmt: skip
    assert made.said.code == 0, made.said
    return made


@pytest.mark.slow
def test_the_report_has_scores_of_each_label_and_no_confusion(studied):
    page = (studied.folder / "seedbed-out/issues/report/index.html").read_text(encoding="utf-8")
    headings = re.findall(r"<h2[^>]*>([^<]*)", page)
    assert "Scores by label" in headings
    assert "Confusion" not in " ".join(headings)
    assert "Main score: micro F1" in page
    for label in (*WORDS, "subset accuracy", "TF-IDF"):
        assert label in page
    errors = (studied.folder / "seedbed-out/issues/report/errors.html").read_text(encoding="utf-8")
    assert "probe against pool" in errors or "pool against probe" in errors
    assert "items_low" not in page


@pytest.mark.slow
def test_predictions_are_lists_of_labels_by_mean_and_by_vote(in_it, tmp_path):
    texts = ["crash error of the guide typo page", "", "the a it was"]
    Path("texts.txt").write_text("\n".join(texts) + "\n", encoding="utf-8")
    for by in ("mean", "vote", "0"):
        said = in_it("predict", "study=issues", "arm=probe", "input=texts.txt", f"by={by}", "format=jsonl")
        assert said.code == 0, said.err
        found = [json.loads(line) for line in said.lines]
        assert found[1] == {"text": "", "labels": [], "probabilities": None, "flag": "empty"}
        for row in (found[0], found[2]):
            above = [label for label, value in row["probabilities"].items() if value > 0.5]
            assert set(above) <= set(row["labels"])
            assert row["labels"] == above or by == "vote"
    said = in_it("predict", "study=issues", "arm=probe", "input=texts.txt", "format=csv")
    assert said.lines[0] == "text,labels,bug,docs,speed,flag"
    assert said.lines[2] == ",[],,,,empty"
    assert "conll: for a model of tags" in in_it("predict", "study=issues", "arm=probe", "text=a", "format=conll").err


@pytest.mark.slow
@pytest.mark.parametrize("arm", ["pool", "probe", "tfidf", "majority"])
def test_a_shipped_model_predicts_and_its_card_says_how(in_it, tmp_path, arm):
    folder = tmp_path / "model"
    said = in_it("ship", "study=issues", f"arm={arm}", f"output={folder}")
    assert said.code == 0, said.err
    card = (folder / "README.md").read_text(encoding="utf-8")
    assert "A label is predicted where its probability is above 0.5." in card
    assert "print(predicted.labels)" in card
    assert "micro\\_f1" in card
    said = in_it("predict", f"model={folder}", "text=crash of the guide", "format=jsonl")
    assert set(json.loads(said.lines[0])["probabilities"]) == set(WORDS)
