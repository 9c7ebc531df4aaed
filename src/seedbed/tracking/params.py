"""Convert settings of any length to params of MLflow, and back."""

import hashlib
import json
import re
from collections.abc import Mapping

from seedbed.masking import without_addresses
from seedbed.tracking.names import LONGEST_NAME, name_of_stored, stored_name

LONGEST_VALUE = 6_000
"""Characters of a param; MLflow cuts longer ones."""
_HEAD = 200
_PART = re.compile(r":u-(?P<digest>[0-9a-f]{12})-(?P<number>\d+):$")


def stored_params(settings: Mapping[str, object]) -> dict[str, str]:
    """Return settings under names that MLflow accepts, without passwords in addresses.

    One that is too long is JSON, ``[name, value]``, in parts.
    The names of parts end in ``:u-DIGEST-NUMBER:``, which no stored name of a setting does.
    """
    params = {}
    for name, value in settings.items():
        key, text = stored_name(name), without_addresses(str(value))
        if len(key) <= LONGEST_NAME and len(text) <= LONGEST_VALUE:
            params[key] = text
            continue
        text = json.dumps([name, text], ensure_ascii=False)
        digest = hashlib.sha256(name.encode()).hexdigest()[:12]
        for number, start in enumerate(range(0, len(text), LONGEST_VALUE)):
            params[f"{key[:_HEAD]}:u-{digest}-{number}:"] = text[start : start + LONGEST_VALUE]
    return params


def settings_of(params: Mapping[str, str]) -> dict[str, str]:
    """Return the settings of ``stored_params``; incomplete parts are returned under their digest."""
    settings: dict[str, str] = {}
    parts: dict[str, dict[int, str]] = {}
    for key, value in params.items():
        if match := _PART.search(key):
            parts.setdefault(match["digest"], {})[int(match["number"])] = value
        else:
            settings[name_of_stored(key)] = value
    for digest, texts in parts.items():
        try:
            name, value = json.loads("".join(texts[number] for number in sorted(texts)))
        except ValueError:
            name, value = digest, "".join(texts.values())
        settings[name] = value
    return settings
