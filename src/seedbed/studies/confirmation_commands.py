"""Whether the command that confirms a choice would be refused, and the sweep that leaves texts for it."""

import math
import shlex
from collections.abc import Sequence
from dataclasses import dataclass, replace

from seedbed.cells import Row
from seedbed.config.override_syntax import override_key
from seedbed.config.study import study
from seedbed.data.holdout import NoTextsLeftError
from seedbed.errors import InputError
from seedbed.studies.planning import read_plan
from seedbed.tracking.settings import Tracking


@dataclass(frozen=True)
class Confirmation:
    """The ``command`` that trains a choice on fresh draws and tests it on new texts.

    ``refused``: why it would be refused; empty where it works. ``again``: then the sweep that leaves texts for it;
    empty where that would not help, or the values of the sweep are no product of lists.
    """

    command: str
    refused: str = ""
    again: str = ""


def checked_confirmation(
    words: Sequence[str], shown: Sequence[str], config_dir: str | None, tracking: Tracking, records: Sequence[Row]
) -> Confirmation:
    """Return the confirmation with these words, ``run`` or ``compare`` the first of them; draws as it would.

    ``shown``: settings of the store for the command, without passwords; ``tracking``: the store itself. ``records``:
    those of the sweep.
    """
    command, *settings = words
    first = ["--config-dir", config_dir] if config_dir else []
    text = shlex.join(["seedbed", command, *first, *settings, *shown])
    try:
        composed = study(settings, config_dir, single=command == "run")
        read_plan(replace(composed, tracking=tracking), lambda line: None)
    except NoTextsLeftError as error:
        again = _sweep_again(records, error.settings)
        return Confirmation(text, str(error), shlex.join([*again, *first, *shown]) if again else "")
    except InputError as error:
        return Confirmation(text, str(error))
    return Confirmation(text)


def _sweep_again(records: Sequence[Row], settings: Sequence[str]) -> list[str]:
    """Return the command of the sweep of these records with other settings, under another name."""
    jobs = [record["job"] for record in reversed(records) if record.get("job")]  # the first job first
    values: dict[str, list[str]] = {}
    for override in dict.fromkeys(override for job in jobs for override in job["swept"]):
        key, _, value = override.partition("=")
        values.setdefault(key, []).append(value)
    if math.prod(map(len, values.values())) != len({tuple(sorted(job["swept"])) for job in jobs}):
        return []
    shared = jobs[0]["shared"]
    names = [override.partition("=")[2] for override in shared if override_key(override) == "name"]
    own = {override_key(override) for override in settings} | {"name"}
    kept = [override for override in shared if override_key(override) not in own]
    swept = [f"{key}={','.join(of_key)}" for key, of_key in values.items()]
    name = f"name={names[0] if names else 'study'}_kept"
    return ["seedbed", "run", "-m", name, *kept, *settings, *swept]
