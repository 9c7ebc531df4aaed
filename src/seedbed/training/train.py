"""Training a group from its first epoch, or from its checkpoint, to its outcomes."""

from collections.abc import Sequence

from seedbed.cells import Outcome
from seedbed.model.network import Network
from seedbed.stages import stage
from seedbed.training.batches import GroupData
from seedbed.training.checkpoint import Checkpoint
from seedbed.training.group import Group, Leave, OnEpoch
from seedbed.training.recording import NO_RECORDING, Recording
from seedbed.training.replicate import Epoch
from seedbed.training.settings import Training


def train(
    network: Network | Sequence[Network],
    data: GroupData,
    settings: Training | Sequence[Training],
    on_epoch: OnEpoch = lambda epoch: None,
    recording: Recording = NO_RECORDING,
    leave: Leave | None = None,
    checkpoint: Checkpoint | None = None,
) -> list[Outcome]:
    """Train the members of ``data`` together; return one outcome each, in order.

    ``network`` and ``settings``: one for all or one for each, see `Group`; ``leave``: see `Group.fit`. ``recording``
    and ``checkpoint`` have no effect on the result.
    """
    group = Group(network, data, settings, recording)
    first = checkpoint.restore(group) if checkpoint else 0

    def epoch_ended(epoch: Epoch) -> None:
        on_epoch(epoch)
        if checkpoint:
            checkpoint.epoch_ended(group, epoch.number)

    group.fit(epoch_ended, leave, first)
    with stage("evaluate"):
        return group.outcomes()
