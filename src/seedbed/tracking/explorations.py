"""Runs of explorations of a word."""

import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from seedbed.cells import Status
from seedbed.tracking.failures import store_errors
from seedbed.tracking.names import stored_name
from seedbed.tracking.params import stored_params
from seedbed.tracking.store import Store

_KIND = {"seedbed.kind": "exploration"}


def log_exploration(
    store: Store,
    params: Mapping[str, object],
    metrics: Mapping[str, float],
    files: Sequence[Path],
    tags: Mapping[str, str],
) -> str:
    """Log a finished run named ``explore`` with these params, metrics and files; return its id. Raises InputError.

    The status comes last: a run without all of its files has failed.
    """
    from mlflow.entities import Metric, Param

    now = time.time_ns() // 1_000_000
    values = [Metric(stored_name(name), float(value), now, 0) for name, value in metrics.items()]
    settings = [Param(key, value) for key, value in stored_params(params).items()]
    with store_errors(store.tracking):
        run_id = str(store.create_run("explore", dict(tags) | _KIND).info.run_id)
    status: Status = "failed"
    try:
        with store_errors(store.tracking):
            store.log_batch(run_id, values, settings)
        store.log_files(run_id, {"": files})
        status = "finished"
    finally:
        store.finish(run_id, status)
    return run_id
