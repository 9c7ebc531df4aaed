"""The outputs of a network, step by step: of several short examples at once, and of each long one from its windows."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seedbed.training.batches import GroupData, collate, evaluation_steps, without_inputs
from seedbed.training.programs import EvaluationStep
from seedbed.training.sources import Sources
from seedbed.types import Tensor


@dataclass(frozen=True)
class StepOutputs:
    """Examples that are evaluated at once: their positions by row of the batch, and the outputs of the members.

    ``losses``, ``counts``: ``[R]``. ``probabilities`` and ``tags``: see `seedbed.model.network.Network.outputs`.
    """

    positions: Sequence[Sequence[int]]
    losses: NDArray[np.floating]
    counts: NDArray[np.floating]
    probabilities: Any  # an array, or None
    tags: Any


def step_outputs(
    step: EvaluationStep,
    data: GroupData,
    weights: Mapping[str, Tensor],
    constants: Mapping[str, Tensor],
    sources: Sources,
    positions: Sequence[Sequence[int]],
    probabilities: bool = True,
) -> Iterator[StepOutputs]:
    """Yield the steps over the examples at these positions, one sequence for each row of a batch.

    ``probabilities``: whether they are needed where there are tags.
    """
    members = len(sources.of_members(range(len(sources.held))))
    # From long to short, so that a step has little padding.
    lengths = data.examples.lengths
    order = [np.array(row, np.int64)[np.argsort(-lengths[list(row)], kind="stable")] for row in positions]
    short = [[position for position in row.tolist() if position not in data.windows] for row in order]
    batches = (
        (collate(data, sources.held, chosen, size, sources=sources), chosen)
        for chosen, size in _steps(data, short, members)
    )
    for batch, chosen in data.in_time(batches):
        yield StepOutputs(chosen, *map(_on_host, step(weights, constants, batch, probabilities)))
    if not data.windows:
        return
    windowed = [[position for position in row.tolist() if position in data.windows] for row in order]
    for n in range(max(map(len, windowed))):
        chosen = [row[n : n + 1] for row in windowed]
        batch = without_inputs(data, chosen, 1, sources)
        scores = _scores(step, data, weights, constants, sources, chosen, len(batch["steps"]))
        yield StepOutputs(chosen, *map(_on_host, step.of_scores(weights, scores, batch, probabilities)))


def _scores(
    step: EvaluationStep, data: GroupData, weights: Mapping[str, Tensor], constants: Mapping[str, Tensor],
    sources: Sources, positions: Sequence[Collection[int]], tokens: int,
) -> NDArray[np.floating]:  # fmt: skip
    """The scores of a sentence in each row, ``[R, T, 1, K]``, from its windows."""
    windows = [[window for position in row for window in data.windows[position]] for row in positions]
    members = sources.of_members(range(len(sources.held)))
    scores: NDArray[np.floating] | None = None
    first = 0
    for chosen, size in _steps(data, [[position for position, _ in row] for row in windows], len(members)):
        batch = collate(data, sources.held, chosen, size, sources=sources)
        of_windows = np.asarray(step.scores(weights, constants, batch))
        if scores is None:
            scores = np.zeros((len(members), tokens, 1, of_windows.shape[-1]), of_windows.dtype)
        for r, of_source in enumerate(members):
            for column, (_, window) in enumerate(windows[of_source][first : first + size]):
                inner = slice(window.kept - window.first, window.kept_end - window.first)
                scores[r, window.kept : window.kept_end, 0] = of_windows[r, inner, column]
        first += size
    assert scores is not None
    return scores


def _steps(data: GroupData, rows: Sequence[Sequence[int]], members: int) -> list[tuple[list[list[int]], int]]:
    """The positions of each step, and the examples that its batch has room for."""
    lengths = np.ones_like(data.examples.lengths) if data.pooled else data.examples.lengths
    return [
        ([list(row[start:end]) for row in rows], end - start)
        for start, end in evaluation_steps([lengths[list(row)] for row in rows], members)
    ]


def _on_host(array: Tensor | None) -> Any:  # an array, or None
    return None if array is None else np.asarray(array)
