"""Where the files of a model of contextual vectors are, without fetching or opening them."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from seedbed.data.sources import Status
    from seedbed.embeddings.elmo import Elmo


def model_files(model: "Elmo") -> "list[Status]":
    """Return the status of the files of an ELMo, or of its hub module."""
    from seedbed.data.sources import Status, status

    if model.source == "hub":
        path = hub_path(model)
        return [Status(model.name_of_model(), "missing" if path is None else "path", str(path or ""))]
    files = [(getattr(model, key), getattr(model, f"{key}_sha256")) for key in ("options", "weights")]
    return [
        status(model.folder, [file.rpartition("/")[2]], sha256=sha256, verify=False) if "://" in file
        else status("", [], path=file, verify=False)
        for file, sha256 in files
    ]  # fmt: skip


def hub_path(model: "Elmo") -> Path | None:
    """Return where a hub module is on this machine, or None."""
    from seedbed.embeddings.hub.locate import find_local_copy

    if not model.handle.startswith(("https://", "http://")):
        return Path(model.handle) if model.handle and Path(model.handle).expanduser().exists() else None
    return find_local_copy(model.handle, hub_folder(model))


def hub_folder(model: "Elmo") -> str:
    """Return the folder for a hub module's archive, relative to that of the data."""
    return f"hub/{model.name_of_model().replace('/', '-')}"
