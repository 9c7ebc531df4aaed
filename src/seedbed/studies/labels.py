"""The study of `seedbed labels`: arms, sizes and held-out examples that fit the data, and its training examples."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from seedbed.config.override_syntax import override_key
from seedbed.config.schema import Arm, Study
from seedbed.config.study import study
from seedbed.data.draw_sizes import with_numbers
from seedbed.data.draws import Sampling, is_undivided
from seedbed.errors import InputError
from seedbed.readable import shaped
from seedbed.studies.needs import vector_needs
from seedbed.studies.optional_files import unless_damaged

if TYPE_CHECKING:
    from seedbed.comparison.plan import PlannedCell
    from seedbed.data.corpus import Corpus
    from seedbed.tracking.store import Store

PROTOCOL = "labels"
"""The name in conf/protocols.yaml of the settings that every such study begins with."""
ARMS = ("glove", "minilm")
"""Embeddings that are compared by default, those whose files cannot be fetched left out."""
FILE = "labels.json"
"""The artifact of a parent run with the training examples of each type, by size."""
LONGEST_SIZE = 12
"""The digits of a size at most, in a stored file."""
MOST_SIZES, FEWEST_SIZES, SMALLEST, LARGEST = 5, 3, 8, 2_000
"""Of the default sizes: how many, the smallest and the largest."""
SHARE = 2 / 3
"""The largest default size, of the examples that can be drawn for training: draws of all of them would be equal."""

TrainingCounts = Mapping[int, Mapping[str, float]]
"""By size, the mean number of training examples of each class, or of entities of each type."""


def labels_study(
    overrides: Sequence[str], config_dir: str | None, log: Callable[[str], None]
) -> tuple[Study, list[str]]:
    """Return the study for these overrides and all overrides that make it; settings that are given stay as they are.

    InputError for a bad setting and for data with too few examples.
    """
    given = {override_key(override) for override in overrides}
    words = list(overrides)
    if "protocol" not in given:
        words.insert(0, f"protocol={PROTOCOL}")
    if "dataset" not in given and "experiment" not in given:
        raise InputError("command line: give your data, such as dataset=csv dataset.path=mine.csv, or study=NAME")
    chooses_arms = not given & {"arms", "embedding", "experiment"}
    if chooses_arms:
        words.append(_arms(ARMS))
    first, composed = study(words, config_dir), tuple(words)
    if chooses_arms:
        words[-1] = _arms(_fetchable(first.arms, log))
    if "name" not in given and "experiment" not in given:
        words.append(f"name=labels_{first.arms[0].dataset.name}")
    if first.keys.sizes is None:
        words += _sizes(first.arms[0])
    return (first if tuple(words) == composed else study(words, config_dir)), words


def _arms(embeddings: Iterable[str]) -> str:
    """Return an override: an arm for each of these embeddings."""
    return "arms={" + ", ".join(f"{name}: [embedding={name}]" for name in embeddings) + "}"


def _fetchable(arms: Iterable[Arm], log: Callable[[str], None]) -> Iterator[str]:
    """Yield the names of the arms that can be trained: a package that is not installed cannot be fetched."""
    for arm in arms:
        if getattr(arm.embedding, "package", "") and any(need.missing for need in vector_needs([arm.embedding])):
            log(f"{arm.name} is left out: its package is not installed (`seedbed doctor` says how to get it)")
        else:
            yield arm.name


def _sizes(arm: Arm) -> list[str]:
    """Return overrides: sizes and numbers of held-out examples that fit the data set of an arm."""
    corpus, sampling = arm.dataset.load(), arm.sampling
    held_out = with_numbers(sampling, corpus, None).sampling
    numbers = [
        f"sampling.{part}={getattr(held_out, part)}"
        for part in ("validation", "test")
        if getattr(sampling, part) != getattr(held_out, part)
    ]
    return [*numbers, f"sizes={default_sizes(_pool(corpus, held_out), len(corpus.classes))}".replace(" ", "")]


def _pool(corpus: "Corpus", sampling: Sampling) -> int:
    """Return the number of examples from which each replicate can draw its training examples."""
    taken = [sampling.validation] if sampling.validation_from == "train" else []
    taken += [sampling.test] if is_undivided(corpus, sampling) else []
    return len(corpus.splits.get("train", ())) - sum(number for number in taken if isinstance(number, int))


def default_sizes(pool: int, n_classes: int) -> list[int]:
    """Return sizes that halve, at most `MOST_SIZES`, from `SHARE` of the pool down, to two digits.

    InputError where fewer than `FEWEST_SIZES` are above `SMALLEST` and the number of classes.
    """
    size, least, sizes = min(float(LARGEST), pool * SHARE), max(SMALLEST, n_classes), list[int]()
    while size >= least and len(sizes) < MOST_SIZES:
        digits = 2 - len(str(int(size)))
        sizes.append(int(round(size, digits)) if size >= 100 else int(size))
        size /= 2
    if len(sizes) < FEWEST_SIZES:
        needed = round(least * 2 ** (FEWEST_SIZES - 1) / SHARE)
        raise InputError(
            f"{pool} examples are left to train on beside validation, and a learning curve needs {needed}; give "
            f"{FEWEST_SIZES} sizes, such as sizes=[5,10,20]"
        )
    return sizes[::-1]


def training_counts(cells: "Sequence[PlannedCell]") -> dict[int, dict[str, float]]:
    """Return the mean number of training examples of each class, or of entities of each type, by size."""
    draws = {(planned.corpus.digest, planned.draw.digest): planned for planned in cells}
    total, number = defaultdict[int, Counter[str]](Counter), Counter[int]()
    for planned in draws.values():
        size, by_id = planned.cell.n_train, planned.corpus.by_id
        number[size] += 1
        total[size].update(dict.fromkeys(planned.corpus.classes, 0))
        for example_id in planned.draw.train:
            total[size].update(by_id[example_id].classes)
    return {size: {name: n / number[size] for name, n in counts.items()} for size, counts in total.items()}


def keep_counts(store: "Store", parent: str | None, counts: TrainingCounts) -> None:
    """Keep the counts with the comparison, for `seedbed labels study=NAME`."""
    if parent is not None:
        store.log_json(parent, FILE, {str(size): dict(of) for size, of in counts.items()})


def stored_counts(store: "Store", name: str, log: Callable[[str], None]) -> TrainingCounts:
    """Return the counts of the comparisons of a name; empty where none are kept, as of a study of `seedbed compare`.

    Damaged ones are logged and left out.
    """
    counts: dict[int, dict[str, float]] = {}
    for run_id in store.comparisons(name):
        counts |= unless_damaged(partial(_counts, store, run_id), log) or {}
    return counts


def _counts(store: "Store", run_id: str) -> dict[int, dict[str, float]]:
    where = f"{FILE} of run {run_id}"
    kept = shaped(store.read_json(run_id, FILE, {}), {str: {str: (int, float)}}, where)
    if wrong := next((size for size in kept if not size.isdecimal() or len(size) > LONGEST_SIZE), None):
        raise InputError(f"{where}: damaged: {wrong[:LONGEST_SIZE]} is no number of examples")
    return {int(size): {name: float(n) for name, n in of.items()} for size, of in kept.items()}
