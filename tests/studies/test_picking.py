"""The choice of a sweep says what its sizes count."""

import pandas as pd
import pytest

from seedbed.report.analysis.choice import choices
from seedbed.report.analysis.inputs import ReportInputs
from seedbed.report.analysis.results_table import check_table
from seedbed.report.sections.choice import choice_table, chosen_text
from seedbed.studies.picking import validation_only, with_unit
from seedbed.studies.report_sources import ReportSource

CELLS = pd.DataFrame(
    {"arm": arm, "n_train": 5, "replicate": replicate, "validation/f1": score, "test/f1": score, "task": "tagging"}
    for arm, score in (("a", 0.5), ("b", 0.6))
    for replicate in range(3)
)


def source(strategy):
    inputs = ReportInputs(settings={arm: {"sampling.strategy": strategy} for arm in ("a", "b")})
    return ReportSource(CELLS, "mine", inputs)


@pytest.mark.parametrize(("strategy", "size"), [
    ("k_per_type", "5 mentions of each type"), ("episodes", "5 mentions of each type"), ("random", "5 examples"),
])  # fmt: skip
def test_a_choice_names_the_unit_of_the_sampling(strategy, size):
    [choice] = with_unit(choices(check_table(CELLS)), source(strategy))
    assert chosen_text(choice).startswith(f"Chosen by validation F1 at {size}: b, ")
    assert f"at {size}, best first" in choice_table(choice).title
    assert f"at {size}: b, " in validation_only(source(strategy), None).lines[0]
