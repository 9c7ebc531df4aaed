"""The weights of a biLM in AllenNLP's ``.hdf5``, each array checked against the options."""

import logging
import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from seedbed.embeddings.bilm.characters import ROWS
from seedbed.embeddings.bilm.options import Architecture, CharCnn
from seedbed.errors import InputError, one_line
from seedbed.limits import refuse_expansion
from seedbed.readable import regular

if TYPE_CHECKING:
    import h5py

log = logging.getLogger(__name__)

LSTM = "RNN_{direction}/RNN/MultiRNNCell/Cell{layer}/LSTMCell"
DIRECTIONS = (0, 1)
"""Forward, backward."""

HIGHWAY = ("carry", "transform")

Sizes = Sequence[tuple[int | None, str]]
"""Length (None: any) and name of each axis."""

FORGET_BIAS = 1.0
"""TensorFlow's LSTMCell adds it when it runs, so it is not in the file."""


HDF5_ERRORS = (OSError, RuntimeError, ValueError, KeyError, TypeError, MemoryError, OverflowError, AttributeError)
"""What h5py raises for damaged files."""


class Hdf5:
    """An open file of arrays."""

    def __init__(self, path: Path, file: "h5py.File"):
        self.path, self.file = path, file
        self._size, self._declared = regular(path).st_size, dict[str, int]()

    def dataset(self, name: str, sizes: Sizes) -> "h5py.Dataset":
        """Return a dataset after checking its shape; ``sizes``: length (None: any) and name of each axis."""
        import h5py

        dataset = self._stored(name)
        if not isinstance(dataset, h5py.Dataset) or dataset.shape is None:
            raise InputError(f"{self.path}: has no dataset {name}")
        if len(dataset.shape) != len(sizes):
            raise InputError(f"{self.path}: {name} has {len(dataset.shape)} dimensions, not {len(sizes)}")
        for actual, (expected, what) in zip(dataset.shape, sizes, strict=True):
            if expected is not None and actual != expected:
                raise InputError(f"{self.path}: {name}: {actual} {what}, the options say {expected}")
        try:
            dtype = dataset.dtype
        except HDF5_ERRORS as error:  # a type that NumPy does not have
            raise self._damaged(name, error) from error
        if dtype.kind != "f":
            raise InputError(f"{self.path}: {name} holds {dtype}, not floating-point numbers")
        self._refuse_storage(name, dataset)
        return dataset

    def _stored(self, name: str) -> object:
        """Return the object of a name; raises InputError for one that is in another file, or cannot be read."""
        import h5py

        parts = name.split("/")
        try:
            for n in range(1, len(parts) + 1):
                path = "/".join(parts[:n])
                if isinstance(self.file.get(path, getlink=True), h5py.ExternalLink):
                    raise InputError(f"{self.path}: {path} is a link into another file, which is not followed")
            return self.file.get(name)
        except HDF5_ERRORS as error:
            raise self._damaged(name, error) from error

    def _refuse_storage(self, name: str, dataset: "h5py.Dataset") -> None:
        """Raise InputError for a dataset whose values are in other files, or more than its bytes here can hold."""
        try:
            if dataset.external or dataset.is_virtual:
                raise InputError(f"{self.path}: {name} has its values in another file, which is not opened")
            stored = dataset.id.get_storage_size()
            chunk = math.prod(dataset.chunks or ()) * dataset.dtype.itemsize
            if not dataset.chunks and stored < dataset.nbytes:
                raise InputError(f"{self.path}: {name} declares {dataset.nbytes:,} bytes, and has {stored:,}")
        except HDF5_ERRORS as error:
            raise self._damaged(name, error) from error
        self._declared[name] = max(dataset.nbytes, chunk)
        refuse_expansion(f"{self.path}: {name}", sum(self._declared.values()), self._size)

    def _damaged(self, name: str, error: Exception) -> InputError:
        return InputError(f"{self.path}: {name} cannot be read, the file is damaged: {one_line(error)}")

    def array(self, name: str, *sizes: tuple[int | None, str]) -> np.ndarray:
        """A whole dataset, float32 and finite."""
        return self.rows(name, self.dataset(name, sizes), slice(None))

    def rows(self, name: str, dataset: "h5py.Dataset", chosen: slice) -> np.ndarray:
        """Some rows of a dataset, float32 and finite."""
        try:
            values = np.asarray(dataset[chosen], np.float32)
        except HDF5_ERRORS as error:
            raise self._damaged(name, error) from error
        if not np.isfinite(values).all():
            raise InputError(f"{self.path}: {name} holds values that are not finite")
        return values

    def has(self, name: str) -> bool:
        """Return whether there is an object of this name."""
        return self._stored(name) is not None

    def refuse_more(self, name: str, expected: str) -> None:
        """Raise InputError where the file has an array that the options do not describe."""
        if self.has(name):
            raise InputError(f"{self.path}: has {name}, the options say {expected}")


