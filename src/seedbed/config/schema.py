"""What a composed config says: the keys of a whole study, and the arms that it compares."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

GROUPS = ("dataset", "embedding", "encoder", "task", "sampling", "training", "tracking")
"""The config groups that describe an arm and where it is tracked, in the order of the data's way."""

ARM_GROUPS = GROUPS[:-1]


@dataclass(frozen=True)
class Root:
    """A file of conf/ that configs are composed from, its groups, and the group that ``experiment=`` chooses from."""

    file: str
    groups: tuple[str, ...]
    experiments: str

    def to_hydra(self, override: str) -> str:
        """Return an override of the command line with the names that Hydra knows."""
        if override.startswith("experiment="):
            return override.replace("experiment", self.experiments, 1)
        return "~tracking" if self is PRETRAINING and override == "tracking=off" else override


STUDY = Root("config", GROUPS, "experiment")
PRETRAINING = Root("pretrain", ("dataset", "tracking"), "pretraining")


SEEDS_APART = 1000
"""Replicate r of a study has the seeds ``SEEDS_APART * seed + r``: no two seeds share a replicate."""

SEEDS = ("paired", "crossed")
"""Each replicate with a draw and an initialisation of its own; or every draw with every initialisation."""


LINT = ("warn", "error", "off")
"""What is done about flaws of protocol: said before training and in the report; refused; not looked for."""


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

    @property
    def places(self) -> dict[str, str]:
        """The names and files behind the embedding, which make no difference to a cell beside their content."""
        return dict(_places(self.embedding, "embedding"))


_TOLD = ("name", "folder", "path", "options", "weights", "handle")


def _places(stage: Any, path: str) -> Iterator[tuple[str, str]]:
    for name in _TOLD:
        if value := getattr(stage, name, None):
            yield f"{path}.{name}", str(value)
    for name, part in getattr(stage, "parts", {}).items():
        yield from _places(part, f"{path}.parts.{name}")


@dataclass
class StudyKeys:
    """The top-level keys of a config, beside the groups."""

    name: str = "study"
    arm: str | None = None
    arms: dict[str, list[str]] = field(default_factory=dict)
    baseline: str | None = None
    metric: str | None = None
    replicates: int = 1
    seeds: str = "paired"
    initialisations: int = 1
    only: list[int] | None = None
    sizes: list[int] | None = None
    seed: int = 0
    output: str | None = None
    device: str = "auto"
    force: bool = False
    floor: bool = True
    lint: str = "warn"
    protocol: str | None = None
    protocols: dict[str, list[str]] = field(default_factory=dict)
    published: str | None = None
    note: str = ""

    @property
    def numbered(self) -> int:
        """How many replicates there are by number: with crossed seeds, draws times initialisations."""
        return self.replicates * self.initialisations


@dataclass(frozen=True)
class Study:
    """A whole study: its arms, sizes and replicates, and where the results go.

    ``published``: a table of published scores; ``departures``: what its arms have otherwise, by label of a row;
    ``unread``: by key, a line about each setting that none of its arms reads.
    """

    keys: StudyKeys
    arms: tuple[Arm, ...]
    tracking: Any
    composed: Mapping[str, Any]
    published: Any = None
    departures: Mapping[str, list[str]] = field(default_factory=dict)
    unread: Mapping[str, str] = field(default_factory=dict)
