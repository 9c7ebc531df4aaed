"""``make bench``: speed and memory, measured in pairs in one run; ratios with medians, conditions beside them."""

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from importlib import import_module

from tests.bench.processes import measured

from seedbed.backend import name as backend_name
from seedbed.comparison.group import train_cells
from seedbed.comparison.plan import PlannedCell, plan
from seedbed.config.study import study
from seedbed.devices import select_device
from seedbed.training.programs import forget

OF_ONE_FILE = (
    "annotations", "decoders", "elmo", "leases", "load", "predict", "pretrain", "probes", "static_tokens", "taggers",
    "together", "tuning", "workers",
)  # fmt: skip
BENCHES = (
    "annotations", "cnn", "bilstm", "decoders", "epoch", "elmo", "leases", "predict", "pretrain", "probes", "taggers",
    "together", "tuning", "workers",
    "evidence",
    "tuned_evidence", "load",
    "commands",
)  # fmt: skip

SAME_STOPPING = "training.monitor=loss"
"""Keras watches the loss: the arm that it is set against does too."""


def cells_of(settings: Sequence[str], arm: str, size: int | None = None) -> list[PlannedCell]:
    """The cells of one arm of an experiment."""
    made = plan(study(settings))
    return [p for p in made.planned if p.cell.arm == arm and size in (None, p.cell.n_train)]


def seconds(work: Callable[[], object]) -> tuple[float, object]:
    """Wall time of some work, and its result."""
    started = time.perf_counter()
    result = work()
    return time.perf_counter() - started, result


def ours(cells: Sequence[PlannedCell]) -> tuple[list[int], list[float]]:
    """Epochs and test scores of the cells as one model, compiled anew as in a fresh process."""
    forget()
    outcomes = train_cells(cells, lambda epoch: None)
    metric = "test/f1" if cells[0].corpus.task == "tagging" else "test/accuracy"
    return [outcome.epochs for outcome in outcomes], [outcome.metrics[metric] for outcome in outcomes]


def said(values: Sequence[float], digits: int = 1) -> str:
    """Median and range."""
    return f"{statistics.median(values):.{digits}f} ({min(values):.{digits}f} to {max(values):.{digits}f})"


def against_plain_keras(title: str, cells: Sequence[PlannedCell], goal: float, rounds: int) -> None:
    """Ten replicates as one model against ten plain Keras models, in turn."""
    from tests.bench import plain_keras

    pairs = []
    for _ in range(rounds):
        plain_seconds, (plain_epochs, plain_scores) = seconds(lambda: plain_keras.run(cells))
        our_seconds, (our_epochs, our_scores) = seconds(lambda: ours(cells))
        pairs.append((plain_seconds, our_seconds))
    print(f"\n{title}: {len(cells)} replicates, {rounds} pair(s)")
    print(f"  plain Keras, one after the other: {said([p for p, _ in pairs])} s; "
          f"epochs {said(plain_epochs, 0)}; test {100 * statistics.mean(plain_scores):.1f}")  # fmt: skip
    print(f"  seedbed, as one model:            {said([o for _, o in pairs])} s; "
          f"epochs {said(our_epochs, 0)}; test {100 * statistics.mean(our_scores):.1f}")  # fmt: skip
    print(f"  ratio: {said([p / o for p, o in pairs])} (goal: at least {goal:.0f})")


def epoch_against_plain_keras(cells: Sequence[PlannedCell], rounds: int) -> None:
    """Epochs of one replicate of twitter_ner_bilstm against Keras on batches of the same size."""
    from tests.bench import plain_keras
    from tests.bench.taggers import group_of

    planned = cells[0]
    padded = plain_keras.Padded(planned)
    network = plain_keras.model(planned, padded)
    x, y, weight = padded.arrays("train", max(len(example.tokens) for example in padded.splits["train"]))
    size = planned.arm.training.batch_size

    group = group_of(cells[:1])
    pairs = []
    for number in range(rounds + 1):
        plain, _ = seconds(lambda: network.fit(x, y, sample_weight=weight, batch_size=size, epochs=1, verbose=0))
        own, _ = seconds(lambda number=number: group.train_epoch(number))
        if number:  # the first pays for tracing
            pairs.append((plain, own))
    print(f"\none replicate of twitter_ner_bilstm, an epoch of training, {rounds} pairs after a first one")
    print(f"  plain Keras {said([p for p, _ in pairs])} s, seedbed {said([o for _, o in pairs])} s")
    print(f"  ratio: {said([p / o for p, o in pairs], 2)} (goal: at least 1)")


