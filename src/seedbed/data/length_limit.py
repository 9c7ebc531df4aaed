"""Refuse examples that are too long to train on, before they take all memory."""

from collections.abc import Iterable
from pathlib import Path

from seedbed.data.raw_example import RawExample
from seedbed.data.tokenization import Tokenization
from seedbed.errors import InputError

MOST_TOKENS = 100_000
"""Limit of an example that is not cut. The longest reviews have 3,000 tokens, documents of real sets up to 50,000."""

ENOUGH = 20 * MOST_TOKENS
"""Characters of a text that nearly always has more than ``MOST_TOKENS``."""


def refuse_too_long(path: Path, raw: Iterable[RawExample], tokenization: Tokenization) -> None:
    """Raise InputError for an example of more than ``MOST_TOKENS``, with the setting that cuts it."""
    for example in raw:
        words = example.words
        if len(words) <= MOST_TOKENS:  # of a text, these are characters
            continue
        if isinstance(words, str):
            number = len(tokenization.tokens(words[:ENOUGH]))
            if number <= MOST_TOKENS and len(words) > ENOUGH:
                number = len(tokenization.tokens(words))
            if number <= MOST_TOKENS:
                continue
        kind, note = ("text", "") if isinstance(words, str) else ("sentence", ", where it is one")
        raise InputError(
            f"{path}:{example.line}: a {kind} of more than {MOST_TOKENS:,} tokens; cut it{note}, with "
            "dataset.max_tokens=1000 or so"
        )
