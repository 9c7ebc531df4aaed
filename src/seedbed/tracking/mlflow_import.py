"""Import MLflow (1 to 2 s) in the background, and wait for it where it is used."""

import threading

from seedbed.tracking.mlflow_env import mlflow_environment
from seedbed.tracking.postgresql import limit_waiting

_preloading: list[threading.Thread] = []


def preload() -> threading.Thread:
    """Import MLflow in a background thread; `import_mlflow` waits for it."""
    if not _preloading:
        _preloading.append(threading.Thread(target=_load_mlflow, name="import mlflow", daemon=True))
        _preloading[0].start()
    return _preloading[0]


def import_mlflow() -> None:
    """Import MLflow, before any of its modules is: two threads that import it at once meet half-initialized modules."""
    for thread in _preloading:
        thread.join()
    _load_mlflow()


def _load_mlflow() -> None:
    with mlflow_environment():
        import mlflow
        import mlflow.store.tracking.sqlalchemy_store  # noqa: F401
        from sqlalchemy import Engine

    limit_waiting(Engine)  # MLflow makes its engines itself
