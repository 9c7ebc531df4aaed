"""Training a biLM against a straightforward Keras training of the same network with full softmax, and its memory.

Each in a process of its own, in turns, on the same random text whose words follow Zipf's law.
"""

import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from functools import cache
from pathlib import Path

import numpy as np
from tests.bench.elmo import product_rate

WORDS, STEPS, CANDIDATES = 20_000, 20, 2048
STREAMS = {"ours": 128, "keras": 32}
"""Full softmax of 128 streams would need several GB."""

MEASURED = {"ours": 12, "keras": 4}

GOAL = 3

CORPORA = (2, 20)
"""MB of the texts whose peak memory is compared: the second is to need at most 10 % more."""

TYPES, BEND = 2_000_000, 8_000
"""Different words that a corpus may have, and the rank from which on they are as rare as in real text."""


def text(rng, tokens: int) -> np.ndarray:
    """Numbers of words."""
    return np.minimum(np.exp(rng.random(tokens) * np.log(WORDS + 1)).astype(int) - 1, WORDS - 1)


def spelled(rng) -> list[str]:
    """Words of letters, longer the rarer they are."""
    lengths = np.clip(np.log(np.arange(WORDS) + 2) * 0.9 + rng.normal(size=WORDS), 1, 20).astype(int)
    return ["".join(rng.choice(list("etaoinshrdlucm"), length)) for length in lengths]


def ours(size: str, held: str) -> dict:
    """Steps of ``seedbed pretrain``: the feed, the step, and the reading of the loss."""
    from seedbed.pretraining import shards, vocabulary
    from seedbed.pretraining.initial_weights import draw_weights
    from seedbed.pretraining.settings import Training
    from seedbed.pretraining.sizes import SIZES
    from seedbed.pretraining.trainer import Trainer

    rng = np.random.default_rng(0)
    words = spelled(rng)
    stream = iter(text(rng, 400_000).tolist())
    documents = ([[words[n] for n, _ in zip(stream, range(20), strict=False)] for _ in range(5)] for _ in range(4000))
    with tempfile.TemporaryDirectory() as name:
        made, counted = shards.write_shards(documents, Path(name), 0.02, 0, {})
        known = vocabulary.choose_words(counted.counts, None, 1, WORDS)
        settings = Training(streams=STREAMS["ours"], unroll=STEPS, precision=held, candidates=CANDIDATES)
        weights = draw_weights(SIZES[size], len(known), 0)
        trainer = Trainer(SIZES[size], settings, made, known, weights, Path(name), {}, lambda *_: None)
        batches = trainer._batches()
        for _ in range(3):
            trainer._step(*next(batches))
        found = timed(lambda: (trainer._step(*next(batches)), trainer._read_losses()), "ours")
        types = next(batches)[0].types
    return found | {"rate": product_rate(held), "megaflops": megaflops(SIZES[size], types, STREAMS["ours"] * STEPS)}


def megaflops(a, types: list[str], tokens: int) -> float:
    """MFLOP a token of the products that a step needs, backward twice what forward needs."""
    cnn = a.characters
    cell = 2 * a.projection * 4 * a.units + a.units * a.projection
    softmax = (CANDIDATES + 1) * a.projection
    windows = sum(min(len(word.encode()), cnn.columns - 2) + 3 for word in types)
    filters = cnn.dim * sum(width * number for width, number in cnn.filters)
    highways = cnn.highways * 2 * cnn.features**2 + cnn.features * a.projection
    return 3 * 2e-6 * (2 * (a.layers * cell + softmax) + (windows * filters + len(types) * highways) / tokens)


