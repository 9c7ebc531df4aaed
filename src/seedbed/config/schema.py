"""What a composed config says: the keys of a whole study, and the arms that it compares."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

GROUPS = ("dataset", "embedding", "encoder", "task", "sampling", "training", "tracking")
"""The config groups that describe an arm and where it is tracked, in the order of the data's way."""

ARM_GROUPS = GROUPS[:-1]


SEEDS_APART = 1000
"""Replicate r of a study has the seeds ``SEEDS_APART * seed + r``: no two seeds share a replicate."""


@dataclass(frozen=True)
class Arm:
    """One arm of a comparison: its name, the choice made in each group, and the objects built from them.

    ``settings``: every key of the arm's groups, flattened to ``encoder.units`` and the like.
    """

    name: str
    choices: Mapping[str, str]
    dataset: Any
    embedding: Any
    encoder: Any
    task: Any
    sampling: Any
    training: Any
    settings: Mapping[str, str] = field(default_factory=dict)


@dataclass
class StudyKeys:
    """The top-level keys of a config, beside the groups."""

    name: str = "study"
    arm: str | None = None
    arms: dict[str, list[str]] = field(default_factory=dict)
    baseline: str | None = None
    metric: str | None = None
    replicates: int = 1
    only: list[int] | None = None
    sizes: list[int] | None = None
    seed: int = 0
    output: str | None = None
    device: str = "auto"
    force: bool = False
    floor: bool = True
    protocol: str | None = None
    protocols: dict[str, list[str]] = field(default_factory=dict)
    note: str = ""


@dataclass(frozen=True)
class Study:
    """A whole study: its arms, sizes and replicates, and where the results go."""

    keys: StudyKeys
    arms: tuple[Arm, ...]
    tracking: Any
    composed: Mapping[str, Any]
