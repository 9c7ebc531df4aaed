"""The device of a process: the selected one, on a machine that has a GPU too; and what TensorFlow prints."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import seedbed

HARDWARE = {
    "tensorflow": """
from tensorflow.python.eager import context
tf.config.list_physical_devices()
gpu = tf.config.PhysicalDevice("/physical_device:GPU:0", "GPU")
context.context()._physical_devices.append(gpu)
context.context()._visible_device_list.append(gpu)
""",
    "jax": """
class Gpu:
    platform, id = "gpu", 0
found = jax.devices
jax.devices = lambda platform=None: found("cpu") if platform == "cpu" else [Gpu()]
""",
}
"""A GPU among the devices that the backend has found."""
PROGRAM = """
from seedbed.devices import has_gpu, select_device, uses_gpu
from seedbed.model import crf
assert has_gpu() and uses_gpu()
assert select_device("cpu") == "cpu"
assert has_gpu() and not uses_gpu()
import numpy as np
products = []
keras.ops.matmul = lambda x, y: products.append(x.shape) or np.matmul(x, y)
crf._product(np.ones((1, 2, 3), np.float32), np.ones((1, 3, 3), np.float32))
assert products == [(1, 2, 3)], "sums instead of a matrix product"
"""
CODE = """
import os
from seedbed.devices import select_device
select_device("cpu")
import tensorflow as tf
tf.transpose(tf.ones((2, 3), tf.int32))
os.write(2, b"an error")
"""


@pytest.mark.slow
@pytest.mark.parametrize("backend", HARDWARE)
def test_a_cpu_that_was_selected_is_used_where_there_is_a_gpu(backend):
    pytest.importorskip(backend)
    code = f"import {'tensorflow as tf' if backend == 'tensorflow' else 'jax'}\nimport keras\n"
    env = os.environ | {"KERAS_BACKEND": backend, "PYTHONPATH": str(Path(seedbed.__file__).parents[1])}
    code += HARDWARE[backend] + PROGRAM
    ran = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr


@pytest.mark.slow
def test_a_platform_that_jax_was_given_is_the_device():
    pytest.importorskip("jax")
    code = "from seedbed.devices import uses_gpu\nassert not uses_gpu()"
    env = os.environ | {"KERAS_BACKEND": "jax", "JAX_DEFAULT_DEVICE": "cpu"}
    env |= {"PYTHONPATH": str(Path(seedbed.__file__).parents[1])}
    ran = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr


@pytest.mark.slow
def test_the_line_that_onednn_has_no_integers_is_not_printed_and_others_are():
    """It is logged as an error, once a process, by the first transposed array of integers."""
    pytest.importorskip("tensorflow")
    env = {key: value for key, value in os.environ.items() if key != "TF_CPP_MIN_LOG_LEVEL"}
    env |= {"KERAS_BACKEND": "tensorflow", "PYTHONPATH": str(Path(seedbed.__file__).parents[1])}
    done = subprocess.run([sys.executable, "-c", CODE], env=env, capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("", "an error")
