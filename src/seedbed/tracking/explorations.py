"""Runs that are no cells: one for each exploration of a word."""

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from seedbed.tracking.names import stored_name
from seedbed.tracking.opening import answering
from seedbed.tracking.params import stored_params

if TYPE_CHECKING:
    from seedbed.tracking.store import Store

_KIND = {"seedbed.kind": "exploration"}


def log_exploration(
    store: "Store",
    params: Mapping[str, object],
    metrics: Mapping[str, float],
    files: Sequence[Path],
    tags: Mapping[str, str],
) -> str:
    """A finished run named ``explore`` with these params, metrics and files at its top; its id. Raises InputError.

    The status comes last: a run whose files did not all arrive is failed.
    """
    from mlflow.entities import Metric, Param

    now = time.time_ns() // 1_000_000
    kept = [Metric(stored_name(name), float(value), now, 0) for name, value in metrics.items()]
    named = [Param(key, value) for key, value in stored_params(params).items()]
    with answering(store.tracking):
        run_id = store.create_run("explore", dict(tags) | _KIND).info.run_id
    status = "failed"
    try:
        with answering(store.tracking):
            store.log_batch(run_id, kept, named)
        store.log_files(run_id, {"": files})
        status = "finished"
    finally:
        store.finish(run_id, status)
    return run_id
