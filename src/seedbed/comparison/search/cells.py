"""One search, and the cells that it trains: of its trials, and with the settings that are chosen."""

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from seedbed.cells import Outcome, Row
from seedbed.comparison.plan import PlannedCell
from seedbed.comparison.search.refit import joined, without_validation
from seedbed.comparison.search.settings import Tune
from seedbed.comparison.search.space import SEARCHED, SearchSpace
from seedbed.comparison.search.trials import FILE, Trial, TrialStatus, best_of, trials_bytes
from seedbed.config.schema import Arm

VALIDATION = "validation/"


@dataclass
class Search:
    """One search: the cell that it is for, its space, how and with which seed, the id of its run, and the trials."""

    planned: PlannedCell
    space: SearchSpace
    tune: Tune
    seed: int
    run: str = ""
    trials: list[Trial] = field(default_factory=list)
    _written: tuple[int, bytes] = field(default=(-1, b""), init=False, repr=False, compare=False)

    @property
    def content(self) -> bytes:
        """The file of the search."""
        if self._written[0] != len(self.trials):  # trials are only added
            self._written = len(self.trials), trials_bytes(self.trials, self.space, self.tune)
        return self._written[1]

    @property
    def chosen(self) -> Trial:
        """The trial that is best on validation."""
        return best_of(self.trials, self.space)

    def arm_of(self, trial: Trial) -> Arm:
        """Return the arm with the values of a trial; trial 0 is the default."""
        return self.space.with_values(trial.values) if trial.number else self.space.arm

    def default_trial(self, row: Row) -> Trial:
        """Return trial 0, from the finished or failed row of the default."""
        values = self.space.default()
        if row["status"] != "finished":
            return Trial(0, values, status="failed", error="the default did not finish")
        epochs, best_epoch = (0 if math.isnan(row[name]) else int(row[name]) for name in ("epochs", "best_epoch"))
        return Trial(0, values, self._scores(row), epochs, best_epoch, float(row["seconds"]), float(row["energy_j"]))

    def trial_cell(self, trial: Trial) -> PlannedCell:
        """Return the cell of a trial: without test examples, so that no test score can be seen."""
        planned, space = self._of_trials
        return dataclasses.replace(planned, arm=space.with_values(trial.values)) if trial.number else planned

    @cached_property
    def _of_trials(self) -> tuple[PlannedCell, SearchSpace]:
        """What trials share: the cell of the default, and its space, without test examples and scores."""
        arm = self.space.arm
        arm = dataclasses.replace(arm, training=dataclasses.replace(arm.training, score_at_end=["validation"]))
        cell = dataclasses.replace(self.planned.cell, setting="trial")
        draw = dataclasses.replace(self.planned.draw, test=())
        planned = dataclasses.replace(self.planned, cell=cell, draw=draw, arm=arm, default=None)
        return planned, dataclasses.replace(self.space, arm=arm)

    def after(self, trial: Trial, outcome: Outcome, pruned: bool) -> Trial:
        """Return the trial with what came out."""
        status: TrialStatus = "failed" if outcome.status == "failed" else "pruned" if pruned else "finished"
        return dataclasses.replace(
            trial, scores=self._scores(outcome.metrics), epochs=outcome.epochs, best_epoch=outcome.best_epoch,
            seconds=outcome.seconds, energy_j=outcome.energy_j, status=status, error=outcome.error,
        )  # fmt: skip

    def chosen_cell(self, planned: PlannedCell) -> PlannedCell:
        """Return the cell with the chosen settings; ``refit``: with training and validation examples as one."""
        trial = self.chosen
        arm, draw = self.arm_of(trial), planned.draw
        if planned.cell.setting == "refit":
            arm = without_validation(arm, trial.best_epoch, trial.scores)
            draw = joined(draw)
        settings = dict(arm.settings) | {
            "examples.train": str(len(draw.train)), "tune.method": self.tune.method,
            "tune.budget": str(self.tune.budget), "tune.metric": self.space.metric, SEARCHED: self.space.text,
            "tune.trial": str(trial.number), "tune.run": self.run,
        }  # fmt: skip
        cell = dataclasses.replace(planned.cell, settings=settings)
        return dataclasses.replace(planned, cell=cell, arm=arm, draw=draw)

    def chosen_outcome(self, outcome: Outcome) -> Outcome:
        """Return the outcome of the chosen settings with the trials as a file; failed where no trial finished."""
        if not any(trial.status == "finished" for trial in self.trials):
            outcome = Outcome("failed", error="no trial of the search finished", seconds=outcome.seconds)
        return dataclasses.replace(outcome, files={**outcome.files, FILE: self.content})

    def _scores(self, metrics: Mapping[str, Any]) -> dict[str, float]:
        """Return the scores on validation, and the value of the encoder's parameter that was chosen on it."""
        parameter = getattr(self.space.arm.encoder, "parameter", "")
        names = [name for name in metrics if name.startswith(VALIDATION) or name == parameter]
        return {name: float(metrics[name]) for name in names}
