"""Where validation comes from, and whether test sets differ."""

from types import SimpleNamespace

from seedbed.data.corpus import Corpus, Example
from seedbed.data.draws import Sampling, draw
from seedbed.lint.held_out import one_test_set
from seedbed.lint.held_out import validation_from_test as look

TEXTS = {"train": [("a", "x"), ("b", "y")], "test": [("c", "x"), ("d", "y"), ("e", "x")]}
FEWSHOT = (
    "dataset=jsonl", "task=classification", "encoder=cnn", "sampling=fewshot", "sampling.validation=20", "sizes=[20]",
)  # fmt: skip


def files(imdb):
    return [f"dataset.path={imdb}", "dataset.files.train=train.jsonl", "dataset.files.test=test.jsonl"]


def test_validation_out_of_the_test_split_is_counted_by_draw(drawn):
    draws = [
        {"train": ["train/0"], "validation": ["test/0", "test/1"], "test": ["test/2"]},
        {"train": ["train/0"], "validation": ["train/1"], "test": ["test/2"]},
    ]
    (text,) = look(drawn(TEXTS, draws))
    assert "in 1 of 2 draws 2 validation examples are from the test split" in text
    assert list(look(drawn(TEXTS, draws[1:]))) == []


def test_replicates_that_share_a_drawn_test_set_are_found(linted, imdb):
    shared = linted(*FEWSHOT, *files(imdb), "sampling.test=50", "replicates=3", "sampling.redraw_test=false")
    assert "all 3 replicates are tested on the same 50 of 900 test texts" in shared.text("one-test-set")
    assert "redraw_test=true" in shared.text("one-test-set")
    assert "one-test-set" not in linted(*FEWSHOT, *files(imdb), "sampling.test=50", "replicates=3").rules


def test_a_test_set_that_is_drawn_once_of_all_rows_is_found(linted, imdb):
    rows = [f"dataset.path={imdb}/train.jsonl", "sampling.test=50", "replicates=3"]
    shared = linted(*FEWSHOT, *rows, "sampling.redraw_test=false")
    assert "all 3 replicates are tested on the same 50 of 900 texts" in shared.text("one-test-set")
    assert "one-test-set" not in linted(*FEWSHOT, *rows).rules


def test_a_whole_test_split_is_shared_as_well_and_cannot_be_redrawn(linted, imdb):
    whole = linted(*FEWSHOT, *files(imdb), "sampling.test=all", "replicates=3")
    assert "the whole test split (900)" in whole.text("one-test-set")
    assert "redraw_test" not in whole.text("one-test-set")


def test_what_another_study_left_cannot_be_redrawn_either():
    texts = {"train": ["train/0"], "test": [f"test/{n}" for n in range(9)]}
    splits = {split: tuple(Example(one, ("w",), "x") for one in ids) for split, ids in texts.items()}
    corpus, sampling = Corpus("toy", "classification", splits, ("x",)), Sampling("random", test=2, validation=0)
    planned = [
        SimpleNamespace(corpus=corpus, arm=SimpleNamespace(sampling=sampling), cell=SimpleNamespace(replicate=n),
                        draw=draw(corpus, sampling, 1, n, n, frozenset(texts["test"][:7])))
        for n in range(3)
    ]  # fmt: skip
    (text,) = one_test_set(SimpleNamespace(planned=planned))
    assert "the same 2 of 9 test texts" in text
    assert text.endswith("; there are no others that the study of confirm= did not use")


def test_one_replicate_shares_with_nobody(linted, imdb):
    assert "one-test-set" not in linted(*FEWSHOT, *files(imdb), "sampling.test=all", "replicates=1").rules
    assert "one-test-set" not in linted(*FEWSHOT, *files(imdb), "sampling.test=0", "replicates=3").rules
