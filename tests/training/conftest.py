"""A toy corpus that can be learned in seconds, and training on it."""

import pytest

from seedbed.testing.samples import sample_corpus, sample_draw, train_samples
from seedbed.training.recording import NO_RECORDING


class Toy:
    """Trains toy arms: replicate r has its own draw and seed, whoever else is in the group."""

    corpora = {kind: sample_corpus(kind) for kind in ("tagging", "classification")}  # noqa: RUF012
    draw = staticmethod(sample_draw)

    def outcomes(
        self, encoder, task, settings, replicates, embedding=None, watch=lambda epoch: None, recording=NO_RECORDING
    ):
        return train_samples(encoder, task, replicates, embedding, settings, watch=watch, recording=recording)


@pytest.fixture(scope="session")
def toy():
    return Toy()
