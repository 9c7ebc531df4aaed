"""``seeds=crossed`` from the command line: every draw with every initialization."""

import json

import pandas as pd
import pytest


@pytest.fixture(scope="module")
def study(training, own_csv):
    """Three draws of two initializations, two arms."""
    return training(
        "compare", *own_csv, "arms={cnn: [], pool: [encoder=pool]}", "name=crossed", "sizes=[10]", "replicates=3",
        "seeds=crossed", "initialisations=2", "-v",
    )  # fmt: skip


@pytest.fixture
def here(study, seedbed, monkeypatch):
    """Runs a command where the study was trained."""
    monkeypatch.chdir(study.folder)
    monkeypatch.setenv("SEEDBED_CACHE", str(study.folder / "cache"))
    return seedbed


def table_of(study):
    return pd.read_csv(study.folder / "seedbed-out" / "crossed" / "results.csv")


@pytest.mark.slow
def test_each_cell_has_its_seeds_and_cells_of_one_draw_share_it(study):
    assert study.said.code == 0, study.said
    own = table_of(study)
    for _, cells in own.groupby("arm"):
        assert list(cells["replicate"]) == list(range(6))
        assert list(cells["data_seed"]) == [0, 0, 1, 1, 2, 2]
        assert list(cells["init_seed"]) == [0, 1] * 3
    assert own["cell"].nunique() == 12
    assert (own.groupby("data_seed")["draw"].nunique() == 1).all()
    assert own["draw"].nunique() == 3


@pytest.mark.slow
def test_each_draw_is_written_down_once(study):
    draws = json.loads((study.folder / "seedbed-out" / "crossed" / "draws.json").read_text(encoding="utf-8"))["draws"]
    assert [one["digest"] for one in draws] == list(table_of(study)["draw"].unique())
    floor = pd.read_csv(study.folder / "seedbed-out" / "crossed" / "floor.csv")
    assert set(floor["replicate"]) == set(range(6))
    assert floor["draw"].nunique() == 3


def test_the_report_pairs_draws_and_splits_the_spread(study):
    out = study.folder / "seedbed-out" / "crossed"
    assert set(pd.read_csv(out / "comparisons.csv")["pairs"]) == {3}
    assert "three paired draws, the mean of two initializations each" in " ".join(study.said.out.split())
    assert "At 10 examples, parts of the variance" in study.said.out
    assert "Where the spread comes from" in (out / "report" / "report.md").read_text(encoding="utf-8")


def test_run_again_it_trains_nothing(study, here):
    assert "nothing is missing: all 12 cells" in here(*study.words).err


@pytest.mark.slow
def test_one_more_draw_or_initialization_trains_only_what_is_new(study, here):
    more = here(*study.words[:-1], "initialisations=3", "arms={cnn: []}", "output=more", "name=more")
    assert "9 cells: 6 finished before, 3 missing" in more.err


@pytest.mark.slow
def test_a_paired_study_finds_the_cells_that_it_shares(study, here):
    paired = here(*study.words[:-3], "replicates=2", "output=paired", "name=paired")
    assert "nothing is missing: all 4 cells" in paired.err


@pytest.mark.slow
def test_a_part_of_it_can_be_asked_for(study, here):
    assert here(*study.words, "only=[3]").code == 0
    part = pd.read_csv(study.folder / "seedbed-out" / "crossed" / "only-3" / "results.csv")
    assert list(part["replicate"]) == [3, 3]
    assert list(zip(part["data_seed"], part["init_seed"], strict=True)) == [(1, 1)] * 2


def test_the_store_reports_it_the_same(study, here):
    assert here("report", "study=crossed", "output=again").code == 0
    again = pd.read_csv(study.folder / "again" / "comparisons.csv")
    ours = pd.read_csv(study.folder / "seedbed-out" / "crossed" / "comparisons.csv")
    pd.testing.assert_frame_equal(again, ours)
