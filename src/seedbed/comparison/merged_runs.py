"""Merge cells of several comparisons: deduplicate, rename arms whose settings differ."""

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from seedbed.cells import IDENTITY_COLUMNS, Row
from seedbed.comparison.record import CellKey, cell_key, numbered_by_seed, repeated_key
from seedbed.comparison.search.space import searched_keys
from seedbed.errors import InputError
from seedbed.tracking.query import StoredCell

Key = TypeVar("Key", bound=Hashable)

MOST_NAMED_SETTINGS = 3
"""Up to this many settings are appended to the name of an arm; otherwise the name of the study is."""
_MODEL = ("embedding.", "encoder.", "training.")
_ARM = ("dataset", "arm", "data")
_OF_REPLICATE = ("examples.", "tune.trial", "tune.run")
"""Settings with these prefixes follow from the draw or a search, and differ between replicates of one arm."""
_OF_SEARCH = ("examples.", "tune.")
"""Settings with these prefixes, and those that were searched, differ between a tuned cell and the default one."""


@dataclass(frozen=True)
class MergedRuns:
    """Merged cells as rows of results.csv.

    ``parents``: the runs of the comparisons in which the cells were trained. ``notes``: sentences about cells that were
    left out and arms that were renamed. ``settings``: by arm, those its cells were trained with.
    """

    rows: tuple[Row, ...]
    parents: tuple[str, ...]
    studies: tuple[str, ...]
    notes: tuple[str, ...]
    settings: Mapping[str, Mapping[str, str]]


def merge_runs(cells: Sequence[StoredCell], where: str) -> MergedRuns:
    """Merge these runs of cells, newest first. InputError where two cells cannot be distinguished.

    A cell (fingerprint) counts once, with its latest finished run. Arms of one name and data set that were trained with
    different settings get those settings, or the name of their study, appended; of an arm that was searched in several
    ways each has the default cells beside it (`_with_default_cells`). Then replicates of the same number are numbered
    by seed. Cells that still share a key differ in data, vectors or versions: the condition must select one.
    """
    notes = []
    latest = _latest(cells)
    if len(latest) < len(cells):
        notes.append(f"{len(cells) - len(latest):,} left out: an earlier run of the same cell.")
    named, renamed = _with_distinct_arms(latest, where)
    notes += renamed
    merged, dropped = _without_retried(named)
    if dropped:
        notes.append(f"{dropped:,} left out: not finished, where another run of its arm, size and replicate is.")
    rows = [dict(cell.row) for cell in merged]
    if repeated_key(rows):
        rows = numbered_by_seed(rows)
        notes.append("Replicates are numbered by their seeds, as runs with different seeds number theirs alike.")
    if key := repeated_key(rows):
        raise InputError(_ambiguous(key, merged, rows, where))
    settings = {cell.row["arm"]: cell.settings for cell in reversed(merged)}
    unfinished = Counter(row["status"] for row in rows if row["status"] != "finished")
    notes += [f"{count:,} {status}: shown, not counted." for status, count in unfinished.items()]
    return MergedRuns(tuple(rows), _tag_values(merged, "parent"), _tag_values(merged, "study"), tuple(notes), settings)


def _latest(cells: Sequence[StoredCell]) -> list[StoredCell]:
    """Return the latest finished run of each cell, else its latest run."""
    latest: dict[str, StoredCell] = {}
    for cell in cells:
        known = latest.setdefault(cell.row["cell"], cell)
        if known.row["status"] != "finished" and cell.row["status"] == "finished":
            latest[cell.row["cell"]] = cell
    return list(latest.values())


