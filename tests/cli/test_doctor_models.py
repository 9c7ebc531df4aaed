"""What ``seedbed doctor`` says of contextual vectors."""

import sys

import numpy as np
import pytest

from seedbed.cli import doctor_elmo
from seedbed.embeddings.layer_cache import entries, store
from seedbed.errors import InputError


@pytest.fixture
def found(tmp_path, monkeypatch):
    """The findings by name, with an empty cache and an empty folder of data."""
    monkeypatch.setenv("SEEDBED_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("SEEDBED_DATA", str(tmp_path / "data"))
    monkeypatch.delenv("TFHUB_CACHE_DIR", raising=False)
    yield lambda: {finding.what: finding for finding in doctor_elmo.findings()}
    for known in store._open.values():
        known.environment.close()
    store._open.clear()


def test_what_is_missing_and_where_it_goes(found, tmp_path):
    before = set(sys.modules)
    told = found()
    assert "tensorflow_hub" not in set(sys.modules) - before
    assert set(told) == {
        "vector cache", "model elmo", "model elmo, hub", "model elmo_5_5b", "model elmo_medium", "model elmo_reviews",
        "model elmo_small", "model elmo_tiny",
    }  # fmt: skip
    tiny = told["model elmo_tiny"]
    assert tiny.found == "2 of 2 missing"
    assert f"put options.json and lm_weights.hdf5 into {tmp_path / 'data' / 'elmo-tiny' / 'model'}/ or " in tiny.mend
    assert (told["model elmo_reviews"].found, told["model elmo_reviews"].mend) == ("2 of 2 in a package", "")
    assert told["model elmo, hub"].mend.endswith(f"put its archive into {tmp_path / 'data' / 'hub' / 'google-elmo-3'}/")
    assert told["vector cache"].found == f"{tmp_path / 'cache' / 'layers'}: empty"
    assert not (tmp_path / "cache").exists()
    assert not any(finding.broken for finding in told.values())


def test_what_is_there(found, tmp_path):
    tiny, hub = tmp_path / "data" / "elmo-tiny" / "model", tmp_path / "data" / "hub" / "google-elmo-3"
    for folder in (tiny, hub):
        folder.mkdir(parents=True)
    (tiny / "lm_weights.hdf5").touch()
    (hub / "3.tar.gz").touch()
    opened = store.open_store(10**9)
    row = (entries.sentence_key("ab" * 32, ["a"]), np.zeros((1, 4), np.float16))
    opened.add("ab" * 32, {"name": "m", "widths": [4]}, [row])
    told = found()
    assert told["model elmo_tiny"].found == "1 of 2 missing, 1 of 2 in $SEEDBED_DATA"
    assert "put options.json into" in told["model elmo_tiny"].mend
    assert (told["model elmo, hub"].found, told["model elmo, hub"].mend) == (str(hub), "")
    assert ": 1 model, 0.0 MB of 1 GB" in told["vector cache"].found


def test_a_cache_that_cannot_be_used(found, tmp_path):
    (tmp_path / "cache").touch()
    told = found()["vector cache"]
    assert "is not a folder" in told.found
    assert told.mend


def test_a_package_without_its_model(found, monkeypatch, tmp_path):
    from seedbed.data import sources

    def gone(place):
        raise InputError(f"{place}: there is no such file in {tmp_path}")

    monkeypatch.setattr(sources, "in_package", gone)
    told = found()["model elmo_reviews"]
    assert told.found == "2 of 2 missing"
    assert told.mend.endswith(f"options.json: there is no such file in {tmp_path}; install the package anew")
