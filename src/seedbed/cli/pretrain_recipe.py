"""Of ``seedbed pretrain``: the keys of a recipe behind those of the command line, and those that are as in conf/."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from seedbed.errors import InputError

OF_FILES = ("documents", "tokenizer", "lowercase", "encoding")
"""Keys of ``corpus=``: a data set has its own."""

GROUPS = ("dataset", "tracking")
"""Keys below these are as in conf/."""

GIVE_WAY = {"corpus": ("dataset", "part"), "dataset": ("corpus", *OF_FILES), "from": ("size", "distil")}
"""By a key of the command line, the keys of a recipe that go with another choice."""


def top(word: str) -> str:
    """The first part of a word's key: ``dataset`` of ``dataset.split_seed=1``."""
    return re.split(r"[.@=]", word.lstrip("+~"))[0]


def with_recipe(settings: Sequence[str], keys: Sequence[str], config_dir: str | None) -> tuple[list[str], Any]:
    """The settings behind those of the recipe that they name, and the recipe, None where they name none.

    Raises InputError.
    """
    names = [word.partition("=")[2] for word in settings if word.startswith("experiment=")]
    if not names:
        return list(settings), None
    from seedbed.config.recipes import read_recipe

    recipe = read_recipe(names[-1], [key for key in keys if key != "experiment"], GROUPS, config_dir)
    own = [word for word in settings if not word.startswith("experiment=")]
    return [*_left(recipe, own), *own], recipe


def _left(recipe: Any, own: Sequence[str]) -> Iterator[str]:
    given = {word.lstrip("+~").partition("=")[0] for word in own}
    gone = {other for key in given for other in GIVE_WAY.get(key, ())}
    for key, word in recipe.words.items():
        of_another = "." in key and top(key) in given  # dataset.KEY of a recipe, and dataset=ANOTHER
        of_another |= key == "tracking" and "tracking" in map(top, given)  # tracking=off, and tracking.uri=
        if key not in given and top(key) not in gone and not of_another:
            yield word


@contextmanager
def naming(recipe: Any, own: Sequence[str]) -> Iterator[None]:
    """An InputError on a key that only the recipe sets names its file."""
    try:
        yield
    except InputError as error:
        text = str(error).removeprefix("command line: ")
        found = re.match(r"(?:no key |cannot read ['\"])?([\w.]+)", text)
        if recipe is None or not found or not _of_recipe(found[1], recipe, own):
            raise
        raise InputError(re.sub(r" \((command line|conf/[^)]*)\)(?=:|$)", "", text) + f" ({recipe.file})") from error


def _of_recipe(key: str, recipe: Any, own: Sequence[str]) -> bool:
    given = {word.lstrip("+~").partition("=")[0] for word in own}
    return any(key == one or key.startswith(f"{one}.") for one in recipe.words) and key not in given


def built_groups(of_dataset: Sequence[str], of_tracking: Sequence[str], config_dir: str | None) -> dict[str, Any]:
    """The data set, if one is chosen, and where metrics go, if anywhere. Raises InputError."""
    off = "tracking=off" in of_tracking
    others = [word for word in of_tracking if word != "tracking=off"]
    if off and others:
        raise InputError(f"tracking=off: does not go with {others[0]}")
    groups = ["dataset"] * bool(of_dataset) + ["tracking"] * (not off)
    if not groups:
        return {}
    from seedbed.config.build import build
    from seedbed.config.compose import compose
    from seedbed.config.provenance import Provenance

    overrides = [*of_dataset, *others]
    config = compose(overrides, config_dir)
    return {group: build(config[group], group, Provenance(config, overrides)) for group in groups}
