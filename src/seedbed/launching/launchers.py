"""The launchers: where workers run, and how many there are by default."""

import os
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import Any

from seedbed.errors import InputError
from seedbed.launching.engine import Engine
from seedbed.launching.resources import cores, thread_settings, visible_gpus

WORKERS = 2
"""How many workers there are where nothing says so."""


@dataclass(frozen=True)
class Launcher:
    """A launcher of Hydra by ``name``, its ``settings``, and the names of those that the user ``gave``."""

    name: str = "basic"
    settings: Mapping[str, Any] = field(default_factory=dict)  # Any: plain data
    given: tuple[str, ...] = ()

    def workers(self, wanted: int | None, units: int, device: str) -> int:
        """Return how many workers to start: ``wanted``, else by the launcher, at most one for each unit of work.

        One a GPU of this machine where it runs them; joblib's ``n_jobs`` where it was given, as joblib counts; else 2.
        """
        number = wanted
        if number is None:
            number = self._n_jobs() if self.name == "joblib" and "n_jobs" in self.given else WORKERS
            if self.is_local and device != "cpu" and "n_jobs" not in self.given:
                number = len(visible_gpus()) or number
        return max(1, min(number, units))

    def _n_jobs(self) -> int:
        number = self.settings.get("n_jobs", -1)
        if not isinstance(number, int) or number == 0:
            raise InputError(f"hydra.launcher.n_jobs={number}: give at least 1, or -1 for all cores")
        return number if number > 0 else max(1, cores() + 1 + number)

    @property
    def is_local(self) -> bool:
        """Whether all workers run on this machine, which seedbed then divides among them."""
        return self.name in ("basic", "joblib", "submitit_local")

    @property
    def writes_orders(self) -> bool:
        """Whether what a worker is told is written to disk: submitit keeps it in its folder."""
        return self.name.startswith("submitit")

    def places(self, number: int, device: str) -> list[Mapping[str, str]]:
        """Return for each of ``number`` workers the environment that gives it a GPU, in turn; empty where none does.

        SLURM and Ray place their workers themselves.
        """
        gpus = visible_gpus() if self.is_local and device != "cpu" else []
        return [{"CUDA_VISIBLE_DEVICES": gpus[n % len(gpus)]} if gpus else {} for n in range(number)]

    def cores_each(self, number: int) -> int | None:
        """Return the cores of each of ``number`` workers of this machine; None where another says so."""
        return max(1, cores() // number) if self.is_local else None

    def refuse(self) -> None:
        """Raise InputError where this launcher cannot start the workers of a study, or ignores a setting."""
        if self.name not in ENGINES:
            raise InputError(
                f"hydra/launcher={self.name}: distributes the jobs of `seedbed run -m` alone; workers of one study are "
                f"started by {', '.join(ENGINES)}"
            )
        if self.name == "joblib" and (ignored := [key for key in self.given if key != "n_jobs"]):
            raise InputError(f"hydra.launcher.{ignored[0]}: has no effect on the workers of one study; n_jobs has")
        if self.name == "joblib":
            self._n_jobs()
        elif self.name == "submitit_slurm":
            from seedbed.launching.submitit_jobs import refuse_no_cluster

            refuse_no_cluster()
        elif self.name == "ray":
            from seedbed.launching.ray_tasks import refuse_silent

            refuse_silent(self.settings)

    def prepare(self) -> None:
        """Prepare this process for the jobs of a sweep: connect to Ray; divide the cores among processes of joblib."""
        if self.name == "ray":
            from seedbed.launching.ray_tasks import connect

            connect(self.settings)  # Hydra's plugin cannot connect to a cluster by its address
        elif self.name == "submitit_slurm":
            from seedbed.launching.submitit_jobs import refuse_no_cluster

            refuse_no_cluster()
        elif self.name == "joblib":
            for name, threads in thread_settings(self.cores_each(self._n_jobs()) or 1).items():
                os.environ.setdefault(name, threads)

    def engine(self, name: str) -> Engine:
        """Return what starts the workers of the study of this name. Raises InputError."""
        return ENGINES[self.name](self, name)


def _local(launcher: Launcher, name: str) -> Engine:
    from seedbed.launching.local import LocalWorker

    return nullcontext(LocalWorker)


def _submitit(launcher: Launcher, name: str) -> Engine:
    from seedbed.launching.submitit_jobs import SubmititJobs

    return SubmititJobs(launcher.name.removeprefix("submitit_"), launcher.settings, launcher.given, name)


def _ray(launcher: Launcher, name: str) -> Engine:
    from seedbed.launching.ray_tasks import RayTasks

    return RayTasks(launcher.settings)


ENGINES = {"basic": _local, "joblib": _local, "submitit_local": _submitit, "submitit_slurm": _submitit, "ray": _ray}
"""What starts the workers of each launcher."""
