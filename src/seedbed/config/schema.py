"""The schema of a composed config: the keys of a study, and the arms that it compares."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

Stage = Any  # An object built from ``_target_``, such as a Dataset or an Elmo: config does not import their classes.

ARM_GROUPS = ("dataset", "embedding", "encoder", "task", "sampling", "training")
"""The config groups that describe an arm, in the order in which data flows."""

TRAINED_GROUPS = ("embedding", "encoder", "task", "training")
"""Those of them that say what is trained and how; the others choose its examples."""

GROUPS = (*ARM_GROUPS, "tune", "tracking")
"""All config groups of a study: of its arms, how they are tuned, and where they are tracked."""

ADDRESSES = ("uri", "artifacts")
"""Keys of ``tracking`` that may have a password."""


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
"""Replicate r of a study has the seeds ``SEEDS_APART * seed + r``: studies with different seeds share no replicate."""

SEEDS = ("paired", "crossed")
"""A new draw and a new initialization in each replicate; or every draw with every initialization."""


LINT = ("warn", "error", "off")
"""What is done about protocol problems: reported before training and in the report; refused; not checked."""

RETRY = ("all", "failed", "none")
"""Which cells are trained: all that are not finished; those that failed; those that neither finished nor failed."""


@dataclass(frozen=True)
class Arm:
    """One arm of a comparison: its name, the choice in each group, and the objects built from them.

    ``settings``: every key of the arm's groups, flattened to names such as ``encoder.units``.
    """

    name: str
    choices: Mapping[str, str]
    dataset: Stage
    embedding: Stage
    encoder: Stage
    task: Stage
    sampling: Stage
    training: Stage
    settings: Mapping[str, str] = field(default_factory=dict)

    @property
    def files(self) -> dict[str, str]:
        """The names and files of the embedding. Not part of a cell's fingerprint, which has their content."""
        return {
            f"{path}.{name}": str(value)
            for path, stage in parts(self.embedding, "embedding")
            for name in _FILE_FIELDS
            if (value := getattr(stage, name, None))
        }


LOCATION_FIELDS = ("folder", "path", "options", "weights", "handle")
"""The fields of an embedding that say where its files are."""
_FILE_FIELDS = ("name", *LOCATION_FIELDS)


def parts(stage: Stage, path: str) -> Iterator[tuple[str, Stage]]:
    """Yield the key and the object of a stage, and of all its parts at any depth, such as those of a stack."""
    yield path, stage
    for name, part in getattr(stage, "parts", {}).items():
        yield from parts(part, f"{path}.parts.{name}")


@dataclass
class StudyKeys:
    """The top-level keys of a config, apart from the groups."""

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
    profile: bool = False
    protocol: str | None = None
    protocols: dict[str, list[str]] = field(default_factory=dict)
    published: str | None = None
    plugins: list[str] = field(default_factory=list)
    note: str = ""
    confirm: str | None = None
    workers: int | None = None
    retry: str = "all"

    @property
    def numbered(self) -> int:
        """The number of replicates: with crossed seeds, draws times initializations."""
        return self.replicates * self.initialisations


@dataclass(frozen=True)
class Job:
    """What a job of a sweep (``seedbed run -m``) was given: overrides of swept keys, and those that all jobs share."""

    swept: tuple[str, ...] = ()
    shared: tuple[str, ...] = ()
    config_dir: str = ""


@dataclass(frozen=True)
class Study:
    """A whole study: its arms, sizes and replicates, and where the results go.

    ``published``: a table of published scores; ``departures``: by label of its rows, settings of the arms that differ
    from the published run; ``unused``: by key, a message about each setting that none of its arms reads. ``tune``: how
    each arm is searched, None for not at all; ``job``: of the sweep that the study belongs to; ``encoders``: all
    choices.
    """

    keys: StudyKeys
    arms: tuple[Arm, ...]
    tracking: Stage
    composed: Mapping[str, object]
    published: Stage = None
    departures: Mapping[str, list[str]] = field(default_factory=dict)
    unused: Mapping[str, str] = field(default_factory=dict)
    tune: Stage = None
    job: Job | None = None
    encoders: tuple[str, ...] = ()
