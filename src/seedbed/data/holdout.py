"""Splits that a set lacks: made once, by a seeded rule, and written down in the user's cache."""

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
    """The ids of the test and validation splits taken out of ``ids``, as far as ``fractions`` names them.

    The ids in string order are permuted with ``RandomState(seed)``, whose numbers never change between versions of
    NumPy. The first ``fractions["test"]`` of them are the test split; the last ``fractions["validation"]`` of the rest
    are validation, both rounded up. For the test split that is what ``train_test_split(..., random_state=seed)`` of
    scikit-learn does, so a published one can be had again.

    The result is written to ``splits/NAME-DIGEST.json`` in the cache, for people to read; a file that says something
    else is replaced, with a warning. Where nothing can be written, the rule alone says the same.
    """
    ordered = sorted(ids)
    order = [ordered[at] for at in np.random.RandomState(seed).permutation(len(ordered))]
    tests = math.ceil(round(len(order) * fractions.get("test", 0.0), 6))
    validations = math.ceil(round((len(order) - tests) * fractions.get("validation", 0.0), 6))
    made = {"test": order[:tests], "validation": order[len(order) - validations :]}
    made = {split: made[split] for split in ("test", "validation") if split in fractions}
    _write_down(name, ordered, {"rule": {"seed": seed, "fractions": dict(fractions)}, "splits": made})
    return {split: frozenset(chosen) for split, chosen in made.items()}


def written(name: str, ids: list[str], rule: Mapping) -> Path:
    """Where the splits of these ids by this rule are written down."""
    digest = hashlib.sha256(json.dumps([ids, rule], sort_keys=True).encode()).hexdigest()[:16]
    return cache_dir() / "splits" / f"{name}-{digest}.json"


def _write_down(name: str, ids: list[str], content: Mapping) -> None:
    path = written(name, ids, content["rule"])
    wanted = json.dumps(content, indent=1).encode()
    try:
        if path.exists():
            if path.read_bytes() == wanted:
                return
            log.warning("%s did not hold the splits of its rule and is written again", path)
        replace_file(path, wanted)
    except OSError as error:
        log.info("splits of %s are not written down: %s", name, error)
