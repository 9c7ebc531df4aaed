"""Held-out splits of a data set that lacks them: drawn by a seed, and recorded in the user's cache."""

import hashlib
import json
import logging
import math
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np

from seedbed.data.folders import cache_dir
from seedbed.files import replace_file

log = logging.getLogger(__name__)


def hold_out(name: str, ids: Iterable[str], fractions: Mapping[str, float], seed: int) -> dict[str, frozenset[str]]:
    """Return the ids held out of ``ids`` for the test and validation splits that ``fractions`` names.

    The ids in string order are permuted with ``RandomState(seed)``, whose numbers never change between versions of
    NumPy. The first ``fractions["test"]`` of them are the test split; the last ``fractions["validation"]`` of the rest
    are validation, both rounded up. For the test split that is what ``train_test_split(..., random_state=seed)`` of
    scikit-learn does, so a published split can be reproduced.

    The result is written to ``splits/NAME-DIGEST.json`` in the cache, for people to read; a file with other
    content is replaced, with a warning. Where nothing can be written, the same splits are returned.
    """
    ordered = sorted(ids)
    order = [ordered[index] for index in np.random.RandomState(seed).permutation(len(ordered))]
    tests = math.ceil(round(len(order) * fractions.get("test", 0.0), 6))
    validations = math.ceil(round((len(order) - tests) * fractions.get("validation", 0.0), 6))
    splits = {"test": order[:tests], "validation": order[len(order) - validations :]}
    splits = {split: splits[split] for split in ("test", "validation") if split in fractions}
    _write_splits(name, ordered, {"rule": {"seed": seed, "fractions": dict(fractions)}, "splits": splits})
    return {split: frozenset(split_ids) for split, split_ids in splits.items()}


def splits_path(name: str, ids: list[str], rule: Mapping) -> Path:
    """Return the path of the recorded splits of these ids by this rule."""
    digest = hashlib.sha256(json.dumps([ids, rule], sort_keys=True).encode()).hexdigest()[:16]
    return cache_dir() / "splits" / f"{name}-{digest}.json"


def _write_splits(name: str, ids: list[str], content: Mapping) -> None:
    path = splits_path(name, ids, content["rule"])
    wanted = json.dumps(content, indent=1).encode()
    try:
        if path.exists():
            if path.read_bytes() == wanted:
                return
            log.warning("%s did not hold the splits of its rule and is written again", path)
        replace_file(path, wanted)
    except OSError as error:
        log.info("splits of %s are not written down: %s", name, error)
