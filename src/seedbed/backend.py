"""Where the Keras backends differ: loops over time, gradients, compilation, devices.

Everything else in ``model`` and ``training`` uses ``keras.ops`` and runs on TensorFlow and JAX.
"""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, ParamSpec, TypeVar, cast

from seedbed.backends import BACKENDS, refuse_unknown_backend
from seedbed.errors import InputError
from seedbed.registered_gradients import unregistered_gradients
from seedbed.stages import stage
from seedbed.types import Tensor, Tree

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

P = ParamSpec("P")
T = TypeVar("T")
Carry = TypeVar("Carry", bound=tuple[Tensor, ...])
Step = Callable[[Carry, Tree], tuple[Carry, Tree]]
"""One step of a loop: of the carry and the inputs of the step, the next carry and the output."""


@cache
def name() -> str:
    """Return the Keras backend in use, ``tensorflow`` or ``jax``; imports it without its log output."""
    refuse_unknown_backend()
    with stage("start"), silent_stderr():
        import keras

        if keras.backend.backend() == "tensorflow":
            import tensorflow as tf

            tf.get_logger().setLevel("ERROR")
            tf.config.list_physical_devices()  # initializing CUDA writes to stderr
    backend = str(keras.backend.backend())
    if backend not in BACKENDS:
        raise InputError(f"KERAS_BACKEND={backend}: seedbed runs on {' or '.join(BACKENDS)}")
    return backend


