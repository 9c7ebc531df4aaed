"""Saved taggers with a decoder: tags and probabilities as recorded, and ensembles that keep the scheme."""

import dataclasses
import itertools
import json
import random

import numpy as np
import pytest

from seedbed.cli.predict import main
from seedbed.comparison.group import train_cells
from seedbed.comparison.plan import examples_of, plan
from seedbed.config.study import study
from seedbed.data.tags import to_iob2
from seedbed.errors import InputError
from seedbed.model.tag_schemes import TagSet
from seedbed.saved_models.folder import FOLDER
from seedbed.saved_models.model import load_model, model_of
from seedbed.saved_models.results import best_tags, combined
from seedbed.saved_models.saving import merged
from seedbed.training.recording import FINAL

LABELS = ("O", "B-x", "B-y", "I-x")
ARMS = {
    "crf": ["encoder=bilstm", "encoder.units=4", "task.decoder=crf"],
    "crf_bilou": ["encoder=cnn", "encoder.filters=4", "task.decoder=crf", "task.scheme=bilou"],
    "crf_windows": ["encoder=bilstm", "encoder.units=4", "task.decoder=crf", "task.window=4"],
    "constrained": ["encoder=mlp_probe", "encoder.hidden=6", "task.decoder=constrained"],
    "bilou": ["encoder=cnn", "encoder.filters=4", "task.scheme=bilou"],
}


@pytest.fixture(scope="module")
def phrases(tmp_path_factory):
    """A CoNLL file of 90 sentences with entities of several tokens."""
    rng, sentences = random.Random(2), []
    for _ in range(90):
        tokens, tags = [rng.choice("abbcd") for _ in range(rng.randint(2, 8))], []
        for n, token in enumerate(tokens):
            goes_on = n > 0 and tags[-1] in ("B-x", "I-x") and token == "b"
            tags.append("I-x" if goes_on else {"a": "B-x", "c": "B-y"}.get(token, "O"))
        sentences.append("".join(f"{token} {tag}\n" for token, tag in zip(tokens, tags, strict=True)))
    file = tmp_path_factory.mktemp("phrases") / "phrases.conll"
    file.write_text("\n".join(sentences), encoding="utf-8")
    return file


@pytest.fixture(params=ARMS)
def trained(request, phrases):
    """The cells of an arm and their outcomes, with recorded probabilities."""
    settings = [
        "dataset=conll", f"dataset.files.train={phrases}", "task=tagging", "sampling=fewshot", "embedding=random",
        "embedding.dim=6", "sampling.strategy=random", "sampling.validation=15", "sampling.test=15",
        "training.epochs=3", "training.learning_rate=0.05", "sizes=[40]", "replicates=3", *ARMS[request.param],
    ]  # fmt: skip
    cells = plan(study(settings, single=True)).planned
    return cells, train_cells(cells, lambda epoch: None, examples_of(cells), probabilities=True, save_model=True)


@pytest.mark.slow
def test_a_saved_model_predicts_what_training_recorded(trained, files_of_model):
    cells, outcomes = trained
    files = [files_of_model(outcome) for outcome in outcomes]
    ensemble = model_of(merged([(str(n), one) for n, one in enumerate(files)]), "ensemble")
    texts = [planned.tokens for planned in cells[0].corpus.splits["train"]]
    for n, (planned, outcome) in enumerate(zip(cells, outcomes, strict=True)):
        own = [planned.corpus.by_id[prediction.id].tokens for prediction in outcome.predictions]
        recorded = outcome.recorded[FINAL]
        for model, by in ((model_of(files[n], "alone"), "mean"), (model_of(files[n], "alone"), "vote"), (ensemble, n)):
            predicted = model.predict(own, by)
            assert [one.tags for one in predicted] == [prediction.predicted for prediction in outcome.predictions]
            if by != "vote":
                rows = [[row[label] for label in model.labels] for one in predicted for row in one.probabilities]
                np.testing.assert_allclose(rows, recorded["values"] / 255, atol=0.5 / 255 + 1e-4)
    if "constrained" not in str(cells[0].arm.task) and "crf" not in str(cells[0].arm.task):
        return
    for by in ("mean", "vote"):
        assert all(to_iob2(one.tags) == one.tags for one in ensemble.predict(texts, by))


@pytest.mark.parametrize("by", ["mean", "vote"])
def test_an_ensemble_has_the_best_allowed_sequence_of_its_probabilities_or_votes(by):
    rng, lengths = np.random.default_rng(4), [3, 1, 4, 2]
    allowed = TagSet.of(LABELS).allowed
    for _ in range(5):
        rows = rng.dirichlet(np.full(len(LABELS), 0.4), (3, sum(lengths))).astype(np.float32)
        values, mean = combined(rows, by, (0, 1, 2)), rows.mean(axis=0)
        found, start = best_tags(rows, values, by, lengths, allowed), 0
        for length in lengths:
            sentence = slice(start, start + length)
            start += length
            scored = {}
            for tags in itertools.product(range(len(LABELS)), repeat=length):
                pairs = all(allowed.pair[pair] for pair in itertools.pairwise(tags))
                if allowed.start[tags[0]] and pairs:
                    likely = sum(np.log(mean[sentence][np.arange(length), tags]))
                    votes = round(3 * float(sum(values[sentence][np.arange(length), tags])))
                    total = float(sum(mean[sentence][np.arange(length), tags]))
                    scored[tags] = (votes, total) if by == "vote" else (likely,)
            assert tuple(found[sentence].tolist()) == max(scored, key=scored.get)


@pytest.mark.slow
def test_texts_that_are_read_in_windows_are_counted(trained, tmp_path, capsys):
    _, outcomes = trained
    for name, content in outcomes[0].files.items():
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    (tmp_path / "texts.txt").write_text("a b b b c\na b\nb b b b b b a\n", encoding="utf-8")
    model = load_model(tmp_path / FOLDER)
    main([f"model={tmp_path / FOLDER}", f"input={tmp_path / 'texts.txt'}", "format=jsonl"])
    printed = capsys.readouterr()
    assert [len(json.loads(line)["tags"]) for line in printed.out.splitlines()] == [5, 2, 7]
    note = "seedbed: 2 texts of more than 4 tokens were read in windows (task.window)"
    assert (note in printed.err.splitlines()) == (model.window == 4)


@pytest.mark.slow
def test_a_replicate_without_numbers_is_refused_and_the_others_predict(trained, files_of_model):
    _, outcomes = trained
    model = model_of(merged([(str(n), files_of_model(outcome)) for n, outcome in enumerate(outcomes)]), "ensemble")

    class Poisoned:
        def __init__(self, program):
            self.program = program

        def outputs(self, examples):
            outputs = self.program.outputs(examples)
            outputs.rows[1, 1] = np.nan
            return outputs

    ((places, program),) = model.programs
    poisoned = dataclasses.replace(model, programs=[(places, Poisoned(program))])
    texts = [(), ("a", "b"), ("c",)]
    for by in ("mean", "vote", model.numbers[1]):
        with pytest.raises(InputError, match=f"^text 2: replicate {model.numbers[1]} has no probabilities"):
            poisoned.predict(texts, by)
    assert poisoned.predict(texts, model.numbers[0]) == model.predict(texts, model.numbers[0])
