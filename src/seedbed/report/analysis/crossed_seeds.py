"""Crossed seeds: several initializations of each draw, detected from the seed columns of a table."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pandas import DataFrame, Series

SEEDS = ("data_seed", "init_seed")


@dataclass(frozen=True)
class CrossedSeeds:
    """The number of draws of a table, and the smallest and largest number of initializations of a draw."""

    n_draws: int
    min_initializations: int
    max_initializations: int


@dataclass(frozen=True)
class SeedProblems:
    """Finished cells without seeds, and finished cells with the seeds of another cell of the same arm and size."""

    n_without_seeds: int
    n_duplicates: int


def find_crossed_seeds(table: "DataFrame") -> CrossedSeeds | None:
    """Return the crossed seeds of a table, or None if no arm has several initializations of a draw at a size.

    None also for a single draw: its initializations are the replicates. Cells of one draw share its examples and are
    not independent, so draws are paired, averaged and counted, each by the mean of its initializations. Arms with one
    initialization per draw, each with other seeds, are paired by replicate. Rows without seeds are ignored.
    """
    seeded = table[has_seeds(table)]
    if seeded.empty or seeded["data_seed"].nunique() < 2:
        return None
    numbers = seeded.groupby(["arm", "n_train", "data_seed"])["init_seed"].nunique()
    if numbers.max() < 2:
        return None
    return CrossedSeeds(seeded["data_seed"].nunique(), int(numbers.min()), int(numbers.max()))


def has_seeds(table: "DataFrame") -> "Series":
    """Return a mask of the rows with both seeds as finite numbers."""
    import pandas as pd

    if any(name not in table.columns for name in SEEDS):
        return pd.Series(False, index=table.index)
    numbers = table[list(SEEDS)].apply(pd.to_numeric, errors="coerce")
    return (numbers.notna() & (numbers.abs() < math.inf)).all(axis=1)


def seed_problems(table: "DataFrame") -> SeedProblems:
    """Count the finished cells whose seeds are missing or duplicated."""
    finished = table[table["status"] == "finished"]
    seeded = has_seeds(finished)
    duplicates = finished[seeded].duplicated(["arm", "n_train", *SEEDS])
    return SeedProblems(int((~seeded).sum()), int(duplicates.sum()))


def unit_of(crossed: CrossedSeeds | None) -> str:
    """Return what is paired: ``draw`` with crossed seeds, else ``replicate``."""
    return "draw" if crossed else "replicate"


def mean_of_draws(cells: "DataFrame", metric: str, crossed: CrossedSeeds | None) -> "Series":
    """Return the scores of the cells that have one, averaged within each draw if seeds are crossed."""
    if not crossed:
        return cells[metric].dropna()
    scored = cells[cells[metric].notna()]
    return scored[has_seeds(scored)].groupby("data_seed", sort=True)[metric].mean()


def single_draw_initializations(table: "DataFrame") -> int:
    """Return the number of initializations if all replicates are initializations of one draw, else 0."""
    if any(name not in table.columns for name in SEEDS) or table[list(SEEDS)].isna().any(axis=None):
        return 0
    number = table["init_seed"].nunique()
    return number if table["data_seed"].nunique() == 1 and number > 1 else 0
