"""Connections to PostgreSQL that notice a host which is gone, without power or cut off, and closes nothing."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sqlalchemy import Engine

LIMITS = {"tcp_user_timeout": 30_000, "keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3}
"""Options of libpq: milliseconds until what was sent must have arrived, and seconds and number of signs of life.

By default Linux sends again for a quarter of an hour, and waits two hours for an answer; meanwhile nothing can be
claimed or written, and training stands still.
"""
_DRIVERS = ("psycopg", "psycopg2")


def limit_waiting(engine: "type[Engine] | Engine") -> None:
    """Let an engine, or all, connect with `LIMITS`, where its address does not say otherwise."""
    from sqlalchemy import event

    if not event.contains(engine, "do_connect", _add_limits):
        event.listen(engine, "do_connect", _add_limits)


def _add_limits(
    dialect: Any, record: object, arguments: object, parameters: dict[str, object]
) -> None:  # Any: no types
    if dialect.name == "postgresql" and dialect.driver in _DRIVERS:
        for name, value in LIMITS.items():
            parameters.setdefault(name, value)
