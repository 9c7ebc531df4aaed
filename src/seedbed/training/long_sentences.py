"""Sentences that are longer than ``task.window``: a tagger reads windows of their tokens.

In training these follow each other, and end between entities where they can; each is an example of its own. In
evaluation they overlap, and the scores of the inner tokens of each are those of the sentence, which is then decoded
as a whole: its tags are a sequence that the scheme allows, as those of a short one.
"""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import cast

import numpy as np
from numpy.typing import NDArray

from seedbed.data.corpus import Example
from seedbed.embeddings.features import Positions, Slice, sliced
from seedbed.label_sets import tags_of
from seedbed.model.decoding import Decoding
from seedbed.model.network import Network
from seedbed.training.batches import GroupData
from seedbed.training.windows import Window, consecutive, cuts_entity, overlapping


def with_windows(data: GroupData, network: Network) -> GroupData:
    """Return the data with windows of its long examples.

    Windows stand after the examples, whose positions are as before. Those of training take the place of their example
    in the draws; ``GroupData.windows`` has those of evaluation. Data without a long example is returned as it is, as
    are examples of classes, and those with an embedding that has no vectors of slices.
    """
    most, examples = getattr(network.task, "window", None), data.examples
    if most is None or not examples.per_token or examples.lengths.max(initial=0) <= most:
        return data
    slices: list[Slice] = [(n, 0, length) for n, length in enumerate(examples.lengths.tolist())]
    targets = list(cast("Sequence[NDArray[np.int32]]", examples.targets))
    training = frozenset(position for draw in data.draws for position in draw.get("train", ()))
    learned: dict[int, Sequence[int]] = {}
    read: dict[int, Sequence[tuple[int, Window]]] = {}
    for position in np.flatnonzero(examples.lengths > most).tolist():
        gold, tags = targets[position], tags_of(examples.examples[position].target)
        windows = list(overlapping(len(gold), most))
        read[position] = [(len(slices) + n, window) for n, window in enumerate(windows)]
        slices += [(position, window.first, window.end) for window in windows]
        targets += [gold[window.first : window.end] for window in windows]
        if position in training:
            parts = list(consecutive(tags, most))
            learned[position] = range(len(slices), len(slices) + len(parts))
            slices += [(position, first, end) for first, end in parts]
            targets += [_target(gold, tags, part, network.decoding) for part in parts]
    features = sliced(data.features, slices)
    if features is None:
        return data
    return dataclasses.replace(
        data,
        examples=dataclasses.replace(
            examples,
            examples=(*examples.examples, *(_example(data, own) for own in slices[len(examples.examples) :])),
            lengths=np.array([end - first for _, first, end in slices], np.int32),
            targets=tuple(targets),
        ),
        features=features,
        draws=[_with_learned(draw, learned) for draw in data.draws],
        windows=read,
    )


def _example(data: GroupData, own: Slice) -> Example:
    position, first, end = own
    example = data.examples.examples[position]
    return Example(f"{example.id}[{first}:{end}]", example.tokens[first:end], tuple(tags_of(example.target)[first:end]))


def _target(
    target: NDArray[np.int32], tags: Sequence[str], part: tuple[int, int], decoding: Decoding | None
) -> NDArray[np.int32]:
    """The tags of a training window; one that begins within an entity begins it."""
    first, end = part
    if decoding is None or not (cuts_entity(tags, first) or cuts_entity(tags, end)):
        return target[first:end]
    own = tags[first:end]
    return decoding.tags.encode([f"B-{own[0][2:]}" if own[0].startswith("I-") else own[0], *own[1:]])


def _with_learned(draw: Positions, learned: Mapping[int, Sequence[int]]) -> Positions:
    if "train" not in draw:
        return draw
    return {**draw, "train": [part for position in draw["train"] for part in learned.get(position, (position,))]}
