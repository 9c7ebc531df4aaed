"""How people look at the store."""

import os
import shlex
import shutil
import sys
from pathlib import Path

from seedbed.tracking.settings import Tracking


def ui_command(tracking: Tracking) -> str:
    """The command that opens the MLflow UI, to be pasted in this folder; of a server, its address."""
    if tracking.address.startswith(("http", "databricks")):
        return tracking.shown_address
    address = tracking.address if tracking.database else tracking.shown_address
    return f"{_mlflow_program()} ui --backend-store-uri {shlex.quote(address)}"


def _mlflow_program() -> str:
    """``mlflow``, or its path where the shell would not find that of this environment."""
    ours = Path(sys.executable).parent / "mlflow"
    if not ours.exists() or shutil.which("mlflow") == str(ours):
        return "mlflow"
    here = os.path.relpath(ours)
    return shlex.quote(str(ours) if here.startswith("..") else here)
