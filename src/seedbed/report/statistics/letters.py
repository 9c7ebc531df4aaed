"""Compact letter display: alternatives that are not separated share a letter (Piepho 2004)."""

from collections.abc import Iterable, Sequence
from string import ascii_letters


def letters(number: int, separated: Iterable[tuple[int, int]]) -> list[str]:
    """Return the letters of alternatives 0 to ``number`` - 1: two share one if and only if they are not separated.

    Insert and absorb (Piepho 2004, "An algorithm for a letter-based representation of all-pairwise comparisons"), with
    the sweep after each insertion, so that no letter is redundant and their number stays small. The first letters
    belong to the first alternatives.
    """
    groups = [(1 << number) - 1] if number else []
    for pair in separated:
        groups = _inserted(groups, [1 << index for index in pair])
    groups = sorted(_swept(groups, number), key=lambda group: [not group >> index & 1 for index in range(number)])
    names = [ascii_letters[index] if index < len(ascii_letters) else f"({index + 1})" for index in range(len(groups))]
    return [
        "".join(name for name, group in zip(names, groups, strict=True) if group >> index & 1)
        for index in range(number)
    ]


def _inserted(groups: Sequence[int], pair: Sequence[int]) -> list[int]:
    """Return the groups, as bit masks, after those with both of a pair are split in two, without redundant ones.

    Only new groups can be redundant: all pairs that they have are also in groups that were there.
    """
    first, second = pair
    kept = [group for group in groups if not (group & first and group & second)]
    new = {group & ~bit: None for group in groups if group & first and group & second for bit in pair}
    for group in list(new):
        others = [*kept, *(other for other in new if other != group)]
        if all(not group & ~_neighbors(others, 1 << index) for index in _members(group)):
            del new[group]
    return [*kept, *new]


def _swept(groups: Sequence[int], number: int) -> list[int]:
    """Return the groups without single members whose ties other groups have too."""
    swept = list(groups)
    for position in reversed(range(len(swept))):
        others = [*swept[:position], *swept[position + 1 :]]
        for index in reversed(range(number)):
            bit = 1 << index
            if swept[position] & bit and not swept[position] & ~_neighbors(others, bit):
                swept[position] &= ~bit
    return [group for group in swept if group]


def _neighbors(groups: Iterable[int], bit: int) -> int:
    """Return all members of the groups that have a member."""
    union = 0
    for group in groups:
        union |= group if group & bit else 0
    return union


def _members(group: int) -> list[int]:
    return [index for index in range(group.bit_length()) if group >> index & 1]
