"""The settings of the members of a group: what all share, and the arrays of what differs."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from seedbed.model.dropout import WORDS, Masks, mask_names
from seedbed.model.elementwise import require_same_shape
from seedbed.model.network import Network
from seedbed.training.optimizers import Optimizer
from seedbed.training.settings import Training


@dataclass(frozen=True)
class Members:
    """The network and the settings of each member of a group; they differ in elementwise settings only.

    Raises InputError that names another key in which they differ.
    """

    networks: Sequence[Network]
    settings: Sequence[Training]

    def __post_init__(self) -> None:
        require_same_shape("training", self.settings)
        for part in ("encoder", "task", "embed", "width", "classes", "precision"):
            require_same_shape(part, [getattr(network, part) for network in self.networks])

    @classmethod
    def of(
        cls, network: Network | Sequence[Network], settings: Training | Sequence[Training], number: int
    ) -> "Members":
        """Return the members of a group, from one object for all or one for each."""
        networks = [network] * number if isinstance(network, Network) else list(network)
        trainings = [settings] * number if isinstance(settings, Training) else list(settings)
        if not len(networks) == len(trainings) == number:
            raise ValueError(f"{len(networks)} networks and {len(trainings)} settings for {number} members")
        return cls(networks, trainings)

    @property
    def network(self) -> Network:
        """The network of the first member: for what all share."""
        return self.networks[0]

    @property
    def shared(self) -> Training:
        """The settings of the first member: for what all share."""
        return self.settings[0]

    @property
    def optimizer(self) -> Optimizer:
        """The update rule."""
        return Optimizer.from_settings(self.settings)

    @property
    def epochs(self) -> int:
        """The most epochs of a member."""
        return max(settings.epochs for settings in self.settings)

    @property
    def packs(self) -> bool:
        """Whether the batches of every member can be packed."""
        return self.word_dropout is None and all(network.gap is not None for network in self.networks)

    @cached_property
    def masks(self) -> Sequence[Masks]:
        """The dropout masks of each member."""
        by_network = {id(network): network.masks() for network in self.networks}
        return [by_network[id(network)] for network in self.networks]

    @cached_property
    def mask_names(self) -> tuple[str, ...]:
        """The masks that are drawn."""
        return mask_names(self.masks)

    def dropped(self, member: int) -> frozenset[str]:
        """Return the masks that a member has a rate for: members with the same can share a random stream."""
        words = [WORDS] if self.settings[member].word_dropout else []
        return frozenset([*words, *(name for name, mask in self.masks[member].items() if mask.rate)])

    @cached_property
    def word_dropout(self) -> NDArray[np.float32] | None:
        """``[R]``; None if no member drops words."""
        rates = np.array([settings.word_dropout for settings in self.settings], np.float32)
        return rates if rates.any() else None

    @cached_property
    def label_smoothing(self) -> NDArray[np.float32] | None:
        """``[R]``; None if no member smooths."""
        shares = np.array([getattr(network.task, "label_smoothing", 0.0) for network in self.networks], np.float32)
        return shares if shares.any() else None

    @cached_property
    def weighs_classes(self) -> NDArray[np.bool_]:
        """Whether each member weights classes, ``[R]``."""
        return np.array([network.task.class_weights for network in self.networks], np.bool_)
