"""The command that opens MLflow's UI."""

import os
import shlex
import shutil
import sys
from pathlib import Path

from seedbed.tracking.settings import Tracking


def ui_command(tracking: Tracking) -> str:
    """Return the command that opens MLflow's UI, to be run in this folder; for a server, its address."""
    if tracking.address.startswith(("http", "databricks")):
        return tracking.shown_address
    address = tracking.address if tracking.database else tracking.shown_address
    return f"{_mlflow_program()} ui --backend-store-uri {shlex.quote(address)}"


def _mlflow_program() -> str:
    """Return ``mlflow``, or its path where the shell would not find that of this environment."""
    program = Path(sys.executable).parent / "mlflow"
    if not program.exists() or shutil.which("mlflow") == str(program):
        return "mlflow"
    relative = os.path.relpath(program)
    return shlex.quote(str(program) if relative.startswith("..") else relative)
