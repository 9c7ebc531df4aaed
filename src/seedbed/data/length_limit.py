"""Examples too long to train on: refused where they are read, before they take all memory."""

from collections.abc import Iterable
from pathlib import Path

from seedbed.data.raw_example import RawExample
from seedbed.data.tokenization import Tokenization
from seedbed.errors import InputError

MOST_TOKENS = 100_000
"""Of an example that nothing cuts. The longest reviews have 3,000 tokens, the longest documents of real sets 50,000."""

ENOUGH = 20 * MOST_TOKENS
"""Characters of a text that nearly always have so many tokens."""


def refuse_endless(path: Path, raw: Iterable[RawExample], wording: Tokenization) -> None:
    """Raises InputError for an example of more than ``MOST_TOKENS``, with the setting that cuts it."""
    for example in raw:
        words = example.words
        if len(words) <= MOST_TOKENS:  # of a text, these are characters
            continue
        if isinstance(words, str):
            number = len(wording.tokens(words[:ENOUGH]))
            if number <= MOST_TOKENS and len(words) > ENOUGH:
                number = len(wording.tokens(words))
            if number <= MOST_TOKENS:
                continue
        what, apart = ("text", "") if isinstance(words, str) else ("sentence", ", where it is one")
        raise InputError(
            f"{path}:{example.line}: a {what} of more than {MOST_TOKENS:,} tokens; cut it{apart}, with "
            "dataset.max_tokens=1000 or so"
        )
