"""The line before the trials of an arm at a size are trained."""

from collections.abc import Collection

from seedbed.comparison.search.cells import Search
from seedbed.comparison.search.proposals import most_trials


def announcement(searches: Collection[Search], most: int | None, left: int) -> str:
    """Return what is searched, in how many trials, and how many members train at once.

    ``searches``: of one arm at one size; ``most``: members that train at once, None for all; ``left``: trials to train.
    """
    search = next(iter(searches))
    cell, space, tune = search.planned.cell, search.space, search.tune
    number, known = most_trials(space, tune), sum(len(other.trials) - 1 for other in searches)
    parts = [
        f"search ({tune.method}): {cell.arm}, n={cell.n_train}: {number} trials in each of {len(searches)} "
        f"replicate{'s' * (len(searches) != 1)}, over {', '.join(space.distributions)}, chosen by {space.metric}",
        f"{most} members train at once" if most and most < left else "all members train at once",
    ]
    if number < tune.budget:
        what = "grid" if tune.method == "grid" else "space"
        parts.append(f"fewer than tune.budget={tune.budget}, as the {what} has no more settings")
    parts += [f"{known} trials are in the store"] if known else []
    parts += [f"{cell.arm} has no {', '.join(space.left_out)}"] if space.left_out else []
    return "; ".join(parts)
