"""Beside a model, what texts it was trained on, as hashes: for the linter, which looks for test texts among them."""

from pathlib import Path

from seedbed.data.text_fingerprints import TextFingerprints, read
from seedbed.files import write_whole
from seedbed.pretraining.order import in_turn
from seedbed.pretraining.shards import Shards

FILE = "trained_texts.npy"

MOST = 4_000_000
"""Of more documents nothing is written: their hashes would be all that grows with the corpus."""


def write(folder: Path, shards: Shards, begin: Path | None = None) -> None:
    """Write the hashes of the training documents, with those of the model that training began with.

    Held-out documents are not among them. Raises InputError.
    """
    if shards.train.documents > MOST:
        return
    before = [read(begin / FILE)] if begin and (begin / FILE).is_file() else []
    known = TextFingerprints.of(in_turn(shards.folder, shards.train), *before)
    write_whole(folder / FILE, known.packed())
