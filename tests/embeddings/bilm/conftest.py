"""Small biLMs with random weights, in files; and what plain float64 NumPy says of them."""

import importlib.util
import sys
from pathlib import Path

import h5py
import numpy as np
import pytest


def _by_path(name: str, path: Path):
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, path)
        sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    return sys.modules[name]


bilm_files = _by_path("seedbed_bench_bilm_files", Path(__file__).parents[2] / "bench" / "bilm_files.py")

SMALL = {"units": 12, "projection": 6, "filters": ((1, 3), (2, 4), (4, 5)), "dim": 3, "highways": 1, "columns": 12}

SENTENCES = [
    ["the", "cat", "sat", "on", "the", "mat"],
    ["a"],
    ["an", "extraordinarily", "long", "word", ",", "incomprehensibilities"],
    ["Grüße", "aus", "Köln", "😀", "שלום", "漢字"],
    ["word"] * 75,
    ["in", "the", "end", "the", "cat", "went", "on"],
    ["", "x", "<S>", "\ud800y"],
]  # fmt: skip


@pytest.fixture
def write_bilm(tmp_path):
    """Write a biLM of a small architecture, altered by keywords: ``(options, weights)``."""

    def write(seed=0, scale=0.8, folder="model", **altered):
        return bilm_files.write_bilm(tmp_path / folder, bilm_files.options(**{**SMALL, **altered}), seed, scale)

    return write


@pytest.fixture
def sentences():
    return SENTENCES


@pytest.fixture
def brute():
    return Brute


def rows_of(model, sentences):
    """The rows of each sentence, in the order given."""
    rows = [None] * len(sentences)
    for positions, arrays in model.batches(sentences):
        for position, array in zip(positions, arrays, strict=True):
            assert rows[position] is None
            rows[position] = array
    return rows


@pytest.fixture
def rows():
    return rows_of


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


class Brute:
    """A biLM word by word, step by step, from the file itself."""

    def __init__(self, options: dict, weights: Path):
        self.cnn, self.lstm = options["char_cnn"], options["lstm"]
        with h5py.File(weights) as file:
            names = []
            file.visititems(lambda name, found: names.append(name) if isinstance(found, h5py.Dataset) else None)
            self.w = {name: np.asarray(file[name], np.float64) for name in names}
        self.zero()

    def zero(self):
        cells = [(d, layer) for d in (0, 1) for layer in range(self.lstm["n_layers"])]
        self.h = {cell: np.zeros(self.lstm["projection_dim"]) for cell in cells}
        self.c = {cell: np.zeros(self.lstm["dim"]) for cell in cells}

    def word(self, word: str) -> np.ndarray:
        columns = self.cnn["max_characters_per_token"]
        inner = {"<S>": [256], "</S>": [257]}.get(word, list(word.encode("utf-8", "ignore"))[: columns - 2])
        ids = ([258, *inner, 259] + [260] * columns)[:columns]
        table = np.vstack([np.zeros(self.cnn["embedding"]["dim"]), self.w["char_embed"]])
        seen = table[np.array(ids) + 1]
        activate = (lambda x: np.maximum(x, 0)) if self.cnn["activation"] == "relu" else np.tanh
        parts = []
        for n, (width, _) in enumerate(self.cnn["filters"]):
            kernel = self.w[f"CNN/W_cnn_{n}"][0]
            found = [np.einsum("wd,wdn->n", seen[at : at + width], kernel) for at in range(columns - width + 1)]
            parts.append(activate(np.max(found, axis=0) + self.w[f"CNN/b_cnn_{n}"]))
        x = np.concatenate(parts)
        for n in range(self.cnn["n_highway"]):
            own = {
                name: self.w[f"CNN_high_{n}/{name}"] for name in ("W_carry", "b_carry", "W_transform", "b_transform")
            }
            carry = sigmoid(x @ own["W_carry"] + own["b_carry"])
            x = carry * np.maximum(x @ own["W_transform"] + own["b_transform"], 0) + (1 - carry) * x
        return x @ self.w["CNN_proj/W_proj"] + self.w["CNN_proj/b_proj"]

    def step(self, cell: tuple, x: np.ndarray) -> np.ndarray:
        name = "RNN_{}/RNN/MultiRNNCell/Cell{}/LSTMCell".format(*cell)
        i, j, f, o = np.split(np.concatenate([x, self.h[cell]]) @ self.w[f"{name}/W_0"] + self.w[f"{name}/B"], 4)
        c = sigmoid(f + 1) * self.c[cell] + sigmoid(i) * np.tanh(j)
        self.c[cell] = self.clip(c, "cell_clip")
        self.h[cell] = self.clip((sigmoid(o) * np.tanh(self.c[cell])) @ self.w[f"{name}/W_P_0"], "proj_clip")
        return self.h[cell]

    def clip(self, x, key):
        bound = self.lstm[key]
        return x if bound is None else np.clip(x, -bound, bound)

    def rows(self, sentence, words=None) -> np.ndarray:
        """``[tokens, total]``, from the state as it is."""
        words = words or {}
        marked = ["<S>", *sentence, "</S>"]
        vectors = np.array([words[word] if word in words else self.word(word) for word in marked])
        layers, below = [vectors], [vectors, vectors[::-1]]
        for layer in range(self.lstm["n_layers"]):
            for d in (0, 1):
                out = np.array([self.step((d, layer), x) for x in below[d]])
                below[d] = out + below[d] if self.lstm["use_skip_connections"] and layer else out
            layers.append(np.concatenate([below[0], below[1][::-1]], axis=1))
        return np.concatenate(layers, axis=1)[1:-1]

    def fresh(self, sentence, words=None) -> np.ndarray:
        self.zero()
        return self.rows(sentence, words)
