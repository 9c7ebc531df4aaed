"""``predict``: texts a second with GloVe and a probe, against plain Keras, of ten replicates; the start for one text.

Vectors of 50,000 words and 50 numbers, 20,000 texts of 12 words; on the command line with a model folder.
"""

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from seedbed.saved_models.model import Model

WORDS, DIM, TEXTS, LENGTH, CLASSES = 50_000, 50, 20_000, 12, 6


def write_model(folder: Path, replicates: int) -> None:
    """Write vectors, and a model of linear classifiers on their means."""
    from seedbed.embeddings.static import Static
    from seedbed.model.probe import Probe
    from seedbed.model.tasks import Classification
    from seedbed.saved_models.description import NETWORK, Description, ReplicateInfo, Variant
    from seedbed.saved_models.folder import write_folder
    from seedbed.saved_models.saving import content_of, files_of
    from seedbed.saved_models.text import TextPreparation

    vectors = folder / "vectors.txt"
    rng = np.random.default_rng(0)
    if not vectors.exists():
        rows = rng.normal(size=(WORDS, DIM))
        with vectors.open("w", encoding="utf-8") as stream:
            stream.writelines(f"word{n} {' '.join(f'{v:.4f}' for v in row)}\n" for n, row in enumerate(rows))
    embedding = Static(path=str(vectors), dim=DIM)
    arrays = {}
    for n in range(replicates):
        arrays |= {f"{n}/softmax/kernel": rng.normal(size=(DIM, CLASSES)), f"{n}/softmax/bias": np.zeros(CLASSES)}
    labels = tuple(f"label{n}" for n in range(CLASSES))
    variant = Variant(embedding, Probe(), Classification(), "float32", content_of(embedding))
    infos = tuple(ReplicateInfo(0, n, "", "", n, n, 100) for n in range(replicates))
    text = TextPreparation("reviews")
    description = Description(NETWORK, "classification", labels, "probe", "own", "", text, infos, (variant,))
    write_folder(folder / f"model{replicates}", files_of(description, arrays, {}, b"{}"))


def keras_predict(folder: Path) -> Callable[[Sequence[str]], np.ndarray]:
    """Return how plain Keras predicts with the vectors and the weights of ``model1``: probabilities ``[N, classes]``.

    Words are looked up in a dictionary, texts padded to the longest, and given to ``predict`` with its batches of 32.
    """
    import keras
    from keras import layers
    from safetensors.numpy import load_file

    lines = [line.split() for line in (folder / "vectors.txt").read_text(encoding="utf-8").splitlines()]
    rows = {line[0]: number for number, line in enumerate(lines, 1)}
    table = np.concatenate([np.zeros((1, DIM)), np.array([line[1:] for line in lines], float)])
    weights = load_file(folder / "model1" / "weights.safetensors")
    softmax = [weights[f"0/softmax/{name}"] for name in ("kernel", "bias")]
    network = keras.Sequential([
        keras.Input((None,), dtype="int32"),
        layers.Embedding(*table.shape, mask_zero=True, trainable=False),
        layers.GlobalAveragePooling1D(),
        layers.Dense(CLASSES, activation="softmax"),
    ])  # fmt: skip
    network.set_weights([table, *softmax])

    def predicted(texts: Sequence[str]) -> np.ndarray:
        tokens = [text.split() for text in texts]
        ids = np.zeros((len(texts), max(map(len, tokens))), "int32")
        for number, words in enumerate(tokens):
            ids[number, : len(words)] = [rows.get(word, 0) for word in words]
        return network.predict(ids, verbose=0)

    return predicted


def against_keras(folder: Path, model: "Model", texts: Sequence[str], rounds: int) -> None:
    """Print how many times the texts a second of plain Keras a model has, in turn."""
    stock = keras_predict(folder)
    stock(texts[:100])
    ratios, same = [], 0.0
    for _ in range(rounds):
        started = time.perf_counter()
        ours = model.predict(texts)
        between = time.perf_counter()
        theirs = stock(texts)
        ratios.append((time.perf_counter() - between) / (between - started))
        same = np.mean([one.label == f"label{n}" for one, n in zip(ours, theirs.argmax(axis=1), strict=True)])
    print(
        f"  plain Keras (predict in batches of 32) takes {statistics.median(ratios):.1f} times as long "
        f"({min(ratios):.1f} to {max(ratios):.1f}; at least 3); {same:.2%} of the labels are the same"
    )


def predict(rounds: int) -> None:
    """Print the figures."""
    from seedbed.saved_models.model import load_model

    rng = np.random.default_rng(1)
    texts = [" ".join(f"word{n}" for n in row) for row in rng.integers(0, WORDS, (TEXTS, LENGTH))]
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        seconds: dict[int, list[float]] = {1: [], 10: []}
        cpu: dict[int, list[float]] = {1: [], 10: []}
        for replicates in seconds:
            write_model(folder, replicates)
        models = {replicates: load_model(folder / f"model{replicates}") for replicates in seconds}
        for model in models.values():
            model.predict(texts[:100])
        for _ in range(rounds):
            for replicates, model in models.items():
                started, busy = time.perf_counter(), time.process_time()
                model.predict(texts)
                seconds[replicates].append(time.perf_counter() - started)
                cpu[replicates].append(time.process_time() - busy)
        ratio = statistics.median(ten / one for one, ten in zip(seconds[1], seconds[10], strict=True))
        print(f"predict, {TEXTS:,} texts of {LENGTH} words, GloVe-like vectors of {DIM} and a probe")
        print(
            f"  texts a second: {TEXTS / statistics.median(seconds[1]):,.0f} (at least 5,000); a second of CPU time: "
            f"{TEXTS / statistics.median(cpu[1]):,.0f}"
        )
        print(f"  ten replicates against one: {ratio:.2f} times as long (at most 1.5)")
        against_keras(folder, models[1], texts, rounds)
        starts = []
        for _ in range(rounds):
            started = time.perf_counter()
            command = [sys.executable, "-m", "seedbed", "predict", f"model={folder / 'model1'}", f"text={texts[0]}"]
            subprocess.run(command, check=True, capture_output=True)
            starts.append(time.perf_counter() - started)
        print(f"  one text, start to end: {statistics.median(starts):.2f} s (under 3)")
