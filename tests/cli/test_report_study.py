"""``seedbed report study=NAME``."""

import pandas as pd
import pytest


@pytest.mark.slow
def test_a_study_by_name_has_its_baseline_unless_another_is_given(copied, trained):
    words = [word for word in trained.words if not word.startswith("name=")]
    assert copied(*words, "name=against_pool", "baseline=pool", "floor=false").code == 0
    assert copied("report", "study=against_pool", "output=own").code == 0
    assert set(pd.read_csv("own/comparisons.csv")["baseline"]) == {"pool"}
    assert copied("report", "study=against_pool", "output=given", "baseline=cnn").code == 0
    assert set(pd.read_csv("given/comparisons.csv")["baseline"]) == {"cnn"}
