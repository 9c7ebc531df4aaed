"""``seedbed export``: a model of either kind of file has the same vectors, and what is refused."""

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

import seedbed as package

LINES = ["the cat sat on the mat", "", "Grüße aus Köln \U0001f600 שלום 漢字", "a " + 60 * "y", "word " * 40]


@pytest.fixture
def own(seedbed, bilm_files, tmp_path):
    """The settings of a model of random weights, beside ``lines.txt``."""
    bilm_files.write_bilm(tmp_path / "model", bilm_files.options(12, 6, ((1, 3), (2, 4), (4, 5)), dim=3, highways=1))
    Path("lines.txt").write_text("\n".join(LINES) + "\n", encoding="utf-8")
    return ["embedding=elmo_own", "embedding.options=model/options.json", "embedding.weights=model/weights.hdf5"]


def vectors(seedbed, *words):
    assert seedbed("embed", *words, "input=lines.txt", "output=vectors.npz").code == 0
    with np.load("vectors.npz") as file:
        return [file[f"layers_{n}"] for n in range(len(LINES))]


def use(said):
    return said.out.partition("to use it: ")[2].splitlines()[0].split()


@pytest.mark.slow
def test_the_same_vectors_by_either_source_and_by_tensorflow_alone(seedbed, own):
    said = seedbed("export", *own, "output=saved")
    assert said.code == 0, said.err
    assert not said.err
    wanted, found = vectors(seedbed, *own), vectors(seedbed, *use(said))
    for one, other in zip(wanted, found, strict=True):
        assert one.shape == other.shape
        np.testing.assert_allclose(one, other, atol=1e-5)
    names = {}
    python = said.out.partition("or in Python:\n")[2]
    exec("\n".join(line.strip() for line in python.splitlines()), names)
    assert names["vectors"].shape == (2, 2, 12)
    mixed = names["model"].signatures["default"](names["tf"].constant(LINES))["elmo"].numpy()
    for n, layers in enumerate(wanted):
        np.testing.assert_allclose(mixed[n, : layers.shape[1]], layers.mean(0), atol=1e-5)


def test_typed_again_it_says_that_it_is_there(seedbed, own):
    assert "SavedModel: " in seedbed("export", *own, "output=saved").out
    again = seedbed("export", *own, "output=saved")
    assert (again.code, again.out.partition(":")[0]) == (0, "exists already")
    assert sorted(path.name for path in Path().iterdir() if path.name != "cache") == ["lines.txt", "model", "saved"]


@pytest.mark.slow
@pytest.mark.skipif(find_spec("jax") is None, reason="JAX is not installed")
def test_it_is_written_where_keras_runs_on_jax(seedbed, own):
    subprocess.run(
        [sys.executable, "-m", "seedbed", "export", *own, "output=saved"], check=True, capture_output=True,
        env={**os.environ, "KERAS_BACKEND": "jax", "PYTHONPATH": str(Path(package.__file__).parents[1])},
    )  # fmt: skip
    handle = ["embedding=elmo_own", "embedding.source=hub", "embedding.handle=saved"]
    for one, other in zip(vectors(seedbed, *own), vectors(seedbed, *handle), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["embedding=elmo_reviews"], "output=: name a folder"),
        (["embedding=elmo_reviews", "output="], "output=: name a folder"),
        (["embedding=glove", "output=x"], "embedding=glove: has one vector per word"),
        (["embedding=transformer", "embedding.path=own", "output=x"], "embedding=transformer: is no biLM"),
        (["embedding=elmo", "embedding.source=hub", "output=x"], "source=hub: is a TensorFlow module already"),
        (["embedding=elmo_own", "output=x"], "embedding.options: name the file"),
        (["embedding=elmo_reviews", "embedding.precision=bfloat16", "output=x"], "a SavedModel computes in float32"),
        (["embedding=elmo_reviews", "embedding.state=carried", "output=x"], "starts each sentence afresh"),
        (["embedding=elmo_reviews", "embedding.mix=layer1", "output=x"], "mix=layer1: a SavedModel has every"),
        (["embedding=elmo_reviews", "embedding.layer_norm=true", "output=x"], "layer_norm=true: a SavedModel"),
        (["embedding=elmo_reviews", "output=mine"], "mine: is there, and is no SavedModel that seedbed wrote"),
        (["embedding=elmo_reviews", "output=file"], "file: cannot be written"),
        (["embedding=elmo_reviews", "output=file/deep"], "file is not a folder"),
        (["embedding=elmo_reviews", "embedding.weights=file", "embedding.weights_sha256=", "output=x"],
         "file: not an hdf5 file"),
        (["embedding=elmo_reviews", "embedding.weights=file", "output=x"], "file: not the file of embedding.weights"),
        (["embedding=elmo_reviews", "embedding.token_embeddings=a", "embedding.vocabulary=b", "output=x"],
         "embedding.token_embeddings: a SavedModel reads words by their characters"),
        (["embedding=elmo_reviews", "outptu=x", "output=y"], "outptu"),
    ],
)  # fmt: skip
def test_what_cannot_be_exported_is_refused_in_one_line_and_leaves_nothing(refused, words, said):
    Path("mine").mkdir()
    Path("mine/notes.txt").touch()
    Path("file").touch()
    assert said in refused("export", *words)
