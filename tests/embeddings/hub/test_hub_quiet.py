"""What is printed when TensorFlow comes in for the module alone."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import seedbed

CODE = """
from seedbed.embeddings.hub import hub_import, opening
hub_import.load_library()
opening.share_gpus()
"""


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["tensorflow", "jax"])
def test_the_library_comes_in_without_a_word(backend):
    pytest.importorskip(backend)
    env = {key: value for key, value in os.environ.items() if key != "TF_CPP_MIN_LOG_LEVEL"}
    env |= {"KERAS_BACKEND": backend, "PYTHONPATH": str(Path(seedbed.__file__).parents[1])}
    done = subprocess.run([sys.executable, "-c", CODE], env=env, capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("", "")
