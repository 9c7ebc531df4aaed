"""Where the files of embeddings are, before a study runs."""

import numpy as np

from seedbed.embeddings.fasttext_bin import FastTextBin
from seedbed.embeddings.precomputed import Precomputed
from seedbed.embeddings.random import Random
from seedbed.embeddings.stack import Stack
from seedbed.studies.needs import vector_needs


def test_files_of_parts_are_listed_once_with_where_they_are(tmp_path, monkeypatch):
    monkeypatch.setenv("SEEDBED_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("SEEDBED_DATA", str(tmp_path / "data"))
    np.savez(tmp_path / "v.npz", a=np.ones(2))
    precomputed = Precomputed(path=str(tmp_path / "v.npz"))
    model = FastTextBin(folder="fasttext", names=["m.bin"])
    needs = vector_needs([Stack({"a": precomputed, "b": model, "c": Random()}), precomputed])
    assert [(need.name, need.where, need.missing) for need in needs] == [
        ("v.npz", "1 of 1 given by path", False),
        ("fasttext_bin", "1 of 1 missing", True),
    ]
    assert [need.missing for need in vector_needs([Precomputed()])] == [True]
