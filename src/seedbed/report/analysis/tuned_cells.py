"""The cells that a report compares after a search for settings: the tuned ones, and refits as arms of their own."""

from typing import TYPE_CHECKING

from seedbed.errors import InputError
from seedbed.report.wording import sanitize

if TYPE_CHECKING:
    from pandas import DataFrame, Series


def refit_name(arm: str) -> str:
    """``glove (refit)``: the name of the arm of refitted cells."""
    return f"{arm} (refit)"


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

    Refitted cells are an arm of their own, `refit_name`. A table without tuned cells is returned as it is. Raises
    InputError if an arm already has that name.
    """
    if not has_tuned(table):
        return table
    settings = settings_of_cells(table)
    keys = [name for name in ("dataset", "data") if name in table.columns]
    groups = table[[*keys, "arm", "n_train"]].astype(str).agg("\0".join, axis=1)
    searched = groups.isin(set(groups[settings == "tuned"]))
    is_refit = settings == "refit"
    arms = set(table["arm"].astype(str))
    for arm in dict.fromkeys(table.loc[is_refit, "arm"].astype(str)):
        if refit_name(arm) in arms:
            raise InputError(
                f"table: arm {sanitize(refit_name(arm), 60)}: the name of the refitted cells of another arm"
            )
    main = table[(settings == "tuned") | is_refit | ~searched].copy()
    main.loc[is_refit[main.index], "arm"] = [refit_name(str(arm)) for arm in table.loc[is_refit, "arm"]]
    return main.reset_index(drop=True)
