"""A biLM in the AllenNLP format with random weights, and what it says of a sentence, in plain NumPy loops."""

import json

import h5py
import numpy as np

FILTERS = [[1, 4], [2, 6], [3, 5]]
PROJECTION, CELLS, HIGHWAY = 6, 10, 2


def write_random(folder, seed=0, skip=True, activation="relu"):
    """``options.json`` and ``weights.hdf5`` in the folder, which is made."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(seed)
    options = {
        "lstm": {
            "cell_clip": 3, "proj_clip": 3, "n_layers": 2, "dim": CELLS, "projection_dim": PROJECTION,
            "use_skip_connections": skip,
        },
        "char_cnn": {
            "embedding": {"dim": 4}, "filters": FILTERS, "n_highway": HIGHWAY, "n_characters": 262,
            "max_characters_per_token": 50, "activation": activation,
        },
    }  # fmt: skip
    wide = sum(number for _, number in FILTERS)
    shapes = {"char_embed": (261, 4), "CNN_proj/W_proj": (wide, PROJECTION), "CNN_proj/b_proj": (PROJECTION,)}
    for n, (width, number) in enumerate(FILTERS):
        shapes |= {f"CNN/W_cnn_{n}": (1, width, 4, number), f"CNN/b_cnn_{n}": (number,)}
    for n in range(HIGHWAY):
        for gate in ("carry", "transform"):
            shapes |= {f"CNN_high_{n}/W_{gate}": (wide, wide), f"CNN_high_{n}/b_{gate}": (wide,)}
    for direction in range(2):
        for n in range(2):
            cell = f"RNN_{direction}/RNN/MultiRNNCell/Cell{n}/LSTMCell"
            shapes |= {f"{cell}/W_0": (2 * PROJECTION, 4 * CELLS), f"{cell}/B": (4 * CELLS,)}
            shapes |= {f"{cell}/W_P_0": (CELLS, PROJECTION)}
    (folder / "options.json").write_text(json.dumps(options))
    with h5py.File(folder / "weights.hdf5", "w") as file:
        for name, shape in shapes.items():
            file[name] = rng.normal(0, 0.5, shape).astype(np.float32)
    return folder / "options.json", folder / "weights.hdf5"


def layers(options, weights, sentence):
    """The three layers of one sentence from a fresh state: ``[tokens, width]`` each, float64."""
    settings = json.loads(options.read_text())
    with h5py.File(weights) as file:
        words = [_characters(word.encode("utf-8", "ignore")) for word in sentence]
        x = np.stack([_word(settings, file, ids) for ids in (_ids([256]), *words, _ids([257]))])
        sides = [[run[::step] for run in _runs(settings["lstm"], file, d, x[::step])] for d, step in ((0, 1), (1, -1))]
    return [x[1:-1], *(np.concatenate(pair, -1)[1:-1] for pair in zip(*sides, strict=True))]


def _characters(encoded):
    return _ids(list(encoded)[:48])


def _ids(inner):
    ids = [258, *inner, 259]
    return np.array(ids + [260] * (50 - len(ids))) + 1


def _word(settings, file, ids):
    cnn = settings["char_cnn"]
    activation = {"relu": lambda x: np.maximum(x, 0), "tanh": np.tanh}[cnn["activation"]]
    characters = np.concatenate([np.zeros((1, 4)), file["char_embed"][:]])[ids]
    parts = []
    for n, (width, _) in enumerate(cnn["filters"]):
        windows = np.stack([characters[start : start + width] for start in range(50 - width + 1)])
        convolved = np.einsum("swd,wdf->sf", windows, file[f"CNN/W_cnn_{n}"][0].astype(float))
        parts.append(activation(convolved.max(0) + file[f"CNN/b_cnn_{n}"][:]))
    x = np.concatenate(parts)
    for n in range(cnn["n_highway"]):
        layer = file[f"CNN_high_{n}"]
        carry = _sigmoid(x @ layer["W_carry"][:] + layer["b_carry"][:])
        x = carry * np.maximum(x @ layer["W_transform"][:] + layer["b_transform"][:], 0) + (1 - carry) * x
    return x @ file["CNN_proj/W_proj"][:] + file["CNN_proj/b_proj"][:]


def _runs(lstm, file, direction, x):
    outputs = []
    for n in range(lstm["n_layers"]):
        cell = file[f"RNN_{direction}/RNN/MultiRNNCell/Cell{n}/LSTMCell"]
        m, c, out = np.zeros(lstm["projection_dim"]), np.zeros(lstm["dim"]), []
        for step in x:
            i, j, f, o = np.split(np.concatenate([step, m]) @ cell["W_0"][:].astype(float) + cell["B"][:], 4)
            c = np.clip(_sigmoid(f + 1) * c + _sigmoid(i) * np.tanh(j), -lstm["cell_clip"], lstm["cell_clip"])
            m = np.clip((_sigmoid(o) * np.tanh(c)) @ cell["W_P_0"][:], -lstm["proj_clip"], lstm["proj_clip"])
            out.append(m)
        x = np.stack(out) + (x if n and lstm["use_skip_connections"] else 0)
        outputs.append(x)
    return outputs


def _sigmoid(x):
    return 1 / (1 + np.exp(-x))
