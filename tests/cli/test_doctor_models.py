"""What ``seedbed doctor`` says of contextual vectors."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import seedbed
from seedbed.cli.doctor_checks import check_models
from seedbed.embeddings.layer_cache import entries, store
from seedbed.errors import InputError

pytestmark = pytest.mark.slow


@pytest.fixture
def run_checks(tmp_path, monkeypatch):
    """The findings by name, with an empty cache and an empty folder of data."""
    monkeypatch.setenv("SEEDBED_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("SEEDBED_DATA", str(tmp_path / "data"))
    monkeypatch.delenv("TFHUB_CACHE_DIR", raising=False)
    yield lambda: {result.name: result for result in check_models()}
    for known in store._open.values():
        known.environment.close()
    store._open.clear()


def test_what_is_missing_and_where_it_goes(run_checks, tmp_path):
    results = run_checks()
    assert set(results) == {
        "vector cache", "feature tables", "model elmo", "model elmo, hub",
        "model elmo_5_5b", "model elmo_medium", "model elmo_reviews",
        "model elmo_small", "model elmo_tiny", "model fasttext_bin", "model precomputed", "model minilm",
        "model bpemb", "model potion", "model wordllama", "model glove", "model glove_100d", "model muse",
    }  # fmt: skip
    tiny = results["model elmo_tiny"]
    assert tiny.status == "2 of 2 missing"
    assert f"put options.json and lm_weights.hdf5 into {tmp_path / 'data' / 'elmo-tiny' / 'model'}/ or " in tiny.fix
    assert (results["model elmo_reviews"].status, results["model elmo_reviews"].fix) == ("2 of 2 in a package", "")
    assert results["model elmo, hub"].fix.endswith(
        f"put its archive into {tmp_path / 'data' / 'hub' / 'google-elmo-3'}/"
    )
    fasttext = results["model fasttext_bin"]
    assert fasttext.status == "1 of 1 missing"
    assert fasttext.fix.startswith("the first use downloads it; or put cc.en.300.bin into ")
    assert "seedbed data show NAME --output texts.jsonl" in results["model precomputed"].fix
    potion = results["model potion"]
    assert potion.status == "2 of 2 missing"
    assert f"it; or put model.safetensors into {tmp_path / 'data' / 'potion-base-8M'}/ or " in potion.fix
    assert "; put tokenizer.json into " in potion.fix
    muse = results["model muse"]
    assert muse.status == "1 of 1 missing"
    assert f"it; or put wiki.multi.en.vec into {tmp_path / 'data' / 'muse'}/ or " in muse.fix
    assert results["vector cache"].status == f"{tmp_path / 'cache' / 'layers'}: empty"
    assert not (tmp_path / "cache").exists()
    assert not any(result.broken for result in results.values())


def test_no_library_of_a_model_is_imported(run_checks):
    code = "import sys; from seedbed.cli.doctor_checks import check_models; results = list(check_models())"
    code += "; print(len(results), 'tensorflow_hub' in sys.modules)"
    env = os.environ | {"PYTHONPATH": str(Path(seedbed.__file__).parents[1])}
    ran = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True)
    number, imported = ran.stdout.split()
    assert int(number) > 10
    assert imported == "False"


def test_what_is_there(run_checks, tmp_path):
    tiny, hub = tmp_path / "data" / "elmo-tiny" / "model", tmp_path / "data" / "hub" / "google-elmo-3"
    for folder in (tiny, hub):
        folder.mkdir(parents=True)
    (tiny / "lm_weights.hdf5").touch()
    (tmp_path / "data" / "fasttext").mkdir()
    (tmp_path / "data" / "fasttext" / "cc.en.300.bin.gz").touch()
    (hub / "3.tar.gz").touch()
    opened = store.open_store(10**9)
    row = (entries.sentence_key("ab" * 32, ["a"]), np.zeros((1, 4), np.float16))
    opened.add("ab" * 32, {"name": "m", "widths": [4]}, [row])
    results = run_checks()
    assert results["model elmo_tiny"].status == "1 of 2 missing, 1 of 2 in $SEEDBED_DATA"
    assert "put options.json into" in results["model elmo_tiny"].fix
    assert (results["model elmo, hub"].status, results["model elmo, hub"].fix) == (str(hub), "")
    assert (results["model fasttext_bin"].status, results["model fasttext_bin"].fix) == ("1 of 1 in $SEEDBED_DATA", "")
    assert ": 1 model, 0.0 MB of 1 GB" in results["vector cache"].status


def test_a_cache_that_cannot_be_used(run_checks, tmp_path):
    (tmp_path / "cache").touch()
    results = run_checks()["vector cache"]
    assert "is not a folder" in results.status
    assert results.fix


def test_a_package_without_its_model(run_checks, monkeypatch, tmp_path):
    from seedbed.data import sources

    def gone(place):
        raise InputError(f"{place}: there is no such file in {tmp_path}")

    monkeypatch.setattr(sources, "in_package", gone)
    results = run_checks()["model elmo_reviews"]
    assert results.status == "2 of 2 missing"
    assert results.fix.endswith(f"options.json: there is no such file in {tmp_path}; reinstall the package")
