"""What a study reports while it runs: lines of text, training, and other long steps."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any, Protocol

from seedbed.cells import Outcome
from seedbed.comparison.plan import PlannedCell
from seedbed.comparison.run import Listener
from seedbed.embeddings.features import Embedded

if TYPE_CHECKING:
    from seedbed.training.replicate import Epoch


class WorkersListener(Protocol):
    """Receives what the workers of a study do, by the number of each worker."""

    def told(self, number: int, event: Mapping[str, Any]) -> None:  # Any: JSON
        """A worker told an event, as `seedbed.progress.telling` describes them."""

    def ended(self, number: int) -> None:
        """A worker has nothing left to do."""

    def lost(self, number: int, line: str) -> None:
        """A worker was lost; the line says how, and what is done."""


class Display(Protocol):
    """Shows how far a study is: a terminal, a notebook, or nothing."""

    def log(self, line: str) -> None:
        """Show a line of text."""

    def training(self, n_cells: int) -> AbstractContextManager[Listener]:
        """Return what shows the training of ``n_cells`` cells."""

    def workers(self, n_cells: int) -> AbstractContextManager[WorkersListener]:
        """Return what shows the training of ``n_cells`` cells by workers."""

    def step(self, title: str) -> AbstractContextManager[Callable[[float], None]]:
        """Return a function that is called with the share of a step that is done, 0 to 1."""


class Silent:
    """A display, and a listener, that shows nothing."""

    def log(self, line: str) -> None:
        """Ignore the line."""

    def training(self, n_cells: int) -> AbstractContextManager[Listener]:
        """Return a listener that shows nothing."""
        return nullcontext(self)

    def workers(self, n_cells: int) -> AbstractContextManager[WorkersListener]:
        """Return a listener that shows nothing."""
        return nullcontext(self)

    def step(self, title: str) -> AbstractContextManager[Callable[[float], None]]:
        """Return a function that does nothing."""
        return nullcontext(lambda share: None)

    def group(self, cells: Sequence[PlannedCell]) -> None:
        """Ignore the start of a group."""

    def embedded(self, embedded: Embedded) -> None:
        """Ignore embedding progress."""

    def epoch(self, epoch: "Epoch") -> None:
        """Ignore an epoch."""

    def group_done(self, outcomes: Sequence[Outcome]) -> None:
        """Ignore the end of a group."""

    def group_stored(self) -> None:
        """Ignore that a group is in the store."""

    def told(self, number: int, event: Mapping[str, Any]) -> None:  # Any: JSON
        """Ignore the event."""

    def ended(self, number: int) -> None:
        """Ignore the end of a worker."""

    def lost(self, number: int, line: str) -> None:
        """Ignore the loss of a worker."""

    def elsewhere(self, cells: Sequence[PlannedCell], trials: int = 0) -> None:
        """Ignore what other processes have trained."""
