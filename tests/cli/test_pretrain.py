"""``seedbed pretrain``: from text to vectors, again, on, and what it refuses."""

import json
from pathlib import Path

import numpy as np
import pytest

FAST = ["size=tiny", "epochs=1", "streams=4", "unroll=5", "min_count=1", "held_out=0.1", "precision=float32"]


@pytest.fixture
def corpus(tmp_path):
    folder = tmp_path / "texts"
    folder.mkdir()
    for name, noun in (("one", "cat"), ("two", "dog")):
        lines = [f"the {noun} sat on mat {n % 7}.\nit is {noun}.\n" for n in range(20)]
        (folder / f"{name}.txt").write_text("\n".join(lines), encoding="utf-8")
    return folder


def test_a_model_is_trained_loaded_and_continued(seedbed, corpus):
    said = seedbed("pretrain", "corpus=texts", *FAST, "output=model")
    assert said.code == 0, said.err
    assert "held-out perplexity: forward" in said.out
    assert "ended: all epochs done" in said.out
    card = json.loads(Path("model/card.json").read_text("utf-8"))
    assert card["train"]["documents"] + card["held_out"]["documents"] == 40
    assert card["best"]["mean"] > 1
    assert "| training |" in Path("model/README.md").read_text("utf-8")
    Path("lines.txt").write_text("the cat sat\nthe dog\n", encoding="utf-8")
    own = ["embedding=elmo_own", "embedding.options=model/options.json", "embedding.weights=model/weights.hdf5"]
    assert seedbed("embed", *own, "input=lines.txt", "output=vectors.npz").code == 0
    with np.load("vectors.npz") as file:
        assert file["layers_0"].shape == (3, 3, 64)
        assert np.isfinite(file["layers_0"]).all()
    before = Path("model/weights.hdf5").read_bytes()
    again = seedbed("pretrain", "corpus=texts", *FAST, "output=model")
    assert again.code == 0, again.err
    assert "reading" not in again.err
    assert Path("model/weights.hdf5").read_bytes() == before
    on = seedbed("pretrain", "from=model", "corpus=texts/two.txt", *FAST[1:], "output=further")
    assert on.code == 0, on.err
    first, second = (json.loads(Path(f"{name}/card.json").read_text("utf-8")) for name in ("model", "further"))
    assert second["recipe"]["options"] == first["recipe"]["options"]
    assert second["recipe"]["from"]
    assert second["looks"][0]["mean"] < first["looks"][0]["mean"]


def test_the_training_texts_of_a_data_set_and_what_is_kept_out(seedbed, own_csv):
    own = [word for word in own_csv if word.startswith("dataset")]
    said = seedbed(
        "pretrain", *own, "dataset.held_out={test: 0.25, validation: 0.1}", "sentences=document", *FAST, "output=model"
    )
    assert said.code == 0, said.err
    card = json.loads(Path("model/card.json").read_text("utf-8"))
    assert card["excluded"] == len(Path("model/excluded_ids.txt").read_text("utf-8").split()) == 52
    assert card["train"]["documents"] + card["held_out"]["documents"] <= 108
    assert card["train"]["sentences"] == card["train"]["documents"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "give one of corpus=PATH and dataset=NAME"),
        (["corpus=texts", "dataset=trec"], "give one of corpus=PATH and dataset=NAME"),
        (["corpus=nowhere"], "corpus=nowhere: there is no such file or folder"),
        (["corpus=texts", "size=huge"], "size=huge: choose tiny, small"),
        (["corpus=texts", "from=nowhere"], "from=nowhere: there is no such folder"),
        (["corpus=texts", "epochs=0"], "epochs=0: must be at least 1"),
        (["corpus=texts", "epochs=some"], "epochs=some: must be a whole number"),
        (["corpus=texts", "dropout=1"], "dropout=1.0: must be at least 0 and below 1"),
        (["corpus=texts", "optimizer=sgd"], "optimizer=sgd: choose adagrad, adam"),
        (["corpus=texts", "time_limit=soon"], "time_limit=soon: must be a number of minutes"),
        (["corpus=texts", "unrol=3"], "no key unrol"),
        (["dataset=trec", "tokenizer=spaces"], "tokenizer=spaces: of corpus="),
        (["corpus=texts", "vocabulary=5000"], "vocabulary=5000: the training text has"),
        (["corpus=empty.txt"], "the corpus has no text"),
        (["corpus=short.txt"], "the corpus is one document"),
        (["corpus=binary"], "binary/x.txt:1: a byte of zero"),
    ],
)
def test_what_cannot_be_trained_on_is_refused_in_one_line_and_leaves_nothing(refused, corpus, tmp_path, words, said):
    (tmp_path / "empty.txt").write_text("\n \n", encoding="utf-8")
    (tmp_path / "short.txt").write_text("One line.\nAnother.\n", encoding="utf-8")
    (tmp_path / "binary").mkdir()
    (tmp_path / "binary/a.txt").write_text("text\n\n" * 10, encoding="utf-8")
    (tmp_path / "binary/x.txt").write_bytes(b"\x00\x01")
    assert said in refused("pretrain", *words)