@contextmanager
def silent_stderr() -> Iterator[None]:
    """Discard stderr, the file descriptor too: TensorFlow's C++ writes to it before it can be configured."""
    sys.stderr.flush()
    saved = os.dup(2)
    with open(os.devnull, "w", encoding="utf-8") as devnull:
        os.dup2(devnull.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(saved, 2)
        os.close(saved)


def loop(step: Step[Carry], carry: Carry, inputs: Tree, length: int | Tensor) -> tuple[Carry, Tensor]:
    """Run ``carry, output = step(carry, inputs[t])`` over the leading axis; return the last carry and stacked outputs.

    ``carry`` is a tuple of arrays, and an output is one array shaped like ``carry[0]``. (``keras.ops.scan`` is slower
    on TensorFlow, and fails if the numbers of inputs and outputs differ.)
    """
    if name() == "jax":
        from jax import lax

        return cast("tuple[Carry, Tensor]", lax.scan(step, carry, inputs))
    return tensorflow_loop(step, carry, inputs, length)


def tensorflow_loop(step: Step[Carry], carry: Carry, inputs: Tree, length: int | Tensor) -> tuple[Carry, Tensor]:
    """Run ``loop`` in TensorFlow, whatever the Keras backend is."""
    import tensorflow as tf

    columns = [
        tf.TensorArray(x.dtype, size=length, element_shape=x.shape[1:]).unstack(x) for x in tf.nest.flatten(inputs)
    ]
    outputs = tf.TensorArray(carry[0].dtype, size=length, element_shape=carry[0].shape)

    def body(t: Tensor, state: Carry, outputs: Tensor) -> tuple[Tensor, Carry, Tensor]:
        state, output = step(state, tf.nest.pack_sequence_as(inputs, [column.read(t) for column in columns]))
        return t + 1, state, outputs.write(t, output)

    _, carry, outputs = tf.while_loop(lambda t, *_: t < length, body, (0, carry, outputs))
    return carry, outputs.stack()


def value_and_gradient(loss: Callable[..., tuple[Tensor, Tree]]) -> Callable[..., tuple[Tensor, Tree, Tree]]:
    """Turn ``loss(weights, *rest) -> (scalar, aux)`` into ``f(weights, *rest) -> (scalar, aux, gradients)``."""
    if name() == "jax":
        import jax

        def with_gradient(weights: Tree, *rest: Tree) -> tuple[Tensor, Tree, Tree]:
            (value, aux), gradients = jax.value_and_grad(loss, has_aux=True)(weights, *rest)
            return value, aux, gradients

        return with_gradient
    import tensorflow as tf

    def with_tape(weights: Tree, *rest: Tree) -> tuple[Tensor, Tree, Tree]:
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(weights)
            value, aux = loss(weights, *rest)
        gradients = tape.gradient(value, weights, unconnected_gradients=tf.UnconnectedGradients.ZERO)
        return value, aux, tf.nest.map_structure(tf.convert_to_tensor, gradients)

    return with_tape


def unrolled(
    step: Step[Carry], carry: Carry, inputs: tuple[Tree, ...], length: int, reverse: bool = False
) -> tuple[Carry, Tree]:
    """Run ``loop`` with a number of steps that is known before tracing; an output may be any tree.

    ``reverse``: from the last step to the first. TensorFlow unrolls the steps, which is faster than its loop; outputs
    are lists of arrays: inputs of another such run without a copy, or of ``stacked``.
    """
    if name() == "jax":
        from jax import lax

        return cast("tuple[Carry, Tree]", lax.scan(step, carry, inputs, reverse=reverse))
    import tensorflow as tf

    columns = [x if isinstance(x, list) else tf.unstack(x, num=length) for x in inputs]
    outputs = []
    for t in range(length)[:: -1 if reverse else 1]:
        carry, output = step(carry, tuple(column[t] for column in columns))
        outputs.append(output)
    if reverse:
        outputs.reverse()
    return carry, tuple(map(list, zip(*outputs, strict=True)))


def stacked(outputs: Tree) -> Tensor:
    """Return one output of ``unrolled`` as one array."""
    if name() == "jax":
        return outputs
    import tensorflow as tf

    return tf.stack(outputs)


def with_gradient(
    forward: Callable[..., tuple[tuple[Tensor, ...], Tree]],
    backward: Callable[[Tree, tuple[Tensor, ...]], tuple[Tensor, ...]],
) -> Callable[..., tuple[Tensor, ...]]:
    """Return ``forward(*arrays) -> (outputs, residuals)`` with the gradients ``backward(residuals, upstream)``."""
    if name() == "jax":
        import jax

        function = jax.custom_vjp(lambda *arrays: forward(*arrays)[0])
        function.defvjp(forward, backward)
        return function
    import tensorflow as tf

    @tf.custom_gradient  # type: ignore[untyped-decorator]
    def with_custom_gradient(*arrays: Tensor) -> tuple[tuple[Tensor, ...], Callable[..., tuple[Tensor, ...]]]:
        outputs, residuals = forward(*arrays)
        return outputs, lambda *upstream: backward(residuals, upstream)

    return cast("Callable[..., tuple[Tensor, ...]]", with_custom_gradient)


def compiled(function: Callable[P, T]) -> Callable[P, T]:
    """Compile a pure function of trees of arrays.

    TensorFlow traces once for all numbers of replicates, tokens and examples: only the last axis of float arrays of
    two and more dimensions is fixed. JAX compiles for each shape.
    """
    if name() == "jax":
        return _compiled_jax(function)
    import tensorflow as tf

    traced: dict[object, Callable[..., T]] = {}

    def call(*trees: Tree) -> T:
        arrays = [tf.convert_to_tensor(array) for array in tf.nest.flatten(trees)]
        specs = tuple(_loose_spec(array) for array in arrays)
        if specs not in traced:

            def flat(*arguments: Tensor) -> T:
                return cast("Callable[..., T]", function)(*tf.nest.pack_sequence_as(trees, arguments))

            signature = [tf.TensorSpec(shape, dtype) for shape, dtype in specs]
            # Calling the concrete function skips the check of argument types, milliseconds a call.
            with stage("trace"), unregistered_gradients():
                traced[specs] = tf.function(flat, input_signature=signature, autograph=False).get_concrete_function()
                return traced[specs](*arrays)  # the first run optimizes the graph
        return traced[specs](*arrays)

    return cast("Callable[P, T]", call)


def _compiled_jax(function: Callable[P, T]) -> Callable[P, T]:
    """Compile a function; the first call with each shape is counted as compilation."""
    import jax

    program = jax.jit(function)
    shapes: set[object] = set()

    def call(*trees: Tree) -> T:
        arrays, structure = jax.tree_util.tree_flatten(trees)
        key = structure, tuple((getattr(array, "shape", ()), getattr(array, "dtype", type(array))) for array in arrays)
        if key in shapes:
            return cast("T", program(*trees))
        with stage("trace"):
            outputs = program(*trees)
        shapes.add(key)
        return cast("T", outputs)

    return cast("Callable[P, T]", call)


def full_precision(function: Callable[P, T]) -> Callable[P, T]:
    """Return a compiled function with full float32 products: GPUs round their inputs to 10 bits (TF32) by default."""

    def call(*args: P.args, **kwargs: P.kwargs) -> T:
        with _full_products():
            return function(*args, **kwargs)

    return call


@contextmanager
def _full_products() -> Iterator[None]:
    if name() == "jax":
        import jax

        with jax.default_matmul_precision("highest"):
            yield
        return
    import tensorflow as tf

    before = tf.config.experimental.tensor_float_32_execution_enabled()
    tf.config.experimental.enable_tensor_float_32_execution(False)
    try:
        yield
    finally:
        tf.config.experimental.enable_tensor_float_32_execution(before)


def _loose_spec(array: Tensor) -> tuple[tuple[int | None, ...], object]:
    """Shape and type of an array with only the last axis fixed, and not even that of vectors and integers.

    So a float array in a batch must have a last axis that is the same for all batches.
    """
    fixed = array.shape[-1] if array.shape.rank > 1 and array.dtype.is_floating else None
    return (None,) * (array.shape.rank - 1) + (fixed,) * bool(array.shape.rank), array.dtype


def shared_tensor(array: "NDArray[np.float32]") -> Tensor:
    """Return an array as a tensor: on the CPU one that shares its memory, which must begin at a multiple of 64 bytes.

    The array must not be written to afterwards.
    """
    if array.ctypes.data % 64:
        raise ValueError("the memory of the array does not begin at a multiple of 64 bytes")
    if name() == "jax":
        import jax.numpy as jnp

        return jnp.asarray(array)
    import tensorflow as tf

    if tf.config.get_visible_devices("GPU"):
        return tf.convert_to_tensor(array)
    return tf.experimental.dlpack.from_dlpack(array.__dlpack__())


def add_bias(x: Tensor, bias: Tensor) -> Tensor:
    """Return ``x [N, D] + bias [1, D]``; TensorFlow fuses it with the product before it."""
    if name() != "tensorflow":
        return x + bias
    import tensorflow as tf

    return cast(Tensor, tf.nn.bias_add(x, bias[0]))


def shape_bucket(tokens: int) -> int:
    """Return the length to pad to: the same, or on JAX the next multiple of 16, so that few shapes are compiled."""
    return tokens if name() == "tensorflow" else -(-tokens // 16) * 16


def count_bucket(count: int) -> int:
    """Return the number of items to pad to: the same, or on JAX the next power of two."""
    return count if name() == "tensorflow" else 1 << max(count - 1, 0).bit_length()


def can_pack() -> bool:
    """Return whether batches may be packed: their size differs by step, and JAX compiles for each shape."""
    return name() == "tensorflow"


def should_shrink(rows: int, training: int) -> bool:
    """Return whether a group should drop replicates that have stopped: JAX must compile again for that."""
    return training < rows if name() == "tensorflow" else 2 * training <= rows
