"""The fingerprint of a cell: a digest of everything that determines its result, and of nothing else."""

import dataclasses
import hashlib
import json
from typing import Any

from seedbed.config.schema import Arm
from seedbed.data.corpus import Corpus
from seedbed.data.draws import Draw

RESULTS_VERSION = 1
"""Raised when the same settings give other numbers than before, so that no old cell is taken for a new one."""


def fingerprint(arm: Arm, corpus: Corpus, draw: Draw, init_seed: int) -> str:
    """sha256 over data, draw, settings of each stage, contents of vector files and seeds.

    Paths, device and output folder are left out: fields that a settings class lists in its ``PLACES`` say where
    something is, or how it is carried out, not what it is.
    """
    parts = {
        "version": RESULTS_VERSION,
        "corpus": corpus.digest,
        "draw": draw.digest,
        "embedding": settings(arm.embedding),
        "vectors": dict(arm.embedding.content()),
        "encoder": settings(arm.encoder),
        "task": settings(arm.task),
        "training": settings(arm.training),
        "init_seed": init_seed,
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def settings(stage: Any) -> Any:
    """The settings of a stage that bear on its result, as JSON-ready values."""
    if dataclasses.is_dataclass(stage):
        left_out = getattr(stage, "PLACES", ())
        kept = {f.name: settings(getattr(stage, f.name)) for f in dataclasses.fields(stage) if f.name not in left_out}
        return {"class": type(stage).__name__} | kept
    if isinstance(stage, dict):
        return {str(key): settings(value) for key, value in stage.items()}
    if isinstance(stage, list | tuple):
        return [settings(value) for value in stage]
    return stage
