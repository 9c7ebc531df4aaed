"""Find, load and check a TensorFlow Hub module."""

import contextlib
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from seedbed.backend import silent_stderr
from seedbed.embeddings.hub.hub_import import load_library
from seedbed.embeddings.hub.hub_module import LAYERS, HubModule, brief, refuse_missing
from seedbed.embeddings.hub.saved_model import is_saved_model, refuse_damaged
from seedbed.errors import InputError

SIGNATURES = ("tokens", "default")
PROBE = (("a", "b"), ("c", "d"))
CLOSE = 1e-4
log = logging.getLogger(__name__)


def open_module(path: Path, signature: str = "tokens") -> HubModule:
    """Load a module of the TF1 Hub format or a TF2 SavedModel, and check it; raises InputError."""
    if signature not in SIGNATURES:
        raise InputError(f"embedding.signature={signature}: must be one of {', '.join(SIGNATURES)}")
    if not is_saved_model(path):
        raise InputError(f"{path}: no saved_model.pb in it, so it is not a TensorFlow Hub module")
    refuse_damaged(path)
    hub = load_library()
    share_gpus()
    try:
        with quiet():
            loaded = hub.load(str(path))
    except Exception as error:  # protobuf, TensorFlow and its checkpoint reader raise different errors
        raise InputError(f"{path}: cannot be loaded, a file is missing or damaged: {brief(error)}") from error
    signatures = getattr(loaded, "signatures", {})
    if signature not in signatures:
        available = ", ".join(sorted(signatures)) or "none"
        raise InputError(f"{path}: has no signature {signature}; there are: {available}")
    call = signatures[signature]
    refuse_missing(str(path), signature, LAYERS, call.structured_outputs)
    module = HubModule(str(path), signature, loaded, _inputs(str(path), signature, call))
    _try(module)
    return module


def _inputs(name: str, signature: str, call: Any) -> dict[str, Any]:  # Any: a TensorFlow function and DTypes
    """Return the types of the inputs by name: a string tensor, and for ``tokens`` integer lengths."""
    inputs = {key: spec.dtype for key, spec in call.structured_input_signature[1].items()}
    kinds = sorted("string" if dtype.name == "string" else "integer" * dtype.is_integer for dtype in inputs.values())
    if kinds != (["integer", "string"] if signature == "tokens" else ["string"]):
        actual = ", ".join(f"{key} ({dtype.name})" for key, dtype in sorted(inputs.items())) or "nothing"
        expected = "strings and integer lengths" if signature == "tokens" else "strings alone"
        raise InputError(f"{name}: signature {signature} takes {actual}; expected are {expected}")
    return inputs


def _try(module: HubModule) -> None:
    """Check that the vectors of a sentence depend on that sentence alone; raises InputError."""
    alone, together, repeated = (module.rows(sentences) for sentences in (PROBE[:1], PROBE, PROBE[:1]))
    if not np.isfinite(together).all():
        raise InputError(f"{module.name}: gives numbers that are not finite")
    if not np.allclose(alone, repeated, atol=CLOSE):
        raise InputError(f"{module.name}: keeps a state between calls: a sentence gets other vectors the second time")
    if not np.allclose(alone, together[:1], atol=CLOSE):
        log.warning("%s: sentences of one call change each other, so each is run alone", module.name)
        module.alone = True


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Suppress the warning for each variable of a TF1 module, which is never trained here."""
    import tensorflow as tf

    logger = tf.get_logger()
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(level)


def share_gpus() -> None:
    """Take GPU memory as needed, not all of it: another backend may train in this process."""
    import tensorflow as tf

    with silent_stderr():  # CUDA logs messages when it is first used
        gpus = tf.config.list_physical_devices("GPU")
    for gpu in gpus:
        with contextlib.suppress(RuntimeError):  # already initialized
            tf.config.experimental.set_memory_growth(gpu, True)
