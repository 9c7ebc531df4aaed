"""``seedbed run`` and ``compare`` with a search of the settings."""

import csv
from pathlib import Path

import pytest


@pytest.fixture
def words(tmp_path):
    """The settings of a small arm, on texts of two classes."""
    lines = ["text,label"]
    lines += [f"{'good fine' if n % 2 else 'bad poor'} film {n % 7},{('neg', 'pos')[n % 2]}" for n in range(120)]
    Path("texts.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return [
        "dataset=csv", "dataset.files.train=texts.csv", "task=classification", "embedding.dim=5", "encoder=probe",
        "sampling=fewshot", "sampling.strategy=stratified", "sampling.validation=20", "sampling.test=20", "sizes=[10]",
        "replicates=2", "lint=off", "tune=random", "tune.budget=3", "output=out",
    ]  # fmt: skip


def rows(file):
    with Path(file).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


@pytest.mark.slow
def test_one_arm_has_its_trials_and_best_settings(seedbed, words):
    said = seedbed("run", *words)
    assert said.code == 0, said
    assert [row["setting"] for row in rows("out/results.csv")] == ["default"] * 2 + ["tuned"] * 2
    trials = rows("out/trials.csv")
    assert [row["trial"] for row in trials] == ["0", "1", "2"] * 2
    assert sum(row["chosen"] == "true" for row in trials) == 2
    again = seedbed("compare", "--config-dir", "out", "experiment=best_10", "dataset.files.train=texts.csv", "output=b")
    assert again.code == 0, again
    assert {row["setting"] for row in rows("b/results.csv")} == {"default"}


@pytest.mark.slow
def test_an_audit_of_a_finished_search_gives_every_trial_its_test_score(seedbed, words):
    searched = seedbed("run", *words)
    assert searched.code == 0, searched
    names = [(row["trial"], row["test/accuracy"] != "", row["chosen"]) for row in rows("out/trials.csv")]
    assert all(scored == (trial == "0" or chosen == "true") for trial, scored, chosen in names)
    said = seedbed("run", *words, "tune.audit=true")
    assert said.code == 0, said
    audited = rows("out/trials.csv")
    assert [(row["trial"], row["test/accuracy"] != "", row["chosen"]) for row in audited] == [
        (trial, True, chosen) for trial, _, chosen in names
    ]
    again = seedbed("run", *words, "tune.audit=true")
    assert "audit:" in said.err
    assert "audit:" not in again.err


@pytest.mark.slow
def test_two_searches_of_an_arm_in_one_report_have_a_gain_each(seedbed, words):
    """Other budgets and methods: the arms that are compared are both tuned, and each begins with the same default."""
    for more in (["name=small"], ["name=large", "tune.budget=5", "tune=quasi"]):
        said = seedbed("run", *words, *more)
        assert said.code == 0, said
    report = seedbed("report", "where=dataset='csv'", "output=both")
    assert report.code == 0, report
    assert "trials of" not in report.err
    found = {}
    for row in rows("both/results.csv"):
        found.setdefault(row["arm"], []).append(row["setting"])
    arm = "random-probe dim=5"
    names = [f"{arm} tune.budget={budget} tune.method={method}" for budget, method in ((3, "random"), (5, "quasi"))]
    assert {arm: sorted(settings) for arm, settings in found.items()} == dict.fromkeys(
        names, ["default"] * 2 + ["tuned"] * 2
    )
    for name, budget in zip(names, (3, 5), strict=True):
        trials = [row for row in rows("both/trials.csv") if row["arm"] == name]
        assert [row["trial"] for row in trials] == [str(n) for n in range(budget)] * 2
        assert all(row["test/accuracy"] for row in trials if row["trial"] == "0" or row["chosen"] == "true")
    page = Path("both/report/report.md").read_text(encoding="utf-8")
    (gains,) = (line for line in page.splitlines() if "Tuned against default at 10 examples" in line)
    assert gains.count(" gained ") + gains.count(" lost ") == 2, gains
    assert "is not tuned" not in page
    assert "the best of 3 to 5 trials (quasi-random search and random search)" in " ".join(page.split())


@pytest.mark.slow
@pytest.mark.parametrize("command", [["run"], ["compare", "arms={a: [], b: [embedding.dim=6]}"]])
def test_trials_that_were_chosen_by_another_metric_are_said_to_be_left_out(seedbed, words, command):
    said = seedbed(*command, *words)
    assert said.code == 0, said
    *_, last = (row for row in rows("out/results.csv") if row["setting"] == "tuned")
    (file,) = Path().glob(f"**/{last['run']}/artifacts/trials.json")
    file.write_text(file.read_text("utf-8").replace("validation/accuracy", "validation/f1"), encoding="utf-8")
    again = seedbed(*command, *words)
    assert again.code == 0, again
    line = "trials of one cell left out: chosen by another metric than validation/accuracy"
    assert line in again.out + again.err
    assert line not in said.out + said.err
    assert {row["replicate"] for row in rows("out/trials.csv") if row["arm"] == last["arm"]} == {"0"}