def memory(folder: str, _: str) -> dict:
    """Peak memory in MB of a process that makes a corpus ready and trains, looks and saves for a while."""
    from seedbed.pretraining import files
    from seedbed.pretraining.corpus import Texts
    from seedbed.pretraining.job import Job, VocabularySettings
    from seedbed.pretraining.settings import Training

    corpus = Path(folder) / "corpus"
    size = sum(file.stat().st_size for file in corpus.iterdir())
    words = VocabularySettings(
        vocabulary=WORDS, min_count=1, held_out=0.01 * CORPORA[0] * 1e6 / size
    )  # as much to look at in each
    job = Job(Texts(str(corpus)), Path(folder) / "model", "tiny", words=words, training=Training(precision="float32"))
    ready = job.prepare(lambda line: None)
    files.write_trained_texts(job.output, ready.shards)
    trainer = ready.trainer(lambda line: None)
    batches = trainer._batches()
    for _ in range(30):
        trainer._step(*next(batches))
        trainer._read_losses()
    trainer._held_out.perplexity(trainer.state.weights)
    trainer.save()
    return {"peak": peak(), "documents": ready.shards.train.documents, "words": len(ready.words)}


def write_corpus(folder: Path, megabytes: int) -> None:
    """Files of 1 MB with documents of 50 to 400 words; like real text, it goes on to bring new words."""
    folder.mkdir()
    rng = np.random.default_rng(0)
    rank = np.arange(1, TYPES + 1)
    shares = np.where(rank <= BEND, 1 / rank, BEND**0.6 / rank**1.6).cumsum()
    for n in range(megabytes):
        text: list[str] = []
        size = 0
        while size < 1e6:
            drawn = np.searchsorted(shares, rng.random(rng.integers(50, 400)) * shares[-1])
            text.append(" ".join(spelling(int(word)) for word in drawn) + " .\n\n")
            size += len(text[-1])
        (folder / f"{n:05d}.txt").write_text("".join(text), encoding="utf-8")