def _with_distinct_arms(cells: Sequence[StoredCell], where: str) -> tuple[list[StoredCell], list[str]]:
    """Return the cells with arms renamed so that each name has one set of settings, and notes about the renaming."""
    named, notes = [], []
    arms = _grouped(cells, lambda cell: (*map(cell.row.get, _ARM), _is_searched(cell)))
    for (dataset, arm, *_), of_arm in arms.items():
        differing = _differing_settings(of_arm)
        if not differing:
            named += of_arm
            continue
        by_study = _grouped(of_arm, lambda cell: cell.tags.get("study", "")).values()
        if len(differing) <= MOST_NAMED_SETTINGS:
            names = [
                f"{arm} " + " ".join(f"{key}={cell.settings.get(key, 'unset')}" for key in differing) for cell in of_arm
            ]
            by = " and ".join(differing)
        elif not any(map(_differing_settings, by_study)):
            names = [f"{arm} ({cell.tags.get('study', 'no study')})" for cell in of_arm]
            by = f"study, as they differ in {_join_limited(differing)}"
        else:
            raise InputError(
                f"{where}: arm {arm} of {dataset} was trained with different settings, in {_join_limited(differing)}; "
                f"say more in where=, such as {differing[0]}={_sql_literal(of_arm[0].settings.get(differing[0]))}"
            )
        named += [_renamed(cell, name) for cell, name in zip(of_arm, names, strict=True)]
        count = len(set(names))
        notes.append(
            f"Arm {arm} of {dataset} was trained with different settings: {count} arms, distinguished by {by}."
        )
    named, beside = _with_default_cells(cells, named)
    notes += [*beside, *_different_across_datasets(named)]
    indices = {cell.row["run"]: index for index, cell in enumerate(cells)}
    return sorted(named, key=lambda cell: indices[cell.row["run"]], reverse=True), notes


def _with_default_cells(cells: Sequence[StoredCell], named: Sequence[StoredCell]) -> tuple[list[StoredCell], list[str]]:
    """Return the cells with the default ones of arms that were searched in several ways beside each of these arms.

    Searches with another budget, method or space begin with the same default: it is trial 0 of each, and what the tuned
    cells of each are compared with. Without it a search would have no gain, and the default alone would be compared
    with tuned arms as an arm of its own. So it is there once for each search, at the sizes that were searched. It has
    no part in the comparison of the arms, which is of tuned cells, so that Holm's correction does not count it; the
    gains of the searches share it, and are not independent of each other. Default cells that no search began with
    keep their names.
    """
    arms = {cell.row["run"]: cell.row["arm"] for cell in cells}
    placed, notes = list[StoredCell](), list[str]()
    groups = _grouped(named, lambda cell: (cell.row["dataset"], arms[cell.row["run"]], cell.row.get("data")))
    for (dataset, arm, _), of_arm in groups.items():
        defaults = [cell for cell in of_arm if not _is_searched(cell)]
        names = dict[str, list[str]]()
        for name, tuned in _grouped(filter(_is_searched, of_arm), lambda cell: cell.row["arm"]).items():
            own, note = _defaults_of_search(tuned, defaults)
            for cell in own:
                names.setdefault(cell.row["run"], []).append(name)
            notes += [f"Default cells of arm {arm} of {dataset} {note}"] if note else []
        for cell in of_arm:
            placed += [_renamed(cell, name) for name in names.get(cell.row["run"], [cell.row["arm"]])]
        if any(len(several) > 1 for several in names.values()):
            notes.append(f"The default cells of arm {arm} of {dataset} are beside each of its searches.")
    return placed, notes


def _defaults_of_search(tuned: Sequence[StoredCell], defaults: Sequence[StoredCell]) -> tuple[list[StoredCell], str]:
    """Return the default cells that can be trial 0 of the search of these tuned cells, and a note where some cannot.

    A tuned cell does not have the default values of searched keys. So where default cells differ in these, as in a
    sweep, the search began with those of its own comparison, else of its own study. Where these differ too it has none.
    """
    of_size = {cell.row["n_train"]: cell for cell in tuned}
    fitting = [cell for cell in defaults if (one := of_size.get(cell.row["n_train"])) and _begins_with(one, cell)]
    keys = searched_keys(tuned[0].settings)
    kinds = list(_grouped(fitting, lambda cell: tuple(map(cell.settings.get, keys))).values())
    if len(kinds) < 2:
        return fitting, ""
    differing = _join_limited([key for key in keys if len({kind[0].settings.get(key) for kind in kinds}) > 1])
    name = tuned[0].row["arm"]
    for tag, origin in (("parent", "comparison"), ("study", "study")):
        same = [kind for kind in kinds if {*_tag_values(kind, tag)} & {*_tag_values(tuned, tag)}]
        if len(same) == 1:
            return same[0], f"differ in {differing}: those of the same {origin} as the tuned cells are beside {name}."
        if same:
            break
    return [], f"differ in {differing}: as it is not known with which of them its search began, {name} has none."


