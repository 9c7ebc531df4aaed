"""A study with searches in a store: what it holds, that nothing is trained twice, and that a killed one goes on."""

import dataclasses
import json
import random

import pytest

from seedbed.comparison.search.run import SearchRun
from seedbed.config.study import study
from seedbed.errors import StoreUnavailableError
from seedbed.studies.display import Silent
from seedbed.studies.run import StudyRun
from seedbed.tracking.searches import Searches
from seedbed.tracking.store import Store

# MLflow 3.17 with SQLAlchemy 2.1, when the first store is opened.
pytestmark = pytest.mark.filterwarnings("ignore:The ``noload`` loader strategy is deprecated:DeprecationWarning")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Two arms with probes, two replicates, a budget of 6."""
    rng = random.Random(1)
    lines = ["text,label"]
    for n in range(120):
        telling = rng.choice(("bad dull poor", "good fine")[n % 2].split())
        words = [*rng.choices(["the", "film", "was", "plot"], k=6), telling]
        lines.append(f"{' '.join(words)},{('neg', 'pos')[n % 2]}")
    file = tmp_path_factory.mktemp("reviews") / "reviews.csv"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return study([
        "dataset=csv", f"dataset.files.train={file}", "task=classification", "embedding.dim=6", "sampling=fewshot",
        "sampling.strategy=stratified", "sampling.validation=10", "sampling.test=20", "sizes=[12]", "replicates=2",
        "arms={probe: [encoder=probe], knn: [encoder=knn]}", "tune=tpe", "tune.budget=6", "tune.batch=2",
        "tune.space={encoder.standardize: choice(true, false), encoder.c: log(1e-4, 10), encoder.k: int(1, 9)}",
        "lint=off", "floor=false",
    ])  # fmt: skip


@pytest.fixture
def run(made, tmp_path, monkeypatch):
    """Runs the study in a store of the test's own; the table, the progress and the run."""
    monkeypatch.setenv("SEEDBED_CACHE", str(tmp_path / "cache"))

    def go(name="store", tune=made.tune, **keys):
        (tmp_path / name).mkdir(exist_ok=True)
        tracking = dataclasses.replace(made.tracking, uri=f"sqlite:///{tmp_path}/{name}/mlflow.db")
        own = dataclasses.replace(made, tracking=tracking, tune=tune, keys=dataclasses.replace(made.keys, **keys))
        study_run = StudyRun(own, tmp_path / name, with_parent=True)
        with study_run.closing():
            return *study_run.complete(), study_run

    return go


def choices(table, study_run):
    """The trials and the choice of each tuned cell, without times."""
    found = {}
    for row in table[table["setting"] == "tuned"].to_dict("records"):
        rows = json.loads(study_run.store.read_bytes(row["run"], "trials.json"))["trials"]
        trials = [(one["number"], one["values"], one["scores"], one["status"]) for one in rows]
        found[row["arm"], row["replicate"]] = (trials, row["validation/accuracy"], row["test/accuracy"])
    return found


@pytest.mark.slow
def test_a_study_has_a_row_of_each_setting_and_trains_nothing_twice(run):
    table, progress, study_run = run()
    assert progress.trained == {"finished": 8}
    assert list(table["setting"]) == ["default"] * 2 + ["tuned"] * 2 + ["default"] * 2 + ["tuned"] * 2
    assert (table["status"] == "finished").all()
    found = choices(table, study_run)
    assert all(len(trials) == 6 for trials, *_ in found.values())
    by_cell = table.set_index(["arm", "replicate", "setting"])["validation/accuracy"]
    for (arm, replicate), (trials, score, _) in found.items():
        assert score == pytest.approx(max(scores["validation/accuracy"] for _, _, scores, _ in trials))
        assert score >= by_cell[arm, replicate, "default"]
        assert {key for _, values, _, _ in trials for key in values} == {
            "encoder.standardize", {"probe": "encoder.c", "knn": "encoder.k"}[arm],
        }  # fmt: skip
    again, nothing, _ = run()
    assert (nothing.n_finished, nothing.trained) == (8, {})
    assert again["run"].tolist() == table["run"].tolist()


@pytest.mark.slow
def test_a_study_that_was_killed_ends_with_the_same_choices(run, monkeypatch):
    table, _, study_run = run("whole")
    expected, keep = choices(table, study_run), Searches.keep
    calls, kills = [], 0

    def failing(self, *arguments):
        if len(calls) == 3:
            raise KeyboardInterrupt
        calls.append(arguments)
        keep(self, *arguments)

    monkeypatch.setattr(Searches, "keep", failing)
    while kills < 20:
        calls.clear()
        try:
            table, _, study_run = run("killed")
            break
        except KeyboardInterrupt:
            kills += 1
    assert kills >= 2
    found = choices(table, study_run)
    for key, (trials, *scores) in expected.items():
        assert found[key][1:] == pytest.approx(tuple(scores))
        for own, other in zip(found[key][0], trials, strict=True):
            assert own[:2] == other[:2], (key, own, other)
            assert own[3] == other[3]
            assert own[2] == pytest.approx(other[2], abs=1e-6), (key, own, other)
    assert (table["status"] == "finished").all()


