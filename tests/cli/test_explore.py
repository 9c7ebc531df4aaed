"""``seedbed explore`` with a model that needs no weights."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from seedbed.embeddings.layers import Layout

OPENED = []


class FakeModel:
    layout = Layout((2, 4, 4))

    def batches(self, sentences):
        for n, tokens in enumerate(sentences):
            seeds = [[len(token), at, len(tokens)] for at, token in enumerate(tokens)]
            yield [n], [np.array([np.random.default_rng(seed).normal(size=10) for seed in seeds], np.float32)]


@pytest.fixture(autouse=True)
def fake(monkeypatch):
    from seedbed.embeddings.elmo import Elmo

    def opened(self):
        OPENED.append(self)
        return FakeModel()

    OPENED.clear()
    monkeypatch.setattr(Elmo, "open", opened)
    monkeypatch.setattr(Elmo, "digest", lambda self: "d" * 64)
    monkeypatch.setattr(Elmo, "check", lambda self: None)
    monkeypatch.setattr("seedbed.devices.select_device", lambda device, deterministic=False: "cpu")


def runs():
    """The explorations in the store of this folder."""
    from mlflow import MlflowClient

    client = MlflowClient(f"sqlite:///{Path('mlflow.db').absolute()}")
    (experiment,) = client.search_experiments(filter_string="name = 'seedbed'")
    return client, client.search_runs([experiment.experiment_id], "tags.`seedbed.kind` = 'exploration'")


def test_the_five_sentences_of_the_document(seedbed):
    said = seedbed("explore", "word=work")
    assert said.code == 0, said
    folder = Path("seedbed-out/explore/work")
    assert sorted(file.name for file in folder.iterdir()) == [
        "neighbours.csv", "points.csv", "senses.html", "senses.png", "senses.svg",
    ]  # fmt: skip
    assert "in 5 contexts" in said.out
    assert f"page: {folder.absolute() / 'senses.html'}" in said.lines
    client, (run,) = runs()
    assert (run.info.run_name, run.info.status) == ("explore", "FINISHED")
    assert run.data.params["word"] == "work"
    assert run.data.params["forms"] == "work,works,working"
    assert {"occurrences", "silhouette/layer_1", "silhouette/layer_2"} <= set(run.data.metrics)
    assert {file.path for file in client.list_artifacts(run.info.run_id)} == {file.name for file in folder.iterdir()}


def test_a_second_time_no_model_is_opened(seedbed):
    for _ in range(2):
        assert seedbed("explore", "word=work").code == 0
    assert len(OPENED) == 1
    assert len(runs()[1]) == 2


def test_sentences_of_ones_own_and_a_table(seedbed):
    Path("mine.tsv").write_text("noun\tthe play\nverb\tthey play on\nverb\tWe played it\nnothing\n", "utf-8")
    Path("small.txt").write_text("play 1 0\nplayed 1 1\ngame 1 0.1\n", "utf-8")
    said = seedbed("explore", "word=play", "forms=[played]", "senses=mine.tsv", "static=fasttext",
                   "static.path=small.txt", "static.dim=2", "output=out", "embedding=elmo_small")  # fmt: skip
    assert said.code == 0, said
    assert "fasttext, play: game, played" in said.out
    assert "! 3 of 4 sentences have the word." in said.out
    assert Path("out/senses.png").is_file()


def test_a_data_set_and_a_limit(seedbed, reviews):
    dataset = ["dataset=csv", f"dataset.files.train={reviews}", "dataset.reader.text_column=review",
               "dataset.reader.label_column=sentiment"]  # fmt: skip
    said = seedbed("explore", "word=film", *dataset, "limit=12", "embedding.max_tokens=4")
    assert said.code == 0, said
    assert "in 12 contexts" in said.out
    assert "occurrences, evenly chosen." in said.out
    assert "! 12 occurrences are in sentences cut to the maximum length of the model." in said.out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "give the word, such as word=work"),
        (["word=to work"], "word=to work: must be one token"),
        (
            ["word=zebra"],
            "word=zebra: needs sentences, senses=FILE or dataset=NAME; seedbed comes with sentences for",
        ),
        (["word=zebra", "senses=work"], "word=zebra: in none of five sentences"),
        (["word=beautiful", "senses=work", "forms=absent"], r"occurs once in five sentences (work.tsv:2)"),
        (["word=work", "senses=wrk"], "senses=wrk: no such file, and none in conf/senses; did you mean work?"),
        (["word=work", "senses=none.tsv"], "none.tsv: there is no such file"),
        (["word=work", "senses=work", "dataset=trec"], "give one of senses= and dataset="),
        (["word=work", "dataset=trek"], "did you mean dataset=trec?"),
        (
            ["word=work", "embedding=random"],
            "embedding=random: has one vector per word, whatever the sentence; contextual",
        ),
        (["word=work", "limit=1"], "limit=1: must be a number from 2 to 2,000"),
        (["word=work", "limit=many"], "limit=many: must be"),
        (["word=work", "device=tpu"], "device=tpu: choose auto, cpu or gpu"),
        (["word=work", "static=elmo"], "static=elmo: is not a table of static vectors"),
        (
            ["word=work", "static=glov"],
            "no such table; did you mean static=glove? (valid: fasttext, glove, glove_100d, muse)",
        ),
        (["word=wrok", "senses=work"], "in none of five sentences; did you mean work, works?"),
        (["word=buildin", "senses=work"], "similar words are building: name them with forms="),
        (["word=work", "static.dim=50"], "name the table too"),
        (["word=work", "encoder=cnn"], "no key encoder"),
        (["word=work", "wrod=work"], "no key wrod; did you mean word?"),
        (["word=work", "embedding.max_tokens=5"], "work.tsv:2: 9 tokens, and embedding.max_tokens=5"),
        (["word=work", "embedding.state=carried"], "embedding.state=carried"),
    ],
)
def test_what_makes_no_sense_is_refused_in_one_line(refused, words, said):
    assert said in refused("explore", *words)
    assert not OPENED


def test_an_output_that_cannot_be_written_is_refused_before_the_model_is_opened(refused):
    Path("file").touch()
    assert "output=" in refused("explore", "word=work", "output=file/below")
    assert not OPENED


def test_a_static_file_that_is_not_there_is_named_as_static(refused):
    assert "static.path" in refused("explore", "word=work", "static=fasttext")


def test_a_stack_has_its_contextual_model_and_its_table(seedbed):
    Path("small.txt").write_text("work 1 0\njob 1 0.1\n", "utf-8")
    stack = ["embedding=static_elmo", "embedding.parts.static.path=small.txt", "embedding.parts.static.dim=2"]
    said = seedbed("explore", "word=work", *stack, "embedding.parts.static.format=auto")
    assert said.code == 0, said
    assert "muse, work: job" in said.out
    said = seedbed("explore", "word=work", *stack, "static=")
    assert said.code == 0, said
    assert "muse" not in said.out


def test_a_word_that_is_no_name_of_a_folder(seedbed):
    Path("mine.tsv").write_text("a ../x b\nc ../x\n", "utf-8")
    said = seedbed("explore", "word=../x", "senses=mine.tsv")
    assert said.code == 0, said
    assert [path.name for path in Path("seedbed-out/explore").iterdir()] == ["___x"]


def test_help_imports_nothing_heavy():
    heavy = ("numpy", "matplotlib", "sklearn", "tensorflow", "mlflow", "hydra")
    code = f"import sys; from seedbed.cli.explore import PARSER; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
