"""Numbers of examples of ``auto``: they fit every data set, and the line about them says what is drawn."""

import contextlib
import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.refusals import refusal

from seedbed.data.corpus import Corpus, Example
from seedbed.data.draw_sizes import with_numbers
from seedbed.data.draws import Sampling, draw
from seedbed.errors import InputError

KINDS = ("a", "b", "c")
AUTO = {"validation": "auto", "test": "auto", "validation_from": "train"}


def undivided(rows):
    examples = tuple(Example(f"all/{n}", ("w", str(n)), KINDS[n % 3]) for n in range(rows))
    return Corpus("mine", "classification", {"train": examples}, KINDS)


def divided(train, test, validation=0):
    sizes = {"train": train, "validation": validation, "test": test}
    splits = {
        split: tuple(Example(f"{split}/{n}", ("w",), KINDS[n % 3]) for n in range(size))
        for split, size in sizes.items() if size
    }  # fmt: skip
    return Corpus("split", "classification", splits, KINDS)


@given(
    rows=st.integers(20, 2000), seed=st.integers(0, 2**31), sizes=st.lists(st.integers(1, 60), max_size=3, unique=True),
    strategy=st.sampled_from(["random", "stratified", "per_class"]), redraw=st.booleans(),
    asked=st.sampled_from([{}, {"validation": 5}, {"test": 6}, {"validation": 0}, {"test": "all"}]),
)  # fmt: skip
def test_of_any_file_the_parts_never_overlap_and_the_line_says_what_is_drawn(
    rows, seed, sizes, strategy, redraw, asked
):
    corpus, sampling = undivided(rows), Sampling(strategy, **(AUTO | asked), redraw_test=redraw)
    if strategy != "random" and not sizes:
        return
    needed = max(sizes, default=1) * (3 if strategy == "per_class" else 1)
    if needed > 0.9 * rows - 13 or (asked.get("test") == "all" and not sizes):  # may be too much
        with contextlib.suppress(InputError):
            with_numbers(sampling, corpus, sizes or None)
        return
    chosen, note = with_numbers(sampling, corpus, sizes or None)
    counts = re.match(rf"mine: {rows:,} rows without splits: each replicate draws ([\d,]+) for test.* and ([\d,]+) for "
                      r"validation from all rows, and trains on (some of )?the other ([\d,]+)$", note)  # fmt: skip
    test, validation, rest = (int(counts[group].replace(",", "")) for group in (1, 2, 4))
    for size in sizes or [None]:
        if strategy == "stratified" and size > 0.6 * rest:
            continue  # the classes of the rest are not as many each
        drawn = draw(corpus, chosen, size, 0, seed)
        parts = [drawn.train, drawn.validation, drawn.test]
        assert len(set().union(*parts)) == sum(map(len, parts))
        assert (len(drawn.test), len(drawn.validation)) == (test, validation)
        assert rest == rows - test - validation
        assert len(drawn.train) == (rest if size is None else 3 * size if strategy == "per_class" else size) or (
            strategy == "per_class" and len(drawn.train) < 3 * size
        )
        assert bool(counts[3]) == (size is not None)


@given(seeds=st.tuples(st.integers(0, 999), st.integers(1000, 2000)))
def test_every_row_is_used_for_each_part_and_one_test_set_can_be_shared(seeds):
    corpus = undivided(300)
    fresh, _ = with_numbers(Sampling("random", **AUTO), corpus, [50])
    draws = [draw(corpus, fresh, 50, n, seeds[0] + n) for n in range(40)]
    for part in ("train", "validation", "test"):
        assert len({example for drawn in draws for example in getattr(drawn, part)}) > 290
    shared, note = with_numbers(Sampling("random", **AUTO, redraw_test=False), corpus, [50])
    one, other = (draw(corpus, shared, 50, 0, seed) for seed in seeds)
    assert one.test == other.test
    assert one.train != other.train
    assert "for test (the same for all)" in note


def test_three_hundred_rows_work_with_all_defaults():
    chosen, note = with_numbers(Sampling("random", **AUTO), undivided(300), None)
    assert (chosen.validation, chosen.test) == (42, 108)
    assert note.endswith("trains on the other 150")


@pytest.mark.parametrize(
    ("settings", "sizes", "message"),
    [
        ({}, [280], r"sizes=\[280\]: mine has 300 rows, and validation and test need .* at most 270 training examples"),
        ({"validation": 200, "test": 90}, [50], r"validation=200, sampling.test=90, sizes=\[50\]: mine has 300 rows"),
        ({"test": "all"}, None, "sampling.test=all: mine has no splits; give sizes"),
        ({"validation": "all", "validation_from": "validation"}, [5], "sampling.validation=all: mine has no splits"),
    ],
)
def test_what_a_file_has_too_few_rows_for_is_refused_with_what_would_do(settings, sizes, message):
    with pytest.raises(InputError, match=message):
        with_numbers(Sampling("random", **(AUTO | settings)), undivided(300), sizes)


def test_with_splits_and_enough_examples_the_numbers_are_those_of_ever_and_nothing_is_said():
    for sizes in (None, [50], [700]):
        chosen, note = with_numbers(Sampling("random", **AUTO), divided(900, 500), sizes)
        assert (chosen.validation, chosen.test, note) == (200, 500, "")


@given(train=st.integers(3, 900), test=st.integers(2, 900), seed=st.integers(0, 99),
       source=st.sampled_from(["train", "test"]))  # fmt: skip
def test_smaller_splits_give_what_they_have(train, test, seed, source):
    corpus = divided(train, test)
    sampling = Sampling("random", validation="auto", test="auto", validation_from=source)
    size = max(1, train // 2)
    chosen, note = with_numbers(sampling, corpus, [size])
    drawn = draw(corpus, chosen, size, 0, seed)
    assert len({*drawn.train, *drawn.validation, *drawn.test}) == size + chosen.validation + chosen.test
    assert bool(note) == (chosen.validation < 200 or chosen.test < 500)
    for number, part in ((chosen.validation, "validation"), (chosen.test, "test")):
        assert (f"{number:,} for {part}" in note) == (number < {"validation": 200, "test": 500}[part])


def test_full_sampling_takes_every_example_of_its_splits_as_ever():
    sampling = Sampling()
    assert with_numbers(sampling, divided(20, 10, 5), None) == (sampling, "")
    assert with_numbers(sampling, undivided(20), None) == (sampling, "")


@pytest.mark.parametrize(("rows", "counts", "said"), [
    (1, {}, r"mine has 1 row, and validation and test need some of them: a draw needs at least 3$"),
    (1, {"files_without_a_blank_line": 1}, r"mine has 1 row, .*: a draw needs at least 3; its file has no blank line"),
    (3, {}, r"mine has 3 rows, .*: at most 1 training examples$"),
])  # fmt: skip
def test_too_few_rows_are_refused_with_the_number_that_a_draw_needs(rows, counts, said):
    corpus = replace(undivided(rows), counts=counts)
    assert refusal(with_numbers, Sampling("random", **AUTO), corpus, [2], match=rf"^sizes=\[2\]: {said}")
