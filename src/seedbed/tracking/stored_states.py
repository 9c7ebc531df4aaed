"""What is finished, running or failed in a store, without scores."""

from collections.abc import Sequence

from seedbed.cells import Row, Status
from seedbed.tracking.artifact_store import ArtifactStore
from seedbed.tracking.failures import store_errors
from seedbed.tracking.runs import Run
from seedbed.tracking.search import Search


class StoredStates(ArtifactStore):
    """The part of a `Store` that reads the states of runs."""

    _search: Search

    def recent(self, fingerprints: Sequence[str]) -> dict[str, Row]:
        """Return what ``latest`` does, of few cells."""
        with store_errors(self.tracking):
            return self._search.recent(fingerprints)

    def running(self) -> list[Run]:
        """Return the runs that are marked as running, of any kind."""
        with store_errors(self.tracking):
            return self._search.running()

    def statuses(self) -> dict[str, tuple[Status, str]]:
        """Return the status and the run of every cell: of its latest finished run, else of its latest run."""
        with store_errors(self.tracking):
            return self._search.statuses()
