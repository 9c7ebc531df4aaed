"""A run of MLflow in plain values, whichever way it was read."""

from collections.abc import Mapping
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
