"""Failures of the store as InputErrors of one line."""

from collections.abc import Iterator
from contextlib import contextmanager

from seedbed.tracking.mlflow_env import mlflow_environment
from seedbed.tracking.reasons import is_store_error, store_failure
from seedbed.tracking.settings import Tracking


@contextmanager
def store_errors(tracking: Tracking) -> Iterator[None]:
    """Turn whatever MLflow, the database, the disk or the network raises into one line that names the store.

    StoreUnavailableError where it does not answer, InputError otherwise.
    """
    try:
        with mlflow_environment():
            yield
    except Exception as error:
        if not (isinstance(error, OSError | ModuleNotFoundError) or is_store_error(error)):
            raise
        raise store_failure(f"tracking store {tracking.shown_address}", error, tracking.addresses) from error