def test_a_large_vocabulary_of_which_words_are_forgotten_goes_on_too(seedbed, corpus, monkeypatch):
    from seedbed.pretraining import vocabulary

    (corpus / "three.txt").write_text("\n\n".join(f"n{n} m{n}.\nm{n} k{n // 2}." for n in range(60)), encoding="utf-8")
    monkeypatch.setattr(vocabulary, "MOST_COUNTED", 50)
    for _ in range(2):
        said = seedbed("pretrain", "corpus=texts", *FAST, "output=model")
        assert said.code == 0, said.err


def test_a_first_look_that_ctrl_c_ended_is_made_up_for(seedbed, corpus, monkeypatch):
    from seedbed.pretraining.evaluation import HeldOut

    def stopped(self, weights):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(HeldOut, "perplexity", stopped)
        said = seedbed("pretrain", "corpus=texts", *FAST, "output=model")
    assert said.code == 130
    assert "model:" not in said.out
    assert not Path("model/weights.hdf5").exists()
    said = seedbed("pretrain", "corpus=texts", *FAST, "output=model")
    assert said.code == 0, said.err
    assert "held-out perplexity: forward" in said.out
    assert "model:" in said.out
    assert Path("model/weights.hdf5").is_file()


def test_a_model_does_not_go_on_in_its_own_folder(refused, corpus, tmp_path):
    from seedbed.pretraining import files
    from seedbed.pretraining.initial import initial
    from seedbed.pretraining.sizes import SIZES

    for name in ("model", "seedbed-out/pretrain/texts"):
        files.write(tmp_path / name, SIZES["tiny"], initial(SIZES["tiny"], 9, 0), "float16")
    assert "from=model: is also output=" in refused("pretrain", "from=model", "corpus=texts", "output=./model/")
    own = "seedbed-out/pretrain/texts"
    assert f"from={own}: is also output=" in refused("pretrain", f"from={own}", "corpus=texts")


def test_a_softmax_that_is_of_other_weights_begins_anew_and_it_is_said(seedbed, corpus):
    assert seedbed("pretrain", "corpus=texts", *FAST, "output=model").code == 0
    on = ["from=model", "corpus=texts", *FAST[1:]]
    said = seedbed("pretrain", *on, "output=one")
    assert "begins anew" not in said.err
    assert seedbed("pretrain", "corpus=texts", *FAST, "seed=3", "output=other").code == 0
    Path("model/weights.hdf5").write_bytes(Path("other/weights.hdf5").read_bytes())
    said = seedbed("pretrain", *on, "output=two")
    assert said.code == 0, said.err
    assert "from=model: no softmax of these weights is beside them; it begins anew" in said.err


def test_every_key_is_one_of_a_part_of_the_settings():
    from dataclasses import fields

    from seedbed.cli.pretrain import KEYS
    from seedbed.pretraining.corpus import Texts
    from seedbed.pretraining.job import Words
    from seedbed.pretraining.settings import Training

    own = {field.name for kind in (Texts, Words, Training) for field in fields(kind)}
    assert set(KEYS) == own | {"dataset", "size", "from", "output", "stored", "time_limit", "device"}


def test_a_model_of_another_shape_is_refused(refused, corpus, tmp_path):
    from seedbed.pretraining import files
    from seedbed.pretraining.initial import initial
    from seedbed.pretraining.sizes import SIZES

    files.write(tmp_path / "model", SIZES["tiny"], initial(SIZES["tiny"], 9, 0), "float16")
    assert "another shape than size=small" in refused("pretrain", "from=model", "size=small", "corpus=texts")
