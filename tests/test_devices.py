"""The device of a process, and what TensorFlow prints."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import seedbed

CODE = """
import os
from seedbed.devices import select_device
select_device("cpu")
import tensorflow as tf
tf.transpose(tf.ones((2, 3), tf.int32))
os.write(2, b"an error")
"""


@pytest.mark.slow
def test_the_line_that_onednn_has_no_integers_is_not_printed_and_others_are():
    """It is logged as an error, once a process, by the first transposed array of integers."""
    pytest.importorskip("tensorflow")
    env = {key: value for key, value in os.environ.items() if key != "TF_CPP_MIN_LOG_LEVEL"}
    env |= {"KERAS_BACKEND": "tensorflow", "PYTHONPATH": str(Path(seedbed.__file__).parents[1])}
    done = subprocess.run([sys.executable, "-c", CODE], env=env, capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("", "an error")
