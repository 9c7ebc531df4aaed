"""Flair's tagger, in an environment of its own: trains an epoch for each line on stdin, and prints its seconds.

``python flair_tagger.py FOLDER``: ``train.txt`` with a token and a tag a line, ``words.txt``, ``vectors.npy`` and
``sizes.json``. A BiLSTM with a CRF on frozen vectors of words beside a BiLSTM over characters.
"""

import json
import sys
import time
from pathlib import Path

import flair
import numpy as np
import torch
from flair.data import Corpus, Dictionary
from flair.datasets import ColumnDataset
from flair.embeddings import CharacterEmbeddings, StackedEmbeddings, WordEmbeddings
from flair.models import SequenceTagger
from flair.trainers import ModelTrainer
from flair.trainers.plugins.base import TrainerPlugin


class Epochs(TrainerPlugin):
    """Waits for a line before each epoch, and prints the seconds after it."""

    @TrainerPlugin.hook
    def before_training_epoch(self, **of_epoch: object) -> None:
        """Wait until the other one is done."""
        sys.stdin.readline()
        self.started = time.perf_counter()

    @TrainerPlugin.hook
    def after_training_epoch(self, **of_epoch: object) -> None:
        """Say how long it took."""
        print(f"epoch {time.perf_counter() - self.started}", flush=True)


def word_vectors(folder: Path) -> WordEmbeddings:
    """Frozen vectors; the last row is that of unknown words."""
    words = (folder / "words.txt").read_text("utf-8").split("\n")
    matrix = np.load(folder / "vectors.npy")
    made = WordEmbeddings(
        None, vocab={word: n for n, word in enumerate(words)}, embedding_length=matrix.shape[1], name="glove"
    )
    made.embedding.weight.data[: len(matrix)] = torch.from_numpy(matrix)
    return made


def main() -> None:
    """Train for as many epochs as ``sizes.json`` says."""
    folder = Path(sys.argv[1])
    sizes = json.loads((folder / "sizes.json").read_text("utf-8"))
    flair.set_seed(0)
    flair.device = torch.device("cpu")
    data = ColumnDataset(folder / "train.txt", {0: "text", 1: "ner"}, column_delimiter="\t")
    corpus = Corpus(train=data, sample_missing_splits=False)
    known = Dictionary()
    for character in sorted(set((folder / "train.txt").read_text("utf-8"))):
        known.add_item(character)
    characters = CharacterEmbeddings(known, char_embedding_dim=sizes["dim"], hidden_size_char=sizes["char_units"])
    tagger = SequenceTagger(
        StackedEmbeddings([word_vectors(folder), characters]), corpus.make_label_dictionary("ner", add_unk=False),
        tag_type="ner", tag_format="BIO", hidden_size=sizes["units"], reproject_embeddings=False,
        dropout=sizes["dropout"], word_dropout=0.0, locked_dropout=0.0,
    )  # fmt: skip
    ModelTrainer(tagger, corpus).train_custom(
        folder / "model", learning_rate=sizes["learning_rate"], mini_batch_size=sizes["batch_size"],
        max_epochs=sizes["epochs"], optimizer=torch.optim.Adam, create_file_logs=False, create_loss_file=False,
        use_final_model_for_eval=True, save_final_model=False, plugins=[Epochs()],
    )  # fmt: skip


if __name__ == "__main__":
    main()
