"""Opening a store that commands only read."""

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING

from seedbed.errors import InputError

if TYPE_CHECKING:
    from seedbed.tracking.store import Store


def open_for_reading(settings: Sequence[str]) -> "Store":
    """Return the store that ``tracking.KEY=VALUE`` settings name, with what is in its spool.

    InputError where there is none.
    """
    from seedbed.config.study import build_tracking
    from seedbed.tracking.opening import is_new, open_store, read_store
    from seedbed.tracking.spool import spool_files
    from seedbed.tracking.spooling import deliver_first

    tracking = build_tracking(settings)
    if is_new(tracking):
        raise InputError(f"{tracking.shown_address}: no such store; run `seedbed compare` here, or give tracking.uri")
    if spool_files(tracking):
        deliver_first(open_store(tracking), logging.getLogger("seedbed").warning)
    return read_store(tracking)
