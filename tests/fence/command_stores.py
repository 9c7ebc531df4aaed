"""Addresses with passwords, servers that fail, drivers that are missing, and stores and studies that are damaged."""

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from tests.fence.command_input import ARMS, SECRET, CommandInput

DEAD = "127.0.0.1:9"
SECRETS = {
    # the address: exit code and what is said
    f"postgresql://me:{SECRET}@{DEAD}/x": (75, r"postgresql://\*\*\*@127.0.0.1:9/x"),
    f"postgresql://me:{quote(f'{SECRET}/p@ss?w=1', safe='')}@{DEAD}/x": (75, r"\*\*\*@127.0.0.1:9/x"),
    f"postgresql://me:{SECRET}/w@rd@{DEAD}/x": (75, r"\*\*\*"),
    f"postgresql://me@{DEAD}/x?password={SECRET}": (75, r"password=\*\*\*"),
    f"postgresql:me:{SECRET}@{DEAD}": (2, r"\*\*\*"),
    f"mysql+pymysql://me:{SECRET}#x@{DEAD}/x": (2, r"\*\*\*"),
    f"mssql+pyodbc:///?odbc_connect=PWD%3D{SECRET}": (2, r"\*\*\*"),
    f"http://me:{SECRET}@{DEAD}": (75, r"http://\*\*\*@127.0.0.1:9"),
    f"http://{SECRET}@{DEAD}": (75, r"http://\*\*\*@127.0.0.1:9"),
    f"http://{DEAD}/?token={SECRET}": (75, r"token=\*\*\*"),
    f"http://me:{SECRET}@{DEAD}/{{x": (75, r"\*\*\*"),
    f"mongo://me:{SECRET}@{DEAD}/x": (2, r"\*\*\*"),
    f"me:{SECRET}@{DEAD}/x": (2, r"\*\*\*"),
}
"""Addresses with a password; nothing listens at the port."""

SERVERS: dict[object, tuple[int, str]] = {
    401: (2, r"answers 401 \(unauthorized\)"), 403: (2, r"answers 403 \(forbidden\)"),
    404: (2, r"answers 404 \(not found\)"), 429: (75, r"answers 429 \(too many requests\)"),
    500: (75, r"answers 500 \(internal server error\)"), 502: (75, r"answers 502 \(bad gateway\)"),
    503: (75, r"answers 503 \(service unavailable\)"), 504: (75, r"answers 504 \(gateway timeout\)"),
    "close": (75, "closes the connection"), "empty": (2, "its answer is empty"), "html": (2, "its answer is no JSON"),
    "redirect": (2, "redirects without end"), "hang": (75, "does not answer"),
}  # fmt: skip
"""What a server answers: exit code and what is said."""
JSON: dict[str, dict[str, object]] = {
    "JSON of another shape": {"experiment": 5}, "an experiment without an id": {"experiment": {}},
    "a deleted experiment": {"experiment": {"experiment_id": "1", "name": "seedbed", "lifecycle_stage": "deleted"}},
}  # fmt: skip

ADDRESSES = {
    "foo": r"not the address of a store \(perhaps sqlite:///foo\)",
    "sqlite:///texts.csv": "file is not a database",
    "sqlite:///texts.csv/mlflow.db": "is not a folder",
    "sqlite:////dev/full": "",
    "sqlite:///.": "",
    "sqlite://": "tracking",
    "mysql://me@db/x": "pip install",
    "mysql+pymysql://me@db/x": "pip install",
    "mssql+pyodbc://me@db/x": "pip install",
    "oracle://me@db/x": "tracking",
    "nothing://db/x": "tracking",
    "postgresql+nothing://db/x": "nothing",
    "http://": "names no host",
    "http://127.0.0.1:99999": "tracking|port",
    f"sqlite:///{'d' * 300}.db": "File name too long|name",
}
"""Addresses that are none of a store: what is said."""

ARTIFACTS = {
    "sftp://host/x": (2, "paramiko is not installed; pip install pysftp"),
    "gs://bucket/x": (2, "google.cloud.storage is not installed; pip install google-cloud-storage"),
    "gs://": (2, "names no host or bucket"),
    "nothing://host/x": (2, "unknown scheme"),
    "/dev/full/x": (2, "Not a directory"),
    "texts.csv/x": (2, "Not a directory"),
    "ftp://127.0.0.1:9/x": (75, "does not answer"),
}
"""Places of files: exit code and what is said."""


def database(change: Callable[[bytes], bytes]) -> Callable[[Path], object]:
    """Change the bytes of the database."""
    return lambda folder: (folder / "mlflow.db").write_bytes(change((folder / "mlflow.db").read_bytes()))


def sql(*statements: str) -> Callable[[Path], None]:
    """Run statements in the database."""

    def made(folder: Path) -> None:
        with closing(sqlite3.connect(folder / "mlflow.db")) as store, store:
            for statement in statements:
                store.execute(statement)

    return made


def artifact(name: str, content: bytes | None) -> Callable[[Path], None]:
    """Write other bytes into every file of this name of the runs, or remove it."""

    def made(folder: Path) -> None:
        files = list((folder / "mlartifacts").rglob(name))
        assert files, name
        for file in files:
            file.unlink()
            if content is not None:
                file.write_bytes(content)

    return made


