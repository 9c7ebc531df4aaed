"""``distil=`` of ``seedbed pretrain``: whose word vectors the token network learns first."""

import re
from typing import Any

from seedbed.errors import InputError


def teacher_of(name: str, config_dir: str | None) -> Any:
    """The embedding of this name, None where it is empty; raises InputError where it has no vector for each word."""
    if not name:
        return None
    if not re.fullmatch(r"[\w.-]+", name):
        raise InputError(f"distil={name}: must be the name of one embedding, such as glove")
    from seedbed.config.build import build
    from seedbed.config.compose import compose
    from seedbed.config.provenance import Provenance
    from seedbed.embeddings.static import Static

    overrides = [f"embedding={name}"]
    try:
        config = compose(overrides, config_dir)
        made = build(config["embedding"], "embedding", Provenance(config, overrides))
    except InputError as error:
        text = str(error)
        raise InputError(f"distil={text.removeprefix('embedding=')}" if text.startswith(f"embedding={name}") else
                         f"distil={name}: {text}") from error  # fmt: skip
    if not isinstance(made, Static):
        raise InputError(f"distil={name}: has no vector for each word alone; choose one that has, such as glove")
    return made
