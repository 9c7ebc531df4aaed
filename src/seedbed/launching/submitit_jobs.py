"""Workers that are jobs of submitit: processes of this machine, or jobs of a SLURM cluster with a shared folder."""

import contextlib
import dataclasses
import os
import shutil
import signal
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from seedbed.environment import variables_set
from seedbed.errors import InputError, one_line
from seedbed.launching.engine import Start
from seedbed.launching.orders import Order, WorkerFiles
from seedbed.launching.supervising import GRACE_S, Ended, Supervised

SHARED = {
    "timeout_min", "cpus_per_task", "gpus_per_node", "tasks_per_node", "mem_gb", "nodes", "name", "stderr_to_stdout",
}  # fmt: skip
"""Settings of Hydra's launcher that submitit has for every cluster; the others begin with the name of the cluster."""
AT_START = {"max_num_timeout", "submitit_folder"}
"""Settings of the executor itself."""
AGAIN_S = 4.0
"""After so many seconds a job that has not ended is cancelled again."""
_LOG_LEVEL = "SUBMITIT_LOG_LEVEL"


def submitit_library() -> Any:  # Any: it has no types
    """Import submitit, which would configure logging anew: that closes each log handler, and absl's its stream."""
    with variables_set({_LOG_LEVEL: os.environ.get(_LOG_LEVEL, "NOCONFIG")}):
        import submitit
    return submitit


class SubmittedWorker:
    """What a job runs: one worker. Before the time limit, or when it is pre-empted, it is stopped and submitted again.

    Its groups that are finished by then are in the store.
    """

    def __init__(self, order: Order, folder: Path) -> None:
        self.order, self.folder = order, folder
        self._supervised: Supervised | None = None

    def __call__(self) -> Ended:
        """Run the worker."""
        files = WorkerFiles(self.folder)
        place = int(os.environ.get("SLURM_CPUS_PER_TASK", "0")) or None
        order = self.order if place is None else dataclasses.replace(self.order, cores=place)
        self._supervised = Supervised(order, files.tell)
        return self._supervised.run()

    def checkpoint(self) -> Any:  # Any: submitit's DelayedSubmission
        """Stop the worker and return what runs when the job is started again."""
        if self._supervised is not None:
            self._supervised.stop()
        return submitit_library().helpers.DelayedSubmission(SubmittedWorker(self.order, self.folder))

    def __getstate__(self) -> dict[str, object]:
        return {"order": self.order, "folder": self.folder, "_supervised": None}


class SubmittedJob:
    """A worker that was submitted."""

    def __init__(self, number: int, job: Any) -> None:  # Any: a job of submitit
        self.number, self.job = number, job
        self._ended: Ended | None = None

    def ended(self) -> Ended | None:
        """Return how it ended; None while it runs, waits in the queue or was queued again."""
        if self._ended is None and self.job.done():
            try:
                self._ended = self.job.result()
            except Exception as error:  # killed, over its time, cancelled: submitit says so at length
                state = str(getattr(self.job, "state", "")).lower()
                self._ended = Ended(None, f"job {self.job.job_id} {state or 'was lost'}: {_reason(error)}")
        return self._ended

    def stop(self) -> None:
        """Cancel the job, and return when it has ended, at most after `GRACE_S`."""
        if self.ended() is None:
            until, again = time.monotonic() + GRACE_S, 0.0
            while self.ended() is None and time.monotonic() < until:
                if time.monotonic() >= again:  # a local job that has just been pre-empted may miss the first signal
                    again = time.monotonic() + AGAIN_S
                    with contextlib.suppress(Exception):
                        self.job.cancel(check=False)
                time.sleep(0.1)


class SubmititJobs:
    """Submits workers to ``cluster``, ``local`` or ``slurm``, with the settings of Hydra's launcher: an `Engine`.

    At its end submitit's own files are removed where all went well; the workers' logs stay.
    """

    def __init__(self, cluster: str, settings: Mapping[str, Any], given: Sequence[str], name: str) -> None:
        self.cluster, self.settings, self.given, self.name = cluster, dict(settings), given, name
        self.jobs: list[SubmittedJob] = []
        self.own: Path | None = None

    def __enter__(self) -> Start:
        return self.start

    def __exit__(self, *exception: object) -> None:
        if self.own is not None and all((end := job.ended()) is not None and end.code == 0 for job in self.jobs):
            shutil.rmtree(self.own, ignore_errors=True)

    def start(self, order: Order, files: WorkerFiles) -> SubmittedJob:
        """Submit one worker. Raises InputError where a setting is refused."""
        try:
            executor = self.executor(files.folder)
            with _interruptible():
                job = SubmittedJob(order.number, executor.submit(SubmittedWorker(order, files.folder)))
        except Exception as error:
            raise InputError(f"hydra/launcher=submitit_{self.cluster}: {one_line(error)}") from error
        self.jobs.append(job)
        return job

    def executor(self, folder: Path) -> Any:  # Any: submitit has no types
        """Return submitit's executor with all settings."""
        if "submitit_folder" in self.given:
            place = str(self.settings["submitit_folder"])
        else:
            self.own = folder / "submitit"
            place = str(self.own / "%j")
        first = {f"{self.cluster}_{key}": self.settings[key] for key in ("max_num_timeout",) if key in self.settings}
        executor = submitit_library().AutoExecutor(folder=place, cluster=self.cluster, **first)
        settings = {key: value for key, value in self.settings.items() if key not in {*AT_START, "_target_"}}
        if "name" not in self.given:
            settings["name"] = f"seedbed-{self.name}"
        executor.update_parameters(
            **{key if key in SHARED else f"{self.cluster}_{key}": value for key, value in settings.items()}
        )
        return executor


@contextlib.contextmanager
def _interruptible() -> Iterator[None]:
    """Let processes that are started end by SIGINT, by which submitit cancels local jobs.

    What a script runs in the background ignores it, and so do the processes that it starts.
    """
    if threading.current_thread() is not threading.main_thread() or signal.getsignal(signal.SIGINT) != signal.SIG_IGN:
        yield
        return
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)


def refuse_no_cluster() -> None:
    """Raise InputError where this machine has no SLURM."""
    lacking = [program for program in ("sbatch", "srun") if shutil.which(program) is None]
    if lacking:
        raise InputError(
            f"hydra/launcher=submitit_slurm: no program {lacking[0]}: start it on a machine of the SLURM cluster"
        )


def _reason(error: Exception) -> str:
    """Return the last line of submitit's message, which names the error."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip() and set(line.strip()) != {"-"}]
    return lines[-1] if lines else type(error).__name__
