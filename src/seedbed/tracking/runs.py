"""A run as MLflow holds it, in plain values: what both ways to read a store give."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Run:
    """Id, status in MLflow's words, end (milliseconds since 1970, None while it runs), and what was logged.

    ``metrics`` are the last values, without those of single epochs; ``params`` only where they were asked for. Names
    are as stored (`seedbed.tracking.names`). Runs may share their mappings: none is to be changed.
    """

    id: str
    status: str
    ended: int | None
    tags: Mapping[str, str]
    metrics: Mapping[str, float] = field(default_factory=dict)
    params: Mapping[str, str] = field(default_factory=dict)
