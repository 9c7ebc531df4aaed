"""A model folder in MLflow: as a pyfunc model with a signature, in the registry with an alias."""

import tempfile
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seedbed.config.plugins import AllowedModule
from seedbed.errors import InputError, one_line
from seedbed.saved_models.description import MODEL, Description, read_description
from seedbed.saved_models.folder import write_folder
from seedbed.saved_models.mlflow_files import LOADER, TEXT, signature
from seedbed.saved_models.requirement import requirement
from seedbed.tracking.mlflow_env import mlflow_environment

if TYPE_CHECKING:
    from seedbed.tracking.settings import Tracking

ALIAS = "winner"


def register(tracking: "Tracking", name: str, files: Mapping[str, bytes], allowed: Sequence[AllowedModule] = ()) -> str:
    """Log the files of a model into a store and register it as ``NAME`` with the alias `ALIAS`; return its address.

    ``allowed``: modules of plugins that may be imported. Raises InputError where the store refuses.
    """
    description = read_description(files[MODEL], f"register={name}", allowed)
    with mlflow_environment(), warnings.catch_warnings(), tempfile.TemporaryDirectory() as temporary:
        warnings.simplefilter("ignore")  # of MLflow about its own types
        import mlflow
        from mlflow.exceptions import MlflowException

        mlflow.set_tracking_uri(tracking.address)
        mlflow.set_registry_uri(tracking.address)
        try:
            mlflow.set_experiment(tracking.experiment)
            arguments = _arguments(files, description, Path(temporary))
            logged = mlflow.pyfunc.log_model(name=name, registered_model_name=name, **arguments)
            version = str(logged.registered_model_version)
            client = mlflow.MlflowClient(tracking.address, tracking.address)
            client.set_registered_model_alias(name, ALIAS, version)
        except MlflowException as error:
            raise InputError(f"register={name}: {one_line(error)}") from error
    return f"models:/{name}@{ALIAS} (version {version})"


def _arguments(
    files: Mapping[str, bytes], description: Description, temporary: Path
) -> dict[str, Any]:  # Any: of MLflow
    """The arguments of MLflow, which copies a folder."""
    import pandas as pd
    from mlflow.models import ModelSignature

    folder = temporary / "seedbed_model"
    write_folder(folder, files)
    return {
        "loader_module": LOADER,
        "data_path": str(folder),
        "signature": ModelSignature.from_dict(signature(description)),
        "input_example": pd.DataFrame({TEXT: ["This is an example."]}),
        "pip_requirements": [requirement(description)],
    }
