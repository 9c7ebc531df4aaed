"""The memory that a CRF takes for the scores of all tags of a batch, and the sentences that are too long for it."""

from seedbed.errors import InputError
from seedbed.model.decoding import CRF
from seedbed.model.network import Network
from seedbed.training.batches import GroupData
from seedbed.training.settings import Training

BYTES = 8_000_000_000
"""Most bytes for the scores of tags of a batch. The states of an encoder before them are more."""
_SLICED, _CUT = "task.window", "dataset.max_tokens"
_ARRAYS = 8
"""Arrays of one number for each tag of each token: scores, their log sums in both directions, and gradients."""


def refuse_long_sentences(network: Network, data: GroupData, settings: Training) -> None:
    """Raise InputError where a training sentence is too long for the memory of a CRF, and name it."""
    if network.decoding is None or network.decoding.decoder != CRF:
        return
    examples, members = data.examples, len(data.source_of)
    positions = {position for draw in data.draws for position in draw["train"]}
    longest = max(positions, key=lambda position: (int(examples.lengths[position]), -position))
    tokens = int(examples.lengths[longest])
    of_token = 4 * _ARRAYS * members * settings.batch_size * network.classes
    if tokens * of_token > BYTES:
        key, most = _SLICED if hasattr(data.features, "sliced") else _CUT, max(BYTES // of_token, 1)
        raise InputError(
            f"{examples.examples[longest].id}: a sentence of {tokens:,} tokens, and task.decoder=crf needs "
            f"{tokens * of_token / 1e9:.0f} GB for a batch of {settings.batch_size} such in {members} replicates; use "
            f"{key}={most}, or a smaller training.batch_size or training.group_size"
        )
