"""The searches of a study for its report, from the files of its tuned cells."""

import json
import math

import pandas as pd
import pytest

from seedbed.comparison.search.trials import FILE
from seedbed.report.analysis.best_settings import best_settings
from seedbed.report.analysis.tuning_gains import trial_counts
from seedbed.studies.tuning import tuning_of


class Files:
    """The artifacts of cells: a search in which every trial has this status."""

    def __init__(self, status, chosen):
        trials = [
            {"number": n, "values": {"encoder.dropout": 0.1 * n}, "scores": {}, "energy_j": None, "status": status}
            for n in range(3)
        ]
        head = {"method": "random", "budget": 3, "metric": "validation/accuracy", "lower_is_better": False}
        search = {**head, "space": {}, "left_out": [], "chosen": chosen, "trials": trials}
        self.content = json.dumps(search).encode()

    def read(self, run, file):
        return self.content if file == FILE else None


@pytest.mark.parametrize(("status", "chosen", "expected"), [
    ("finished", 0, 2), ("failed", None, 0), ("failed", 0, 0),
])  # fmt: skip
def test_a_search_in_which_no_trial_finished_has_no_choice(status, chosen, expected):
    rows = [
        {"dataset": "d", "arm": "a", "n_train": 10, "replicate": replicate, "setting": setting, "run": f"{setting}",
         "test/accuracy": 0.5 if status == "finished" else math.nan}
        for replicate in (0, 1) for setting in ("default", "tuned")
    ]  # fmt: skip
    tuning = tuning_of(pd.DataFrame(rows), Files(status, chosen), print)
    (counts,) = trial_counts(tuning)
    assert (counts.default_chosen, counts.searches) == (expected, 2)
    assert tuning.trials["chosen"].sum() == expected
    assert len(best_settings(tuning)) == bool(expected)
