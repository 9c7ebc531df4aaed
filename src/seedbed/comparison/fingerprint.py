"""The fingerprint of a cell: a digest of everything that determines its result, and of nothing else."""

import hashlib
import json
from collections.abc import Mapping

from seedbed.config.build import described
from seedbed.config.schema import Arm
from seedbed.data.corpus import Corpus
from seedbed.data.draws import Draw

RESULTS_VERSION = 1
"""Increased when the same settings produce other results than before, so that old cells are not reused."""


def arm_parts(arm: Arm, longest: int = 0) -> Mapping[str, object]:
    """Return the settings of each stage of an arm, and the digests of its vector files, which are read for it.

    Paths, device and output folder are left out, as are the fields that a stage excludes (see `described`).
    ``longest``: most tokens of an example of the data set; where a tagger reads it in windows, these are of the parts.
    """
    return {
        "version": RESULTS_VERSION,
        "embedding": described(arm.embedding),
        "vectors": dict(arm.embedding.content()),
        "encoder": described(arm.encoder),
        "task": described(arm.task),
        "training": _training(arm),
        **_window(arm, longest),
    }


def fingerprint(parts: Mapping[str, object], corpus: Corpus, draw: Draw, init_seed: int) -> str:
    """Return the sha256 of data, draw, ``arm_parts`` and seed of a cell."""
    of_cell = {**parts, "corpus": corpus.digest, "draw": draw.digest, "init_seed": init_seed}
    return hashlib.sha256(json.dumps(of_cell, sort_keys=True).encode()).hexdigest()


def _window(arm: Arm, longest: int) -> Mapping[str, object]:
    window = None if hasattr(arm.encoder, "training_fields") else getattr(arm.task, "window", None)
    return {} if window is None or longest <= window else {"window": window}


def _training(arm: Arm) -> object:
    """Return the settings of training that the encoder reads: all, or of one that is fitted at once those it names."""
    settings = described(arm.training)
    read = getattr(arm.encoder, "training_fields", None)
    if read is None or not isinstance(settings, dict):
        return settings
    return {key: settings[key] for key in ("class", *read)}
