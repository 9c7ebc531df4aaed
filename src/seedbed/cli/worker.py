"""One worker of a study, started by `seedbed.launching`; its task is a line of JSON on standard input."""

import json
import os
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from seedbed.cli import signals
from seedbed.cli.main import clean_tracebacks, guarded


def main() -> int:
    """Train the cells of the task; 0 also where some failed."""
    clean_tracebacks(())
    task = json.loads(sys.stdin.readline())
    threading.Thread(target=_end_with_parent, daemon=True).start()
    return guarded(lambda: work(task))


def work(task: dict[str, Any]) -> int:  # Any: JSON
    """Train the cells of a task, and tell what becomes of them on standard output, an event a line."""
    from seedbed.config.study import study
    from seedbed.progress.study import StudyProgress
    from seedbed.progress.telling import Telling
    from seedbed.studies.worker_run import Part, WorkerRun

    tell = _teller()
    checked = study(task["settings"], task["config_dir"], single=task["single"])
    part = Part(task["parent"], task["cells"], task["number"], task["of"], task["started_on"])
    run = WorkerRun(checked, Path(task["output"]), part, Telling(StudyProgress(), tell))
    progress = run.train()
    tell({
        "event": "ended", "training_seconds": progress.training_seconds, "logging_seconds": progress.logging_seconds,
    })  # fmt: skip
    return 0


def _teller() -> Callable[[dict[str, Any]], None]:  # Any: JSON
    """Return what writes an event to standard output, which is kept from everything else that prints."""
    stream = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)

    def tell(event: dict[str, Any]) -> None:
        stream.write(json.dumps(event) + "\n")
        stream.flush()

    return tell


def _end_with_parent() -> None:
    """End as with SIGTERM when standard input ends: the process that watches this worker is gone."""
    while os.read(0, 4096):
        pass
    if signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL:  # else it is ending, and a second one ends it at once
        os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    with signals.raised():
        code = main()
    sys.exit(code)
