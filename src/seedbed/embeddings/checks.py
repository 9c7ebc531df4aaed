"""Checks of the keys that several embeddings have. All raise InputError."""

import re
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

from seedbed.errors import InputError

if TYPE_CHECKING:
    from seedbed.embeddings.contextual import ContextualSettings


def check_choices(settings: object, choices: Mapping[str, Collection[str]]) -> None:
    """Check that each key has one of its choices."""
    for key, known in choices.items():
        if getattr(settings, key) not in known:
            raise InputError(f"embedding.{key}={getattr(settings, key)}: must be one of {', '.join(known)}")


def check_dim(dim: int) -> None:
    """Check the number of dimensions."""
    if dim < 1:
        raise InputError(f"embedding.dim={dim}: must be at least 1")


def check_table_gb(table_gb: float | None) -> None:
    """Check the budget of feature tables."""
    if table_gb is not None and table_gb <= 0:
        raise InputError(f"embedding.table_gb={table_gb}: must be above 0, or null for a part of what is free")


def check_contextual(settings: "ContextualSettings", mixes: Sequence[str]) -> None:
    """Check mix, cache and tables. ``mixes``: the choices of ``mix`` besides ``layer`` with a number."""
    if not re.fullmatch(r"layer\d+", settings.mix):
        check_choices(settings, {"mix": mixes})
    if settings.mix_l2 < 0:
        raise InputError(f"embedding.mix_l2={settings.mix_l2}: must be at least 0")
    if settings.mix_l2 and settings.mix != "learned":
        raise InputError(f"embedding.mix_l2={settings.mix_l2}: applies only to mix=learned, not to mix={settings.mix}")
    if settings.cache_gb <= 0:
        raise InputError(f"embedding.cache_gb={settings.cache_gb}: must be above 0; cache=false does without one")
    check_table_gb(settings.table_gb)


def check_lengths(max_tokens: int | None, lengths: Sequence[tuple[str, int]]) -> None:
    """Check that none of these named sentences has more tokens than ``max_tokens``; None: no limit."""
    longer = [(name, tokens) for name, tokens in lengths if max_tokens is not None and tokens > max_tokens]
    if not longer:
        return
    name, tokens = longer[0]
    others = f"; {len(longer)} texts are too long, up to {max(n for _, n in longer)} tokens" * (len(longer) > 1)
    raise InputError(
        f"{name}: {tokens} tokens, and embedding.max_tokens={max_tokens}{others}; raise it, or cut the texts "
        "with dataset.max_tokens"
    )
