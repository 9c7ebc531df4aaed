"""Trials: which is chosen, and how they are kept."""

import itertools
import json
import math
from types import SimpleNamespace

import pytest

from seedbed.comparison.search.settings import Tune
from seedbed.comparison.search.trials import Trial, best_of, from_json, parse_search, rank, to_json, trials_bytes

ACCURACY = SimpleNamespace(
    metric="validation/accuracy", lower_is_better=False, texts={"encoder.k": "int(1, 9)"}, left_out=("encoder.dropout",)
)
RANDOM = Tune(method="random", budget=2)
LOSS = SimpleNamespace(metric="validation/loss", lower_is_better=True)


def trial(number, accuracy=0.5, loss=1.0, status="finished"):
    return Trial(number, {"encoder.dropout": 0.1}, {"validation/accuracy": accuracy, "validation/loss": loss},
                 status=status)  # fmt: skip


def test_the_best_score_is_chosen_then_the_least_loss_then_the_first():
    accuracies, losses = (0.1, 0.9, math.nan), (0.3, 2.0, math.inf)
    made = [trial(n, *values) for n, values in enumerate([*itertools.product(accuracies, losses)] * 2)]
    ordered = sorted(made, key=lambda one: rank(one, ACCURACY))
    assert [one.number for one in ordered[:6]] == [3, 12, 4, 13, 5, 14]
    assert best_of(made, ACCURACY).number == 3
    assert best_of(made[::-1], ACCURACY).number == 3
    assert best_of(made, LOSS).number == 0


def test_equal_scores_are_decided_by_loss_then_number():
    assert best_of([trial(0, 0.8, 0.5), trial(1, 0.8, 0.4), trial(2, 0.8, 0.4)], ACCURACY).number == 1
    assert best_of([trial(0, 0.8, math.nan), trial(1, 0.8, 9.0)], ACCURACY).number == 1


@pytest.mark.parametrize("status", ["failed", "pruned"])
def test_a_trial_that_failed_or_was_stopped_early_is_never_chosen(status):
    assert best_of([trial(0, 0.1), trial(1, 0.9, status=status)], ACCURACY).number == 0
    assert best_of([trial(0, 0.9, status=status), trial(1, 0.1)], ACCURACY).number == 1


def test_without_a_finished_trial_the_arm_as_it_is_stays():
    assert best_of([trial(0, status="failed"), trial(1, status="pruned")], ACCURACY).number == 0


def test_without_a_finished_trial_none_is_chosen_in_the_file_also_of_an_older_version():
    made = [trial(0, status="failed"), trial(1, status="pruned")]
    content = to_json(made, ACCURACY, RANDOM)
    assert content["chosen"] is None
    for chosen in (None, 0):
        assert parse_search(json.dumps(content | {"chosen": chosen}).encode(), "here")["chosen"] is None
    finished = to_json([*made, trial(2)], ACCURACY, RANDOM)
    assert parse_search(json.dumps(finished).encode(), "here")["chosen"] == 2


def test_trials_are_read_as_they_were_written_in_the_order_of_their_numbers():
    made = [
        Trial(1, {"encoder.k": [1, 3], "training.clip_norm": None, "encoder.standardize": True},
              {"validation/accuracy": 0.1 + 0.2, "validation/loss": math.nan}, 3, 2, 0.1, 5.5, "pruned"),
        Trial(0, {}, {}, status="failed", error="the loss was nan"),
    ]  # fmt: skip
    content = json.loads(trials_bytes(made, ACCURACY, RANDOM))
    read = from_json(content)
    assert {name: value for name, value in content.items() if name != "trials"} == {
        "method": "random", "budget": 2, "metric": "validation/accuracy", "lower_is_better": False,
        "space": {"encoder.k": "int(1, 9)"}, "left_out": ["encoder.dropout"], "chosen": None,
    }  # fmt: skip
    assert [one.number for one in read] == [0, 1]
    assert math.isnan(read[1].scores["validation/loss"])
    assert math.isnan(read[0].energy_j)
    assert to_json(read, ACCURACY, RANDOM)["trials"] == to_json(made[::-1], ACCURACY, RANDOM)["trials"]
    assert read[1].scores["validation/accuracy"] == 0.1 + 0.2
