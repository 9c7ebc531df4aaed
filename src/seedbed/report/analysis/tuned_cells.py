"""The cells that a report compares after a search for settings."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pandas import DataFrame, Series

PREFERRED = {"tuned": 0, "default": 1, "refit": 2}
"""The settings by which an arm at a size is compared, the first of those that it has; others are for its variance."""


def has_tuned(table: "DataFrame") -> bool:
    """Return whether a table has cells of a search."""
    return "setting" in table.columns and bool(table["setting"].isin(("tuned", "refit")).any())


def settings_of_cells(table: "DataFrame") -> "Series":
    """Return the setting of each row: ``default`` where the table has none."""
    import pandas as pd

    if "setting" not in table.columns:
        return pd.Series("default", index=table.index)
    return table["setting"].fillna("").astype(str).replace("", "default")


def further_searches(table: "DataFrame") -> "DataFrame":
    """Return the cells of further searches of the same replicates: only the variance of searching is read from them."""
    return table[settings_of_cells(table).str.startswith("tuned ")]


def default_cells(table: "DataFrame") -> "DataFrame":
    """Return the rows of arms with the settings that they were given, not those that a search chose."""
    return table[settings_of_cells(table) == "default"] if has_tuned(table) else table


def main_cells(table: "DataFrame") -> "DataFrame":
    """Return the rows that arms are compared by: of an arm at a size the tuned ones if it has any, else the default.

    Refitted cells are no arm: they have more examples than the others, and are compared with the tuned cells of their
    own arm only. An arm that has nothing else is compared by them. A table without tuned cells is returned as it is.
    """
    if not has_tuned(table):
        return table
    keys = [name for name in ("dataset", "data") if name in table.columns]
    groups = table[[*keys, "arm", "n_train"]].astype(str).agg("\0".join, axis=1)
    places = settings_of_cells(table).map(PREFERRED)
    return table[places == places.groupby(groups).transform("min")].reset_index(drop=True)
