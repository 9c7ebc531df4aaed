"""The commit, package versions and platform of a result, without importing the packages."""

import platform
import subprocess
import sys
from importlib import metadata
from pathlib import Path

PACKAGES = ("seedbed", "keras", "tensorflow", "tensorflow-hub", "jax", "numpy", "mlflow")


def environment_tags(device: str = "", folder: Path | None = None) -> dict[str, str]:
    """Return tags for every run: commit of ``folder`` (the working directory), versions, platform and ``device``."""
    tags = {
        "seedbed.versions": " ".join(f"{name} {version}" for name, version in versions().items()),
        "seedbed.platform": platform.platform(),
        "mlflow.source.name": "seedbed",
        "mlflow.source.type": "LOCAL",
    }
    if device:
        tags["seedbed.device"] = device
    if revision := commit(folder or Path.cwd()):
        tags |= {"seedbed.commit": revision, "mlflow.source.git.commit": revision.removesuffix("-dirty")}
    return tags


def versions() -> dict[str, str]:
    """Return the versions of Python and of the installed packages that affect results."""
    versions = {"python": ".".join(map(str, sys.version_info[:3]))}
    for name in PACKAGES:
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return versions


def commit(folder: Path) -> str:
    """Return the git commit of a folder, with ``-dirty`` where tracked files were changed; empty outside git."""
    command = ["git", "describe", "--always", "--abbrev=40", "--dirty", "--exclude=*"]
    try:
        result = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return result.stdout.strip() if result.returncode == 0 else ""
