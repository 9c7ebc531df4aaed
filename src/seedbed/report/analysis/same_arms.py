"""Arms that are one: the same cells under two names, as when a job of a sweep is named anew."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pandas import DataFrame

_PLACE = ("dataset", "data", "n_train", "replicate")


def merge_same_arms(table: "DataFrame", baseline: str | None = None) -> "tuple[DataFrame, dict[str, tuple[str, ...]]]":
    """Return a table with such arms once, and by name the other names of each.

    Two arms are one if they have cells for the same data sets, sizes and replicates, and each pair of these has the
    same fingerprint (column ``cell``). Arms that share only some cells stay apart: they are paired on those of each.
    The first name stays, or that of the ``baseline``.
    """
    if not {"arm", "cell", "n_train", "replicate"} <= set(table.columns):
        return table, {}
    places = [name for name in _PLACE if name in table.columns]
    names: dict[frozenset[tuple[object, ...]], list[str]] = {}
    for arm, rows in table.groupby(table["arm"].astype(str), sort=False):
        cells = rows["cell"].tolist()
        if all(isinstance(cell, str) and cell for cell in cells):
            places_and_cells = zip(*(rows[name].tolist() for name in places), cells, strict=True)
            names.setdefault(frozenset(places_and_cells), []).append(str(arm))
    merged = {}
    for same in names.values():
        kept = baseline if baseline in same else same[0]
        if others := tuple(name for name in same if name != kept):
            merged[str(kept)] = others
    left_out = {name for others in merged.values() for name in others}
    kept_rows = ~table["arm"].astype(str).isin(left_out)
    return (table[kept_rows].reset_index(drop=True) if left_out else table), merged