DAMAGED: dict[str, tuple[Callable[[Path], object], str]] = {
    "a database that is empty": (database(lambda _: b""), ""),
    "a database that is cut": (database(lambda data: data[: len(data) // 2]), "mlflow.db"),
    "a database with zeros in its middle": (database(lambda data: data[:8192] + bytes(len(data) - 8192)), "mlflow.db"),
    "a database of noise": (database(lambda data: bytes(range(256)) * (len(data) // 256)), "not a database"),
    "a database of something else": (lambda folder: other_database(folder / "mlflow.db"), "mlflow.db"),
    "a database without its runs": (sql("DROP TABLE runs"), "no study of this name"),
    "an experiment that was deleted": (sql("UPDATE experiments SET lifecycle_stage = 'deleted'"), "deleted"),
    "runs that were deleted": (sql("UPDATE runs SET lifecycle_stage = 'deleted'"), "no study of this name"),
}  # fmt: skip
FURTHER: dict[str, tuple[list[str], int, str, Callable[[Path], object]]] = {
    # commands that find enough
    "a database of a later MLflow, report": (
        ["report", "study=mine"], 0, "report: ", sql("UPDATE alembic_version SET version_num = 'ffffffffffff'")),
    "a database of a later MLflow, compare": (
        ["compare", "CSV", ARMS, "name=mine"], 2, "later|revision|schema|version",
        sql("UPDATE alembic_version SET version_num = 'ffffffffffff'", "ALTER TABLE runs ADD COLUMN new INTEGER")),
    "no files of runs, report": (
        ["report", "study=mine"], 0, "report: ", lambda folder: shutil.rmtree(folder / "mlartifacts")),
    "predictions cut in the middle, report": (
        ["report"], 0, r"Predictions of two cells cannot be read: predictions\.jsonl of run",
        artifact("predictions.jsonl", b'{"gold": ["pos"')),
    "epochs cut in the middle, report": (
        ["report"], 0, r"Epochs of two cells cannot be read: epochs\.json of run",
        artifact("epochs.json", b'{"train/loss": [0.7')),
    "no predictions, report": (["report"], 0, "report: ", artifact("predictions.jsonl", None)),
}  # fmt: skip
"""What happens to a damaged store by which command: exit code and what is said."""
RECORDS: dict[str, bytes | None] = {
    "empty": b"", "cut": b'{"cells": [', "a list": b"[1]", "cells of another shape": b'{"cells": 1}',
    "cells without keys": b'{"cells": [{"arm": "a"}]}', "100,000 levels": b"[" * 100_000, "no UTF-8": b"\xff",
    "a number of 5,000 digits": b'{"cells": ' + b"9" * 5000 + b"}", "missing": None,
}  # fmt: skip


def other_database(path: Path) -> None:
    path.unlink()
    with closing(sqlite3.connect(path)) as store, store:
        store.execute("CREATE TABLE songs (title TEXT)")


def inputs() -> list[CommandInput]:
    """Return the inputs, in the order of the page."""
    shown = {address: address.replace(SECRET, "PASSWORD") for address in SECRETS}
    found = [
        CommandInput("password in an address", shown[address], ["compare", "CSV", f'tracking.uri="{address}"'],
                     code=code, says=said, covered="cli/test_secrets.py", may_repeat=code == 75)
        for address, (code, said) in SECRETS.items()
    ]  # fmt: skip
    found += [
        CommandInput("server", f"answers {way}" if isinstance(way, int) else str(way), "report tracking.uri=SERVER",
                     code=code, says=said, way=way, covered="tracking/test_reasons.py")
        for way, (code, said) in SERVERS.items()
    ]  # fmt: skip
    found += [
        CommandInput("server", name, "report tracking.uri=SERVER", way=way, covered="tracking/test_reasons.py",
                     says="was deleted" if "deleted" in name else "its answer")
        for name, way in JSON.items()
    ]  # fmt: skip
    found += [
        CommandInput("address of a store", address[:60], ["compare", "CSV", f"tracking.uri={address}"], says=said,
                     covered="tracking/test_settings.py")
        for address, said in ADDRESSES.items()
    ]  # fmt: skip
    found += [
        CommandInput(
            "place of files", place, ["compare", "CSV", f"tracking.artifacts={place}"], code=code, says=said,
            covered="tracking/test_remote_artifacts.py",
        )
        for place, (code, said) in ARTIFACTS.items()
    ]  # fmt: skip
    found += [
        CommandInput("damaged store", name, "report study=mine", says=said, make=make, study=True,
                     covered="tracking/test_sqlite_reader.py")
        for name, (make, said) in DAMAGED.items()
    ]  # fmt: skip
    found += [
        CommandInput("damaged store", name, words, code=code, says=said, make=make, study=True,
                     covered="tracking/test_sqlite_reader.py")
        for name, (words, code, said, make) in FURTHER.items()
    ]  # fmt: skip
    found += [
        CommandInput("study.json", name, "report", study=True,
                     says="study.json",
                     make=artifact("study.json", content),
                     covered="cli/test_malformed_files.py")
        for name, content in RECORDS.items()
    ]  # fmt: skip
    return found
