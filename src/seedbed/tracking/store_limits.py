"""Limits of the store on texts and names, checked before training."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping

from seedbed.errors import InputError
from seedbed.tracking.names import LONGEST_NAME, stored_name
from seedbed.tracking.records import HISTORY

LONGEST_ARM = 6_000
"""Characters of the name of an arm, which is stored as a tag."""
_LONGEST_METRIC = "precision"
_SHOWN = 60


def refuse_texts(settings: Mapping[str, object]) -> None:
    """Raise InputError for a text in nested settings that is not valid UTF-8, or has a NUL, which databases refuse."""
    for where, text in _texts(settings, ""):
        if "\0" in text:
            raise InputError(f"{where}: {shortened(text)!r}: has a NUL character, which cannot be stored")
        try:
            text.encode()
        except UnicodeEncodeError as error:
            code = f"U+{ord(text[error.start]):04X}"
            raise InputError(f"{where}: {shortened(text)!r}: {code} is a lone surrogate, which is no text") from error


def refuse_arm(name: str) -> None:
    """Raise InputError for an arm's name that the store would cut, or a blank one, which no table of results takes."""
    if not name.strip():
        raise InputError(f"arm {name!r}: its name is empty; give it one, such as arms={{mine: [...]}} or arm=mine")
    if len(name) > LONGEST_ARM:
        raise InputError(
            f"arm {shortened(name)}: its name has {len(name):,} characters, {LONGEST_ARM:,} at most; arm=NAME gives one"
        )


def refuse_classes(classes: Iterable[str], dataset: str, each_epoch: Iterable[str], at_end: Iterable[str]) -> None:
    """Raise InputError where the metric names of a class or entity type are too long for the store.

    ``each_epoch`` and ``at_end``: the splits that are scored.
    """
    scored = [*(f"{HISTORY}{split}/" for split in each_epoch), *(f"{split}/" for split in at_end)]
    score = max(scored, key=len, default="") + _LONGEST_METRIC
    for name in classes:
        length = len(stored_name(f"{score}/{name}"))
        if length > LONGEST_NAME:
            raise InputError(
                f"{dataset}: the class {shortened(name)!r} has {len(name):,} characters: {score}/CLASS would take "
                f"{length:,}, and the name of a metric has {LONGEST_NAME} at most; rename it in the data"
            )


def summary_name(name: str) -> str:
    """Return a stored name, cut where it is too long, with a digest instead of the rest; not reversible."""
    stored = stored_name(name)
    if len(stored) <= LONGEST_NAME:
        return stored
    digest = hashlib.sha256(name.encode()).hexdigest()[:12]
    return f"{stored[: LONGEST_NAME - len(digest) - 1]}-{digest}"


def shortened(text: str) -> str:
    """Return the beginning of a text, for a message."""
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"


def _texts(value: object, where: str) -> Iterator[tuple[str, str]]:
    """Yield the key and the text of every text in nested settings, including the keys."""
    if isinstance(value, str):
        yield where, value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield where or "a key", str(key)
            yield from _texts(item, f"{where}.{key}" if where else str(key))
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _texts(item, where)
