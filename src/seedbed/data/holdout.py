"""Held-out splits of a data set that lacks them: drawn by a seed, and recorded in the user's cache."""

import hashlib
import json
import logging
import math
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

import numpy as np

from seedbed.data.folders import cache_dir
from seedbed.errors import InputError
from seedbed.files import replace_file

log = logging.getLogger(__name__)

USUAL: Mapping[str, float] = {"test": 0.2, "validation": 0.1}
"""What a fraction of null stands for where the splits are to be the same for all replicates."""


def leaving_texts(rows: int) -> tuple[str, ...]:
    """Return the settings with which a study on ``rows`` texts without a test split leaves some to confirm it on.

    30 % are kept out of training, and it is tested on half of these.
    """
    return ("dataset.held_out.test=0.3", f"sampling.test={max(1, rows * 3 // 20)}", "sampling.redraw_test=false")


class NoTextsLeftError(InputError):
    """A study used all texts, so that it cannot be confirmed on others; with ``settings`` it would have left some.

    ``again``: what to do with them, such as ``sweep again``.
    """

    def __init__(self, message: str, rows: int, again: str):
        self.settings = leaving_texts(rows)
        super().__init__(f"{message}: {again}, under another name, with {' '.join(self.settings)}")


def check_fractions(held_out: Mapping[str, float | None]) -> None:
    """Raise InputError for what is no fraction of a data set to hold out."""
    for split, fraction in held_out.items():
        if split not in USUAL:
            raise InputError(f"dataset.held_out.{split}: choose test, validation")
        is_number = isinstance(fraction, int | float) and not isinstance(fraction, bool)
        if fraction is not None and not (is_number and 0 <= fraction < 1):
            raise InputError(f"dataset.held_out.{split}={fraction}: must be 0, a fraction below 1, or null")


def fractions_of(held_out: Mapping[str, float | None], having: Collection[str]) -> dict[str, float]:
    """Return the fractions of the splits that are to be held out: those without examples, and not 0.

    ``having``: the splits that have examples. A fraction of null is the usual one, but 0 of a data set that has train
    alone: few-shot draws then take all their parts from all of its rows.
    """
    usual = {} if set(having) == {"train"} else USUAL
    known = {split: usual.get(split, 0.0) if value is None else float(value) for split, value in held_out.items()}
    return {split: fraction for split, fraction in known.items() if fraction and split not in having}


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
