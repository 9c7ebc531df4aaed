"""``seedbed report`` on a table alone."""

from pathlib import Path

import pandas as pd
import pytest

PUBLISHED = Path(__file__).parents[2] / "docs" / "published" / "imdb_elmo_200.csv"


def test_the_published_accuracies(seedbed, tmp_path):
    said = seedbed("report", f"from={PUBLISHED}", "output=out")
    assert said.code == 0, said
    assert said.lines[-1] == f"report: {tmp_path / 'out' / 'report' / 'index.html'}"
    row = pd.read_csv(tmp_path / "out" / "comparisons.csv").iloc[0]
    assert abs(row["mean_difference"]) == pytest.approx(0.1042, abs=5e-5)
    assert row["p_value"] == pytest.approx(0.0039, abs=5e-5)
    assert "10.42" in said.out
    assert "0.0039" in said.out
    assert {path.name for path in tmp_path.iterdir()} == {"out"}


def test_a_table_needs_only_four_columns(seedbed, tmp_path):
    lines = ["arm,n_train,replicate,test/f1"] + [
        f"{arm},5,{r},0.{4 + r}{n}" for n, arm in enumerate("ab") for r in range(3)
    ]
    (tmp_path / "mine.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    said = seedbed("report", "from=mine.csv")
    assert said.code == 0, said
    assert (tmp_path / "seedbed-out" / "mine" / "report" / "index.html").is_file()


def test_only_one_source_may_be_given(refused):
    assert "give one of from=, comparison= and study=" in refused("report", "from=a.csv", "study=b")
