"""What a result was computed with: commit, versions, platform. Cheap: nothing heavy is imported."""

import platform
import subprocess
import sys
from importlib import metadata
from pathlib import Path

PACKAGES = ("seedbed", "keras", "tensorflow", "tensorflow-hub", "jax", "numpy", "mlflow")


def environment_tags(device: str = "", folder: Path | None = None) -> dict[str, str]:
    """Tags for every run: commit of ``folder`` (the working directory), versions, platform, and ``device`` if given."""
    tags = {
        "seedbed.versions": " ".join(f"{name} {version}" for name, version in versions().items()),
        "seedbed.platform": platform.platform(),
        "mlflow.source.name": "seedbed",
        "mlflow.source.type": "LOCAL",
    }
    if device:
        tags["seedbed.device"] = device
    if found := commit(folder or Path.cwd()):
        tags |= {"seedbed.commit": found, "mlflow.source.git.commit": found.removesuffix("-dirty")}
    return tags


def versions() -> dict[str, str]:
    """Python and the packages that decide a result, those that are installed."""
    found = {"python": ".".join(map(str, sys.version_info[:3]))}
    for name in PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def commit(folder: Path) -> str:
    """The git commit of ``folder``, with ``-dirty`` where tracked files were changed; empty where there is none."""
    command = ["git", "describe", "--always", "--abbrev=40", "--dirty", "--exclude=*"]
    try:
        answer = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return answer.stdout.strip() if answer.returncode == 0 else ""
