"""The report of a finished study is not written again, unless something that it is made of has changed."""

import os
import random

import pytest

from seedbed.cells import Outcome, Prediction
from seedbed.config.study import study
from seedbed.studies.comparing import compare_arms
from seedbed.studies.kept_report import FILE

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A study whose cells are not really trained: its settings, and the folder of its store and output."""
    folder = tmp_path_factory.mktemp("kept")
    rng = random.Random(1)
    words = ["the", "a", "film", "it", "was", "plot"]
    lines = ["text,label", *(f"{' '.join(rng.choices(words, k=6))},{n % 2}" for n in range(90))]
    (folder / "texts.csv").write_text("\n".join(lines) + "\n")
    return folder


@pytest.fixture(scope="module")
def compare(folder):
    settings = [
        "dataset=csv", f"dataset.files.train={folder}/texts.csv", "task=classification", "encoder=prototype",
        "embedding.dim=4", "sampling=fewshot", "sampling.strategy=stratified", "sampling.validation=10",
        "sampling.test=12", "sizes=[6]", "replicates=6", "arms={one: [], two: [embedding.dim=5]}",
        f"tracking.uri=sqlite:///{folder}/mlflow.db", f"output={folder}/out", "name=kept", "device=cpu",
    ]  # fmt: skip

    def train_cells(cells, watch, ids=None, embedded=None, **options):
        outcomes = []
        for planned in cells:
            rng = random.Random(planned.cell.cell)
            said = tuple(Prediction(i, rng.choice("01"), rng.choice("01")) for i in planned.draw.test)
            score = sum(one.gold == one.predicted for one in said) / len(said)
            outcomes.append(Outcome("finished", {"test/accuracy": score}, predictions=said))
        return outcomes

    def run(*more):
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("SEEDBED_CACHE", str(folder / "cache"))
            patch.setattr("seedbed.comparison.group.train_cells", train_cells)
            patch.setattr("seedbed.devices.select_device", lambda *words: "cpu")
            names = [one.partition("=")[0] for one in more]
            return compare_arms(study([*(one for one in settings if one.partition("=")[0] not in names), *more]))

    run()
    return run


def contents(folder):
    return {file.relative_to(folder): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def mark(folder):
    """Give the page an old time, and return a function that tells whether it was written since."""
    page = folder / "out" / "report" / "index.html"
    os.utime(page, (1, 1))
    return lambda: page.stat().st_mtime != 1


def test_what_is_finished_keeps_its_report_byte_for_byte(folder, compare):
    before, is_written = contents(folder / "out"), mark(folder)
    result = compare()
    assert not is_written()
    assert result.page == folder / "out" / "report" / "index.html"
    assert contents(folder / "out") == before
    store, parent = result.run.store, result.run.parent
    os.remove(folder / "mlartifacts" / parent / "artifacts" / FILE)
    compare()
    assert is_written()
    assert contents(folder / "out") == before
    assert store.read_json(parent, FILE)["files"].keys() >= {"results.csv", "comparisons.csv", "report/index.html"}


@pytest.mark.parametrize("damage", ["changed", "removed", "of the store"])
def test_a_damaged_file_is_written_again(folder, compare, damage):
    compare()
    before, file = contents(folder / "out"), folder / "out" / "report" / "box.svg"
    if damage == "changed":
        file.write_text("<svg/>")
    elif damage == "removed":
        file.unlink()
    else:
        run = compare().run
        run.store.log_bytes(run.parent, FILE, b"[1]")
    is_written = mark(folder)
    compare()
    assert is_written()
    assert contents(folder / "out") == before


@pytest.mark.parametrize("more", ["baseline=two", "note=another", "force=true", "lint=off"])
def test_other_settings_and_new_cells_make_a_new_report(folder, compare, more):
    compare()
    is_written = mark(folder)
    compare(more)
    assert is_written()


def test_files_of_cells_and_the_code_are_part_of_it(folder, compare, monkeypatch):
    result = compare()
    run = result.table["run"].iloc[0]
    os.remove(folder / "mlartifacts" / run / "artifacts" / "predictions.jsonl")
    is_written = mark(folder)
    compare()
    assert is_written()
    is_written = mark(folder)
    monkeypatch.setattr("seedbed.studies.kept_report._code", lambda: iter([("x.py", 1, 1)]))
    compare()
    assert is_written()


def test_another_folder_has_a_report_of_its_own(folder, compare):
    compare()
    result = compare(f"output={folder}/other")
    assert result.page == folder / "other" / "report" / "index.html"
    assert (folder / "other" / "results.csv").read_bytes() == (folder / "out" / "results.csv").read_bytes()