def _is_searched(cell: StoredCell) -> bool:
    """Return whether the settings of a cell were chosen by a search."""
    return cell.row.get("setting", "default") not in ("default", "")


def _begins_with(tuned: StoredCell, default: StoredCell) -> bool:
    """Return whether trial 0 of the search of a tuned cell has the settings of a default cell, searched ones apart."""
    names = {*tuned.settings, *default.settings} - {*searched_keys(tuned.settings)}
    return all(tuned.settings.get(n) == default.settings.get(n) for n in names if not n.startswith(_OF_SEARCH))


def _different_across_datasets(cells: Sequence[StoredCell]) -> Iterator[str]:
    """Yield a note about each arm whose model is not the same in all of its data sets."""
    for arm, of_arm in _grouped(cells, lambda cell: cell.row["arm"]).items():
        differing = [name for name in _differing_settings(of_arm) if name.startswith(_MODEL)]
        if differing and len({cell.row["dataset"] for cell in of_arm}) > 1:
            yield f"Arm {arm} is not the same model in each data set: it differs in {_join_limited(differing)}."


def _join_limited(names: Sequence[str]) -> str:
    return ", ".join(names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "")


def _differing_settings(cells: Sequence[StoredCell]) -> list[str]:
    """Return the names of the settings in which cells differ."""
    kinds = list({id(cell.settings): cell.settings for cell in cells}.values())
    names = {name for kind in kinds for name in kind} if len(kinds) > 1 else set()
    names -= {name for kind in kinds for name in searched_keys(kind)}
    return sorted(n for n in names if not n.startswith(_OF_REPLICATE) and len({kind.get(n) for kind in kinds}) > 1)


def _without_retried(cells: Sequence[StoredCell]) -> tuple[list[StoredCell], int]:
    """Return the cells without unfinished ones that another run finished, and the number of those left out."""

    def key(cell: StoredCell) -> tuple[object, ...]:
        return tuple(cell.row.get(name) for name in IDENTITY_COLUMNS if name not in ("draw", "cell"))

    finished = {key(cell) for cell in cells if cell.row["status"] == "finished"}
    remaining = [cell for cell in cells if cell.row["status"] == "finished" or key(cell) not in finished]
    return remaining, len(cells) - len(remaining)


def _ambiguous(key: CellKey, cells: Sequence[StoredCell], rows: Sequence[Row], where: str) -> str:
    """Return the message about several cells with the same key."""
    dataset, arm, n_train, replicate, _ = key
    same = [cell for cell, row in zip(cells, rows, strict=True) if cell_key(row) == key]
    names = [
        *(name for name in IDENTITY_COLUMNS if name != "cell"),
        *dict.fromkeys(name for cell in same for name in cell.tags),
    ]
    names = [name for name in names if len({cell.value(name) for cell in same}) > 1 and name != "replicate"]
    difference = f"they differ in {', '.join(names)}" if names else "they differ in data or vectors"
    return (
        f"{where}: arm {arm} of {dataset}, n_train {n_train}, replicate {replicate} is there {len(same)} times with "
        f"the same settings; {difference}: say more in where="
    )


def _grouped(cells: Iterable[StoredCell], key: Callable[[StoredCell], Key]) -> dict[Key, list[StoredCell]]:
    groups: dict[Key, list[StoredCell]] = {}
    for cell in cells:
        groups.setdefault(key(cell), []).append(cell)
    return groups


def _renamed(cell: StoredCell, arm: str) -> StoredCell:
    return replace(cell, row=dict(cell.row) | {"arm": arm})


def _tag_values(cells: Sequence[StoredCell], tag: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(cell.tags[tag] for cell in cells if cell.tags.get(tag)))


def _sql_literal(value: str | None) -> str:
    if value is None:
        return "''"
    try:
        float(value)
    except ValueError:
        return "'" + value.replace("'", "''") + "'"
    return value
