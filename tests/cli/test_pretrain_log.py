"""What ``seedbed pretrain`` logs: one run for all sessions of a training, and no training that ends for want of it."""

import json
from pathlib import Path

import pytest

from seedbed.errors import InputError
from seedbed.pretraining.progress import HeldOutEvaluation, ProgressReport
from seedbed.pretraining.settings import Training
from seedbed.pretraining.trainer import Trainer
from seedbed.studies import pretraining_log
from seedbed.studies.pretraining_log import TrainingLog, evaluation_metrics

WORDS = [
    "pretrain", "corpus=texts.txt", "size=tiny", "epochs=2", "streams=4", "unroll=5", "min_count=1", "held_out=0.1",
    "precision=float32", "evaluate_every=300", "patience=0", "saved_model=false", "output=model",
]  # fmt: skip


@pytest.fixture
def corpus(seedbed):
    lines = [f"the cat sat on mat {n % 7}.\nit is a cat.\n" for n in range(40)]
    Path("texts.txt").write_text("\n".join(lines), encoding="utf-8")
    return seedbed


@pytest.fixture
def stop_at(monkeypatch):
    """Makes the training of this step raise, after it."""
    step = Trainer._step

    def made(number, error):
        def stopped(self, *given):
            step(self, *given)
            if self.state.step == number:
                raise error

        monkeypatch.setattr(Trainer, "_step", stopped)

    return made


@pytest.fixture
def whole(monkeypatch):
    """The steps as they are."""
    step = Trainer._step
    return lambda: monkeypatch.setattr(Trainer, "_step", step)


def runs():
    """The trainings in the store of this folder, and what reads the steps of a metric."""
    from mlflow import MlflowClient

    client = MlflowClient(f"sqlite:///{Path('mlflow.db').absolute()}")
    (experiment,) = client.search_experiments(filter_string="name = 'seedbed'")
    found = client.search_runs([experiment.experiment_id], "tags.`seedbed.kind` = 'pretraining'")
    return found, lambda run, name: [one.step for one in client.get_metric_history(run.info.run_id, name)]


@pytest.mark.slow
def test_a_training_is_a_run_with_its_settings_sizes_looks_and_card(corpus):
    said = corpus(*WORDS, "optimizer=adam")
    assert said.code == 0, said.err
    (run,), steps = runs()
    assert f"run: {run.info.run_id}" in said.lines
    assert any(line.startswith("MLflow UI: ") for line in said.lines)
    card = json.loads(Path("model/card.json").read_bytes())
    looks = [look["words"] for look in card["looks"]]
    assert len(looks) > 1
    for name in ("perplexity/forward", "perplexity/backward", "perplexity/mean", "train/loss_between_looks"):
        assert steps(run, name) == looks
    assert {"train/loss", "train/learning_rate"} <= set(run.data.metrics)
    assert run.data.metrics["best/mean"] == card["best"]["mean"]
    assert run.data.metrics["train/learning_rate"] == 0.002
    assert run.data.params["size"] == "tiny"
    assert run.data.params["options.lstm.dim"] == "128"
    assert run.data.params["train.tokens"] == str(card["train"]["tokens"])
    assert run.data.params["vocabulary"] == str(card["vocabulary"])
    assert (run.info.status, run.data.tags["seedbed.ended"]) == ("FINISHED", "done")
    assert run.data.tags["mlflow.note.content"].startswith("# A biLM trained on texts.txt")
    artifacts = Path("mlartifacts", run.info.run_id, "artifacts")
    for name in ("card.json", "README.md"):
        assert (artifacts / name).read_bytes() == Path("model", name).read_bytes()


@pytest.mark.slow
def test_sessions_of_a_training_are_one_run_without_metrics_twice(corpus, stop_at, whole):
    stop_at(25, KeyboardInterrupt())
    assert corpus(*WORDS).code == 130
    (run,), _ = runs()
    assert (run.info.status, run.data.tags["seedbed.ended"]) == ("KILLED", "interrupted")
    whole()
    assert corpus(*WORDS, "time_limit=0.0001").code == 0
    (run,), _ = runs()
    assert run.data.tags["seedbed.ended"] == "time limit"
    for _ in range(2):  # and once more where all is done
        assert corpus(*WORDS).code == 0
        (run,), steps = runs()
        assert (run.info.status, run.data.tags["seedbed.ended"]) == ("FINISHED", "done")
        looks = [look["words"] for look in json.loads(Path("model/card.json").read_bytes())["looks"]]
        assert set(looks) <= set(steps(run, "perplexity/mean"))
        for name in run.data.metrics:
            assert len(set(steps(run, name))) == len(steps(run, name)), name


@pytest.mark.slow
def test_a_run_left_by_a_kill_is_taken_up_with_the_looks_that_it_lacks(corpus, stop_at, whole, monkeypatch):
    with monkeypatch.context() as killed:
        killed.setattr(TrainingLog, "_end", lambda *_, **__: None)
        killed.setattr(TrainingLog, "_write", lambda self: None)
        stop_at(25, KeyboardInterrupt())
        assert corpus(*WORDS).code == 130
    (run,), steps = runs()
    assert (run.info.status, run.data.metrics) == ("RUNNING", {})
    whole()
    assert corpus(*WORDS).code == 0
    (again,), steps = runs()
    assert (again.info.run_id, again.info.status) == (run.info.run_id, "FINISHED")
    looks = [look["words"] for look in json.loads(Path("model/card.json").read_bytes())["looks"]]
    assert looks[0] < 25 * 20
    assert steps(again, "perplexity/mean") == looks


