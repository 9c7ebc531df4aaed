"""Calls of a store that does not answer are repeated, after waits that grow, for as long as its patience lasts."""

import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import uuid4

from seedbed.errors import StoreUnavailableError
from seedbed.masking import masked
from seedbed.tracking.mlflow_env import mlflow_environment
from seedbed.tracking.reasons import is_store_error, reason_of

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import LoggedModel, LoggedModelOutput
    from mlflow.entities import Run as MlflowRun

T = TypeVar("T")

FIRST_WAIT, LONGEST_WAIT = 0.5, 10.0
"""Seconds before the first repetition, and at most; each wait is twice the one before, times 0.5 to 1.5."""
REQUEST = "seedbed.request"
"""Tag of a run with a text that no other has: it is found again where the answer to its creation was lost."""
_WITH_WAIT = (429, 503)
"""Status codes that come with the header ``Retry-After``."""

stopping = threading.Event()
"""Set while a command is being ended: nothing is waited for any more."""
_local = threading.local()


@contextmanager
def at_once() -> Iterator[None]:
    """Repeat nothing in this thread."""
    before = getattr(_local, "at_once", False)
    _local.at_once = True
    try:
        yield
    finally:
        _local.at_once = before


def repeated(
    call: Callable[[], T],
    patience: float,
    recovered: Callable[[], T | None] = lambda: None,
    asked_wait: Callable[[Exception], float | None] = lambda _: None,
) -> T:
    """Return what a call returns; where the store does not answer it is repeated for ``patience`` seconds.

    ``recovered``: asked before a repetition; not None where the call was done and its answer was lost. ``asked_wait``:
    the seconds that a server asks to wait; where they are more than is left, the call is not repeated.
    """
    end = time.monotonic() + (0.0 if getattr(_local, "at_once", False) else patience)
    wait, failed = FIRST_WAIT, False
    while True:
        try:
            done = recovered() if failed else None
            return call() if done is None else done
        except Exception as error:
            if not is_passing(error):
                raise
            failed = True
            pause = asked_wait(error) or wait * random.uniform(0.5, 1.5)
            if time.monotonic() + pause >= end or stopping.wait(pause):
                raise
            wait = min(2 * wait, LONGEST_WAIT)


def is_passing(error: Exception) -> bool:
    """Return whether an exception says that a store does not answer, and may do so later."""
    if isinstance(error, StoreUnavailableError):
        return True
    return (isinstance(error, OSError) or is_store_error(error)) and reason_of(error).passing


class RepeatingClient:
    """An ``MlflowClient`` of a server or a database, whose calls are `repeated`.

    All of its calls can be repeated: metrics, params and tags that are there already are left as they are; and
    a run and its logged model are created once, as they are searched for before they are created again.
    """

    def __init__(self, client: "MlflowClient", address: str, patience: float) -> None:
        self._client, self._address, self._patience = client, address, patience

    def create_run(self, experiment_id: str, *, tags: dict[str, str], **settings: object) -> "MlflowRun":
        """Create a run, once."""
        request = uuid4().hex
        create: Any = self._client.create_run

        def made() -> "MlflowRun | None":
            return next(iter(self._client.search_runs([experiment_id], f"tags.`{REQUEST}` = '{request}'")), None)

        run = self._repeated(lambda: create(experiment_id, tags=tags | {REQUEST: request}, **settings), made)
        if not run.info.run_id:
            raise StoreUnavailableError(f"tracking store {masked(self._address)}: its answer is empty")
        return run

    def create_logged_model(self, experiment_id: str, *, source_run_id: str, **settings: object) -> "LoggedModel":
        """Create the logged model of a run, once."""
        create: Any = self._client.create_logged_model

        def made() -> "LoggedModel | None":
            found = self._client.search_logged_models([experiment_id], f"source_run_id = '{source_run_id}'")
            return next(iter(found), None)

        return self._repeated(lambda: create(experiment_id, source_run_id=source_run_id, **settings), made)

    def log_outputs(self, run_id: str, models: "list[LoggedModelOutput]") -> None:
        """Add logged models to a run as its outputs, once."""

        def logged() -> bool | None:
            outputs = self._client.get_run(run_id).outputs
            known = {model.model_id for model in outputs.model_outputs} if outputs else set()
            return True if known >= {model.model_id for model in models} else None

        log: Any = self._client.log_outputs
        self._repeated(lambda: log(run_id, models), logged)

    def __getattr__(self, name: str) -> object:
        method = getattr(self._client, name)
        return lambda *given, **settings: self._repeated(lambda: method(*given, **settings))

    def _repeated(self, call: Callable[[], T], recovered: Callable[[], T | None] = lambda: None) -> T:
        return repeated(call, self._patience, recovered, self._asked_wait)

    def _asked_wait(self, error: Exception) -> float | None:
        return asked_wait(self._address) if reason_of(error).status in _WITH_WAIT else None


def asked_wait(address: str) -> float | None:
    """Return the seconds that a server asks to wait now; None where it asks for nothing, or does not answer.

    It is asked once more, as MLflow's exceptions do not have the headers of the answer.
    """
    from email.utils import parsedate_to_datetime

    from mlflow.utils.credentials import get_default_host_creds
    from mlflow.utils.rest_utils import http_request

    try:
        with mlflow_environment():
            credentials = get_default_host_creds(address)
            path = "/api/2.0/mlflow/experiments/get?experiment_id=0"
            answer = http_request(credentials, path, "GET", raise_on_status=False, max_retries=0, timeout=5)
    except Exception as error:
        if not is_store_error(error):
            raise
        return None
    header = answer.headers.get("Retry-After", "").strip() if answer.status_code in _WITH_WAIT else ""
    if header.isdigit():
        return float(header)
    try:
        return max(0.0, parsedate_to_datetime(header).timestamp() - time.time()) if header else None
    except ValueError:
        return None
