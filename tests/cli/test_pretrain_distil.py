"""``distil=`` of ``seedbed pretrain``: a training that begins with word vectors, stopped or not; what it refuses."""

import json
from pathlib import Path

import numpy as np
import pytest

from seedbed.pretraining import distillation

FAST = ["corpus=texts", "size=tiny", "epochs=1", "streams=4", "unroll=5", "min_count=1", "held_out=0.1",
        "precision=float32", "saved_model=false", "tracking=off"]  # fmt: skip
TOY = ["--config-dir", "own", "distil=toy"]


def word(n):
    return "".join("abcdefghij"[int(digit)] for digit in f"{n:03d}")


@pytest.fixture
def texts(tmp_path, monkeypatch):
    """A corpus of 150 words and vectors for most of them, a config of which is in ``own``."""
    monkeypatch.setattr(distillation, "STEPS", 20)
    (tmp_path / "texts").mkdir()
    lines = [" ".join(word((7 * n + k) % 150) for k in range(6)) for n in range(60)]
    (tmp_path / "texts/one.txt").write_text("\n\n".join(lines), encoding="utf-8")
    rng = np.random.default_rng(0)
    for name, first in (("toy", 20), ("far", 145)):
        rows = [f"{word(n)} {' '.join(f'{x:.3f}' for x in rng.normal(size=4))}" for n in range(first, first + 130)]
        (tmp_path / f"{name}.txt").write_text("\n".join(rows) + "\n", encoding="utf-8")
        config = tmp_path / f"own/embedding/{name}.yaml"
        config.parent.mkdir(parents=True, exist_ok=True)
        path = tmp_path / f"{name}.txt"
        config.write_text(f"_target_: seedbed.embeddings.static.Static\nname: {name}\npath: {path}\ndim: 4\n", "utf-8")


def weights(folder):
    return Path(folder, "weights.hdf5").read_bytes()


def test_a_training_begins_with_vectors_and_its_card_says_which(seedbed, texts):
    said = seedbed("pretrain", *FAST, *TOY, "output=taught")
    assert said.code == 0, said.err
    known = set(Path("taught/vocabulary.txt").read_text("utf-8").split()) & {word(n) for n in range(20, 150)}
    assert f"distil=toy: {len(known)} of" in said.err
    recipe = json.loads(Path("taught/card.json").read_text("utf-8"))["recipe"]
    assert recipe["distil"]["vectors"] == "toy"
    assert recipe["distil"]["words"] == len(known)
    assert recipe["distil"]["steps"] == 20
    card = Path("taught/README.md").read_text("utf-8")
    assert recipe["distil"]["sha256"] in card
    assert "the token network learned the vectors of toy" in card
    assert seedbed("pretrain", *FAST, "output=plain").code == 0
    assert "distil" not in json.loads(Path("plain/card.json").read_text("utf-8"))["recipe"]
    assert weights("taught") != weights("plain")
    Path("lines.txt").write_text("abc abd\n", encoding="utf-8")
    own = ["embedding=elmo_own", "embedding.options=taught/options.json", "embedding.weights=taught/weights.hdf5"]
    assert seedbed("embed", *own, "input=lines.txt", "output=vectors.npz").code == 0


def test_stopped_before_its_first_look_it_goes_on_to_the_same_bits_without_learning_again(seedbed, texts, monkeypatch):
    from seedbed.pretraining.evaluation import HeldOutText

    def stopped(*given):
        raise KeyboardInterrupt

    assert seedbed("pretrain", *FAST, *TOY, "output=whole").code == 0
    with monkeypatch.context() as patch:
        patch.setattr(distillation, "distill", stopped)
        said = seedbed("pretrain", *FAST, *TOY, "output=parts")
    assert said.code == 130
    assert "nothing was trained yet" in said.err
    assert not Path("parts/checkpoint.npz").exists()
    with monkeypatch.context() as patch:
        patch.setattr(HeldOutText, "perplexity", stopped)
        assert seedbed("pretrain", *FAST, *TOY, "output=parts").code == 130
    with monkeypatch.context() as patch:
        patch.setattr(distillation, "distill", stopped)
        said = seedbed("pretrain", *FAST, *TOY, "output=parts")
    assert said.code == 0, said.err
    assert weights("parts") == weights("whole")


def test_what_was_learned_is_kept_before_the_first_step(seedbed, texts, monkeypatch):
    from seedbed.pretraining.trainer import Trainer

    def stopped(*given):
        raise SystemExit(9)  # as a kill: nothing is written any more

    assert seedbed("pretrain", *FAST, *TOY, "output=whole").code == 0
    with monkeypatch.context() as patch:
        patch.setattr(Trainer, "train", stopped)
        assert seedbed("pretrain", *FAST, *TOY, "output=parts").code == 9
    monkeypatch.setattr(distillation, "distill", stopped)
    assert seedbed("pretrain", *FAST, *TOY, "output=parts").code == 0
    assert weights("parts") == weights("whole")


def test_a_checkpoint_of_other_vectors_or_of_none_is_refused(seedbed, texts, tmp_path):
    assert seedbed("pretrain", *FAST, *TOY, "output=taught").code == 0
    before = weights("taught")
    said = seedbed("pretrain", *FAST, "output=taught")
    assert said.code == 2
    assert "is of another training: distil=" in said.err
    toy = tmp_path / "toy.txt"
    toy.write_text(toy.read_text("utf-8").replace("0.", "1.", 1), encoding="utf-8")
    assert "is of another training: distil=" in seedbed("pretrain", *FAST, *TOY, "output=taught").err
    assert weights("taught") == before


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["distil=nowhere"], "distil=nowhere: no file conf/embedding/nowhere.yaml"),
        (["distil=elmo_tiny"], "distil=elmo_tiny: has no vector for each word alone"),
        (["distil=random"], "distil=random: has no vector for each word alone"),
        (["distil=[glove]"], "distil=[glove]: must be the name of one embedding"),
        (["--config-dir", "own", "distil=far"], "distil=far: has vectors for 5 of"),
        ([*TOY, "from=model"], "distil=toy: cannot be combined with from=model"),
    ],
)
def test_vectors_that_cannot_be_learned_are_refused_in_one_line(refused, texts, tmp_path, words, said):
    (tmp_path / "model").mkdir()
    assert said in refused("pretrain", *FAST[2:], "corpus=texts", *words)


def test_a_file_of_vectors_that_is_not_there_is_said_before_the_text_is_read(refused, texts, tmp_path):
    (tmp_path / "toy.txt").unlink()
    assert "toy.txt" in refused("pretrain", *FAST[1:], "corpus=nowhere", *TOY)
