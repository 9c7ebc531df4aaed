"""Where results are kept: the schema of ``conf/tracking``, and what its addresses mean."""

import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from seedbed.errors import InputError
from seedbed.tracking.clients import scheme_of

SCHEMES = ("sqlite", "postgresql", "mysql", "mssql", "http", "https", "databricks")
MOST_WATCHED = 1_000
LONGEST_EXPERIMENT = 256
"""Characters of a name that every database takes."""
BESIDE = "mlartifacts"
"""The folder of the files, beside the sqlite file."""
_SQLITE = re.compile(r"sqlite(?:\+\w+)?:///(?P<path>[^?]+)(?P<query>\?.*)?$")


@dataclass(frozen=True)
class Tracking:
    """The store of all results, and how much of each goes into it.

    ``uri``: sqlite, another database, or an MLflow server; empty for ``mlflow.db`` in the working directory.
    ``artifacts``: folder or URI of the files; empty for ``mlartifacts`` beside the sqlite file, or what a server says.
    ``probabilities``: of each tag of each token of the test split, a byte each; ``watch_examples``: how many test
    examples have theirs kept after each epoch.
    """

    uri: str = ""
    artifacts: str = ""
    experiment: str = "seedbed"
    save_model: bool = False
    predictions: bool = True
    probabilities: bool = True
    watch_examples: int = 0

    def __post_init__(self) -> None:
        scheme = self.uri.partition(":")[0].partition("+")[0]
        if self.uri and scheme not in SCHEMES:
            hint = "" if ":" in self.uri else f" (perhaps sqlite:///{self.uri})"
            raise InputError(f"tracking.uri={self.uri}: not the address of a store{hint}; one of {', '.join(SCHEMES)}")
        if scheme == "sqlite" and (not (found := _SQLITE.match(self.uri)) or found["path"] == ":memory:"):
            raise InputError(f"tracking.uri={self.uri}: name the file, such as sqlite:///mlflow.db")
        if not self.experiment.strip():
            raise InputError("tracking.experiment is empty: give the experiment a name, such as seedbed")
        if len(self.experiment) > LONGEST_EXPERIMENT:
            raise InputError(f"tracking.experiment: {len(self.experiment)} characters; at most {LONGEST_EXPERIMENT}")
        if scheme_of(self.artifacts) == "file" and urlsplit(self.artifacts).netloc not in {"", "localhost"}:
            raise InputError(f"tracking.artifacts={self.artifacts}: write a path, or file:/// and a path from the root")
        if not 0 <= self.watch_examples <= MOST_WATCHED:
            raise InputError(f"tracking.watch_examples={self.watch_examples}: must be from 0 to {MOST_WATCHED}")

    @property
    def recorded(self) -> dict[str, bool | int]:
        """What training is to keep of probabilities."""
        return {"probabilities": self.probabilities, "watch_examples": self.watch_examples}

    @property
    def database(self) -> Path | None:
        """The absolute path of the sqlite file, or None where the store is something else.

        A path that is there as it was typed is taken so, else as MLflow reads it: with ``%25`` for a ``%``.
        """
        if not self.uri:
            return Path.cwd() / "mlflow.db"
        if not (found := _SQLITE.match(self.uri)):
            return None
        typed, decoded = (Path(path).expanduser().absolute() for path in (found["path"], unquote(found["path"])))
        return decoded if decoded != typed and decoded.exists() and not typed.exists() else typed

    @property
    def address(self) -> str:
        """``uri`` with a sqlite path made absolute: the same store from every folder."""
        if self.database is None:
            return self.uri
        found = _SQLITE.match(self.uri)
        return sqlite_address(self.database) + (found["query"] or "" if found else "")

    @property
    def shown_address(self) -> str:
        """``address`` without a password, for messages; of a file, with its path as it is."""
        if self.database is not None:
            return f"sqlite:///{self.database}"
        return re.sub(r"//[^/@]*@", "//***@", self.address)

    @property
    def artifact_root(self) -> str | None:
        """The absolute URI under which a new experiment keeps its files; None leaves it to the server."""
        if not self.artifacts:
            return (self.database.parent / BESIDE).as_uri() if self.database else None
        scheme = scheme_of(self.artifacts)
        if scheme and scheme != "file":
            return self.artifacts
        path = unquote(urlsplit(self.artifacts).path) if scheme else self.artifacts
        return Path(path).expanduser().absolute().as_uri()


def sqlite_address(database: Path) -> str:
    """The address of a sqlite file, as MLflow takes it.

    With a driver where signs are escaped: without one, MLflow makes a folder of the escaped name.
    """
    path = str(database)
    if not set("%?") & set(path):
        return f"sqlite:///{path}"
    from sqlalchemy import URL  # which signs are escaped depends on its version

    return URL.create("sqlite+pysqlite", database=path).render_as_string()
