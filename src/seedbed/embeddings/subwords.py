"""The subwords of fastText: hashed character n-grams of ``<word>`` (Bojanowski et al. 2017, arXiv:1607.04606).

As ``Dictionary::computeSubwords`` of fastText 0.9.2 computes them.
"""

from collections.abc import Sequence

OFFSET, PRIME, BITS = 2166136261, 16777619, 0xFFFFFFFF
"""Of the 32-bit hash FNV-1a."""
SIGNED = tuple(byte if byte < 128 else byte | 0xFFFFFF00 for byte in range(256))
"""fastText extends the sign of a byte to 32 bits before it is hashed."""
END_OF_SENTENCE = "</s>"
"""The one word without subwords."""


def subword_buckets(word: str, shortest: int, longest: int, buckets: int) -> list[int]:
    """Return the bucket of each n-gram of ``shortest`` to ``longest`` characters, in the order of fastText.

    ``<`` and ``>`` alone are no n-grams.
    """
    if longest < 1 or buckets < 1 or word == END_OF_SENTENCE:
        return []
    characters = [character.encode("utf-8", "surrogatepass") for character in f"<{word}>"]
    last = len(characters) - 1
    numbers = []
    for start in range(last + 1):
        value = OFFSET  # of the n-gram so far: each one extends the one before it
        for end in range(start, min(start + longest, last + 1)):
            value = _extended(value, characters[end])
            size = end - start + 1
            if size >= shortest and not (size == 1 and (start == 0 or end == last)):
                numbers.append(value % buckets)
    return numbers


def _extended(value: int, code: Sequence[int]) -> int:
    for byte in code:
        value = ((value ^ SIGNED[byte]) * PRIME) & BITS
    return value
