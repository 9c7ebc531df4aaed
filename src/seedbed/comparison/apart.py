"""Cells of many comparisons and machines as one study: each once, and what is not the same under names of its own."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from seedbed.comparison.record import numbered_by_seed, repeated
from seedbed.errors import InputError
from seedbed.results import IDENTITY_COLUMNS
from seedbed.tracking.query import StoredCell

MOST_NAMED = 3
"""So many settings may be appended to the name of an arm; where more differ, the name of the study must do."""
_MODEL = ("embedding.", "encoder.", "training.")
_ARM = ("dataset", "arm", "data")
_COUNTED = "examples."
"""Settings that follow from the draw differ between replicates of one arm."""


@dataclass(frozen=True)
class Gathered:
    """Rows of results.csv, and in sentences what was left out and how cells were told apart."""

    rows: tuple[Mapping[str, Any], ...]
    parents: tuple[str, ...]
    """The runs of the comparisons that the cells were trained in."""
    studies: tuple[str, ...]
    said: tuple[str, ...]
    settings: Mapping[str, Mapping[str, str]]
    """By arm, what its cells were trained with."""


def gathered(cells: Sequence[StoredCell], where: str) -> Gathered:
    """What a report of these runs of cells, newest first, is made of; InputError where they cannot be told apart.

    A cell (fingerprint) counts once, with its latest finished run. Arms of one name and data set that were trained with
    different settings, at one size or at several, get those settings, or the name of their study, appended. Then
    replicates of one number are numbered by seed. What is still alike was trained from other data, vectors or versions:
    the condition must say more.
    """
    said = []
    latest = _latest(cells)
    if len(latest) < len(cells):
        said.append(f"{len(cells) - len(latest):,} left out: an earlier run of the same cell.")
    own, told = _named_apart(latest, where)
    said += told
    own, dropped = _without_retried(own)
    if dropped:
        said.append(f"{dropped:,} left out: not finished, where another run of its arm, size and replicate is.")
    rows = [dict(cell.row) for cell in own]
    if repeated(rows):
        rows = numbered_by_seed(rows)
        said.append("Replicates are numbered by their seeds, as runs with different seeds number theirs alike.")
    if twice := repeated(rows):
        raise InputError(_alike(twice, own, rows, where))
    settings = {cell.row["arm"]: cell.settings for cell in reversed(own)}
    unfinished = Counter(row["status"] for row in rows if row["status"] != "finished")
    said += [f"{number:,} {status}: shown, not counted." for status, number in unfinished.items()]
    return Gathered(tuple(rows), _each(own, "parent"), _each(own, "study"), tuple(said), settings)


def _latest(cells: Sequence[StoredCell]) -> list[StoredCell]:
    found: dict[str, StoredCell] = {}
    for cell in cells:
        known = found.setdefault(cell.row["cell"], cell)
        if known.row["status"] != "finished" and cell.row["status"] == "finished":
            found[cell.row["cell"]] = cell
    return list(found.values())


def _named_apart(cells: Sequence[StoredCell], where: str) -> tuple[list[StoredCell], list[str]]:
    """The cells with names of arms that stand for one group of settings each, and what was renamed."""
    named, said = [], []
    for (dataset, arm, _), own in _groups(cells, lambda cell: tuple(map(cell.row.get, _ARM))).items():
        differ = _differing(own)
        if not differ:
            named += own
            continue
        if len(differ) <= MOST_NAMED:
            new = [f"{arm} " + " ".join(f"{key}={cell.settings.get(key, 'unset')}" for key in differ) for cell in own]
            by = " and ".join(differ)
        elif not any(_differing(part) for part in _groups(own, lambda cell: cell.tags.get("study", "")).values()):
            new = [f"{arm} ({cell.tags.get('study', 'no study')})" for cell in own]
            by = f"study, as they differ in {_some(differ)}"
        else:
            raise InputError(
                f"{where}: arm {arm} of {dataset} was trained with different settings, in {_some(differ)}; "
                f"say more in where=, such as {differ[0]}={_literal(own[0].settings.get(differ[0]))}"
            )
        named += [_renamed(cell, name) for cell, name in zip(own, new, strict=True)]
        number = len(set(new))
        said.append(f"Arm {arm} of {dataset} was trained with different settings: {number} arms, told apart by {by}.")
    said += _unlike_elsewhere(named)
    places = {cell.row["run"]: place for place, cell in enumerate(cells)}
    return sorted(named, key=lambda cell: places[cell.row["run"]], reverse=True), said


def _unlike_elsewhere(cells: Sequence[StoredCell]) -> Iterator[str]:
    """Arms that keep one name in several data sets, and are not trained alike there."""
    for arm, own in _groups(cells, lambda cell: cell.row["arm"]).items():
        parts = [name for name in _differing(own) if name.startswith(_MODEL)]
        if parts and len({cell.row["dataset"] for cell in own}) > 1:
            yield f"Arm {arm} is not the same model in each data set: it differs in {_some(parts)}."


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "")


def _differing(cells: Sequence[StoredCell]) -> list[str]:
    """The settings in which cells differ, by name."""
    kinds = list({id(cell.settings): cell.settings for cell in cells}.values())
    names = {name for kind in kinds for name in kind} if len(kinds) > 1 else set()
    return sorted(n for n in names if not n.startswith(_COUNTED) and len({kind.get(n) for kind in kinds}) > 1)


def _without_retried(cells: Sequence[StoredCell]) -> tuple[list[StoredCell], int]:
    """Without unfinished cells whose arm, size, replicate and seeds another one finished."""

    def key(cell: StoredCell) -> tuple:
        return tuple(cell.row.get(name) for name in IDENTITY_COLUMNS if name not in ("draw", "cell"))

    finished = {key(cell) for cell in cells if cell.row["status"] == "finished"}
    kept = [cell for cell in cells if cell.row["status"] == "finished" or key(cell) not in finished]
    return kept, len(cells) - len(kept)


def _alike(twice: tuple, cells: Sequence[StoredCell], rows: Sequence[Mapping[str, Any]], where: str) -> str:
    dataset, arm, n_train, replicate = twice
    same = [
        cell
        for cell, row in zip(cells, rows, strict=True)
        if (row["dataset"], row["arm"], row["n_train"], row["replicate"]) == twice
    ]
    names = [*IDENTITY_COLUMNS[:-1], *dict.fromkeys(name for cell in same for name in cell.tags)]
    names = [name for name in names if len({cell.value(name) for cell in same}) > 1 and name != "replicate"]
    differ = f"they differ in {', '.join(names)}" if names else "they differ in data or vectors"
    return (
        f"{where}: arm {arm} of {dataset}, n_train {n_train}, replicate {replicate} is there {len(same)} times with "
        f"the same settings; {differ}: say more in where="
    )


def _groups(cells: Iterable[StoredCell], key: Callable[[StoredCell], Any]) -> dict[Any, list[StoredCell]]:
    found: dict[Any, list[StoredCell]] = {}
    for cell in cells:
        found.setdefault(key(cell), []).append(cell)
    return found


def _renamed(cell: StoredCell, arm: str) -> StoredCell:
    return replace(cell, row=dict(cell.row) | {"arm": arm})


def _each(cells: Sequence[StoredCell], tag: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(cell.tags[tag] for cell in cells if cell.tags.get(tag)))


def _literal(value: str | None) -> str:
    if value is None:
        return "''"
    try:
        float(value)
    except ValueError:
        return "'" + value.replace("'", "''") + "'"
    return value
