"""Remote locations of artifacts: what each scheme needs, and whether it can be written to."""

import importlib
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote, urlsplit

from seedbed.errors import InputError
from seedbed.masking import masked
from seedbed.tracking.mlflow_env import mlflow_environment
from seedbed.tracking.mlflow_import import import_mlflow
from seedbed.tracking.reasons import foreign_text, is_store_error, reason_of, shortened_reason, store_failure

if TYPE_CHECKING:
    from mlflow.store.artifact.artifact_repo import ArtifactRepository


class Client(NamedTuple):
    """The modules that MLflow imports for a scheme, the packages to install, and an example of an address."""

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
"""The schemes that MLflow supports; plugins add more."""
_WITH_HOST = {"s3", "r2", "b2", "gs", "wasbs", "abfss", "http", "https"}
_REGISTRY = "mlflow.store.artifact.artifact_repository_registry"
_SCHEME = re.compile(r"(?P<scheme>[A-Za-z][\w+.-]+):/")
PROBE_FILE = "seedbed.txt"
"""Written to the top of a remote location, to check that it can be written to; nothing is deleted there."""


def scheme_of(address: str) -> str:
    """Return the scheme of an address; empty for a local path."""
    match = _SCHEME.match(address)
    return match["scheme"].lower() if match else ""


def without_password(address: str) -> str:
    """Return an address without its secrets, for messages; for a local one, the path."""
    if scheme_of(address) == "file":
        return unquote(urlsplit(address).path)
    return masked(address)


def refuse_without_client(address: str) -> None:
    """Raise InputError for an unknown scheme, or one whose client is not installed. Asks no server."""
    scheme = scheme_of(address)
    if scheme in {"", "file"}:
        return
    client = CLIENTS.get(scheme)
    if client is None and scheme not in _plugin_schemes():
        known = ", ".join(CLIENTS)
        raise InputError(
            f"tracking store: artifacts {masked(address)}: unknown scheme; give a folder, or one of {known}"
        )
    if client is None:
        return
    if scheme in _WITH_HOST and not re.match(r"[\w+.-]+://[^/?#]", address):
        raise InputError(
            f"tracking store: artifacts {without_password(address)}: names no host or bucket; write {client.example}"
        )
    for module in client.modules:
        with artifact_errors(address, module):
            importlib.import_module(module)


def refuse_unwritable_address(address: str, tracking_uri: str) -> None:
    """Raise InputError where artifacts cannot be written to a remote address."""
    refuse_without_client(address)
    with artifact_errors(address):
        repository = artifact_repository(address, tracking_uri)
        if scheme_of(address) == "dbfs":  # Databricks lets only a run write, to its own folder
            return
        with tempfile.TemporaryDirectory() as folder:
            probe = Path(folder, PROBE_FILE)
            probe.write_text("Files of runs of seedbed. Written when the store is opened, to see that it can be.\n")
            repository.log_artifact(str(probe))


def artifact_repository(address: str, tracking_uri: str) -> "ArtifactRepository":
    """Return MLflow's repository for an address. Create and use it within ``artifact_errors``."""
    import_mlflow()
    from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository

    return get_artifact_repository(address, tracking_uri=tracking_uri)


@contextmanager
def artifact_errors(address: str, module: str = "") -> Iterator[None]:
    """Turn whatever MLflow or the client of the scheme raises into one line that names the address.

    ``module``: the module that is imported within.
    """
    try:
        with mlflow_environment():
            yield
    except InputError:
        raise
    except ImportError as error:
        client = CLIENTS.get(scheme_of(address))
        missing = module or error.name or "its client"
        problem = (
            "is not installed"
            if isinstance(error, ModuleNotFoundError)
            else f"cannot be imported: {_reason(error, address)}"
        )
        hint = f"; pip install {client.packages}" if client and client.packages else ""
        raise InputError(f"tracking store: artifacts {without_password(address)}: {missing} {problem}{hint}") from error
    except Exception as error:
        where = f"tracking store: artifacts {without_password(address)}"
        reason = reason_of(error, (address,))
        if reason.passing or is_store_error(error) or isinstance(error, OSError):
            raise store_failure(where, error, (address,)) from error
        raise InputError(f"{where}: {shortened_reason(_reason(error, address))}") from error


def _reason(error: Exception, address: str) -> str:
    """Return the message of an exception of a client, which may need its type to be understood."""
    return ": ".join(filter(None, [type(error).__name__, foreign_text(error, (address,))]))


def _plugin_schemes() -> set[str]:
    """Return the schemes added by installed packages, and those registered in this process."""
    schemes = {point.name for point in metadata.entry_points(group="mlflow.artifact_repository")}
    if _REGISTRY in sys.modules:
        schemes |= set(sys.modules[_REGISTRY].get_registered_artifact_repositories()) - {"runs", "models", "", "file"}
    return schemes
