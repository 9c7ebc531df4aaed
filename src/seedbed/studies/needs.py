"""The data sets and vectors of a study, and whether they are on this machine."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from seedbed.config.schema import Stage, parts

if TYPE_CHECKING:
    from seedbed.data.dataset import Dataset
    from seedbed.data.sources import Status


@runtime_checkable
class HasFiles(Protocol):
    """An embedding that says where its files are."""

    @property
    def name(self) -> str:
        """Name in messages."""

    def status(self) -> "Sequence[Status]":
        """Return the status of its files, without fetching them."""


@dataclass(frozen=True)
class Need:
    """A data set or model: its name, the locations of its files as text, and whether some are missing."""

    name: str
    where: str
    missing: bool

    def __str__(self) -> str:
        return f"{self.name}: {self.where}"


def data_needs(datasets: "Iterable[Dataset]") -> list[Need]:
    """Return the needs of data sets, each once, without fetching."""
    return _once((dataset.name, dataset.status(verify=False)) for dataset in datasets)


def vector_needs(embeddings: Iterable[Stage]) -> list[Need]:
    """Return the needs of embeddings and of the parts of stacks, each model once, without fetching."""
    return _once((name, statuses) for embedding in embeddings for name, statuses in _files(embedding))


def _once(named_statuses: "Iterable[tuple[str, Sequence[Status]]]") -> list[Need]:
    needs: dict[str, Need] = {}
    for name, statuses in named_statuses:
        missing = any(status.where == "missing" for status in statuses)
        needs.setdefault(name, Need(name, state(statuses), missing))
    return list(needs.values())


def _files(embedding: Stage) -> "Iterator[tuple[str, Sequence[Status]]]":
    from seedbed.embeddings.elmo import Elmo
    from seedbed.studies.model_files import model_files

    for _, part in parts(embedding, ""):
        if isinstance(part, Elmo):
            yield part.name_of_model(), model_files(part)
        elif isinstance(part, HasFiles):
            yield part.name, part.status()


def state(statuses: "Sequence[Status]") -> str:
    """Return where the files of a data set are, in a few words."""
    counts = Counter(status.where for status in statuses)
    words = {"data": "in $SEEDBED_DATA", "package": "in a package", "cache": "in the cache", "path": "given by path"}
    return ", ".join(f"{n} of {len(statuses)} {words.get(where, where)}" for where, n in counts.items())
