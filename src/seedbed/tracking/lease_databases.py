"""The databases that hold leases: transactions in a sqlite file, and in one that SQLAlchemy reaches."""

import weakref
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from seedbed.tracking.database import database_errors
from seedbed.tracking.failures import store_errors
from seedbed.tracking.holders import Holder
from seedbed.tracking.settings import Tracking
from seedbed.tracking.sqlite_schema import reading, transaction

if TYPE_CHECKING:
    from sqlalchemy import Engine

Execute = Callable[..., Any]
"""Executes a statement with named values, and returns a cursor."""
LEASE_BUSY_S = 20.0
"""How long a transaction waits for another one in a sqlite file, seconds."""


class Lost(Exception):  # noqa: N818 - ends a transaction, and is no error
    """Another worker holds a cell, or has just claimed it."""

    def __init__(self, holder: Holder | None = None) -> None:
        super().__init__()
        self.holder = holder


class Database(Protocol):
    """What differs between databases."""

    kind: str

    def transaction(self) -> AbstractContextManager[Execute]:
        """Return what executes statements in one transaction that writes; whatever is raised within undoes it."""

    def reading(self) -> AbstractContextManager[Execute]:
        """Return what executes statements that read only."""

    def errors(self) -> AbstractContextManager[None]:
        """Turn errors of the database into InputErrors of one line."""


class SqliteFile:
    """The database of a sqlite file: one writer at a time, for which others wait `LEASE_BUSY_S`."""

    kind = "sqlite"

    def __init__(self, path: Path) -> None:
        self._path = path

    @contextmanager
    def transaction(self) -> Iterator[Execute]:
        """Begin at once, so that what is read stays true until the end."""
        with transaction(self._path, LEASE_BUSY_S) as connection:
            yield connection.execute

    @contextmanager
    def reading(self) -> Iterator[Execute]:
        """Read a file that perhaps cannot be written."""
        with reading(self._path, LEASE_BUSY_S) as connection:
            yield connection.execute

    def errors(self) -> AbstractContextManager[None]:
        """Errors of the file."""
        return database_errors(self._path)


class OtherDatabase:
    """A database that SQLAlchemy reaches: PostgreSQL, MySQL or SQL Server."""

    def __init__(self, tracking: Tracking) -> None:
        self._tracking = tracking
        self._engine: Engine | None = None
        self.kind = tracking.address.partition(":")[0].partition("+")[0]

    @contextmanager
    def transaction(self) -> Iterator[Execute]:
        """Two inserts of one cell conflict by its primary key: the second is `Lost`, as is the victim of a deadlock."""
        from sqlalchemy import create_engine, text
        from sqlalchemy.exc import IntegrityError, OperationalError

        if self._engine is None:
            self._engine = create_engine(self._tracking.address, pool_size=2, pool_pre_ping=True)
            weakref.finalize(self, self._engine.dispose)  # closes its connections
        try:
            with self._engine.begin() as connection:
                yield lambda statement, values: connection.execute(text(statement), values)
        except IntegrityError as error:
            raise Lost from error
        except OperationalError as error:
            if "deadlock" in str(error).lower():
                raise Lost from error
            raise

    def reading(self) -> AbstractContextManager[Execute]:
        """Read what is committed."""
        return self.transaction()

    def errors(self) -> AbstractContextManager[None]:
        """Errors of the database, its driver and the network."""
        return store_errors(self._tracking)
