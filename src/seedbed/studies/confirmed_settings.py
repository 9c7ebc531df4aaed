"""Settings in which an arm of a confirming study differs from the arm of the confirmed study that is nearest to it."""

from collections.abc import Iterator, Mapping, Sequence

from seedbed.cells import Row
from seedbed.config.schema import Arm

Settings = Mapping[str, str]

SEARCHED = "(searched)"
"""In place of a value: it was chosen for each replicate, and a confirming study may have any."""
_MOST_LISTED = 6
_OF_TESTING = ("sampling.test", "sampling.redraw_test")
"""Settings that a confirming study may change: which texts are tested is what it is for."""


def settings_of_records(records: Sequence[Row]) -> dict[str, Settings]:
    """Return the settings of all arms of a study by their names; keys that it searched are ``SEARCHED``."""
    arms: dict[str, Settings] = {}
    for record in records:
        tune = record.get("context", {}).get("Settings", {}).get("tune") or {}
        spaces = [tune.get("space") or {}, *(tune.get("spaces") or {}).values()] if tune.get("method") != "none" else []
        searched = {key: SEARCHED for space in spaces for key in space}
        for name, settings in record.get("settings", {}).items():
            arms[name] = settings | searched
    return arms


def differing_settings(study: str, arms: Sequence[Arm], confirmed: Mapping[str, Settings]) -> Iterator[str]:
    """Yield a line for each arm that has the settings of no arm of the confirmed ``study``: what the nearest one had.

    ``confirmed``: what `settings_of_records` returns; without it nothing is known, and nothing yielded.
    """
    for arm in arms if confirmed else ():
        own = dict(arm.choices) | dict(arm.settings) | arm.files
        differing = {name: _differing(own, settings) for name, settings in confirmed.items()}
        name, keys = min(differing.items(), key=lambda item: len(item[1]))
        if keys:
            texts = [f"{key}={confirmed[name].get(key, 'unset')} (here {own.get(key, 'unset')})" for key in keys]
            more = f" and {len(keys) - _MOST_LISTED} more" if len(keys) > _MOST_LISTED else ""
            yield (
                f"confirm={study}: arm {arm.name} has the settings of no arm of that study; the nearest, {name}, had "
                f"{', '.join(texts[:_MOST_LISTED])}{more}"
            )


def _differing(own: Settings, other: Settings) -> list[str]:
    """Return the keys of the other settings with another value here, and own keys of the same groups that it lacks."""
    keys = dict.fromkeys([*other, *(key for key in own if "." in key)])
    return [key for key in keys if key not in _OF_TESTING and other.get(key) not in (own.get(key), SEARCHED)]
