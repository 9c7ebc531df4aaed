"""The names of the studies in a store, for messages about one that is not there or that is ambiguous."""

from typing import TYPE_CHECKING

from seedbed.errors import InputError, nearest

if TYPE_CHECKING:
    from seedbed.tracking.store import Store

_MOST_LISTED = 6


def study_names(store: "Store") -> list[str]:
    """Return the names of all studies in a store, sorted."""
    return sorted({name for run in store.find_runs({}) if (name := run.tags.get("seedbed.name"))})


def no_study(store: "Store", name: str, key: str = "") -> InputError:
    """Return the error about a study that is not in the store, with names that are near.

    ``key``: of the setting with the name, if it is one.
    """
    hint = nearest(name, study_names(store), key)
    given = f"{key}={name}" if key else name
    return InputError(f"{given}: no study of this name in {store.tracking.shown_address}{hint}")


def runs_to_choose(store: "Store", name: str) -> str:
    """Return the run ids of all comparisons of a name, newest first, each with the time (UTC) when it was started."""
    runs = store.find_runs({"seedbed.kind": "comparison", "seedbed.name": name})
    started = sorted(((run.tags.get("seedbed.opened", ""), run.id) for run in runs), reverse=True)
    shown = [f"comparison={run_id} ({time[:16].replace('T', ' ') or 'no date'})" for time, run_id in started]
    more = f" and {len(shown) - _MOST_LISTED} older ones" * (len(shown) > _MOST_LISTED)
    return ", ".join(shown[:_MOST_LISTED]) + more