@contextmanager
def open_hdf5(path: Path) -> Iterator[Hdf5]:
    """Open a file for reading; raises InputError where it is missing, cut short or of another kind."""
    import h5py

    regular(path)
    try:
        file = h5py.File(path, "r")
    except HDF5_ERRORS as error:
        if not h5py.is_hdf5(path):
            raise InputError(f"{path}: not an hdf5 file, or its beginning is damaged") from error
        raise InputError(f"{path}: cut short or damaged: {one_line(error)}") from error
    with file:
        yield Hdf5(path, file)


def cnn_sizes(file: Hdf5, cnn: CharCnn, projection: int) -> dict[str, Sizes]:
    """Return the length and the meaning of each axis of the arrays of the character CNN, by name.

    Raises InputError where the file has more of them.
    """
    file.refuse_more(f"CNN/W_cnn_{len(cnn.filters)}", f"{len(cnn.filters)} widths of filters")
    file.refuse_more(f"CNN_high_{cnn.highways}", f"{cnn.highways} highways")
    dim, size = (cnn.dim, "dimensions of a character"), (cnn.features, "features")
    sizes: dict[str, Sizes] = {"char_embed": ((ROWS, "characters"), dim)}
    for n, (width, number) in enumerate(cnn.filters):
        filters = (number, "filters")
        sizes[f"CNN/W_cnn_{n}"] = ((1, "rows"), (width, "characters wide"), dim, filters)
        sizes[f"CNN/b_cnn_{n}"] = (filters,)
    for n in range(cnn.highways):
        for part in HIGHWAY:
            sizes |= {f"CNN_high_{n}/W_{part}": (size, size), f"CNN_high_{n}/b_{part}": (size,)}
    if cnn.features != projection or file.has("CNN_proj"):  # bilm-tf projects where it must, AllenNLP always
        to = (projection, "dimensions of a word")
        sizes |= {"CNN_proj/W_proj": (size, to), "CNN_proj/b_proj": (to,)}
    return sizes


def layer_sizes(architecture: Architecture, layer: int) -> dict[str, Sizes]:
    """Return the length and the meaning of each axis of the arrays of a recurrent layer, by name."""
    projection, units = architecture.projection, architecture.units
    rows, columns = (2 * projection, "rows (2 x lstm.projection_dim)"), (4 * units, "columns of gates (4 x lstm.dim)")
    project = ((units, "units (lstm.dim)"), (projection, "columns (lstm.projection_dim)"))
    names = [LSTM.format(direction=direction, layer=layer) for direction in DIRECTIONS]
    return {
        f"{name}/{array}": sizes
        for name in names
        for array, sizes in (("W_0", (rows, columns)), ("B", (columns,)), ("W_P_0", project))
    }


