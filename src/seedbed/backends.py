"""The Keras backends that seedbed runs on."""

import os
from importlib.util import find_spec

from seedbed.errors import InputError

BACKENDS = ("tensorflow", "jax")


def refuse_unknown_backend() -> None:
    """Raise InputError for a ``KERAS_BACKEND`` that is another one, or is not installed; imports nothing."""
    chosen = os.environ.get("KERAS_BACKEND")
    if not chosen:
        return
    if chosen not in BACKENDS:
        raise InputError(f"KERAS_BACKEND={chosen}: seedbed runs on {' or '.join(BACKENDS)}")
    if find_spec(chosen) is None:
        raise InputError(f"KERAS_BACKEND={chosen}: is not installed: pip install 'seedbed[{chosen}]'")
