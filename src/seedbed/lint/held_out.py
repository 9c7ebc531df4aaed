"""What the held-out examples of a study are: where validation comes from, and whether test sets differ."""

from collections.abc import Iterator

from seedbed.comparison.plan import Plan
from seedbed.lint.plan_data import DrawnDataset, in_draws, span


def validation_from_test(data: DrawnDataset) -> Iterator[str]:
    """Validation examples that belong to the data set's test split."""
    tests = {example.id for example in data.corpus.splits.get("test", ())}
    counts = [sum(one in tests for one in draw.validation) for draw in data.draws]
    found = [number for number in counts if number]
    if found:
        yield (
            f"{data.corpus.name}: {in_draws(len(found), len(counts))}{span(found)} validation examples come from the "
            f"test split; sampling.validation_from=train takes them from where training examples come from"
        )


def one_test_set(plan: Plan) -> Iterator[str]:
    """Several draws of training examples or starts, all tested on the same examples."""
    tested: dict[tuple[str, str], tuple[set[frozenset[str]], set[int]]] = {}
    shown = {}
    for planned in plan.planned:
        key = (planned.corpus.digest, repr(planned.arm.sampling))
        tests, replicates = tested.setdefault(key, (set(), set()))
        tests.add(frozenset(planned.draw.test))
        replicates.add(planned.cell.replicate)
        shown[key] = planned
    for key, (tests, replicates) in tested.items():
        (first, *others) = tests
        if len(replicates) < 2 or others or not first:
            continue
        corpus = shown[key].corpus
        whole = len(corpus.splits.get("test", ()))
        drawn = len(first) < whole
        what = f"the same {len(first):,} of {whole:,} test texts" if drawn else f"the whole test split ({whole:,})"
        fix = "; sampling.redraw_test=true draws others for each" if drawn else ""
        yield (
            f"{corpus.name}: all {len(replicates):,} replicates are tested on {what}: their spread, p and intervals "
            f"say nothing about other test sets{fix}"
        )
