"""``profile=true``: the time of a study by stage, in the terminal, the store and the report."""

import time
from pathlib import Path

import pytest

from seedbed.stages import STAGES
from seedbed.studies.reading import open_for_reading
from seedbed.training.programs import forget

TITLE = "Time by stage"


@pytest.fixture
def study(own_csv):
    forget()  # other tests of this process may have compiled the same programs
    return [*own_csv, "arms={cnn: [], pool: [encoder=pool]}", "name=mine", "sizes=[10]", "replicates=2"]


def rows(text):
    """The stages of a table in the terminal with their seconds."""
    parts = [line.split() for line in text.split(TITLE)[1].split("wall time: ")[0].splitlines()]
    return {words[0]: float(words[1].replace(",", "")) for words in parts if words and words[0] in (*STAGES, "sum")}


def parent_metrics(run_id):
    store = open_for_reading(["tracking.uri=sqlite:///mlflow.db"])
    metrics = store._client.get_run(run_id).data.metrics
    return {name: value for name, value in metrics.items() if name.startswith("time/")}


def page(folder="seedbed-out/mine"):
    return Path(folder, "report", "report.md").read_text(encoding="utf-8")


@pytest.mark.slow
def test_the_stages_of_a_comparison_add_up_to_the_wall_time(seedbed, study):
    started = time.perf_counter()
    result = seedbed("compare", *study, "profile=true")
    wall = time.perf_counter() - started
    assert result.code == 0, result
    times = rows(result.out)
    total = times.pop("sum")
    assert {"start", "read", "draw", "embed", "table", "trace", "step", "evaluate", "write", "report"} <= set(times)
    assert sum(times.values()) == pytest.approx(total, abs=0.01 * len(times))
    assert total == pytest.approx(wall, rel=0.03)
    assert float(result.out.split("wall time: ")[1].split()[0]) == pytest.approx(total, rel=0.03)
    run_id = result.lines[-1].split()[-1]
    metrics = parent_metrics(run_id)
    assert set(metrics) == {f"time/{name}" for name in times}
    assert sum(metrics.values()) == pytest.approx(total, rel=0.03)
    # The report has the stages before it, and the report that is written from the store has the same.
    table = page().split(f"### {TITLE}")[1].split("##")[0]
    assert "| step |" in table
    assert "| report |" not in table
    assert seedbed("report", f"comparison={run_id}", "output=redrawn").code == 0
    assert page("redrawn").split(f"### {TITLE}")[1].split("##")[0] == table

    # Run again without `profile`, nothing is trained, and the times are those of the training.
    assert TITLE not in seedbed("compare", *study).out
    assert parent_metrics(run_id) == metrics
    assert page().split(f"### {TITLE}")[1].split("##")[0] == table

    # A study of a version without times is drawn without the table.
    (file,) = Path("mlartifacts").rglob("times.json")
    file.unlink()
    assert seedbed("report", f"comparison={run_id}", "output=older").code == 0
    assert TITLE not in page("older")


@pytest.mark.slow
def test_a_single_cell_has_a_table_only_if_it_is_asked_for(seedbed, own_csv):
    words = ["run", *own_csv, "sizes=[10]"]
    assert "step" in rows(seedbed(*words, "profile=true").out)
    assert TITLE not in seedbed(*words, "force=true").out


def test_profile_is_true_or_false(refused, own_csv):
    assert "profile=" in refused("run", *own_csv, "profile=often")
