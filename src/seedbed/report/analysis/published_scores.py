"""Tables of published scores: mean, spread and protocol."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from seedbed.errors import InputError
from seedbed.report.statistics.paired import spread

UNITS = ("percent", "fraction")
COMMANDS = ("", "compare", "explore")
ALWAYS = "always"
"""The key of the differences of protocol that apply to every protocol of a study."""
WIDTH = 2.0
"""The half-width of the spread in standard deviations, if only those are published."""


@dataclass(frozen=True)
class Row:
    """One published score, as a list of ``values`` or as ``mean`` with ``sd`` and the number of ``seeds``, if known.

    ``arm`` names the arm of a study that is to match it; with ``minus``, the paired difference of two arms. An empty
    ``metric`` and an ``n_train`` of null are the table's. ``settings``: of the published run, by config key, with
    the name of the choice for a group; an arm with another value is another experiment.
    """

    arm: str = ""
    minus: str = ""
    values: list[float] = field(default_factory=list)
    mean: float | None = None
    sd: float | None = None
    seeds: int | None = None
    metric: str = ""
    n_train: int | None = None
    settings: dict[str, str] = field(default_factory=dict)
    note: str = ""

    @property
    def figures(self) -> "Figures":
        """The mean and spread of the row."""
        if self.values:
            mean, sd = spread(self.values)
            return Figures(len(self.values), mean, sd, min(self.values), max(self.values))
        mean, sd = math.nan if self.mean is None else self.mean, math.nan if self.sd is None else self.sd
        return Figures(self.seeds or 0, mean, sd, mean - WIDTH * sd, mean + WIDTH * sd)


@dataclass(frozen=True)
class Figures:
    """A mean with its sample sd over ``number`` scores (0: not known), and the spread from ``low`` to ``high``.

    The spread goes from the smallest to the largest score where each is known, else to ``WIDTH`` sd on both sides.
    """

    number: int
    mean: float
    sd: float
    low: float
    high: float

    def scaled(self, factor: float) -> "Figures":
        """Return the figures in another unit."""
        return replace(self, **{name: getattr(self, name) * factor for name in ("mean", "sd", "low", "high")})


@dataclass(frozen=True)
class Table:
    """A file of ``conf/published_numbers``; see any of them for the keys.

    ``paired``: two rows whose values are paired by index; the second is the baseline.
    ``differences``: of protocol, between what was published and the experiment of seedbed, by name of its protocol.
    ``command`` and ``settings``: what ``seedbed reproduce`` runs, and ``stand_in`` the settings to run it without
    the vectors. ``document``: the reference experiment it belongs to.
    """

    title: str = ""
    document: str = ""
    source: str = ""
    protocol: str = ""
    dataset: str = ""
    metric: str = ""
    unit: str = "percent"
    n_train: int | None = None
    rows: dict[str, Row] = field(default_factory=dict)
    paired: list[str] = field(default_factory=list)
    differences: dict[str, list[str]] = field(default_factory=dict)
    note: str = ""
    command: str = ""
    settings: list[str] = field(default_factory=list)
    stand_in: list[str] = field(default_factory=list)

    def __post_init__(self):
        for key in ("title", "source", "protocol"):
            if not getattr(self, key).strip():
                raise InputError(f"{key}: is missing; a published score without it cannot be judged")
        for key, known in (("unit", UNITS), ("command", COMMANDS)):
            if getattr(self, key) not in known:
                raise InputError(f"{key}={getattr(self, key)}: must be one of {', '.join(filter(None, known))}")
        if not self.rows and not self.note.strip():
            raise InputError("note: is missing; a table without rows says why there is no score")
        for label, row in self.rows.items():
            if not isinstance(row, Row):
                raise InputError(f"rows.{label}: must have keys such as mean, sd and seeds")
            _check(f"rows.{label}", row, self.metric)
        if self.paired:
            _check_paired(self.paired, self.rows)

    @property
    def all_rows(self) -> dict[str, Row]:
        """The rows, and the paired difference of two of them where single values of both are published."""
        if not self.paired:
            return dict(self.rows)
        of, baseline = (self.rows[label] for label in self.paired)
        values = np.subtract(of.values, baseline.values).tolist()
        row = replace(of, minus=baseline.arm, values=values, settings=baseline.settings | of.settings, note="")
        return {**self.rows, f"{self.paired[0]} minus {self.paired[1]}": row}


@dataclass(frozen=True)
class Published:
    """A table compared with a study: the study's ``protocol`` (None: unknown), and the settings that differ.

    ``departures``: by label of a row, such as ``embedding.name is glove, published with muse``.
    """

    table: Table
    protocol: str | None = None
    departures: Mapping[str, list[str]] = field(default_factory=dict)

    def differences(self) -> Iterator[str]:
        """Yield the known differences of protocol for this study; all of them if its protocol is unknown."""
        yield from self.table.differences.get(ALWAYS, ())
        for name, lines in self.table.differences.items():
            if name != ALWAYS and self.protocol in (None, name):
                yield from (line if self.protocol else f"With protocol={name}: {line}" for line in lines)

    def unknown(self) -> Iterator[str]:
        """Yield the settings of the published runs if those of the study's arms are unknown."""
        if self.protocol is None:
            for label, row in self.table.rows.items():
                had = ", ".join(f"{key} {value}" for key, value in row.settings.items())
                yield from [f"With which settings {row.arm} ran is not known here; {label} had {had}."] * bool(had)


def from_record(record: Mapping[str, Any] | None, where: str) -> Published | None:  # JSON
    """Return the table in the record of a parent run (`seedbed.comparison.record`), or None. Raises InputError."""
    if not record:
        return None
    try:
        table = dict(record["table"])
        rows = {label: Row(**row) for label, row in table.pop("rows").items()}
        return Published(Table(**table, rows=rows), record["protocol"], record["departures"])
    except (KeyError, TypeError, AttributeError, InputError) as error:
        raise InputError(f"{where}: holds no table of published numbers that can be read: {error}") from error


def _check(path: str, row: Row, metric: str) -> None:
    if not (row.metric or metric):
        raise InputError(f"{path}.metric: is missing, in the row and in the table")
    if bool(row.values) == (row.mean is not None):
        raise InputError(f"{path}: give values, or else mean with sd and seeds")
    if row.values and (row.sd is not None or row.seeds is not None):
        raise InputError(f"{path}: values have an sd and a number of their own")
    if not all(math.isfinite(value) for value in row.values):
        raise InputError(f"{path}.values={row.values}: must be finite numbers")
    if row.sd is not None and row.sd < 0:
        raise InputError(f"{path}.sd={row.sd}: must be at least 0")
    for key, least in (("seeds", 1), ("n_train", 1)):
        if getattr(row, key) is not None and getattr(row, key) < least:
            raise InputError(f"{path}.{key}={getattr(row, key)}: must be at least {least}")
    if row.sd is not None and row.seeds == 1:
        raise InputError(f"{path}.sd={row.sd}: one seed has none")
    if row.minus and not row.arm:
        raise InputError(f"{path}.minus={row.minus}: needs an arm that it is taken from")


def _check_paired(labels: list[str], rows: Mapping[str, Row]) -> None:
    pair_rows = [rows[label] for label in labels if label in rows]
    if len(labels) != 2 or len(pair_rows) != 2:
        raise InputError(f"paired={labels}: must name two rows")
    if not pair_rows[0].values or len(pair_rows[0].values) != len(pair_rows[1].values):
        raise InputError(f"paired={labels}: the two rows must have values, as many of each")
