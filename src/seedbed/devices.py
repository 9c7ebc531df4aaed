"""The device of this process, CPU or GPU."""

import os

from seedbed.backend import name, silent_stderr
from seedbed.errors import InputError


def select_device(device: str, deterministic: bool = False) -> str:
    """Set the device of this process to ``auto``, ``cpu`` or ``gpu``; return the one in use.

    GPU memory grows as needed. Raises InputError for ``gpu`` if the backend finds none.
    """
    if name() == "jax":
        return _select_jax_device(device)
    import tensorflow as tf

    if deterministic:
        tf.config.experimental.enable_op_determinism()
    gpus = tf.config.list_physical_devices("GPU")
    if device == "gpu" and not gpus:
        raise InputError("device=gpu: TensorFlow sees no GPU; `seedbed doctor` says what is installed")
    selected = "gpu" if gpus and device != "cpu" else "cpu"
    if gpus and selected == "cpu":
        tf.config.set_visible_devices([], "GPU")
    for gpu in gpus if selected == "gpu" else ():
        tf.config.experimental.set_memory_growth(gpu, True)
    _silence_onednn()
    return selected


def _silence_onednn() -> None:
    """Let TensorFlow say here, unseen, that oneDNN has no integers: it logs that once a process, as an error.

    It is none: Eigen computes them. The line comes with the first transposed array of integers, so that hiding what the
    import prints does not hide it. Everything else that TensorFlow logs is seen.
    """
    import tensorflow as tf

    with tf.device("CPU:0"):
        integers = tf.constant([[0]])  # starts the runtime, whose errors are seen
        with silent_stderr():
            tf.transpose(integers)


def _jax_gpus() -> int:
    """The number of GPUs. Their memory is allocated as needed, which must be set before JAX's first use."""
    os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")
    import jax

    return sum(device.platform == "gpu" for device in jax.devices())


def _select_jax_device(device: str) -> str:
    import jax

    gpus = _jax_gpus()
    if device == "gpu" and not gpus:
        raise InputError("device=gpu: JAX sees no GPU; `seedbed doctor` says what is installed")
    if device == "cpu" and gpus:
        jax.config.update("jax_default_device", jax.devices("cpu")[0])
    return "gpu" if gpus and device != "cpu" else "cpu"


def has_gpu() -> bool:
    """Return whether the backend finds a GPU, selected or not; it can still be configured by ``select_device``."""
    if name() == "jax":
        return _jax_gpus() > 0
    import tensorflow as tf

    return bool(tf.config.list_physical_devices("GPU"))


def uses_gpu() -> bool:
    """Return whether computations run on a GPU, as ``select_device`` set it; without it, on the first one there is."""
    if name() == "jax":
        import jax

        default = jax.config.values["jax_default_device"]
        if default is None:
            return _jax_gpus() > 0
        return getattr(default, "platform", default) in ("gpu", "cuda", "rocm")  # a device, or JAX_DEFAULT_DEVICE
    import tensorflow as tf

    return bool(tf.config.get_visible_devices("GPU"))


def devices() -> list[str]:
    """Return the devices of the backend, such as ``CPU:0``."""
    if name() == "jax":
        import jax

        return [f"{device.platform.upper()}:{device.id}" for device in jax.devices()]
    import tensorflow as tf

    return [device.name.removeprefix("/physical_device:") for device in tf.config.list_physical_devices()]
