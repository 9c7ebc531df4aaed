"""Data sets as MLflow shows them: inputs of a run, which fill the column of data sets in its UI."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from seedbed.tracking.remote_artifacts import without_password

if TYPE_CHECKING:
    from mlflow.entities import DatasetInput

_LONGEST_NAME, _LONGEST_DIGEST, _LONGEST_SOURCE = 500, 36, 65_535
CONTEXT = "mlflow.data.context"


@dataclass(frozen=True)
class LoggedDataset:
    """A data set of a run: name, digest, where it comes from, and what is in it.

    ``url``, ``package``: the address or the Python package that the data set is published in; ``files``: the names of
    its files by split, and ``folder``: what they are relative to, where neither is set. ``counts``: examples by split.
    """

    name: str
    digest: str
    url: str = ""
    package: str = ""
    folder: str = ""
    files: Mapping[str, object] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)

    @property
    def source(self) -> tuple[str, str]:
        """The type and the JSON of the source, without a password."""
        if self.package:
            return "package", json.dumps({"package": self.package})
        if self.url:
            return "http", json.dumps({"url": without_password(self.url)})
        source = json.dumps({"uri": self.folder or ".", "files": dict(self.files)})
        return "local", source if len(source) <= _LONGEST_SOURCE else json.dumps({"uri": self.folder or "."})


class StoredDataset(NamedTuple):
    """What MLflow stores of a data set, within its limits; ``context``: the splits that are used."""

    name: str
    digest: str
    source_type: str
    source: str
    profile: str
    context: str


def stored_dataset(one: LoggedDataset) -> StoredDataset:
    """Return what MLflow stores of a data set."""
    kind, source = one.source
    return StoredDataset(
        one.name[:_LONGEST_NAME], one.digest[:_LONGEST_DIGEST], kind, source, json.dumps(dict(one.counts)),
        ", ".join(one.counts) or "train",
    )  # fmt: skip


def dataset_inputs(datasets: Iterable[LoggedDataset]) -> "list[DatasetInput]":
    """Return the inputs of a run for MLflow's client."""
    from mlflow.entities import Dataset, DatasetInput, InputTag

    return [
        DatasetInput(Dataset(*one[:4], profile=one.profile), [InputTag(CONTEXT, one.context)])
        for one in map(stored_dataset, datasets)
    ]