def check_weights(path: Path, architecture: Architecture, characters: bool) -> None:
    """Raise InputError where an array is missing, or has another size than the options say; reads none of them.

    ``characters``: whether words are read by their characters.
    """
    with open_hdf5(path) as file:
        sizes: dict[str, Sizes] = {}
        if architecture.characters and (characters or file.has("char_embed")):
            sizes = cnn_sizes(file, architecture.characters, architecture.projection)
        for layer in range(architecture.layers):
            sizes |= layer_sizes(architecture, layer)
        for name, axes in sizes.items():
            file.dataset(name, axes)
        refuse_more_layers(file, architecture)


def read_cnn(file: Hdf5, cnn: CharCnn, projection: int) -> dict[str, np.ndarray]:
    """Return the weights of the character CNN.

    ``characters [262, dim]``; ``filters [widest * dim, features]``, the narrower ones zero at their ends, and their
    ``biases``; for highway n ``highway_n [features, 2 features]``, carry beside transform, and ``highway_bias_n``;
    ``projection [features, projection]`` with ``projection_bias``, where there is one.
    """
    sizes = cnn_sizes(file, cnn, projection)
    read = {name: file.array(name, *axes) for name, axes in sizes.items()}
    widest = max(width for width, _ in cnn.filters)
    filters, biases = [], []
    for n, (width, number) in enumerate(cnn.filters):
        kernel = read[f"CNN/W_cnn_{n}"][0]
        filters.append(np.pad(kernel, ((0, widest - width), (0, 0), (0, 0))).reshape(widest * cnn.dim, number))
        biases.append(read[f"CNN/b_cnn_{n}"])
    arrays = {
        "characters": np.concatenate([np.zeros((1, cnn.dim), np.float32), read["char_embed"]]),
        "filters": np.concatenate(filters, axis=1),
        "biases": np.concatenate(biases),
    }
    for n in range(cnn.highways):
        arrays[f"highway_{n}"] = np.concatenate([read[f"CNN_high_{n}/W_{part}"] for part in HIGHWAY], axis=1)
        arrays[f"highway_bias_{n}"] = np.concatenate([read[f"CNN_high_{n}/b_{part}"] for part in HIGHWAY])
    if "CNN_proj/W_proj" in read:
        arrays["projection"], arrays["projection_bias"] = read["CNN_proj/W_proj"], read["CNN_proj/b_proj"]
    return arrays


def read_layer(file: Hdf5, architecture: Architecture, layer: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the weights of a recurrent layer, directions on an axis.

    ``gates [4, 2, 2 projection + 1, units]``: input, forget, output and new cell, for ``[x, h, 1]``, so the bias (with
    the forget bias) is the last row; ``project [2, units, projection]``.
    """
    projection, units = architecture.projection, architecture.units
    read = {name: file.array(name, *axes) for name, axes in layer_sizes(architecture, layer).items()}
    gates = np.empty((4, len(DIRECTIONS), 2 * projection + 1, units), np.float32)
    project = np.empty((len(DIRECTIONS), units, projection), np.float32)
    for direction in DIRECTIONS:
        name = LSTM.format(direction=direction, layer=layer)
        kernel, bias = read[f"{name}/W_0"], read[f"{name}/B"]
        for index, gate in enumerate((0, 2, 3, 1)):  # order in the file: input, new cell, forget, output
            part = slice(gate * units, (gate + 1) * units)
            gates[index, direction, :-1] = kernel[:, part]
            gates[index, direction, -1] = bias[part]
        gates[1, direction, -1] += FORGET_BIAS
        project[direction] = read[f"{name}/W_P_0"]
    return gates, project


def refuse_more_layers(file: Hdf5, architecture: Architecture) -> None:
    """Refuse a file with more recurrent layers than the options know of; where they know no number, warn."""
    for direction in DIRECTIONS:
        cell = LSTM.format(direction=direction, layer=architecture.layers).removesuffix("/LSTMCell")
        if architecture.counted:
            file.refuse_more(cell, f"{architecture.layers} layers")
        elif file.has(cell):
            log.warning("%s: has more layers, of which the first is read: the options have no lstm.n_layers", file.path)
            return