@cache
def spelling(number: int) -> str:
    """A word for each number, longer for larger ones."""
    return "etaoinshrdlucm"[number % 14] + (spelling(number // 14 - 1) if number >= 14 else "")


def keras(size: str, _: str) -> dict:
    """A Keras model with the same layers: a character CNN of each token, cells with a projection, full softmax."""
    import keras as k
    from keras import ops

    from seedbed.pretraining.sizes import SIZES

    a = SIZES[size]
    cnn = a.characters
    clip = a.cell_clip

    @k.saving.register_keras_serializable("bench")
    class Cell(k.layers.Layer):
        def __init__(self):
            super().__init__()
            self.state_size, self.output_size = [a.projection, a.units], a.projection
            self.gates, self.project = k.layers.Dense(4 * a.units), k.layers.Dense(a.projection, use_bias=False)

        def build(self, shape):
            self.gates.build((None, 2 * a.projection))
            self.project.build((None, a.units))
            self.built = True

        def call(self, x, states):
            h, c = states
            i, f, o, new = ops.split(self.gates(ops.concatenate([x, h], axis=-1)), 4, axis=-1)
            c = ops.clip(ops.sigmoid(f + 1) * c + ops.sigmoid(i) * ops.tanh(new), -clip, clip)
            h = ops.clip(self.project(ops.sigmoid(o) * ops.tanh(c)), -clip, clip)
            return h, [h, c]

    batch = STREAMS["keras"]
    inputs = [k.Input((STEPS, cnn.columns), batch_size=batch, dtype="int32") for _ in range(2)]
    embed = k.layers.Embedding(262, cnn.dim)
    convolutions = [k.layers.Conv1D(number, width, activation="relu") for width, number in cnn.filters]
    carries = [k.layers.Dense(cnn.features, "sigmoid") for _ in range(cnn.highways)]
    transforms = [k.layers.Dense(cnn.features, "relu") for _ in range(cnn.highways)]
    project, softmax = k.layers.Dense(a.projection), k.layers.Dense(WORDS)
    pool = k.layers.GlobalMaxPooling1D()
    drop = k.layers.Dropout(0.1)
    outputs = []
    for given in inputs:
        x = embed(ops.reshape(given, (-1, cnn.columns)))
        x = ops.concatenate([pool(convolution(x)) for convolution in convolutions], axis=-1)
        for carry, transform in zip(carries, transforms, strict=True):
            gate = carry(x)
            x = gate * transform(x) + (1 - gate) * x
        x = ops.reshape(project(x), (batch, STEPS, a.projection))
        for layer in range(a.layers):
            x = drop(x)
            y = k.layers.RNN(Cell(), return_sequences=True, stateful=True)(x)
            x = y + x if layer else y
        outputs.append(softmax(drop(x)))
    model = k.Model(inputs, outputs)
    loss = k.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(k.optimizers.Adagrad(0.2, initial_accumulator_value=1.0, global_clipnorm=10.0), loss=[loss, loss])
    rng = np.random.default_rng(0)
    characters = np.full((WORDS, cnn.columns), 261, np.int32)
    for n, word in enumerate(spelled(rng)):
        characters[n, : len(word) + 2] = [259, *(ord(letter) + 1 for letter in word), 260]

    def step():
        ids = text(rng, batch * (STEPS + 1)).reshape(batch, STEPS + 1)
        model.train_on_batch([characters[ids[:, :-1]], characters[ids[:, :0:-1]]], [ids[:, 1:], ids[:, -2::-1]])

    for _ in range(2):
        step()
    return timed(step, "keras")


def timed(step, who: str) -> dict:
    """Tokens a second of wall time and, twice those, of processor time; and peak memory in MB."""
    wall, processor = [], []
    for _ in range(MEASURED[who]):
        started, used = time.perf_counter(), time.process_time()
        step()
        wall.append(time.perf_counter() - started)
        processor.append(time.process_time() - used)
    tokens = STREAMS[who] * STEPS
    return {
        "wall": tokens / statistics.median(wall),
        "processor": tokens / statistics.median(processor),
        "peak": peak(),
    }


def peak() -> float:
    """Peak memory in MB of this process."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measured(who: str, size: str, held: str = "float32", backend: str = "tensorflow") -> dict:
    """One of them in a process of its own."""
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "KERAS_BACKEND": backend}
    command = [sys.executable, "-m", "tests.bench.pretrain", who, size, held]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)}: {done.stderr.strip().splitlines()[-1:]}")
    return json.loads(done.stdout.splitlines()[-1])


def pretrain(rounds: int) -> None:
    """Tokens a second of both, in turns, their ratio, and the share of the product rate; then the memory."""
    rounds = min(rounds, 2)
    for size in ("tiny", "small"):
        print(f"\npretraining, {size}, {WORDS:,} words: plain Keras with full softmax, and ours; {rounds} rounds")
        found: dict[str, list[dict]] = {}
        for _ in range(rounds):
            found.setdefault("keras", []).append(measured("keras", size))
            for held in ("float32", "bfloat16"):
                found.setdefault(held, []).append(measured("ours", size, held))
        for who, own in found.items():
            speed, cpu, most = (statistics.median(one[key] for one in own) for key in ("wall", "processor", "peak"))
            print(f"  {who}: {speed:,.0f} tokens/s, {cpu:,.0f} a second of one processor, peak {most:,.0f} MB")
            if who != "keras":
                ratios = [one["wall"] / other["wall"] for one, other in zip(own, found["keras"], strict=True)]
                shares = [100 * one["wall"] * one["megaflops"] / 1e3 / one["rate"] for one in own]
                print(f"    {statistics.median(ratios):.1f} times Keras (goal: {GOAL}); products "
                      f"{statistics.median(one['rate'] for one in own):,.0f} GFLOP/s, of which used "
                      f"{statistics.median(shares):.0f} %")  # fmt: skip
    corpora()


def corpora() -> None:
    """Peak memory of two corpora, one ten times as large as the other."""
    print("\npretraining, tiny: peak memory of reading, making ready, training, a look and a checkpoint")
    peaks = []
    for megabytes in CORPORA:
        with tempfile.TemporaryDirectory() as name:
            write_corpus(Path(name) / "corpus", megabytes)
            found = measured("memory", name)
        peaks.append(found["peak"])
        print(f"  {megabytes} MB, {found['documents']:,} documents: {found['peak']:,.0f} MB")
    print(f"  {peaks[1] / peaks[0]:.2f} times (goal: at most 1.1)")


if __name__ == "__main__":
    print(json.dumps({"ours": ours, "keras": keras, "memory": memory}[sys.argv[1]](sys.argv[2], sys.argv[3])))
