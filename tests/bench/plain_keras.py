"""The usual way: a new Keras model for each replicate, built, compiled and fitted one after the other."""

from collections.abc import Sequence

import keras
import numpy as np
from keras import layers

from seedbed.comparison.plan import PlannedCell
from seedbed.embeddings.features import TokenIndex
from seedbed.metrics import tagging_scores


class Padded:
    """A draw as arrays padded to the longest of its examples, and the table of its words: what ``fit`` takes."""

    def __init__(self, planned: PlannedCell):
        corpus, draw, embedding = planned.corpus, planned.draw, planned.arm.embedding
        self.splits = {
            split: [corpus.by_id[i] for i in getattr(draw, split)] for split in ("train", "validation", "test")
        }
        examples = [example for own in self.splits.values() for example in own]
        index = TokenIndex(examples)
        if hasattr(embedding, "vectors"):
            vectors = embedding.vectors(index.words)
            row = {word: n + 1 for n, word in enumerate(vectors.words)}
            matrix = vectors.matrix
        else:
            row = {word: n + 1 for n, word in enumerate(index.words)}
            matrix = np.random.default_rng(0).normal(0, embedding.scale, (len(row), embedding.dim)).astype("float32")
        # Row 0 pads; words without a vector share the last row, which is zero.
        self.table = np.concatenate(
            [np.zeros((1, embedding.dim), "float32"), matrix, np.zeros((1, embedding.dim), "float32")]
        )
        self.row, self.unknown = row, len(self.table) - 1
        self.longest = max(len(example.tokens) for example in examples)
        self.labels = {label: n for n, label in enumerate(corpus.labels)}
        self.tagging = corpus.task == "tagging"

    def arrays(self, split: str, longest: int | None = None) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Ids ``[N, T]``, targets ``[N, T]`` or ``[N]``, and weights like the targets."""
        own, longest = self.splits[split], longest or self.longest
        ids = np.zeros((len(own), longest), "int32")
        targets = np.zeros((len(own), longest) if self.tagging else len(own), "int32")
        for n, example in enumerate(own):
            ids[n, : len(example.tokens)] = [self.row.get(token, self.unknown) for token in example.tokens]
            if self.tagging:
                targets[n, : len(example.tokens)] = [self.labels[tag] for tag in example.target]
            else:
                targets[n] = self.labels[example.target]
        return ids, targets, (ids > 0).astype("float32") if self.tagging else np.ones(len(own), "float32")


def model(planned: PlannedCell, padded: Padded) -> keras.Model:
    """The stock Keras model of an arm: Embedding, BiLSTM or Conv1D, Dense."""
    arm, encoder = planned.arm, planned.arm.encoder
    trainable = arm.embedding.trainable
    ids = keras.Input((None,), dtype="int32")
    x = layers.Embedding(*padded.table.shape, mask_zero=padded.tagging, trainable=trainable, name="table")(ids)
    if padded.tagging:
        lstm = layers.LSTM(encoder.units, return_sequences=True, dropout=encoder.dropout,
                           recurrent_dropout=encoder.recurrent_dropout)  # fmt: skip
        x = layers.Dropout(encoder.output_dropout)(layers.Bidirectional(lstm)(x))
    else:
        if encoder.dropout:
            x = layers.SpatialDropout1D(encoder.dropout)(x)
        x = layers.Conv1D(encoder.filters, encoder.widths[0], padding="same", activation="relu")(x)
        x = layers.GlobalMaxPooling1D()(x)
        if encoder.output_dropout:
            x = layers.Dropout(encoder.output_dropout)(x)
    network = keras.Model(ids, layers.Dense(len(padded.labels), activation="softmax")(x))
    network.get_layer("table").set_weights([padded.table])
    training = arm.training
    network.compile(
        keras.optimizers.Adam(training.learning_rate, global_clipnorm=training.clip_norm),
        "sparse_categorical_crossentropy",
        weighted_metrics=[],
    )
    return network


def fit(planned: PlannedCell, network: keras.Model, padded: Padded, epochs: int | None = None) -> int:
    """Fit as the arm's training says, with its patience on the validation loss; the epochs that it took."""
    training = planned.arm.training
    stop = keras.callbacks.EarlyStopping(patience=training.patience or training.epochs, restore_best_weights=True)
    x, y, weight = padded.arrays("train")
    history = network.fit(
        x, y, sample_weight=weight, batch_size=training.batch_size, epochs=epochs or training.epochs, verbose=0,
        validation_data=padded.arrays("validation"), callbacks=[stop],
    )  # fmt: skip
    return len(history.epoch)


def score(network: keras.Model, padded: Padded, split: str = "test") -> float:
    """Strict F1 or accuracy on a split."""
    x, y, _ = padded.arrays(split)
    found = network.predict(x, batch_size=128, verbose=0).argmax(axis=-1)
    if not padded.tagging:
        return float((found == y).mean())
    names = list(padded.labels)
    gold = [example.target for example in padded.splits[split]]
    return tagging_scores(gold, [[names[n] for n in row[: len(tags)]] for row, tags in zip(found, gold, strict=True)])[
        "f1"
    ]


def run(cells: Sequence[PlannedCell]) -> tuple[list[int], list[float]]:
    """Epochs and test scores of one model after the other."""
    epochs, scores = [], []
    for planned in cells:
        padded = Padded(planned)
        network = model(planned, padded)
        epochs.append(fit(planned, network, padded))
        scores.append(score(network, padded))
    return epochs, scores
