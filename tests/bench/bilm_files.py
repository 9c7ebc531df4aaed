"""Random biLMs written in AllenNLP's format; for the bench and for tests."""

import json
from pathlib import Path

import numpy as np

ORIGINAL_FILTERS = ((1, 32), (2, 32), (3, 64), (4, 128), (5, 256), (6, 512), (7, 1024))


def options(
    units: int,
    projection: int,
    filters=ORIGINAL_FILTERS,
    dim: int = 16,
    highways: int = 2,
    layers: int = 2,
    activation: str = "relu",
    skip: bool = True,
    clips: tuple[float | None, float | None] = (3.0, 3.0),
    columns: int = 50,
) -> dict:
    """The keys of ``options.json``."""
    return {
        "lstm": {
            "cell_clip": clips[0], "proj_clip": clips[1], "use_skip_connections": skip, "n_layers": layers,
            "dim": units, "projection_dim": projection,
        },
        "char_cnn": {
            "embedding": {"dim": dim}, "filters": [list(pair) for pair in filters], "n_highway": highways,
            "n_characters": 262, "max_characters_per_token": columns, "activation": activation,
        },
    }  # fmt: skip


def arrays(given: dict, seed: int, scale: float = 1.0):
    """Names and random weights, one after the other: normal, of the spread that keeps activations alive."""
    rng = np.random.default_rng(seed)

    def normal(*shape, fan: int = 1):
        return rng.standard_normal(shape, dtype=np.float32) * np.float32(scale / np.sqrt(fan))

    cnn, lstm = given["char_cnn"], given["lstm"]
    dim, projection, units = cnn["embedding"]["dim"], lstm["projection_dim"], lstm["dim"]
    features = sum(number for _, number in cnn["filters"])
    yield "char_embed", normal(261, dim)
    for n, (width, number) in enumerate(cnn["filters"]):
        yield f"CNN/W_cnn_{n}", normal(1, width, dim, number, fan=width * dim)
        yield f"CNN/b_cnn_{n}", normal(number, fan=10)
    for n in range(cnn["n_highway"]):
        for part in ("carry", "transform"):
            yield f"CNN_high_{n}/W_{part}", normal(features, features, fan=features)
            yield f"CNN_high_{n}/b_{part}", normal(features, fan=10)
    yield "CNN_proj/W_proj", normal(features, projection, fan=features)
    yield "CNN_proj/b_proj", normal(projection, fan=10)
    for direction in (0, 1):
        for layer in range(lstm["n_layers"]):
            cell = f"RNN_{direction}/RNN/MultiRNNCell/Cell{layer}/LSTMCell"
            yield f"{cell}/W_0", normal(2 * projection, 4 * units, fan=2 * projection)
            yield f"{cell}/B", normal(4 * units, fan=10)
            yield f"{cell}/W_P_0", 2 * normal(units, projection, fan=units)


def write_bilm(folder: Path, given: dict, seed: int = 0, scale: float = 1.0) -> tuple[Path, Path]:
    """Write ``options.json`` and ``weights.hdf5``; returns where."""
    import h5py

    folder.mkdir(parents=True, exist_ok=True)
    paths = folder / "options.json", folder / "weights.hdf5"
    paths[0].write_text(json.dumps(given), encoding="utf-8")
    with h5py.File(paths[1], "w") as file:
        for name, values in arrays(given, seed, scale):
            file[name] = values
    return paths
