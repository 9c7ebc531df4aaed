"""A display that also tells another process what happens, as events.

``{"event": "group", "name": ..., "cells": N}``: training of a group starts. ``{"event": "epoch", "said": ...}``, at
most one a second. ``{"event": "done", "name", "said", "cells", "statuses", "failed"}``: it is stored; ``cells`` with
the trials of a search, ``statuses`` the numbers of other cells by status, ``failed`` a line for each failed cell.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Any

from seedbed.cells import Outcome
from seedbed.comparison.plan import PlannedCell
from seedbed.embeddings.features import Embedded
from seedbed.progress.stored_groups import StoredGroups
from seedbed.progress.study import ProgressBar, StudyProgress, epochs_of, failures, group_name
from seedbed.progress.workers import WorkersBar

if TYPE_CHECKING:
    from seedbed.training.replicate import Epoch

Tell = Callable[[dict[str, Any]], None]
"""Takes an event: JSON."""
EPOCH_EVERY_S = 1.0


class Telling:
    """A display that passes everything on to ``shown``, and tells what is trained."""

    def __init__(self, shown: StudyProgress, tell: Tell) -> None:
        self.shown, self.tell = shown, tell

    def log(self, line: str) -> None:
        """Show a line of text."""
        self.shown.log(line)

    @contextmanager
    def training(self, n_cells: int) -> Iterator["TellingListener"]:
        """Yield what shows the training of ``n_cells`` cells, and tells of it."""
        with self.shown.training(n_cells) as listener:
            yield TellingListener(listener, self.tell)

    def workers(self, n_cells: int) -> WorkersBar:
        """Return what shows the training of ``n_cells`` cells by workers."""
        return self.shown.workers(n_cells)

    def step(self, title: str) -> AbstractContextManager[Callable[[float], None]]:
        """Show a step."""
        return self.shown.step(title)


class TellingListener:
    """A listener that passes everything on, and tells of it."""

    def __init__(self, shown: ProgressBar, tell: Tell) -> None:
        self.shown, self.tell = shown, tell
        self.now: Sequence[PlannedCell] = ()
        self.started = self.told_at = 0.0
        self.stored = StoredGroups(tell)

    def group(self, cells: Sequence[PlannedCell]) -> None:
        """Training of these cells starts."""
        self.now, self.started = cells, time.perf_counter()
        self.tell({"event": "group", "name": group_name(cells), "cells": len(cells)})
        self.shown.group(cells)

    def embedded(self, embedded: Embedded) -> None:
        """Vectors are computed."""
        self.shown.embedded(embedded)

    def epoch(self, epoch: "Epoch") -> None:
        """An epoch has ended."""
        self.shown.epoch(epoch)
        if time.perf_counter() - self.told_at > EPOCH_EVERY_S:
            self.told_at = time.perf_counter()
            self.tell({"event": "epoch", "said": f"{epoch.unit} {epoch.number}/{epoch.total}"})

    def elsewhere(self, cells: Sequence[PlannedCell], trials: int = 0) -> None:
        """Another worker has trained these cells, and tells so itself."""
        self.shown.elsewhere(cells, trials)

    def group_done(self, outcomes: Sequence[Outcome]) -> None:
        """The group is trained."""
        is_trial = self.now[0].cell.setting == "trial"
        seconds = time.perf_counter() - self.started
        self.stored.trained({
            "event": "done", "name": group_name(self.now), "said": f"{epochs_of(outcomes)}, {seconds:.1f} s",
            "cells": len(outcomes), "failed": failures(self.now, outcomes),
            "statuses": {} if is_trial else dict(Counter(outcome.status for outcome in outcomes)),
        })  # fmt: skip
        self.shown.group_done(outcomes)

    def group_stored(self) -> None:
        """The next of the groups that are trained is in the store."""
        self.shown.group_stored()
        self.stored.stored()