def ten_against_one(title: str, cells: Sequence[PlannedCell], rounds: int) -> None:
    """What ten replicates cost against one, on whatever device there is; programs compiled before."""
    pairs = []
    for number in range(rounds + 1):
        ten, _ = seconds(lambda: train_cells(cells, lambda epoch: None))
        one, _ = seconds(lambda: train_cells(cells[:1], lambda epoch: None))
        if number:
            pairs.append((ten, one))
    print(f"  {title}: ten {said([t for t, _ in pairs])} s, one {said([o for _, o in pairs])} s, "
          f"ratio {said([t / o for t, o in pairs])}")  # fmt: skip


def ten_against_one_of_every_arm(rounds: int) -> None:
    """The arms of two experiments, their epochs fixed so that ten and one take as many steps."""
    print("\nten replicates against one (goal on a GPU: at most 2)")
    fixed = ["training.epochs=8", "training.patience=null"]
    for experiment, size in (("movie_reviews_cnn", 200), ("twitter_ner_fewshot", 200)):
        made = study([f"experiment={experiment}", *fixed])
        for arm in made.arms:
            ten_against_one(
                f"{experiment} {arm.name}", cells_of([f"experiment={experiment}", *fixed], arm.name, size), rounds
            )


def whole_commands() -> None:
    """``--help`` and the quickstart, as whole processes."""
    command = [sys.executable, "-m", "seedbed"]
    with tempfile.TemporaryDirectory() as folder:
        helps = [measured([*command, "--help"], folder).wall for _ in range(5)]
        print(f"\nseedbed --help: {said(helps, 2)} s (goal: under 1)")
        goals = {"quickstart": "under 120 s and 3,000 MB", "quickstart again": "under 8 s"}
        for title, goal in goals.items():
            took, _, peak = measured([*command, "compare", "experiment=quickstart"], folder)
            print(f"{title}: {took:.1f} s, peak {peak:,.0f} MB (goal: {goal})")


def of_one_file(name: str, given: argparse.Namespace) -> None:
    """Run the bench of a file, or a part of that of tuning."""
    if name.startswith("tuning_"):
        parts = import_module("tests.bench.tuning").PARTS
        if name not in parts:
            raise SystemExit(f"no bench {name}; choose {', '.join(parts)}")
        parts[name](given.rounds)
        return
    more = {"load": {"old": given.old}, "taggers": {"peer": given.peer}}.get(name, {})
    getattr(import_module(f"tests.bench.{name}"), name)(given.rounds, **more)


def main() -> None:
    """Run the benches that were named, or all."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument(
        "benches", nargs="*", help=f"{', '.join(BENCHES)}, features, static_tokens (needs model2vec), ten (on a GPU)"
    )
    arguments.add_argument("--rounds", type=int, default=3)
    arguments.add_argument("--old", help="features, load: a clone of an older commit")
    arguments.add_argument("--peer", help="taggers: the Python of an environment with Flair 0.15")
    arguments.add_argument("--arms", default="random,glove,glove_pool,elmo,glove_elmo", help="features: these arms")
    given = arguments.parse_args()
    device = select_device("auto")
    wanted = given.benches or [*BENCHES, *(["ten"] if device == "gpu" else [])]
    print(f"backend {backend_name()}, device {device}")
    if "cnn" in wanted:
        for size in (50, 200):
            cells = cells_of(["experiment=movie_reviews_cnn"], "glove", size)
            against_plain_keras(f"CNN arm of movie_reviews_cnn, {size} examples", cells, 5, given.rounds)
    if "bilstm" in wanted:
        cells = cells_of(["experiment=twitter_ner_fewshot", SAME_STOPPING], "glove_bilstm", 200)
        against_plain_keras("BiLSTM arm of twitter_ner_fewshot", cells, 3, given.rounds)
    if "epoch" in wanted:
        epoch_against_plain_keras(cells_of(["experiment=twitter_ner_bilstm", "replicates=1"], "bilstm"), given.rounds)
    for name in (*OF_ONE_FILE, *(own for own in wanted if own.startswith("tuning_"))):
        if name in wanted:
            of_one_file(name, given)
    if "evidence" in wanted:
        from tests.bench.evidence import evidence

        evidence()
    if "tuned_evidence" in wanted:
        from tests.bench.tuned_evidence import tuned_evidence

        tuned_evidence()
    if "features" in wanted:
        from tests.bench.features import features

        if not given.old:
            raise SystemExit("features: --old=FOLDER is missing, a clone of the commit to compare with")
        features(given.old, given.arms.split(","), given.rounds)
    if "ten" in wanted:
        ten_against_one_of_every_arm(given.rounds)
    if "commands" in wanted:
        whole_commands()


if __name__ == "__main__":
    main()