@pytest.mark.slow
@pytest.mark.parametrize("content", [b'{"trials": [', b'{"trials": 5}', b"[1]"])
def test_damaged_trials_of_a_killed_search_are_named_and_searched_anew(run, monkeypatch, tmp_path, content):
    calls, keep = [], Searches.keep

    def failing(self, *arguments):
        if len(calls) == 2:
            raise KeyboardInterrupt
        calls.append(arguments)
        keep(self, *arguments)

    with monkeypatch.context() as patch:
        patch.setattr(Searches, "keep", failing)
        with pytest.raises(KeyboardInterrupt):
            run("killed")
    damaged = list((tmp_path / "killed").rglob("trials.json"))
    assert damaged
    for file in damaged:
        file.write_bytes(content)
    said = []
    monkeypatch.setattr(Silent, "log", lambda self, line: said.append(line))
    table, _, study_run = run("killed")
    assert sum(line.startswith("not used: trials.json of run ") for line in said) >= 1
    assert (table["status"] == "finished").all()
    assert all(len(trials) == 6 for trials, *_ in choices(table, study_run).values())


@pytest.mark.slow
def test_force_searches_anew(run, monkeypatch):
    trained, train = [], SearchRun._train

    def counted(self, group, *arguments, **options):
        trained.extend(planned.cell.setting for planned in group)
        return train(self, group, *arguments, **options)

    monkeypatch.setattr(SearchRun, "_train", counted)
    table, _, study_run = run()
    first = len(trained)
    assert (trained.count("trial"), trained.count("tuned")) == (20, 4)
    forced, progress, again = run(force=True)
    assert progress.trained == {"finished": 8}
    assert len(trained) == 2 * first
    assert not set(forced["run"]) & set(table["run"])
    assert choices(forced, again) == choices(table, study_run)


@pytest.mark.slow
def test_only_some_replicates_are_searched(run):
    table, progress, study_run = run(only=[1])
    assert progress.trained == {"finished": 4}
    assert set(table["replicate"]) == {1}
    one = choices(table, study_run)
    both, _, whole = run()
    assert {key: value for key, value in choices(both, whole).items() if key[1] == 1} == one


@pytest.mark.slow
@pytest.mark.parametrize("answers", [True, False])
def test_a_default_that_waits_in_the_spool_is_delivered_before_its_search(run, monkeypatch, tmp_path, answers):
    """The store is away when the defaults are written; then it answers, or the search does not begin."""
    monkeypatch.setenv("SEEDBED_STATE", str(tmp_path / "state"))
    write, calls = Store.write_group, []

    def away(self, *arguments):
        calls.append(arguments)
        if len(calls) <= 1 or not answers:
            raise StoreUnavailableError("tracking store x: does not answer")
        return write(self, *arguments)

    with monkeypatch.context() as patch:
        patch.setattr(Store, "write_group", away)
        if not answers:
            with pytest.raises(StoreUnavailableError, match=r"kept in .*: [24] cells; there is no report yet"):
                run()
            patch.undo()
        table, _, study_run = run()
    found = choices(table, study_run)
    assert len(found) == 4
    assert {trials[0][3] for trials, *_ in found.values()} == {"finished"}
    assert all(trials[0][2] for trials, *_ in found.values())


@pytest.mark.slow
@pytest.mark.parametrize("lost", ["the run", "the file"])
def test_an_audit_reads_the_trials_of_the_tuned_cell(run, made, lost):
    table, _, study_run = run()
    expected = choices(table, study_run)
    for found in study_run.store.find_runs({"seedbed.kind": "search"}):
        if lost == "the run":
            study_run.store.delete_run(found.id)
        else:
            study_run.store.log_bytes(found.id, "trials.json", b'{"trials": [')
    table, progress, audited = run(tune=dataclasses.replace(made.tune, audit=True))
    assert (progress.trained, choices(table, audited)) == ({}, expected)
    for row in table[table["setting"] == "tuned"].to_dict("records"):
        scores = json.loads(audited.store.read_bytes(row["run"], "audit.json"))
        chosen = json.loads(audited.store.read_bytes(row["run"], "trials.json"))["chosen"]
        assert set(scores) == {str(number) for number in range(1, 6)} - {str(chosen)}
