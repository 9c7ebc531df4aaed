"""Why a store failed, in a few words and without secrets; failures that may pass by themselves are told apart."""

import re
from collections.abc import Iterator
from http import HTTPStatus
from typing import NamedTuple

from seedbed.errors import InputError, StoreUnavailableError, one_line
from seedbed.masking import foreign_cleaned

LONGEST_REASON = 300
_PACKAGES = {"mlflow", "sqlalchemy", "requests", "google"}  # protobuf, which reads the answers of a server
"""Packages whose exceptions are failures of the store. Compared by name, so that none has to be imported."""
DRIVERS = {
    "psycopg": "psycopg[binary]", "psycopg2": "psycopg2-binary", "pymysql": "pymysql", "MySQLdb": "mysqlclient",
    "pyodbc": "pyodbc", "pymssql": "pymssql",
}  # fmt: skip
"""The package to install for the module of a database driver."""
_PASSING = {408, 425, 429, *range(500, 600)} - {501, 505}
"""Status codes of a server that may answer later."""
_ADVICE = {
    401: "set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_TOKEN",
    403: "this user may not do it: ask for permission, or set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, "
    "or MLFLOW_TRACKING_TOKEN, of a user who may",
    404: "no MLflow server at this address",
}
_STATUS = re.compile(r"failed with error code (\d{3})\b|too many (\d{3}) error responses|^(\d{3}) \w+ Error")
_REFUSED = re.compile(
    r"authentication failed|no password supplied|does not exist|access denied|unknown database|pg_hba\.conf|"
    r"permission denied|not permitted to log in|invalid (?:port|connection option|dsn|URI)|read-only",
    re.IGNORECASE,
)
"""What a database says that will not be different in a minute."""
_ADVICE_OF_LIBPQ = re.compile(
    r"\.? (?:Is the server running|This probably means).*|"
    r"(?:connection failed: )?connection to server at \S+, port \d+ failed: (?:FATAL: )?"
)
"""What libpq says besides the reason."""
_CLOSED = re.compile(
    r"connection (?:aborted|reset|broken)|closed connection|remote end closed|broken pipe", re.IGNORECASE
)


class Reason(NamedTuple):
    """Why the store failed, in a few words; ``passing``: it may answer later; ``status``: of HTTP, 0 for none."""

    text: str
    passing: bool = False
    status: int = 0


def store_failure(where: str, error: BaseException, addresses: tuple[str, ...] = ()) -> InputError:
    """Return the exception with the line about a failure ``where``; secrets of these addresses are left out."""
    reason = reason_of(error, addresses)
    return (StoreUnavailableError if reason.passing else InputError)(f"{where}: {reason.text}")


def reason_of(error: BaseException, addresses: tuple[str, ...] = ()) -> Reason:
    """Return why the store failed, without the secrets of these addresses."""
    chain = list(_chain(error))
    for one in chain:
        if isinstance(one, ModuleNotFoundError):
            package = DRIVERS.get((one.name or "").partition(".")[0], one.name)
            return Reason(f"the database driver {one.name} is not installed; pip install '{package}'")
    for reason in (_of_status(chain, addresses), _of_network(chain), _of_database(chain, addresses), _of_answer(chain)):
        if reason:
            return reason
    return Reason(shortened_reason(foreign_text(error, addresses)) or type(error).__name__)


def is_store_error(error: BaseException) -> bool:
    """Return whether an exception is one of MLflow's, the database's or the network's."""
    return bool(_PACKAGES & _packages(error))


def foreign_text(error: BaseException, addresses: tuple[str, ...] = ()) -> str:
    """Return the message of somebody else's exception on one line, without secrets."""
    return one_line(Exception(foreign_cleaned(str(error), addresses)))


def shortened_reason(reason: str) -> str:
    """Return the beginning of a long message of another package."""
    return reason if len(reason) < LONGEST_REASON else reason[:LONGEST_REASON] + " ..."


def _of_status(chain: list[BaseException], addresses: tuple[str, ...]) -> Reason | None:
    """Return the reason of an HTTP status, by its name."""
    for error in chain:
        status = getattr(getattr(error, "response", None), "status_code", None)
        if type(error).__name__ == "RestException":
            status = error.get_http_status_code()  # type: ignore[attr-defined]
        elif match := _STATUS.search(str(error)):
            status = int(next(filter(None, match.groups())))
        if not isinstance(status, int) or status not in _PASSING | _ADVICE.keys():
            continue
        if status == 404 and type(error).__name__ == "RestException":  # an answer of MLflow's about a run
            continue
        try:
            name = HTTPStatus(status).phrase.lower()
        except ValueError:
            name = "an error of the server"
        said = foreign_text(error, addresses) if type(error).__name__ == "RestException" else ""
        advice = _ADVICE.get(status, shortened_reason(said))
        return Reason(f"answers {status} ({name})" + (f": {advice}" if advice else ""), status in _PASSING, status)
    return None


def _of_network(chain: list[BaseException]) -> Reason | None:
    """Return the reason of a connection that failed."""
    names = {cls.__name__ for error in chain for cls in type(error).__mro__ if "requests" in _packages(error)}
    text = " ".join(map(str, chain))
    if "TooManyRedirects" in names:
        return Reason("redirects without end: no MLflow server, or a wrong path")
    if "SSLError" in names:
        return Reason(f"its certificate is refused: {shortened_reason(foreign_text(chain[-1]))}")
    if "Timeout" in names or any(isinstance(error, TimeoutError) for error in chain):
        return Reason("does not answer in time", passing=True)
    if names & {"ConnectionError", "ChunkedEncodingError"} or any(isinstance(e, ConnectionError) for e in chain):
        closes = _CLOSED.search(text) and "refused" not in text
        return Reason("closes the connection" if closes else "does not answer", passing=True)
    return None


def _of_database(chain: list[BaseException], addresses: tuple[str, ...]) -> Reason | None:
    """Return the reason of a database that refuses or does not answer."""
    for error in chain:
        names = {cls.__name__ for cls in type(error).__mro__}
        if "sqlalchemy" not in _packages(error) or not names & {"DBAPIError", "TimeoutError"}:
            continue
        original = getattr(error, "orig", None) or error
        text = _ADVICE_OF_LIBPQ.sub("", foreign_text(original, addresses))
        local = type(original).__module__ == "sqlite3"
        down = bool(names & {"OperationalError", "InterfaceError", "DisconnectionError", "TimeoutError"})
        down |= bool(getattr(error, "connection_invalidated", False))
        passing = "locked" in text if local else down and not _REFUSED.search(text)
        return Reason(shortened_reason(text if local or not passing else f"does not answer: {text}"), passing)
    return None


def _of_answer(chain: list[BaseException]) -> Reason | None:
    """Return the reason of an answer that no MLflow server gives."""
    if any("not in a valid JSON format" in str(error) for error in chain):
        return Reason("its answer is no JSON: no MLflow server, or a proxy or a page to log in before it")
    if any("google" in _packages(error) for error in chain):
        return Reason("its answer has another shape than MLflow's: no MLflow server, or one of another version")
    return None


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an exception, and those it came from."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__


def _packages(error: BaseException) -> set[str]:
    return {cls.__module__.partition(".")[0] for cls in type(error).__mro__}
