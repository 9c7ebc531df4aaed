"""Settings as params of MLflow, whatever their length, and back."""

import hashlib
import json
import re
from collections.abc import Mapping

from seedbed.tracking.names import LONGEST_NAME, name_of_stored, stored_name

LONGEST_VALUE = 6_000
"""Characters of a param; MLflow cuts what is longer."""
_HEAD = 200
_PART = re.compile(r":u-(?P<digest>[0-9a-f]{12})-(?P<number>\d+):$")


def stored_params(settings: Mapping[str, object]) -> dict[str, str]:
    """Settings under names that MLflow takes. One that is too long is kept as JSON, ``[name, value]``, in parts.

    The names of parts end in ``:u-DIGEST-NUMBER:``, as no stored name of a setting does.
    """
    params = {}
    for name, value in settings.items():
        key, text = stored_name(name), str(value)
        if len(key) <= LONGEST_NAME and len(text) <= LONGEST_VALUE:
            params[key] = text
            continue
        whole = json.dumps([name, text], ensure_ascii=False)
        digest = hashlib.sha256(name.encode()).hexdigest()[:12]
        for number, start in enumerate(range(0, len(whole), LONGEST_VALUE)):
            params[f"{key[:_HEAD]}:u-{digest}-{number}:"] = whole[start : start + LONGEST_VALUE]
    return params


def settings_of(params: Mapping[str, str]) -> dict[str, str]:
    """The settings that ``stored_params`` was given; parts that make no whole are left as they are."""
    settings: dict[str, str] = {}
    parts: dict[str, dict[int, str]] = {}
    for key, value in params.items():
        if found := _PART.search(key):
            parts.setdefault(found["digest"], {})[int(found["number"])] = value
        else:
            settings[name_of_stored(key)] = value
    for digest, texts in parts.items():
        try:
            name, value = json.loads("".join(texts[number] for number in sorted(texts)))
        except ValueError:
            name, value = digest, "".join(texts.values())
        settings[name] = value
    return settings
