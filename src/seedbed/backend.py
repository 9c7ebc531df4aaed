"""The few places where the Keras backends differ: loops over time, gradients, compilation, devices.

Everything else in ``model`` and ``training`` is written in ``keras.ops`` and runs on TensorFlow and JAX.
"""

import os
import sys
from collections.abc import Callable
from contextlib import contextmanager
from functools import cache
from typing import Any

from seedbed.errors import InputError

Tree = Any
"""Nested dicts, lists and tuples of arrays."""

BACKENDS = ("tensorflow", "jax")


@cache
def name() -> str:
    """The Keras backend in use, ``tensorflow`` or ``jax``; starts it, without the chatter of its libraries."""
    with silent_stderr():
        import keras

        if keras.backend.backend() == "tensorflow":
            import tensorflow as tf

            tf.get_logger().setLevel("ERROR")
            tf.config.list_physical_devices()  # the first look at CUDA is a noisy one
    if keras.backend.backend() not in BACKENDS:
        raise InputError(f"KERAS_BACKEND={keras.backend.backend()}: seedbed runs on {' or '.join(BACKENDS)}")
    return keras.backend.backend()


@contextmanager
def silent_stderr():
    """TensorFlow's C++ greets on the file descriptor, before any of its settings can be made."""
    sys.stderr.flush()
    kept = os.dup(2)
    with open(os.devnull, "w", encoding="utf-8") as nothing:
        os.dup2(nothing.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


def scan(step: Callable, carry: tuple, inputs: Tree, length: Any) -> tuple:
    """Run ``carry, out = step(carry, inputs[t])`` over the leading axis; returns the outs, stacked.

    ``carry`` is a tuple of arrays and ``out`` one array shaped like ``carry[0]``. (``keras.ops.scan`` on TensorFlow
    is slower, and fails where the numbers of inputs and outputs differ.)
    """
    return loop(step, carry, inputs, length)[1]


def loop(step: Callable, carry: tuple, inputs: Tree, length: Any) -> tuple[tuple, Any]:
    """As ``scan``; returns the last carry and the outs."""
    if name() == "jax":
        from jax import lax

        return lax.scan(step, carry, inputs)
    return tensorflow_loop(step, carry, inputs, length)


def tensorflow_loop(step: Callable, carry: tuple, inputs: Tree, length: Any) -> tuple[tuple, Any]:
    """``loop`` in TensorFlow, whatever Keras' backend is."""
    import tensorflow as tf

    columns = [
        tf.TensorArray(x.dtype, size=length, element_shape=x.shape[1:]).unstack(x) for x in tf.nest.flatten(inputs)
    ]
    outs = tf.TensorArray(carry[0].dtype, size=length, element_shape=carry[0].shape)

    def body(t, state, outs):
        state, out = step(state, tf.nest.pack_sequence_as(inputs, [column.read(t) for column in columns]))
        return t + 1, state, outs.write(t, out)

    _, carry, outs = tf.while_loop(lambda t, *_: t < length, body, (0, carry, outs))
    return carry, outs.stack()


def value_and_gradient(loss: Callable[..., tuple[Any, Tree]]) -> Callable[..., tuple[Any, Tree, Tree]]:
    """Of ``loss(weights, *rest) -> (scalar, aux)`` make ``f(weights, *rest) -> (scalar, aux, gradients)``."""
    if name() == "jax":
        import jax

        def with_gradient(weights, *rest):
            (value, aux), gradients = jax.value_and_grad(loss, has_aux=True)(weights, *rest)
            return value, aux, gradients

        return with_gradient
    import tensorflow as tf

    def with_tape(weights, *rest):
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(weights)
            value, aux = loss(weights, *rest)
        gradients = tape.gradient(value, weights, unconnected_gradients=tf.UnconnectedGradients.ZERO)
        return value, aux, tf.nest.map_structure(tf.convert_to_tensor, gradients)

    return with_tape


def unrolled(step: Callable, carry: tuple, inputs: tuple, length: int, reverse: bool = False) -> tuple[tuple, Tree]:
    """As ``loop``, over so many steps as are known beforehand; outs may be any tree. ``reverse``: from the end.

    TensorFlow writes the steps one after the other, which is faster than its loop, and its outs are lists of arrays,
    which may be the inputs of another such run without a copy; ``stacked`` makes arrays of them.
    """
    if name() == "jax":
        from jax import lax

        return lax.scan(step, carry, inputs, reverse=reverse)
    import tensorflow as tf

    columns = [x if isinstance(x, list) else tf.unstack(x, num=length) for x in inputs]
    outs = []
    for t in range(length)[:: -1 if reverse else 1]:
        carry, out = step(carry, tuple(column[t] for column in columns))
        outs.append(out)
    if reverse:
        outs.reverse()
    return carry, tuple(map(list, zip(*outs, strict=True)))


def stacked(outs: Any) -> Any:
    """One array of what ``unrolled`` gave for one output."""
    if name() == "jax":
        return outs
    import tensorflow as tf

    return tf.stack(outs)


def with_gradient(forward: Callable, backward: Callable) -> Callable:
    """A function whose gradient is given: ``forward(*arrays) -> (outs, kept)``, ``backward(kept, upstream)``.

    ``outs`` is a tuple of arrays, ``upstream`` the gradients of them; ``backward`` returns one for each argument.
    """
    if name() == "jax":
        import jax

        function = jax.custom_vjp(lambda *arrays: forward(*arrays)[0])
        function.defvjp(forward, backward)
        return function
    import tensorflow as tf

    @tf.custom_gradient
    def with_own(*arrays):
        outs, kept = forward(*arrays)
        return outs, lambda *upstream: backward(kept, upstream)

    return with_own


def compiled(function: Callable) -> Callable:
    """Compile a pure function of trees of arrays.

    TensorFlow traces once for all numbers of replicates, tokens and examples: only the last axis of float arrays of
    two and more dimensions is fixed. JAX compiles for each shape that it meets.
    """
    if name() == "jax":
        import jax

        return jax.jit(function)
    import tensorflow as tf

    traced: dict[Any, Callable] = {}

    def call(*trees):
        arrays = [tf.convert_to_tensor(array) for array in tf.nest.flatten(trees)]
        specs = tuple(_loosened(array) for array in arrays)
        if specs not in traced:

            def flat(*given):
                return function(*tf.nest.pack_sequence_as(trees, given))

            signature = [tf.TensorSpec(shape, dtype) for shape, dtype in specs]
            made = tf.function(flat, input_signature=signature, autograph=False)
            # The concrete function skips TensorFlow's look at the types of its arguments, milliseconds a call.
            traced[specs] = made.get_concrete_function()
        return traced[specs](*arrays)

    return call


def exactly(function: Callable) -> Callable:
    """A compiled function with float32 products in full: GPUs round what goes into them to 10 bits (TF32) unasked."""
    if name() == "jax":
        import jax

        def call(*trees):
            with jax.default_matmul_precision("highest"):
                return function(*trees)

        return call
    import tensorflow as tf

    def call_tensorflow(*trees):
        before = tf.config.experimental.tensor_float_32_execution_enabled()
        tf.config.experimental.enable_tensor_float_32_execution(False)
        try:
            return function(*trees)
        finally:
            tf.config.experimental.enable_tensor_float_32_execution(before)

    return call_tensorflow


def _loosened(array: Any) -> tuple[tuple[int | None, ...], Any]:
    """Shape and type of an array with only the last axis fixed, and not even that of vectors and integers.

    So a float array in a batch must end in an axis that is the same for all batches.
    """
    fixed = array.shape[-1] if array.shape.rank > 1 and array.dtype.is_floating else None
    return (None,) * (array.shape.rank - 1) + (fixed,) * bool(array.shape.rank), array.dtype


def shape_bucket(tokens: int) -> int:
    """The length to pad to: the real one, or on JAX the next multiple of 16, so that few shapes are compiled."""
    return tokens if name() == "tensorflow" else -(-tokens // 16) * 16


def worth_shrinking(rows: int, training: int) -> bool:
    """Whether a group of so many rows should shrink to those still training: JAX has to compile anew for it."""
    return training < rows if name() == "tensorflow" else 2 * training <= rows


def select_device(device: str, deterministic: bool = False) -> str:
    """Make ``auto``, ``cpu`` or ``gpu`` the device of this process and return the one in use.

    GPU memory grows as needed. Raises InputError where ``gpu`` is asked for and the backend sees none.
    """
    if name() == "jax":
        return _select_jax_device(device)
    import tensorflow as tf

    if deterministic:
        tf.config.experimental.enable_op_determinism()
    gpus = tf.config.list_physical_devices("GPU")
    if device == "gpu" and not gpus:
        raise InputError("device=gpu: TensorFlow sees no GPU; `seedbed doctor` says what is installed")
    if device == "cpu" or not gpus:
        if gpus:
            tf.config.set_visible_devices([], "GPU")
        return "cpu"
    for gpu in gpus:
        tf.config.experimental.set_memory_growth(gpu, True)
    return "gpu"


def _jax_devices() -> list:
    """The first look at them decides how GPU memory grows: as needed."""
    os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")
    import jax

    return jax.devices()


def _select_jax_device(device: str) -> str:
    import jax

    gpus = [found for found in _jax_devices() if found.platform == "gpu"]
    if device == "gpu" and not gpus:
        raise InputError("device=gpu: JAX sees no GPU; `seedbed doctor` says what is installed")
    if device == "cpu" and gpus:
        jax.config.update("jax_default_device", jax.devices("cpu")[0])
    return "gpu" if gpus and device != "cpu" else "cpu"


def has_gpu() -> bool:
    """Whether the backend sees a GPU, chosen or not; on TensorFlow it may still be set up by ``select_device``."""
    if name() == "jax":
        return any(found.platform == "gpu" for found in _jax_devices())
    import tensorflow as tf

    return bool(tf.config.list_physical_devices("GPU"))


def devices() -> list[str]:
    """What the backend sees, such as ``CPU:0``."""
    if name() == "jax":
        import jax

        return [f"{device.platform.upper()}:{device.id}" for device in jax.devices()]
    import tensorflow as tf

    return [device.name.removeprefix("/physical_device:") for device in tf.config.list_physical_devices()]
