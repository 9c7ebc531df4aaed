"""Where results are stored: the schema of ``conf/tracking``, and the meaning of its addresses."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict
from urllib.parse import unquote, urlsplit

from seedbed.errors import InputError
from seedbed.masking import masked, remember
from seedbed.tracking.remote_artifacts import scheme_of

SCHEMES = ("sqlite", "postgresql", "mysql", "mssql", "http", "https", "databricks")
MOST_WATCHED = 1_000
MOST_PATIENCE = 86_400
LONGEST_EXPERIMENT = 256
"""Characters of a name that every database accepts."""
ARTIFACT_FOLDER = "mlartifacts"
"""The folder of the files, next to the sqlite file."""
_SQLITE = re.compile(r"sqlite(?:\+\w+)?:///(?P<path>[^?]+)(?P<query>\?.*)?$")


class Recorded(TypedDict, total=False):
    """What training records besides scores: keywords of `seedbed.comparison.group.train_cells`."""

    probabilities: bool
    watch_examples: int
    save_model: bool


@dataclass(frozen=True)
class Tracking:
    """The store of all results, and what is stored of each.

    ``uri``: sqlite, another database, or an MLflow server; empty for ``mlflow.db`` in the working directory.
    ``artifacts``: folder or URI of the files; empty for ``mlartifacts`` next to the sqlite file, or the server's.
    ``probabilities``: store those of each tag of each token of the test split, one byte each; ``watch_examples``: the
    number of test examples whose probabilities are stored after each epoch. ``save_model``: store the model of each
    cell, for `seedbed predict`. ``patience``: the seconds that a server or
    a database that does not answer is asked again, before results are kept on this machine (`seedbed sync`).
    """

    uri: str = ""
    artifacts: str = ""
    experiment: str = "seedbed"
    save_model: bool = False
    predictions: bool = True
    probabilities: bool = True
    watch_examples: int = 0
    patience: float = 30.0

    def __post_init__(self) -> None:
        for address in self.addresses:
            remember(address)
        scheme, shown = self.uri.partition(":")[0].partition("+")[0], masked(self.uri)
        if self.uri and scheme not in SCHEMES:
            hint = "" if ":" in self.uri else f" (perhaps sqlite:///{self.uri})"
            raise InputError(f"tracking.uri={shown}: not the address of a store{hint}; one of {', '.join(SCHEMES)}")
        if scheme == "sqlite" and (not (match := _SQLITE.match(self.uri)) or match["path"] == ":memory:"):
            raise InputError(f"tracking.uri={shown}: name the file, such as sqlite:///mlflow.db")
        if scheme in ("http", "https") and not re.match(r"https?://[^/?#]", self.uri):
            raise InputError(f"tracking.uri={shown}: names no host, as {scheme}://127.0.0.1:5000 does")
        if not self.experiment.strip():
            raise InputError("tracking.experiment is empty: give the experiment a name, such as seedbed")
        if len(self.experiment) > LONGEST_EXPERIMENT:
            raise InputError(f"tracking.experiment: {len(self.experiment)} characters; at most {LONGEST_EXPERIMENT}")
        if scheme_of(self.artifacts) == "file" and urlsplit(self.artifacts).netloc not in {"", "localhost"}:
            raise InputError(
                f"tracking.artifacts={masked(self.artifacts)}: write a path, or file:/// and a path from the root"
            )
        if not 0 <= self.watch_examples <= MOST_WATCHED:
            raise InputError(f"tracking.watch_examples={self.watch_examples}: must be from 0 to {MOST_WATCHED}")
        if not 0 <= self.patience <= MOST_PATIENCE:
            raise InputError(f"tracking.patience={self.patience}: must be from 0 to {MOST_PATIENCE:,} seconds")

    @property
    def recorded(self) -> Recorded:
        """What training records besides scores."""
        return {
            "probabilities": self.probabilities, "watch_examples": self.watch_examples, "save_model": self.save_model,
        }  # fmt: skip

    @property
    def database(self) -> Path | None:
        """The absolute path of the sqlite file, or None for another store.

        An existing path is used as typed; otherwise it is decoded as MLflow does, with ``%25`` for a ``%``.
        """
        if not self.uri:
            return Path.cwd() / "mlflow.db"
        if not (match := _SQLITE.match(self.uri)):
            return None
        typed, decoded = (Path(path).expanduser().absolute() for path in (match["path"], unquote(match["path"])))
        return decoded if decoded != typed and decoded.exists() and not typed.exists() else typed

    @property
    def address(self) -> str:
        """``uri`` with an absolute sqlite path: the same store from every folder."""
        if self.database is None:
            return self.uri
        match = _SQLITE.match(self.uri)
        return sqlite_address(self.database) + (match["query"] or "" if match else "")

    @property
    def shown_address(self) -> str:
        """``address`` without secrets, for messages; a path of a file is not encoded."""
        if self.database is not None:
            return f"sqlite:///{self.database}"
        return masked(self.address)

    @property
    def addresses(self) -> tuple[str, ...]:
        """The addresses, which may have secrets."""
        return tuple(filter(None, (self.uri, self.artifacts)))

    @property
    def artifact_root(self) -> str | None:
        """The absolute URI of the files of a new experiment; None: the server decides."""
        if not self.artifacts:
            return (self.database.parent / ARTIFACT_FOLDER).as_uri() if self.database else None
        scheme = scheme_of(self.artifacts)
        if scheme and scheme != "file":
            return self.artifacts
        path = unquote(urlsplit(self.artifacts).path) if scheme else self.artifacts
        return Path(path).expanduser().absolute().as_uri()


def sqlite_address(database: Path) -> str:
    """Return the address of a sqlite file for MLflow.

    With a driver where characters are escaped: without one, MLflow creates a folder of the escaped name.
    """
    path = str(database)
    if not set("%?") & set(path):
        return f"sqlite:///{path}"
    from sqlalchemy import URL  # which characters are escaped depends on its version

    return URL.create("sqlite+pysqlite", database=path).render_as_string()