@pytest.mark.slow
def test_a_training_that_begins_anew_is_another_run(corpus, whole):
    assert corpus(*WORDS).code == 0
    Path("model/checkpoint.npz").unlink()
    assert corpus(*WORDS).code == 0
    assert len(runs()[0]) == 2
    Path("model/run.json").write_text("damaged", encoding="utf-8")
    assert corpus(*WORDS).code == 0
    assert len(runs()[0]) == 3


@pytest.mark.slow
def test_a_training_that_fails_says_why_in_its_run(corpus, stop_at):
    stop_at(25, InputError("disk: no room"))
    assert corpus(*WORDS).code == 2
    (run,), _ = runs()
    assert (run.info.status, run.data.tags["seedbed.error"]) == ("FAILED", "disk: no room")


@pytest.mark.parametrize("uri", ["sqlite:///texts.txt", "sqlite:///texts.txt/a/mlflow.db", "http://127.0.0.1:9"])
def test_a_store_that_cannot_be_written_is_said_before_anything_is_read(corpus, refused, uri):
    assert "tracking store" in refused(*WORDS, f"tracking.uri={uri}", code=75 if uri.startswith("http") else 2)


def test_without_a_store_nothing_is_logged(corpus):
    said = corpus(*WORDS, "tracking=off")
    assert said.code == 0
    assert "run:" not in said.out
    assert not {Path("mlflow.db"), Path("mlartifacts"), Path("model/run.json")} & set(Path().rglob("*"))


def test_off_and_an_address_do_not_go_together(corpus, refused):
    assert "tracking=off: does not go with tracking.uri=" in refused(*WORDS, "tracking=off", "tracking.uri=sqlite:///a")


def test_a_training_goes_on_where_the_store_fails_and_says_so_once(corpus, monkeypatch):
    from seedbed.tracking.store import Store

    def full(self, run_id, metrics=(), params=(), tags=None):
        if metrics:
            raise OSError(28, "No space left on device")
        return kept(self, run_id, metrics, params, tags)

    kept = Store.log_batch
    monkeypatch.setattr(Store, "log_batch", full)
    monkeypatch.setattr(pretraining_log, "RETRY_S", 0.0)
    said = corpus(*WORDS)
    assert said.code == 0, said.err
    assert said.err.count("No space left on device; the training continues") == 1
    assert Path("model/weights.hdf5").is_file()


@pytest.mark.slow
def test_what_was_not_written_is_written_later(corpus, monkeypatch):
    """Only at the end does the store answer."""
    from seedbed.tracking.pretrainings import PretrainingRun

    log, calls = PretrainingRun.log, []

    def failing(self, points):
        calls.append(len(points))
        if len(calls) == 1:
            raise ValueError("whatever a server sends")
        log(self, points)

    monkeypatch.setattr(PretrainingRun, "log", failing)
    said = corpus(*WORDS)
    assert said.code == 0, said.err
    (run,), steps = runs()
    looks = [look["words"] for look in json.loads(Path("model/card.json").read_bytes())["looks"]]
    assert steps(run, "perplexity/mean") == looks
    assert run.data.tags["seedbed.ended"] == "done"


class Kept:
    """A run that keeps what it is given."""

    def __init__(self):
        self.points = []

    def log(self, points):
        self.points += points


@pytest.fixture
def clock(monkeypatch):
    """A time that one sets."""
    now = [1000.0]
    monkeypatch.setattr(pretraining_log.time, "monotonic", lambda: now[0])

    def set_to(seconds):
        now[0] = 1000.0 + seconds

    return set_to


def test_speed_counts_no_looks_and_points_keep_their_distance(clock, tmp_path):
    log = TrainingLog(run := Kept(), Training(learning_rate=0.5, warmup=4), tmp_path, print)
    look = HeldOutEvaluation(30, 3000, 1.5, 9.0, 8.0, 8.5)
    for seconds, step, looked in ((0, 1, None), (5, 10, None), (20, 20, None), (60, 30, look), (71, 40, None)):
        clock(seconds)
        log.on_progress(ProgressReport(step, 100, 100 * step, 2.0, looked))
    log._write()
    found = {}
    for point in run.points:
        found.setdefault(point.name, []).append((point.step, point.value))
    assert found["train/loss"] == [(100, 2.0), (2000, 2.0), (4000, 2.0)]
    assert found["train/learning_rate"] == [(100, 0.125), (2000, 0.5), (4000, 0.5)]
    assert found["train/words_a_second"] == [(2000, 1900 / 20), (4000, 1000 / 11)]
    assert found["perplexity/mean"] == [(3000, 8.5)]


def test_a_look_without_a_loss_has_none(tmp_path):
    log = TrainingLog(run := Kept(), Training(), tmp_path, print)
    log.add_evaluations([HeldOutEvaluation(1, 100, float("nan"), 2.0, 2.0, 2.0)])
    log._write()
    metrics = evaluation_metrics(HeldOutEvaluation(1, 1, 1, 1, 1, 1))
    assert {point.name for point in run.points} == set(metrics) - {"train/loss_between_looks"}
