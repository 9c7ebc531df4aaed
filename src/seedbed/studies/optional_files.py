"""Files of a study without which there is a report all the same."""

from collections.abc import Callable
from typing import TypeVar

from seedbed.errors import InputError, StoreUnavailableError

T = TypeVar("T")


def unless_damaged(read: Callable[[], T], log: Callable[[str], None]) -> T | None:
    """Return what is read, or None where that raises InputError, which is logged; not where a store does not answer."""
    try:
        return read()
    except StoreUnavailableError:
        raise
    except InputError as error:
        log(f"not used: {error}")
        return None
