"""Training histories of the cells of a study, each read once for all parts of a report."""

from array import array
from collections.abc import Mapping, Sequence

from seedbed.cells import CellArtifacts
from seedbed.errors import InputError, StoreUnavailableError


class HistoryReader:
    """Histories of cells by run, each read once for all parts of a report.

    ``damaged``: by run, what is wrong with a file that cannot be read: the rest of a report does not depend on it.
    """

    def __init__(self, artifacts: CellArtifacts | None) -> None:
        self.damaged: dict[str, str] = {}
        self._artifacts = artifacts
        self._histories: dict[str, Mapping[str, Sequence[float]]] = {}

    def read(self, run: str) -> Mapping[str, Sequence[float]]:
        """Return the history of a cell's run; empty where it has none, or a damaged one."""
        if run not in self._histories:
            self._histories[run] = self._read(run)
        return self._histories[run]

    def _read(self, run: str) -> Mapping[str, Sequence[float]]:
        try:
            history = self._artifacts.history(run) if self._artifacts and run else {}
        except StoreUnavailableError:
            raise
        except InputError as error:
            self.damaged[run] = str(error)
            return {}
        return {name: array("d", values) for name, values in history.items()}  # a quarter of the memory of a tuple
