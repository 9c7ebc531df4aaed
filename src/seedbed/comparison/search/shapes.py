"""Which cells train as one group: those whose arms have the same shapes, as many as fit into memory."""

import hashlib
from collections.abc import Iterator, Sequence
from itertools import groupby

from seedbed.comparison.plan import PlannedCell
from seedbed.config.flat_settings import flat_settings
from seedbed.config.schema import TRAINED_GROUPS

MOST = 128
"""Most members of a group: more save no time on a CPU."""
SHARE = 0.4
"""Part of the free memory that a group may take."""
FLOATS_OF_WEIGHTS = 5_000_000
"""Numbers of the weights of a member: their best values, gradients and moments, and copies while a step runs."""
FLOATS_PER_TOKEN = 4096
"""Numbers that a training step keeps for a token of a member: an upper estimate for layers of 128 units."""


def groups_of_shapes(
    cells: Sequence[PlannedCell], most: int | None = None, whole: bool = False
) -> Iterator[list[PlannedCell]]:
    """Yield groups of cells that `seedbed.comparison.group.train_cells` can train together.

    ``most``: the number of cells in a group. ``whole``: cells of one replicate are not divided unless they are more,
    and those of one search come in the same order whatever other searches there are: they are compared as they train.
    """
    by_shape: dict[object, list[PlannedCell]] = {}
    known: dict[int, str] = {}
    for planned in cells:
        by_shape.setdefault(_shape(planned, known), []).append(planned)
    # By a digest: an order of sizes would give the same ones, the smallest, always the fewest to be compared with.
    for same in sorted(by_shape.values(), key=_digest) if whole else by_shape.values():
        size = most or len(same)
        alike = sorted(same, key=_replicate) if whole else same
        blocks = [list(own) for _, own in groupby(alike, _replicate)] if whole else [[own] for own in alike]
        group: list[PlannedCell] = []
        for block in blocks:
            if group and len(group) + len(block) > size:
                yield group
                group = []
            group = [*group, *block]
            while len(group) > size:
                yield group[:size]
                group = group[size:]
        if group:
            yield group


def members_at_once(planned: PlannedCell, racing: bool = False) -> int | None:
    """Return how many members train at once: ``training.group_size``, or as many as fit, at most ``MOST``.

    None, all, for an encoder that is fitted at once: members of one draw are one path.
    ``racing``: members are compared with those of groups before theirs, so their number must not depend on the machine.
    """
    import psutil

    training = planned.arm.training
    if training.group_size:
        return int(training.group_size)
    if hasattr(planned.arm.encoder, "training_fields"):
        return None
    if racing:
        return MOST
    longest = max((len(planned.corpus.by_id[example].tokens) for example in planned.draw.train), default=1)
    member = 4 * (FLOATS_OF_WEIGHTS + training.batch_size * longest * FLOATS_PER_TOKEN)
    return int(max(1, min(MOST, SHARE * psutil.virtual_memory().available // member)))


def _replicate(planned: PlannedCell) -> tuple[int, str]:
    return planned.cell.replicate, planned.draw.digest


def _digest(cells: Sequence[PlannedCell]) -> bytes:
    """Return a digest of what cells of one shape have in common, which is the same on every machine: without paths."""
    from seedbed.model.elementwise import elementwise_keys

    stages = {name: getattr(cells[0].arm, name) for name in TRAINED_GROUPS}
    varying = elementwise_keys(stages)
    shared = sorted((key, value) for key, value in flat_settings(stages).items() if key not in varying)
    return hashlib.sha256(repr(shared).encode()).digest()


def _shape(planned: PlannedCell, known: dict[int, str]) -> tuple[str, ...]:
    """Return what the arms of a group must have in common.

    ``known``: the same of parts of arms, by their `id`: trials share those that are not searched.
    """
    from seedbed.model.elementwise import shape

    parts = [getattr(planned.arm, name) for name in TRAINED_GROUPS]
    return tuple(known.get(id(part)) or known.setdefault(id(part), repr(shape(part))) for part in parts)
