"""A run of MLflow in plain values, whichever way it is read or written."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Run:
    """Id, MLflow's status, end (milliseconds since 1970, None while it runs), tags, metrics and params.

    ``metrics``: the last values, without those of epochs; ``params``: only where requested. Names are as stored
    (`seedbed.tracking.names`). Runs may share their mappings, which must not be changed.
    """

    id: str
    status: str
    ended: int | None
    tags: Mapping[str, str]
    metrics: Mapping[str, float] = field(default_factory=dict)
    params: Mapping[str, str] = field(default_factory=dict)


LoggedMetric = tuple[str, float, int, int]
"""Stored name, value, timestamp (milliseconds since 1970) and step of a metric."""


@dataclass(frozen=True)
class NewModel:
    """The model of a cell as a logged model of MLflow, whose files are artifacts of the cell's run.

    ``metrics``: final ones, as in the run.
    """

    name: str
    tags: Mapping[str, str]
    metrics: Sequence[LoggedMetric]
    id: str = field(default_factory=lambda: f"m-{uuid.uuid4().hex}")


@dataclass(frozen=True)
class NewRun:
    """A run to write: its name, MLflow's status, times in milliseconds, and all values. One that goes on has no end.

    Names of values are as stored (`seedbed.tracking.names`).
    """

    name: str
    status: str
    start: int
    end: int | None
    tags: Mapping[str, str]
    params: Mapping[str, str]
    metrics: Sequence[LoggedMetric]
    id: str = field(default_factory=lambda: uuid.uuid4().hex)
    model: NewModel | None = None
