"""A BiLSTM-CRF with characters: five replicates as a group, against Flair's in turn; memory at CoNLL-2003's size.

The data are sentences of the Groningen Meaning Bank, as many as CoNLL-2003 has; they are longer. Flair is installed in
an environment of its own: ``python -m tests.bench taggers --peer PYTHON``.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from tests.bench.__main__ import said, seconds
from tests.bench.processes import measured

from seedbed.backend import can_pack
from seedbed.comparison.plan import PlannedCell, plan
from seedbed.config.study import study
from seedbed.model.network import Network
from seedbed.model.tasks import decoding_of
from seedbed.training.batches import EncodedExamples, GroupData
from seedbed.training.group import Group

SPLITS = {"train": 14_041, "validation": 3_250, "test": 3_453}
"""Sentences of CoNLL-2003."""
TIMED = 1_500
"""Training sentences of the epochs that are timed."""
ARMS = ("bilstm_crf", "bilstm_cnn_crf")
"""The first has the network of Flair's tagger."""
OTHER_ARMS = ("bilstm", "minilm_crf", "elmo_crf")
REPLICATES = 5


def settings(train: int, arms: Sequence[str] = ARMS, *more: str) -> list[str]:
    """The experiment of CoNLL-2003 on other sentences."""
    left_out = [f"~arms.{name}" for name in (*ARMS, *OTHER_ARMS) if name not in arms]
    return [
        "experiment=conll2003", "dataset=gmb", "published=null", f"replicates={REPLICATES}", f"sizes=[{train}]",
        "sampling.strategy=random", f"sampling.validation={SPLITS['validation']}", f"sampling.test={SPLITS['test']}",
        "baseline=null", *left_out, *more,
    ]  # fmt: skip


def group_of(cells: Sequence[PlannedCell]) -> Group:
    """Cells as one group, as `seedbed.comparison.group.train_cells` makes it."""
    arm, corpus = cells[0].arm, cells[0].corpus
    splits = ("train", "validation", "test")
    ids = list(dict.fromkeys(i for planned in cells for split in splits for i in getattr(planned.draw, split)))
    position = {example: n for n, example in enumerate(ids)}
    draws = [{split: [position[i] for i in getattr(planned.draw, split)] for split in splits} for planned in cells]
    seeds = [planned.cell.init_seed for planned in cells]
    encoded = EncodedExamples.from_corpus(corpus, ids, decoding_of(arm.task, corpus.labels))
    features = arm.embedding.features(encoded.examples, draws, seeds)
    network = Network.of(features.embed, features.width, arm.encoder, arm.task, encoded.labels, arm.training.precision)
    return Group(network, GroupData(encoded, features, draws, seeds, network.gap if can_pack() else None), arm.training)


def write_for_flair(planned: PlannedCell, epochs: int, folder: Path) -> None:
    """The files that `tests/bench/flair_tagger.py` reads: those of one replicate."""
    arm, corpus = planned.arm, planned.corpus
    examples = [corpus.by_id[i] for i in planned.draw.train]
    blocks = ["".join(f"{t}\t{tag}\n" for t, tag in zip(e.tokens, e.target, strict=True)) for e in examples]
    (folder / "train.txt").write_text("\n".join(blocks), "utf-8")
    parts = arm.embedding.parts
    vectors = parts["glove"].vectors(list(dict.fromkeys(token for e in examples for token in e.tokens)))
    (folder / "words.txt").write_text("\n".join(vectors.words), "utf-8")
    np.save(folder / "vectors.npy", vectors.matrix[: len(vectors.words)])
    sizes = {
        "dim": parts["characters"].dim, "char_units": parts["characters"].units, "units": arm.encoder.units,
        "dropout": arm.encoder.dropout, "learning_rate": arm.training.learning_rate,
        "batch_size": arm.training.batch_size, "epochs": epochs,
    }  # fmt: skip
    (folder / "sizes.json").write_text(json.dumps(sizes), "utf-8")


def against_flair(peer: str, rounds: int) -> None:
    """Epochs of training in turn, after a first one of each; without evaluation."""
    made = plan(study(settings(TIMED)))
    groups = {arm: group_of([p for p in made.planned if p.cell.arm == arm]) for arm in ARMS}
    with tempfile.TemporaryDirectory() as folder:
        write_for_flair(made.planned[0], rounds + 1, Path(folder))
        command = [peer, str(Path(__file__).with_name("flair_tagger.py")), folder]
        with subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env=os.environ | {"FLAIR_CACHE_ROOT": folder},
        ) as flair:  # fmt: skip
            assert flair.stdin
            assert flair.stdout
            times: dict[str, list[float]] = {"flair": [], **{arm: [] for arm in ARMS}}
            for number in range(rounds + 1):
                flair.stdin.write("\n")
                flair.stdin.flush()
                line = next((line for line in flair.stdout if line.startswith("epoch ")), None)
                if line is None:
                    raise SystemExit(f"{peer}: Flair's tagger ended")
                taken = {"flair": float(line.split()[1])}
                for arm, own in groups.items():
                    taken[arm] = seconds(lambda own=own, number=number: own.train_epoch(number))[0] / REPLICATES
                if number:  # the first pays for tracing
                    for name, took in taken.items():
                        times[name].append(took)
    tokens = sum(len(made.planned[0].corpus.by_id[i].tokens) for i in made.planned[0].draw.train)
    print(f"\nan epoch of training for one replicate, {TIMED:,} sentences of GMB ({tokens:,} tokens), {rounds} rounds "
          f"in turn\n  Flair, BiLSTM-CRF with a BiLSTM over characters: {said(times['flair'])} s")  # fmt: skip
    for arm in ARMS:
        ratios = [theirs / own for theirs, own in zip(times["flair"], times[arm], strict=True)]
        print(f"  {arm}, {REPLICATES} replicates as a group: {said(times[arm])} s; ratio {said(ratios)} "
              "(goal: at least 3)")  # fmt: skip


def memory() -> None:
    """Peak memory of whole commands that train five replicates for an epoch and score them."""
    sentences = ", ".join(f"{number:,} {split}" for split, number in SPLITS.items())
    print(f"\n{REPLICATES} replicates as a group, one epoch, sentences of GMB: {sentences}")
    for arm in ARMS:
        asked = settings(SPLITS["train"], [arm], "training.epochs=1", "training.patience=null")
        with tempfile.TemporaryDirectory() as folder:
            took = measured([sys.executable, "-m", "seedbed", "compare", *asked], folder)
        print(f"  {arm}: {took.wall:.0f} s, peak {took.mb:,.0f} MB (goal: under 6,000)", flush=True)


def taggers(rounds: int, peer: str | None = None) -> None:
    """Run both; only memory without a Python that has Flair."""
    if peer:
        against_flair(peer, rounds)
    memory()
