"""Read a JSON file whose content is an object, such as the config of a model."""

import json
from pathlib import Path
from typing import Any

from seedbed.errors import InputError, one_line
from seedbed.readable import regular


def read_json_object(path: Path) -> dict[str, Any]:  # Any: JSON
    """Return the object in a JSON file; raises InputError."""
    regular(path)
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: cannot be read as JSON: {one_line(error)}") from error
    if not isinstance(content, dict):
        raise InputError(f"{path}: must be a JSON object")
    return content
