"""``seedbed report`` on a table alone."""

from pathlib import Path

import pandas as pd
import pytest

PUBLISHED = Path(__file__).parents[2] / "docs" / "published" / "imdb_elmo_200.csv"


def test_the_published_accuracies(seedbed, tmp_path):
    said = seedbed("report", f"from={PUBLISHED}", "output=out", "-v")
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
    assert "give one of from=, comparison=, study= and where=" in refused("report", "from=a.csv", "study=b")


@pytest.mark.slow
def test_a_table_of_three_data_sets_has_a_report_each_and_an_overview(seedbed, tmp_path):
    lines = ["arm,dataset,n_train,replicate,test/accuracy"] + [
        f"{arm},{name},50,{r},0.{5 + place}{r}{place}"
        for name in ("trec", '"<i>a</i>, b"', "sst2")
        for place, arm in enumerate(("random", "glove", "elmo"))
        for r in range(3)
    ]
    (tmp_path / "mine.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    said = seedbed("report", "from=mine.csv", "output=out")
    assert said.code == 0, said
    page = tmp_path / "out" / "report" / "index.html"
    assert said.lines[-1] == f"report: {page}"
    words = " ".join(said.out.split())
    assert "three data sets: the arms differ in rank (Friedman's chi-square 6.0, p = 0.0498" in words
    assert "&lt;i&gt;a&lt;/i&gt;, b" in page.read_text(encoding="utf-8")
    assert len(list(page.parent.glob("*/report/index.html"))) == 3
    assert len(pd.read_csv(tmp_path / "out" / "results.csv")) == 27
    again = seedbed("report", "from=out/results.csv", "output=again", "metric=accuracy", "baseline=elmo")
    assert again.code == 0, again
    assert list(pd.read_csv(tmp_path / "again" / "ranks.csv")["datasets"]) == [3, 3, 3]
