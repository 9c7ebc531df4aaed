"""Values at which a numeric setting ends anyway."""


def is_bound(key: str, value: float) -> bool:
    """Return whether a value is the bound of a key: 0, or 1 for counts."""
    return value == 0 or (value == 1 and not key.endswith(("rate", "scale", "norm", "decay")))
