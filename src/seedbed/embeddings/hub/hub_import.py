"""Import TensorFlow Hub without its warnings."""

import contextlib
import io
import warnings
from typing import Any

from seedbed.backend import silent_stderr
from seedbed.errors import InputError


def load_library() -> Any:  # Any: the module tensorflow_hub, which has no types
    """The module ``tensorflow_hub``; raises InputError where it cannot be imported."""
    try:
        # It prints when tf-keras is missing, its pkg_resources is deprecated, and TensorFlow, which another backend has
        # not imported yet, greets.
        with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()), silent_stderr():
            warnings.filterwarnings("ignore", message=".*pkg_resources")
            import tensorflow_hub
    except ImportError as error:
        raise InputError(
            "embedding.source=hub needs tensorflow-hub, tf-keras and a setuptools that still has pkg_resources "
            f'({error}): pip install tensorflow-hub tf-keras "setuptools<82"'
        ) from error
    return tensorflow_hub
