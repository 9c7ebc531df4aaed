"""Too few replicates for the level, before any is trained."""

import pytest

from seedbed.comparison.plan import plan
from seedbed.config.study import study
from seedbed.lint.replicates import comparisons

BASE = ("dataset=jsonl", "task=classification", "encoder=cnn", "sampling=fewshot", "sampling.validation=5",
        "sampling.test=20")  # fmt: skip
ARMS = {2: "arms={cnn: [], pool: [encoder=pool]}", 3: "arms={cnn: [], pool: [encoder=pool], bilstm: [encoder=bilstm]}"}


def settings(imdb, arms, sizes, replicates, *more):
    files = [f"dataset.path={imdb}", "dataset.files.train=train.jsonl", "dataset.files.test=test.jsonl"]
    return [*BASE, *files, ARMS[arms], f"sizes={sizes}", f"replicates={replicates}", *more]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arms", "sizes", "replicates", "message"),
    [
        (2, [20], 5, "five replicates cannot go below p = 0.0625, whatever the difference; six replicates can do it"),
        (2, [20], 6, None),
        (2, [20, 40], 6, "six replicates cannot go below p = 0.0625 after Holm's correction for two comparisons, "
                         "whatever the difference; seven replicates can do it"),
        (3, [20], 6, "six replicates cannot go below p = 0.0938 after Holm's correction for three comparisons, "
                     "whatever the difference; seven replicates can do it"),
        (3, [20, 40], 8, None),
        (2, [20], 1, "one replicate has no spread: no p and no interval; six replicates can do it"),
    ],
)  # fmt: skip
def test_the_smallest_p_is_compared_with_the_level(linted, imdb, arms, sizes, replicates, message):
    looked = linted(*settings(imdb, arms, sizes, replicates))
    assert (looked.text("too-few-replicates") if "too-few-replicates" in looked.rules else None) == message


def test_the_number_that_is_said_to_do_is_the_least_that_does(linted, imdb):
    assert "too-few-replicates" in linted(*settings(imdb, 3, [20, 40], 7)).rules
    assert "eight replicates can do it" in linted(*settings(imdb, 3, [20, 40], 5)).text("too-few-replicates")
    assert "too-few-replicates" not in linted(*settings(imdb, 3, [20, 40], 8)).rules


def test_one_arm_is_compared_with_nothing(linted, imdb):
    looked = linted(*[one for one in settings(imdb, 2, [20], 2) if not one.startswith("arms=")])
    assert "too-few-replicates" not in looked.rules


def test_only_replicates_on_the_same_draw_make_pairs(imdb):
    other = "arms={cnn: [], pool: [encoder=pool,sampling.test=30], bilstm: [encoder=bilstm]}"
    made = plan(study([one for one in settings(imdb, 2, [20], 6) if not one.startswith("arms=")] + [other]))
    (data,) = {planned.cell.data for planned in made.planned}
    assert comparisons(made, data) == [6]


def test_a_part_of_a_study_is_judged_as_the_whole(linted, imdb):
    assert "too-few-replicates" not in linted(*settings(imdb, 2, [20], 6, "only=[3]")).rules


def test_with_crossed_seeds_the_draws_are_counted(linted, imdb):
    looked = linted(*settings(imdb, 2, [20], 3, "seeds=crossed", "initialisations=4"))
    assert looked.text("too-few-replicates").startswith("three draws cannot go below p = 0.25, whatever")
    assert "too-few-replicates" not in linted(*settings(imdb, 2, [20], 6, "seeds=crossed", "initialisations=2")).rules


def test_starts_of_a_single_draw_are_counted_themselves(linted, imdb):
    looked = linted(*settings(imdb, 2, [20], 1, "seeds=crossed", "initialisations=6"))
    assert "too-few-replicates" not in looked.rules
