"""The environment variables that MLflow reads, set only while it is called; what the user has set is left alone."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from seedbed.environment import variables_set

_DEFAULTS = {
    "MLFLOW_LOGGING_LEVEL": "CRITICAL",  # it logs tracebacks of errors that it also raises
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "0",  # repeated in `retrying`: MLflow would create a run anew at a lost answer
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "30",
    "PGCONNECT_TIMEOUT": "10",  # of libpq, which would wait for minutes
    "GIT_PYTHON_REFRESH": "quiet",
}
_SINGLE_ATTEMPT = {"MLFLOW_HTTP_REQUEST_MAX_RETRIES": "0", "MLFLOW_HTTP_REQUEST_TIMEOUT": "10"}


class _Scope:
    """The defaults, set while at least one thread is inside."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._depth = 0
        self._added: list[str] = []

    def enter(self) -> None:
        with self._lock:
            if not self._depth:
                self._added = [name for name in _DEFAULTS if name not in os.environ]
                os.environ.update({name: _DEFAULTS[name] for name in self._added})
            self._depth += 1

    def leave(self) -> None:
        with self._lock:
            self._depth -= 1
            if not self._depth:
                for name in self._added:
                    os.environ.pop(name, None)


_scope = _Scope()


@contextmanager
def mlflow_environment() -> Iterator[None]:
    """Set the defaults for the calls of MLflow within, which has no other way to pass them. May be nested."""
    _scope.enter()
    try:
        yield
    finally:
        _scope.leave()


@contextmanager
def single_attempt() -> Iterator[None]:
    """Let MLflow try once to reach a server, and wait for ten seconds."""
    with mlflow_environment(), variables_set(_SINGLE_ATTEMPT):
        yield
