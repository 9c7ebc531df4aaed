"""The floor of a study: computed once, kept in the store, shown in every report."""

import pandas as pd
import pytest

from seedbed.cells import FLOOR_COLUMNS


def floors(folder):
    return pd.read_csv(folder / "floor.csv", dtype={"draw": str})


def kept(trained):
    """The artifact of the parent run of the trained study."""
    run = trained.said.lines[-1].split()[-1]
    (file,) = trained.folder.glob(f"mlartifacts/**/{run}/artifacts/floor.csv")
    return file


@pytest.fixture
def computed(monkeypatch):
    """The floors that are computed from now on, as (corpus, draw, name)."""
    import seedbed.studies.floor as module

    found, compute = [], module.compute

    def heard(missing, watch):
        found.extend(missing)
        return compute(missing, watch)

    monkeypatch.setattr(module, "compute", heard)
    return found


def test_a_study_has_the_floors_of_its_draws(trained):
    out = trained.folder / "seedbed-out" / "mine"
    table, results = floors(out), pd.read_csv(out / "results.csv")
    assert tuple(table.columns[: len(FLOOR_COLUMNS)]) == FLOOR_COLUMNS
    assert len(table) == 8  # two sizes, two replicates, two floors
    assert set(table["floor"]) == {"tfidf", "majority"}
    keys = ["dataset", "n_train", "replicate", "draw"]
    assert set(map(tuple, table[keys].to_numpy())) == set(map(tuple, results[keys].to_numpy()))
    assert {"test/accuracy", "test/macro_f1", "test/log_loss", "test/f1/neg"} <= set(table.columns)
    assert kept(trained).read_bytes() == (out / "floor.csv").read_bytes()
    assert "the simple baseline" in " ".join(trained.said.out.split())
    assert "The floor</h2>" in (out / "report" / "index.html").read_text(encoding="utf-8")


@pytest.mark.slow
def test_run_again_nothing_of_it_is_computed(trained, there, computed):
    before = floors(trained.folder / "seedbed-out" / "mine")
    assert there(*trained.words).code == 0
    assert computed == []
    pd.testing.assert_frame_equal(floors(trained.folder / "seedbed-out" / "mine"), before)


@pytest.mark.slow
def test_a_report_from_the_store_has_it_without_computing(trained, there, computed, tmp_path):
    run = trained.said.lines[-1].split()[-1]
    for what in (f"comparison={run}", "study=mine"):
        said = there("report", what, f"output={tmp_path}/redrawn")
        assert said.code == 0, said
        assert "the simple baseline" in " ".join(said.out.split())
        ours = floors(trained.folder / "seedbed-out" / "mine")
        whole = floors(tmp_path / "redrawn").merge(ours)  # study=mine may have more of other tests
        assert len(whole) == len(ours)
    assert computed == []


def test_a_report_from_a_table_has_the_floor_beside_it(trained, there, seedbed, tmp_path):
    results = trained.folder / "seedbed-out" / "mine" / "results.csv"
    said = seedbed("report", f"from={results}", "output=beside")
    assert said.code == 0, said
    assert "the simple baseline" in " ".join(said.out.split())
    assert (tmp_path / "beside" / "floor.csv").read_bytes() == results.with_name("floor.csv").read_bytes()
    (tmp_path / "alone.csv").write_bytes(results.read_bytes())
    said = seedbed("report", "from=alone.csv", "output=alone")
    assert said.code == 0, said
    assert "the simple baseline" not in " ".join(said.out.split())
    assert not (tmp_path / "alone" / "floor.csv").exists()


@pytest.mark.slow
def test_one_more_replicate_computes_only_its_own(seedbed, own_csv, tmp_path, computed):
    words = ["compare", *own_csv, "sizes=[10]", "name=more", "training.epochs=1"]
    assert seedbed(*words, "replicates=2").code == 0
    computed.clear()
    assert seedbed(*words, "replicates=3").code == 0
    table = floors(tmp_path / "seedbed-out" / "more")
    assert len(table) == 6
    assert {draw for _, draw, _ in computed} == set(table[table["replicate"] == 2]["draw"])


def test_what_was_cut_in_the_store_is_made_anew(trained, there, computed):
    file = kept(trained)
    whole = file.read_bytes()
    file.write_bytes(b"dataset,draw\n1")
    said = there(*trained.words)
    assert said.code == 0, said
    assert "not used: floor.csv of run" in said.err
    assert file.read_bytes() == whole


def test_a_part_of_a_study_does_not_write_over_the_whole(trained, there, tmp_path):
    before = kept(trained).read_bytes()
    assert there(*trained.words, "only=[1]", f"output={tmp_path}/part").code == 0
    assert set(floors(tmp_path / "part")["replicate"]) == {1}
    assert kept(trained).read_bytes() == before


@pytest.mark.slow
def test_it_can_be_left_out(trained, there, computed, tmp_path):
    said = there(*trained.words, "floor=false", f"output={tmp_path}/without")
    assert said.code == 0, said
    assert "the simple baseline" not in " ".join(said.out.split())
    assert not (tmp_path / "without" / "floor.csv").exists()
    assert computed == []


def test_one_arm_alone_has_it_too(trained, there, computed, tmp_path):
    said = there("run", *trained.words[1:-4], "sizes=[10,20]", "replicates=2", f"output={tmp_path}/single", "name=mine")
    assert said.code == 0, said
    assert len(floors(tmp_path / "single")) == 8
    assert computed == []
    assert "the simple baseline" in " ".join(said.out.split())


@pytest.mark.slow
def test_without_test_examples_there_is_none(seedbed, own_csv, tmp_path, computed):
    said = seedbed("compare", *own_csv, "sizes=[10]", "replicates=2", "sampling.test=0", "name=blind")
    assert said.code == 0, said
    assert computed == []
    assert not (tmp_path / "seedbed-out" / "blind" / "floor.csv").exists()


def test_tagging_has_the_most_frequent_tag(seedbed, own_conll, tmp_path):
    said = seedbed("compare", *own_conll, "replicates=2", "output=out")
    assert said.code == 0, said
    table = floors(tmp_path / "out").set_index("floor")
    assert set(table.index) == {"most_frequent_tag", "all_o"}
    assert (table.loc["most_frequent_tag", "test/f1"] > 0.9).all()
    assert "the simple baseline (the most frequent tag of each token, " in " ".join(said.out.split())
