"""What the tag outside entities is called where it is not O."""

_NAMES = frozenset(
    ("o", "0", "o-o", "o_o", "o-", "o_", "other", "others", "outside", "out", "none", "null", "nil", "na", "n/a",
     "nothing", "_", "-", "--", "*")
)  # fmt: skip


def named_outside(tag: str) -> bool:
    """Whether this is a usual name of the tag outside entities, O among them."""
    return tag.casefold() in _NAMES
