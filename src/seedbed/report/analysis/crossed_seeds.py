"""Crossed seeds: several initialisations of each draw, told from the seeds in a table."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from seedbed.report.wording import count, number_word, sentence

if TYPE_CHECKING:
    from pandas import DataFrame, Series

SEEDS = ("data_seed", "init_seed")


@dataclass(frozen=True)
class CrossedSeeds:
    """How many draws a table has, and the least and the most initialisations that one of them has."""

    draws: int
    fewest: int
    most: int

    @property
    def each(self) -> str:
        """``three initialisations``, or ``up to three initialisations``."""
        return ("" if self.fewest == self.most else "up to ") + count(self.most, "initialisation")

    @property
    def said(self) -> str:
        """``ten draws of three initialisations each``."""
        return f"{count(self.draws, 'draw')} of {self.each} each"


def find_crossed_seeds(table: "DataFrame") -> CrossedSeeds | None:
    """None where no arm has several initialisations of one draw at a size, and where there is only one draw.

    Cells of one draw share its examples and are not independent: what is paired, averaged and counted is then a draw,
    by the mean of its initialisations. Initialisations of a single draw are as independent as they can be. Arms with
    one initialisation a draw, each their own, are paired by replicate. Rows without seeds are not asked.
    """
    known = table[has_seeds(table)]
    if known.empty or known["data_seed"].nunique() < 2:
        return None
    starts = known.groupby(["arm", "n_train", "data_seed"])["init_seed"].nunique()
    return (
        CrossedSeeds(known["data_seed"].nunique(), int(starts.min()), int(starts.max())) if starts.max() > 1 else None
    )


def has_seeds(table: "DataFrame") -> "Series":
    """Which rows have both seeds, as numbers."""
    import pandas as pd

    if any(name not in table.columns for name in SEEDS):
        return pd.Series(False, index=table.index)
    numbers = table[list(SEEDS)].apply(pd.to_numeric, errors="coerce")
    return (numbers.notna() & (numbers.abs() < math.inf)).all(axis=1)


def seed_warnings(table: "DataFrame", crossed: CrossedSeeds | None) -> Iterator[str]:
    """Finished cells that lack seeds where pairs are draws, and those that have the seeds of another."""
    finished = table[table["status"] == "finished"]
    known = has_seeds(finished)
    if crossed and (without := int((~known).sum())):
        verb = "has" if without == 1 else "have"
        yield f"{sentence(count(without, 'finished cell'))} {verb} no seeds: left out where draws are compared."
    if again := int(finished[known].duplicated(["arm", "n_train", *SEEDS]).sum()):
        which = f"{sentence(count(again, 'cell'))} {'has' if again == 1 else 'have'} the seeds of another"
        told = "averaged within their draw" if crossed else "replicates all the same, though not independent"
        yield f"{which} cell of the same arm and size: {told}."


def unit_of(crossed: CrossedSeeds | None) -> str:
    """What pairs are made of: ``draw`` where seeds are crossed, else ``replicate``."""
    return "draw" if crossed else "replicate"


def paired_units(crossed: CrossedSeeds | None, number: int) -> str:
    """``ten paired replicates``, or ``ten paired draws, the mean of three initialisations each``."""
    pairs = count(number, f"paired {unit_of(crossed)}")
    return f"{pairs}, the mean of {crossed.each} each" if crossed else pairs


def tried(crossed: CrossedSeeds | None, replicates: int) -> str:
    """``ten replicates``, or ``ten draws of three initialisations each``."""
    return crossed.said if crossed else count(replicates, "replicate")


def mean_of_draws(cells: "DataFrame", metric: str, crossed: CrossedSeeds | None) -> "Series":
    """The scores of cells that have one, those of one draw as their mean where seeds are crossed."""
    if not crossed:
        return cells[metric].dropna()
    scored = cells[cells[metric].notna()]
    return scored[has_seeds(scored)].groupby("data_seed", sort=True)[metric].mean()


def single_draw(table: "DataFrame") -> str:
    """What is to be said where all replicates are initialisations of one draw; empty where they are not."""
    if any(name not in table.columns for name in SEEDS) or table[list(SEEDS)].isna().any(axis=None):
        return ""
    starts = table["init_seed"].nunique()
    if table["data_seed"].nunique() != 1 or starts < 2:
        return ""
    return (
        f"All {number_word(starts)} initialisations are of one draw: intervals and p say nothing of other training "
        "or test examples."
    )
