"""Failures of the store as InputErrors of one line."""

from collections.abc import Iterator
from contextlib import contextmanager

from seedbed.errors import InputError, one_line
from seedbed.tracking.mlflow_env import mlflow_environment
from seedbed.tracking.settings import Tracking

LONGEST_REASON = 300
_PACKAGES = {"mlflow", "sqlalchemy", "requests"}
"""Packages whose exceptions are failures of the store. Compared by name, so that none has to be imported."""


@contextmanager
def store_errors(tracking: Tracking) -> Iterator[None]:
    """Turn whatever MLflow, the database, the disk or the network raises into one line that names the store."""
    try:
        with mlflow_environment():
            yield
    except Exception as error:
        if not (isinstance(error, OSError) or _is_store_error(error)):
            raise
        reason = one_line(error)
        if "Max retries exceeded" in reason:
            reason = "does not answer"
        raise InputError(f"tracking store {tracking.shown_address}: {shortened_reason(reason)}") from error


def shortened_reason(reason: str) -> str:
    """Return the beginning of a long message of another package."""
    return reason if len(reason) < LONGEST_REASON else reason[:LONGEST_REASON] + " ..."


def _is_store_error(error: Exception) -> bool:
    return bool(_PACKAGES & {cls.__module__.partition(".")[0] for cls in type(error).__mro__})
