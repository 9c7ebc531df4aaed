"""Read a JSON file whose content is an object, such as the config of a model."""

from pathlib import Path
from typing import Any

from seedbed.errors import InputError
from seedbed.readable import read_json


def read_json_object(path: Path) -> dict[str, Any]:  # Any: JSON
    """Return the object in a JSON file; raises InputError."""
    content = read_json(path)
    if not isinstance(content, dict):
        raise InputError(f"{path}: must be a JSON object")
    return content
