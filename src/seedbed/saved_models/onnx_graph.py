"""A graph of ONNX, operation by operation, and the encoders and heads of a replicate as such operations.

The same functions as `seedbed.model` has, on batches of padded texts: ``x`` is ``[texts, tokens, width]``, zero at
padding, ``mask`` ``[texts, tokens, 1]``, 1 for tokens and 0 for padding.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from seedbed.model.encoders import CNN, BiLSTM, Pool, ResidualBiLSTM
from seedbed.model.mlp_probe import MLPProbe
from seedbed.model.neighbors import Prototype
from seedbed.model.pooling import Pooling
from seedbed.model.probe import Probe
from seedbed.model.tasks import MULTILABEL, Head

if TYPE_CHECKING:
    from onnx import NodeProto, TensorProto

OPSET, IR_VERSION = 18, 8
"""The version of the operations, which runtimes since 2023 have, and of the file."""

FLOAT, INT32, INT64, DOUBLE = 1, 6, 7, 11
"""Types of ``onnx.TensorProto``."""

Arrays = Mapping[str, NDArray[np.generic]]


@dataclass
class Graph:
    """The operations and constants so far, each constant and each operation with the same inputs once."""

    nodes: "list[NodeProto]" = field(default_factory=list)
    constants: "list[TensorProto]" = field(default_factory=list)
    _known: dict[object, tuple[str, ...]] = field(default_factory=dict)

    def constant(self, values: ArrayLike, dtype: type[np.generic] = np.float32) -> str:
        """Return the name of a constant array."""
        from onnx import numpy_helper

        array = np.asarray(values, dtype, order="C")
        key = ("constant", array.dtype.str, array.shape, hashlib.sha256(array.tobytes()).digest())
        if key not in self._known:
            name = f"constant{len(self.constants)}"
            self.constants.append(numpy_helper.from_array(array, name))
            self._known[key] = (name,)
        return self._known[key][0]

    def outputs(self, operation: str, inputs: tuple[str, ...], number: int, **attributes: Any) -> tuple[str, ...]:
        """Return the names of the outputs of an operation; Any: an attribute of ONNX."""
        from onnx import helper

        key = (operation, inputs, number, str(sorted(attributes.items())))
        if key not in self._known:
            names = tuple(f"{operation}{len(self.nodes)}_{output}" for output in range(number))
            self.nodes.append(helper.make_node(operation, inputs, names, **attributes))
            self._known[key] = names
        return self._known[key]

    def op(self, operation: str, *inputs: str, **attributes: Any) -> str:
        """Return the name of the only output of an operation; Any: an attribute of ONNX."""
        return self.outputs(operation, inputs, 1, **attributes)[0]

    def reduce(self, operation: str, x: str, axis: int) -> str:
        """Return ``ReduceSum``, ``ReduceMax`` or ``ReduceMean`` over an axis, which is left out."""
        return self.op(operation, x, self.constant([axis], np.int64), keepdims=0)

    def dense(self, x: str, kernel: NDArray[np.generic], bias: NDArray[np.generic]) -> str:
        """Return ``x @ kernel + bias`` in the type of the arrays."""
        dtype = kernel.dtype.type
        return self.op("Add", self.op("MatMul", x, self.constant(kernel, dtype)), self.constant(bias, dtype))


@dataclass(frozen=True)
class Texts:
    """The names of a batch: ``x``, ``mask``, ``lengths`` int64 ``[texts]``; ``per_token``: a vector for each token."""

    graph: Graph
    x: str
    mask: str
    lengths: str
    per_token: bool

    def hide_padding(self, x: str, mask: str) -> str:
        """Return ``x`` with padding below all features, so that it is never the maximum."""
        outside = self.graph.op("Sub", self.graph.constant(1.0), mask)
        return self.graph.op("Sub", x, self.graph.op("Mul", outside, self.graph.constant(1e9)))

    def mean(self, x: str) -> str:
        """Return the mean over tokens."""
        number = self.graph.op(
            "Unsqueeze", self.graph.op("Cast", self.lengths, to=FLOAT), self.graph.constant([1], np.int64)
        )
        return self.graph.op("Div", self.graph.reduce("ReduceSum", x, 1), number)

    def pooled(self, pooling: str, x: str) -> str:
        """Return the vectors of the texts: see `seedbed.model.pooling`."""
        if pooling == "first":
            return self.graph.op("Gather", x, self.graph.constant(0, np.int64), axis=1)
        if pooling == "mean":
            return self.mean(x)
        maximum = self.graph.reduce("ReduceMax", self.hide_padding(x, self.mask), 1)
        return maximum if pooling == "max" else self.graph.op("Concat", self.mean(x), maximum, axis=-1)


def _pool(encoder: Pool, texts: Texts, weights: Arrays) -> str:
    return texts.pooled(encoder.pooling, texts.x)


def _mlp_probe(encoder: MLPProbe, texts: Texts, weights: Arrays) -> str:
    graph, times = texts.graph, Pooling(encoder.pooling).width(1)
    if not texts.per_token:
        x = texts.pooled(encoder.pooling, texts.x)
    else:
        x = texts.x if times == 1 else graph.op("Concat", *[texts.x] * times, axis=-1)
    return graph.op("Relu", graph.dense(x, weights["mlp/kernel"], weights["mlp/bias"])) if encoder.hidden else x


def _cnn(encoder: CNN, texts: Texts, weights: Arrays) -> str:
    graph, maps = texts.graph, []
    x, mask = (graph.op("Transpose", one, perm=[0, 2, 1]) for one in (texts.x, texts.mask))
    for size in encoder.widths:
        kernel = weights[f"conv{size}/kernel"].transpose(2, 1, 0)
        before = (size - 1) // 2
        bias = graph.constant(weights[f"conv{size}/bias"])
        maps.append(graph.op("Conv", x, graph.constant(kernel), bias, pads=[before, size - 1 - before]))
    if texts.per_token:
        return graph.op("Relu", graph.op("Transpose", graph.op("Concat", *maps, axis=1), perm=[0, 2, 1]))
    maxima = [graph.reduce("ReduceMax", texts.hide_padding(one, mask), 2) for one in maps]
    return graph.op("Relu", graph.op("Concat", *maxima, axis=1))


def _bilstm(encoder: BiLSTM, texts: Texts, weights: Arrays) -> str:
    graph, total, last = texts.graph, "", ""
    x = texts.x
    for layer in range(encoder.layers):
        x, state = _lstm(texts, x, encoder.units, {part: weights[f"lstm{layer}/{part}"] for part in _LSTM})
        total, last = (graph.op("Add", before, one) if before else one for before, one in ((total, x), (last, state)))
    if texts.per_token:
        return total
    return last if encoder.pooling == "last" else texts.pooled(encoder.pooling, total)


_LSTM = ("kernel", "recurrent", "bias")


def _lstm(texts: Texts, x: str, units: int, weights: Arrays) -> tuple[str, str]:
    """The outputs ``[texts, tokens, 2 units]`` of both directions and their last states ``[texts, 2 units]``."""
    graph = texts.graph
    # Gates are input, forget, cell, output here, and input, output, forget, cell in ONNX.
    ordered = {
        name: np.concatenate([np.split(weights[name], 4, axis=-1)[n] for n in (0, 3, 1, 2)], -1) for name in _LSTM
    }
    kernel, recurrent = (ordered[name].transpose(0, 2, 1) for name in ("kernel", "recurrent"))
    bias = np.concatenate([ordered["bias"], np.zeros_like(ordered["bias"])], axis=-1)
    inputs = (
        graph.op("Transpose", x, perm=[1, 0, 2]), *map(graph.constant, (kernel, recurrent, bias)),
        graph.op("Cast", texts.lengths, to=INT32),
    )  # fmt: skip
    y, state, _ = graph.outputs("LSTM", inputs, 3, hidden_size=units, direction="bidirectional")
    joined = graph.constant([0, 0, 2 * units], np.int64)
    outputs = graph.op("Reshape", graph.op("Transpose", y, perm=[2, 0, 1, 3]), joined)
    states = graph.op("Reshape", graph.op("Transpose", state, perm=[1, 0, 2]), graph.constant([0, 2 * units], np.int64))
    return graph.op("Mul", outputs, texts.mask), states


ENCODERS: Mapping[type, Callable[[Any, Texts, Arrays], str]] = {
    Pool: _pool, MLPProbe: _mlp_probe, CNN: _cnn, BiLSTM: _bilstm, ResidualBiLSTM: _bilstm,
}  # fmt: skip
"""The encoders that are trained by gradient steps and can be exported; Any: the encoder of that type."""
LINEAR = (Probe, Prototype)
"""The encoders that are fitted at once and can be exported."""


def probabilities(texts: Texts, encoder: Any, task: Head, weights: Arrays) -> str:  # Any: settings of an encoder
    """Return the probabilities of a replicate, ``[texts, classes]`` or ``[texts, tokens, classes]``."""
    graph = texts.graph
    if type(encoder) in LINEAR:  # in double precision, as they were fitted
        x = texts.x if texts.per_token else texts.pooled(encoder.pooling, texts.x)
        kernel, bias = (weights[f"{task.layer}/{name}"].astype(np.float64) for name in ("kernel", "bias"))
        logits = graph.dense(graph.op("Cast", x, to=DOUBLE), kernel, bias)
        return graph.op("Cast", _normalized(graph, logits, task), to=FLOAT)
    weights = {name: array.astype(np.float32) for name, array in weights.items()}
    x = ENCODERS[type(encoder)](encoder, texts, weights)
    if task.hidden:
        x = graph.op("Relu", graph.dense(x, weights["hidden/kernel"], weights["hidden/bias"]))
    logits = graph.dense(x, weights[f"{task.layer}/kernel"], weights[f"{task.layer}/bias"])
    return _normalized(graph, logits, task)


def _normalized(graph: Graph, logits: str, task: Head) -> str:
    return graph.op("Sigmoid", logits) if task.kind == MULTILABEL else graph.op("Softmax", logits, axis=-1)
