"""The weights of a biLM in AllenNLP's ``.hdf5``, each array checked against the options."""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from seedbed.embeddings.bilm.characters import ROWS
from seedbed.embeddings.bilm.options import Architecture, CharCnn
from seedbed.errors import InputError, one_line
from seedbed.readable import regular

if TYPE_CHECKING:
    import h5py

log = logging.getLogger(__name__)

LSTM = "RNN_{direction}/RNN/MultiRNNCell/Cell{layer}/LSTMCell"
DIRECTIONS = (0, 1)
"""Forward, backward."""

FORGET_BIAS = 1.0
"""TensorFlow's LSTMCell adds it when it runs, so it is not in the file."""


class Hdf5:
    """An open file of arrays."""

    def __init__(self, path: Path, file: "h5py.File"):
        self.path, self.file = path, file

    def dataset(self, name: str, sizes: Sequence[tuple[int | None, str]]) -> "h5py.Dataset":
        """Return a dataset after checking its shape; ``sizes``: length (None: any) and name of each axis."""
        dataset = self.file.get(name)
        if dataset is None or not hasattr(dataset, "shape"):
            raise InputError(f"{self.path}: has no dataset {name}")
        if len(dataset.shape) != len(sizes):
            raise InputError(f"{self.path}: {name} has {len(dataset.shape)} dimensions, not {len(sizes)}")
        for actual, (expected, what) in zip(dataset.shape, sizes, strict=True):
            if expected is not None and actual != expected:
                raise InputError(f"{self.path}: {name}: {actual} {what}, the options say {expected}")
        if dataset.dtype.kind != "f":
            raise InputError(f"{self.path}: {name} holds {dataset.dtype}, not floating-point numbers")
        return dataset

    def array(self, name: str, *sizes: tuple[int | None, str]) -> np.ndarray:
        """A whole dataset, float32 and finite."""
        return self.rows(name, self.dataset(name, sizes), slice(None))

    def rows(self, name: str, dataset: "h5py.Dataset", chosen: slice) -> np.ndarray:
        """Some rows of a dataset, float32 and finite."""
        try:
            values = np.asarray(dataset[chosen], np.float32)
        except OSError as error:
            raise InputError(f"{self.path}: {name} cannot be read, the file is damaged: {one_line(error)}") from error
        if not np.isfinite(values).all():
            raise InputError(f"{self.path}: {name} holds values that are not finite")
        return values

    def refuse_more(self, name: str, expected: str) -> None:
        """Raise InputError where the file has an array that the options do not describe."""
        if name in self.file:
            raise InputError(f"{self.path}: has {name}, the options say {expected}")


@contextmanager
def open_hdf5(path: Path) -> Iterator[Hdf5]:
    """Open a file for reading; raises InputError where it is missing, cut short or of another kind."""
    import h5py

    regular(path)
    try:
        file = h5py.File(path, "r")
    except OSError as error:
        if not h5py.is_hdf5(path):
            raise InputError(f"{path}: not an hdf5 file, or its beginning is damaged") from error
        raise InputError(f"{path}: cut short or damaged: {one_line(error)}") from error
    with file:
        yield Hdf5(path, file)


def read_cnn(file: Hdf5, cnn: CharCnn, projection: int) -> dict[str, np.ndarray]:
    """Return the weights of the character CNN.

    ``characters [262, dim]``; ``filters [widest * dim, features]``, the narrower ones zero at their ends, and their
    ``biases``; for highway n ``highway_n [features, 2 features]``, carry beside transform, and ``highway_bias_n``;
    ``projection [features, projection]`` with ``projection_bias``, where there is one.
    """
    embedding = file.array("char_embed", (ROWS, "characters"), (cnn.dim, "dimensions of a character"))
    widest = max(width for width, _ in cnn.filters)
    filters, biases = [], []
    for n, (width, number) in enumerate(cnn.filters):
        axes = ((1, "rows"), (width, "characters wide"), (cnn.dim, "dimensions of a character"), (number, "filters"))
        kernel = file.array(f"CNN/W_cnn_{n}", *axes)[0]
        filters.append(np.pad(kernel, ((0, widest - width), (0, 0), (0, 0))).reshape(widest * cnn.dim, number))
        biases.append(file.array(f"CNN/b_cnn_{n}", (number, "filters")))
    file.refuse_more(f"CNN/W_cnn_{len(cnn.filters)}", f"{len(cnn.filters)} widths of filters")
    arrays = {
        "characters": np.concatenate([np.zeros((1, cnn.dim), np.float32), embedding]),
        "filters": np.concatenate(filters, axis=1),
        "biases": np.concatenate(biases),
    }
    size = (cnn.features, "features")
    for n in range(cnn.highways):
        parts = ("carry", "transform")
        arrays[f"highway_{n}"] = np.concatenate([file.array(f"CNN_high_{n}/W_{p}", size, size) for p in parts], axis=1)
        arrays[f"highway_bias_{n}"] = np.concatenate([file.array(f"CNN_high_{n}/b_{p}", size) for p in parts])
    file.refuse_more(f"CNN_high_{cnn.highways}", f"{cnn.highways} highways")
    if cnn.features != projection or "CNN_proj" in file.file:  # bilm-tf projects where it must, AllenNLP always
        to = (projection, "dimensions of a word")
        arrays["projection"] = file.array("CNN_proj/W_proj", size, to)
        arrays["projection_bias"] = file.array("CNN_proj/b_proj", to)
    return arrays


def read_layer(file: Hdf5, architecture: Architecture, layer: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the weights of a recurrent layer, directions on an axis.

    ``gates [4, 2, 2 projection + 1, units]``: input, forget, output and new cell, for ``[x, h, 1]``, so the bias (with
    the forget bias) is the last row; ``project [2, units, projection]``.
    """
    projection, units = architecture.projection, architecture.units
    gates = np.empty((4, len(DIRECTIONS), 2 * projection + 1, units), np.float32)
    project = np.empty((len(DIRECTIONS), units, projection), np.float32)
    for direction in DIRECTIONS:
        name = LSTM.format(direction=direction, layer=layer)
        columns = (4 * units, "columns of gates (4 x lstm.dim)")
        kernel = file.array(f"{name}/W_0", (2 * projection, "rows (2 x lstm.projection_dim)"), columns)
        bias = file.array(f"{name}/B", columns)
        for index, gate in enumerate((0, 2, 3, 1)):  # order in the file: input, new cell, forget, output
            part = slice(gate * units, (gate + 1) * units)
            gates[index, direction, :-1] = kernel[:, part]
            gates[index, direction, -1] = bias[part]
        gates[1, direction, -1] += FORGET_BIAS
        size = ((units, "units (lstm.dim)"), (projection, "columns (lstm.projection_dim)"))
        project[direction] = file.array(f"{name}/W_P_0", *size)
    return gates, project


def refuse_more_layers(file: Hdf5, architecture: Architecture) -> None:
    """Refuse a file with more recurrent layers than the options know of; where they know no number, warn."""
    for direction in DIRECTIONS:
        cell = LSTM.format(direction=direction, layer=architecture.layers).removesuffix("/LSTMCell")
        if architecture.counted:
            file.refuse_more(cell, f"{architecture.layers} layers")
        elif cell in file.file:
            log.warning("%s: has more layers, of which the first is read: the options have no lstm.n_layers", file.path)
            return
