"""Places of artifacts outside this machine: what each kind needs, and whether it can be written to."""

import importlib
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from seedbed.errors import InputError, one_line


class Client(NamedTuple):
    """What MLflow imports for a scheme, what is to be installed for it, and how an address looks."""

    modules: tuple[str, ...]
    packages: str
    example: str


_S3 = ("boto3", "botocore")
CLIENTS = {
    "s3": Client(_S3, "boto3", "s3://BUCKET/PATH"),
    "r2": Client(_S3, "boto3", "r2://BUCKET@ACCOUNT.r2.cloudflarestorage.com/PATH"),
    "b2": Client(_S3, "boto3", "b2://BUCKET@s3.REGION.backblazeb2.com/PATH"),
    "gs": Client(("google.cloud.storage",), "google-cloud-storage", "gs://BUCKET/PATH"),
    "wasbs": Client(
        ("azure.storage.blob",),
        "azure-storage-blob azure-identity",
        "wasbs://CONTAINER@ACCOUNT.blob.core.windows.net/PATH",
    ),
    "abfss": Client(
        ("azure.storage.filedatalake",),
        "azure-storage-file-datalake azure-identity",
        "abfss://FILE_SYSTEM@ACCOUNT.dfs.core.windows.net/PATH",
    ),
    "sftp": Client(("paramiko", "pysftp"), "pysftp", "sftp://USER@HOST/PATH"),
    "ftp": Client((), "", "ftp://USER:PASSWORD@HOST/PATH"),
    "hdfs": Client(("pyarrow.fs",), "pyarrow", "hdfs://HOST:PORT/PATH"),
    "viewfs": Client(("pyarrow.fs",), "pyarrow", "viewfs://CLUSTER/PATH"),
    "http": Client((), "", "http://HOST:PORT/PATH"),
    "https": Client((), "", "https://HOST/PATH"),
    "dbfs": Client((), "", "dbfs:/PATH"),
    "mlflow-artifacts": Client((), "", "mlflow-artifacts:/PATH"),
}
"""The schemes that MLflow brings; plugins add theirs."""
_WITH_HOST = {"s3", "r2", "b2", "gs", "wasbs", "abfss", "http", "https"}
_REGISTRY = "mlflow.store.artifact.artifact_repository_registry"
_SCHEME = re.compile(r"(?P<scheme>[A-Za-z][\w+.-]+):/")
MARK = "seedbed.txt"
"""Written to the top of a remote place, to see whether it can be written to; nothing is deleted there."""


def scheme_of(place: str) -> str:
    """The scheme of an address; empty for a path of this machine."""
    found = _SCHEME.match(place)
    return found["scheme"].lower() if found else ""


def shown(address: str) -> str:
    """An address without its password; of this machine, the path."""
    if scheme_of(address) == "file":
        return unquote(urlsplit(address).path)
    return re.sub(r"//([^/@:]*):[^/@]*@", r"//\1:***@", address)


def refuse_without_client(address: str) -> None:
    """InputError where the kind of place is not known, or what MLflow needs for it is not installed. Asks no server."""
    scheme = scheme_of(address)
    if scheme in {"", "file"}:
        return
    client = CLIENTS.get(scheme)
    if client is None and scheme not in _of_plugins():
        known = ", ".join(CLIENTS)
        raise InputError(
            f"tracking store: artifacts {address}: no such kind of place; give a folder, or one of {known}"
        )
    if client is None:
        return
    if scheme in _WITH_HOST and not re.match(r"[\w+.-]+://[^/?#]", address):
        raise InputError(f"tracking store: artifacts {shown(address)}: names no host or bucket; write {client.example}")
    for module in client.modules:
        with failing(address, module):
            importlib.import_module(module)


def refuse_unwritable_place(address: str, tracking_uri: str) -> None:
    """InputError where artifacts cannot be written to a place that is not on this machine."""
    refuse_without_client(address)
    with failing(address):
        place = repository(address, tracking_uri)
        if scheme_of(address) == "dbfs":  # Databricks lets a run alone write, to its own folder
            return
        with tempfile.TemporaryDirectory() as folder:
            mark = Path(folder, MARK)
            mark.write_text("Files of runs of seedbed. Written when the store is opened, to see that it can be.\n")
            place.log_artifact(str(mark))


def repository(address: str, tracking_uri: str):
    """MLflow's own repository of a place; to be made and used within ``failing``."""
    from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository

    return get_artifact_repository(address, tracking_uri=tracking_uri)


@contextmanager
def failing(address: str, module: str = "") -> Iterator[None]:
    """Whatever MLflow or the client of the place raises becomes one line that names the place.

    ``module``: what is imported here.
    """
    try:
        yield
    except InputError:
        raise
    except ImportError as error:
        client = CLIENTS.get(scheme_of(address))
        what = module or error.name or "its client"
        why = "is not installed" if isinstance(error, ModuleNotFoundError) else f"cannot be imported: {_reason(error)}"
        todo = f"; pip install {client.packages}" if client and client.packages else ""
        raise InputError(f"tracking store: artifacts {shown(address)}: {what} {why}{todo}") from error
    except Exception as error:
        reason = _reason(error)
        cut = reason if len(reason) < 300 else reason[:300] + " ..."
        raise InputError(f"tracking store: artifacts {shown(address)}: {cut}") from error


def _reason(error: Exception) -> str:
    said = one_line(error)
    plain = isinstance(error, OSError) or type(error).__module__.partition(".")[0] == "mlflow"
    return shown(said if said and plain else ": ".join(filter(None, [type(error).__name__, said])))


def _of_plugins() -> set[str]:
    """Schemes that installed packages add to MLflow's, and those that this process did."""
    found = {one.name for one in metadata.entry_points(group="mlflow.artifact_repository")}
    if _REGISTRY in sys.modules:
        found |= set(sys.modules[_REGISTRY].get_registered_artifact_repositories()) - {"runs", "models", "", "file"}
    return found
