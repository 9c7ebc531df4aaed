"""Leases in two small tables of the store's database: workers, and the cells that they hold.

A claim is a compare-and-set in one transaction. Whether a worker lives is decided by the clock of the database. A
table that is missing, as it was deleted, is made again.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

from seedbed.tracking.holders import Holder, is_gone
from seedbed.tracking.lease_databases import Database, Execute, Lost

T = TypeVar("T")
Row = Sequence[Any]

WORKERS, LEASES = "seedbed_workers", "seedbed_leases"
_COLUMNS = ("worker", "host", "pid", "name", "version", "study", "since", "beat")
_CHUNK = 500
_CREATE = (
    f"CREATE TABLE {WORKERS} (worker VARCHAR(100) NOT NULL PRIMARY KEY, host VARCHAR(255), pid INTEGER, "
    "name VARCHAR(255), version VARCHAR(64), study VARCHAR(100), "
    "since DOUBLE PRECISION, beat DOUBLE PRECISION)",
    f"CREATE TABLE {LEASES} (cell VARCHAR(100) NOT NULL PRIMARY KEY, worker VARCHAR(100) NOT NULL, "
    "held INTEGER NOT NULL)",
)
_MISSING = ("no such table", "does not exist", "doesn't exist", "invalid object name")
"""Words of an error about a table that is missing, by kind of database."""
_CLOCKS = {
    "sqlite": "(julianday('now') - 2440587.5) * 86400.0",
    "postgresql": "EXTRACT(EPOCH FROM clock_timestamp())",
    "mysql": "UNIX_TIMESTAMP(SYSDATE(6))",
    "mssql": "DATEDIFF_BIG(millisecond, '1970-01-01', SYSUTCDATETIME()) / 1000.0",
}
"""Seconds since 1970 by the clock of the database."""


class LeaseTable:
    """The leases of one store. A worker lives while its last beat is younger than ``lease_s`` seconds.

    Every method raises InputError where the store fails.
    """

    def __init__(self, database: Database, lease_s: float) -> None:
        self._database, self._lease_s = database, lease_s
        self._clock = _CLOCKS[database.kind]

    def join(self, holder: Holder) -> None:
        """Add a worker; remove those that are dead, and where no other one lives what is remembered of cells."""

        def add(execute: Execute) -> None:
            living, dead = self._workers(execute)
            for one in dead:
                execute(f"UPDATE {LEASES} SET held = 0 WHERE worker = :worker", {"worker": one.worker})
                execute(f"DELETE FROM {WORKERS} WHERE worker = :worker", {"worker": one.worker})
            if not living:
                execute(f"DELETE FROM {LEASES} WHERE worker NOT IN (SELECT worker FROM {WORKERS})", {})
            self._touch(execute, holder)

        self._run(add)

    def beat(self, holder: Holder) -> bool:
        """Give a sign of life; False if the worker was not known any more, and is again."""
        return self._run(lambda execute: self._touch(execute, holder))

    def leave(self, holder: Holder) -> list[Holder]:
        """Remove a worker and release what it holds; return the living others on its study."""

        def remove(execute: Execute) -> list[Holder]:
            execute(f"UPDATE {LEASES} SET held = 0 WHERE worker = :worker", {"worker": holder.worker})
            execute(f"DELETE FROM {WORKERS} WHERE worker = :worker", {"worker": holder.worker})
            return [one for one in self._workers(execute)[0] if one.study == holder.study]

        return self._run(remove)

    def claim(self, holder: Holder, cells: Sequence[str]) -> set[str]:
        """Claim these cells, all or none; return those that another worker may have held. Raises Lost."""

        def take(execute: Execute) -> set[str]:
            self._touch(execute, holder)
            living = {one.worker: one for one in self._workers(execute)[0]}
            is_new = self._age(execute) < self._lease_s  # a living worker may have held what is not known any more
            known = {row[0]: (row[1], row[2]) for row in self._leases(execute, cells)}
            before = set(cells) - known.keys() if is_new else set()
            for cell in sorted(set(cells)):  # in one order: two claims never wait for each other
                if cell not in known:
                    insert = f"INSERT INTO {LEASES} (cell, worker, held) VALUES (:cell, :worker, 1)"
                    execute(insert, {"cell": cell, "worker": holder.worker})
                    continue
                worker, held = known[cell]
                if held and worker != holder.worker and worker in living:
                    raise Lost(living[worker])
                if worker != holder.worker:
                    before.add(cell)
                update = f"UPDATE {LEASES} SET worker = :mine, held = 1 WHERE cell = :cell AND worker = :worker"
                values = {"mine": holder.worker, "cell": cell, "worker": worker, "held": held}
                if execute(f"{update} AND held = :held", values).rowcount != 1:
                    raise Lost
            return before

        return self._run(take)

    def release(self, holder: Holder, cells: Sequence[str]) -> None:
        """Release these cells of a worker; those that it does not hold are left alone."""

        def give(execute: Execute) -> None:
            for cell in sorted(set(cells)):
                update = f"UPDATE {LEASES} SET held = 0 WHERE cell = :cell AND worker = :worker"
                execute(update, {"cell": cell, "worker": holder.worker})

        self._run(give)

    def state(self) -> tuple[list[Holder], dict[str, Holder]]:
        """Return the living workers, and the holder of each cell that one of them holds. Changes nothing."""
        with self._database.errors():
            try:
                with self._database.reading() as execute:
                    living, _ = self._workers(execute)
                    rows = execute(f"SELECT cell, worker FROM {LEASES} WHERE held = 1", {}).fetchall()
            except Exception as error:
                if not _is_missing(error):
                    raise
                return [], {}
        by_id = {one.worker: one for one in living}
        return living, {cell: by_id[worker] for cell, worker in rows if worker in by_id}

    def age(self) -> float:
        """Return for how long the table of workers has been there, seconds: a living one is in it after some time."""

        return self._run(self._age)

    def _age(self, execute: Execute) -> float:
        rows = execute(f"SELECT since, {self._clock} FROM {WORKERS} WHERE worker = ''", {}).fetchall()
        return float(rows[0][1]) - rows[0][0] if rows else math.inf

    def _touch(self, execute: Execute, holder: Holder) -> bool:
        update = f"UPDATE {WORKERS} SET beat = {self._clock}, study = :study WHERE worker = :worker"
        if execute(update, {"worker": holder.worker, "study": holder.study}).rowcount:
            return True
        names = ", ".join(f":{name}" for name in _COLUMNS[:-2])
        insert = f"INSERT INTO {WORKERS} ({', '.join(_COLUMNS)}) VALUES ({names}, {self._clock}, {self._clock})"
        execute(insert, {name: getattr(holder, name) for name in _COLUMNS[:-2]})
        return False

    def _workers(self, execute: Execute) -> tuple[list[Holder], list[Holder]]:
        """Return the living and the dead workers."""
        select = f"SELECT {', '.join(_COLUMNS)}, {self._clock} FROM {WORKERS} WHERE worker <> ''"
        living: list[Holder] = []
        dead: list[Holder] = []
        for *values, now in execute(select, {}).fetchall():
            holder = Holder(**dict(zip(_COLUMNS, values, strict=True)))
            expired = float(now) - holder.beat > self._lease_s or is_gone(holder.worker)
            (dead if expired else living).append(holder)
        return living, dead

    def _leases(self, execute: Execute, cells: Sequence[str]) -> Iterator[Row]:
        wanted = sorted(set(cells))
        for start in range(0, len(wanted), _CHUNK):
            values = {f"c{n}": cell for n, cell in enumerate(wanted[start : start + _CHUNK])}
            names = ", ".join(f":{name}" for name in values)
            yield from execute(f"SELECT cell, worker, held FROM {LEASES} WHERE cell IN ({names})", values).fetchall()

    def _run(self, action: Callable[[Execute], T]) -> T:
        with self._database.errors():
            try:
                with self._database.transaction() as execute:
                    return action(execute)
            except Lost:
                raise
            except Exception as error:
                if not _is_missing(error):
                    raise
            self._create()
            with self._database.transaction() as execute:
                return action(execute)

    def _create(self) -> None:
        """Create the tables that are missing."""
        for table, create in zip((WORKERS, LEASES), _CREATE, strict=True):
            if self._has(table):
                continue
            try:
                with self._database.transaction() as execute:
                    execute(create, {})
                    if table == WORKERS:  # when it was made
                        self._touch(execute, Holder("", "", 0))
            except Exception:
                if not self._has(table):  # else another worker was faster
                    raise

    def _has(self, table: str) -> bool:
        try:
            with self._database.transaction() as execute:
                execute(f"SELECT count(*) FROM {table} WHERE 1 = 0", {}).fetchall()
        except Exception:
            return False
        return True


def _is_missing(error: Exception) -> bool:
    return any(words in str(error).lower() for words in _MISSING)
