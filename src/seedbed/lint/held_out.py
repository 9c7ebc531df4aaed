"""Held-out examples of a study: where validation comes from, and whether test sets differ."""

from collections.abc import Iterator

from seedbed.comparison.plan import Plan
from seedbed.lint.plan_data import DrawnDataset, in_draws, span


def validation_from_test(data: DrawnDataset) -> Iterator[str]:
    """Yield data sets with validation examples from the test split."""
    tests = {example.id for example in data.corpus.splits.get("test", ())}
    counts = [sum(example_id in tests for example_id in draw.validation) for draw in data.draws]
    nonzero = [number for number in counts if number]
    if nonzero:
        yield (
            f"{data.corpus.name}: {in_draws(len(nonzero), len(counts))}{span(nonzero)} validation examples are from "
            f"the test split;  sampling.validation_from=train takes them from the training split"
        )


def one_test_set(plan: Plan) -> Iterator[str]:
    """Yield data sets with several replicates that are all tested on the same examples."""
    tested: dict[tuple[str, str], tuple[set[frozenset[str]], set[int]]] = {}
    shown = {}
    for planned in plan.planned:
        key = (planned.corpus.digest, repr(planned.arm.sampling))
        tests, replicates = tested.setdefault(key, (set(), set()))
        tests.add(frozenset(planned.draw.test))
        replicates.add(planned.cell.replicate)
        shown[key] = planned
    for key, (tests, replicates) in tested.items():
        (first, *other_sets) = tests
        if len(replicates) < 2 or other_sets or not first:
            continue
        corpus = shown[key].corpus
        number = len(corpus.splits[corpus.test_split])
        texts = "test texts" if corpus.test_split == "test" else "texts"
        is_drawn = len(first) < number
        subject = f"the same {len(first):,} of {number:,} {texts}" if is_drawn else f"the whole test split ({number:,})"
        fix = ""
        if is_drawn and shown[key].arm.sampling.redraw_test:
            fix = "; there are no others that the study of confirm= did not use"
        elif is_drawn:
            fix = "; sampling.redraw_test=true draws others for each"
        yield (
            f"{corpus.name}: all {len(replicates):,} replicates are tested on {subject}: their spread, p and intervals "
            f"say nothing about other test sets{fix}"
        )
