"""A biLM of random weights, as a module in either format, and a cache folder of its own for each test."""

import importlib.util
from pathlib import Path
from types import SimpleNamespace

import pytest

MIX = {"logits": (0.3, -0.5, 0.9), "scale": 1.7}
SENTENCES = [
    ["the", "cat", "sat"],
    ["Zürich", "y" * 60, "😀", "שלום"],
    ["cats"],
    ["so", "it", "goes"],
    ["the", "cat", "sat", "on", "the", "mat", "again", "."],
    ["one", "lone", "\ud800surrogate"],
]


def load(name, folder=Path(__file__).parent):
    """A module beside this file: tests are no packages."""
    spec = importlib.util.spec_from_file_location(name, folder / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(autouse=True)
def cache(tmp_path_factory, monkeypatch):
    """An empty cache, and no other place where a module could lie."""
    folder = tmp_path_factory.mktemp("cache")
    monkeypatch.setenv("SEEDBED_CACHE", str(folder))
    monkeypatch.delenv("TFHUB_CACHE_DIR", raising=False)
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    return folder


@pytest.fixture(scope="session")
def export():
    return load("hub_export")


@pytest.fixture(scope="session")
def reference():
    """The layers of a sentence in plain NumPy."""
    return load("numpy_bilm")


@pytest.fixture(scope="session")
def bilm_files():
    """Writes models of any architecture."""
    return load("bilm_files", Path(__file__).parents[2] / "bench")


@pytest.fixture(scope="session")
def random_bilm(reference, tmp_path_factory):
    """Options and weights in the AllenNLP format."""
    return reference.write_random(tmp_path_factory.mktemp("bilm"))


@pytest.fixture(scope="session")
def modules(export, random_bilm, tmp_path_factory):
    """Folders of the same weights, by format."""
    root = tmp_path_factory.mktemp("modules")
    return {
        "tf1": export.export_tf1_module(*random_bilm, root / "tf1", **MIX),
        "tf1_resource": export.export_tf1_module(*random_bilm, root / "tf1_resource", resource=True, **MIX),
        "tf2": export.export_tf2_module(*random_bilm, root / "tf2", **MIX),
    }


@pytest.fixture(scope="session")
def expected(reference, random_bilm):
    """Sentences, and of each its layers, the mix and the mean of it."""
    import numpy as np

    logits = np.exp(MIX["logits"])
    layers = [reference.layers(*random_bilm, sentence) for sentence in SENTENCES]
    wide = [[np.tile(own[0], 2), *own[1:]] for own in layers]
    mixed = [MIX["scale"] * sum(w * x for w, x in zip(logits / logits.sum(), own, strict=True)) for own in wide]
    return SimpleNamespace(sentences=SENTENCES, layers=layers, mixed=mixed, means=[own.mean(0) for own in mixed])
