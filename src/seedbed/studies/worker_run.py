"""One worker of a study that another process started: the same plan, the same groups, no report."""

import dataclasses
import platform
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from seedbed.cells import Finding
from seedbed.comparison.plan import Plan, study_digest
from seedbed.comparison.run import Progress, missing
from seedbed.config.schema import Study
from seedbed.errors import InputError
from seedbed.studies.display import Display
from seedbed.studies.run import StudyRun
from seedbed.tracking.environment import environment_tags
from seedbed.tracking.leases import WORKER


@dataclass(frozen=True)
class Part:
    """What a worker is started for: which ``cells`` are to be trained, under which ``parent`` run.

    ``cells``: by fingerprint, the id of the run that the store had when the study was started, empty for none.
    ``number``, ``of``: which of how many workers it is; ``started_on``: the machine that started them.
    """

    parent: str
    cells: Mapping[str, str]
    number: int
    of: int
    started_on: str


class WorkerRun(StudyRun):
    """A study that this process trains with others; the one that started them checks, reports and closes the run."""

    def __init__(self, study: Study, folder: Path, part: Part, display: Display) -> None:
        self.part = part
        super().__init__(study, folder, with_parent=False, display=display)

    def train(self) -> Progress:
        """Train the cells that no other worker trains. At the end all are trained, or their workers are lost."""
        try:
            return self._train() if self.todo else Progress()
        finally:
            self.leases.close()

    def _check(self) -> tuple[Finding, ...]:
        return ()

    def _find_missing(self, with_parent: bool) -> None:
        """Find the cells that are left, under the parent run that there is."""
        wanted, self.parent = self.part.cells, self.part.parent
        self.digest = study_digest(self.plan, self.study.keys.name)
        self.leases.join_study(self.digest)
        self.fingerprints = list(dict.fromkeys(p.cell.cell for p in self.plan.planned))
        if unknown := wanted.keys() - set(self.fingerprints):
            raise InputError(
                f"{platform.node()}: {len(unknown)} of {len(wanted)} cells are not those of {self.part.started_on}, "
                "which started this study: data or seedbed differ between the two machines"
            )
        self.plan = _beginning_elsewhere(self.plan, self.part)
        self.before = {cell: ("interrupted", run) for cell, run in wanted.items() if run}
        done = self.settled_since(list(wanted))
        self.todo = [p for p in missing(self.plan, done) if p.cell.cell in wanted]
        self.tags = environment_tags(device=self.study.keys.device) | {
            "seedbed.name": self.study.keys.name,
            WORKER: self.leases.worker.worker,
        }


def _beginning_elsewhere(plan: Plan, part: Part) -> Plan:
    """Return the plan in an order that begins with another arm for each worker.

    While one computes the vectors of an arm, which others would wait for, those train other arms.
    """
    arms = list(dict.fromkeys(planned.cell.arm for planned in plan.planned))
    if len({planned.cell.cell for planned in plan.planned}) < len(plan.planned):
        return plan  # arms that share cells: which of them a cell is trained for depends on the order
    first = (part.number - 1) * len(arms) // part.of
    place = {arm: (n - first) % len(arms) for n, arm in enumerate(arms)}
    return dataclasses.replace(plan, planned=tuple(sorted(plan.planned, key=lambda p: place[p.cell.arm])))
