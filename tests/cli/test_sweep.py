"""``seedbed run -m``: the same sweep in this process and through each launcher, into one store."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

import seedbed as package

LAUNCHERS = {
    "joblib": ("hydra_plugins.hydra_joblib_launcher", ["hydra.launcher.n_jobs=2"]),
    "submitit_local": ("hydra_plugins.hydra_submitit_launcher", ["hydra.launcher.timeout_min=10"]),
    "ray": ("hydra_plugins.hydra_ray_launcher", []),
}
EXTRAS = {"submitit_local": "slurm"}


def there(module):
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:
        return False


def finished(folder):
    import mlflow

    store = mlflow.MlflowClient(f"sqlite:///{folder / 'mlflow.db'}")
    runs = store.search_runs([experiment.experiment_id for experiment in store.search_experiments()])
    assert all(run.info.status == "FINISHED" for run in runs)
    return sorted(run.data.tags["seedbed.arm"] for run in runs)


@pytest.mark.parametrize("launcher", LAUNCHERS)
def test_two_jobs_through_a_launcher_are_two_finished_runs_in_one_store(tmp_path, launcher, own_csv):
    module, settings = LAUNCHERS[launcher]
    if not there(module):
        pytest.skip(
            f'hydra/launcher={launcher} is not installed: pip install "seedbed[{EXTRAS.get(launcher, launcher)}]"'
        )
    words = ["run", "-m", *own_csv, "sizes=[10]", "encoder=cnn,pool", f"hydra/launcher={launcher}", *settings]
    words.remove("encoder=cnn")
    words.remove("encoder.filters=4")
    path = {"PYTHONPATH": str(Path(package.__file__).parents[1]), "SEEDBED_CACHE": str(tmp_path / "cache")}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "seedbed", *words],
        cwd=tmp_path, env=os.environ | path, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "2 jobs, 0 failed" in done.stdout
    assert finished(tmp_path) == ["random-cnn", "random-pool"]
    assert {path.name for path in tmp_path.iterdir()} == {"cache", "mlartifacts", "mlflow.db", "seedbed-out"}


def test_a_failing_job_is_named_and_the_others_are_kept(seedbed, own_csv, tmp_path):
    said = seedbed("run", "-m", *own_csv, "sizes=[10],[500]", "name=some")
    assert said.code == 1, said
    assert "2 jobs, 1 failed" in said.out
    line = next(line for line in said.err.splitlines() if line.startswith("seedbed: "))
    assert line.startswith("seedbed: job 1 (sizes=[500]) failed: sizes=500: csv has ")
    assert "Traceback" not in said.err
    assert finished(tmp_path) == ["random-cnn"]


def test_jobs_that_differ_in_size_are_one_arm_and_their_report_is_a_learning_curve(seedbed, own_csv, tmp_path):
    said = seedbed("run", "-m", *own_csv, "sizes=[10],[20]", "replicates=2", "encoder.widths=[2],[3]", "name=curve")
    assert said.code == 0, said
    assert "4 jobs, 0 failed; their report: seedbed report study=curve" in said.out
    assert seedbed("report", "study=curve").code == 0
    table = pd.read_csv(tmp_path / "seedbed-out" / "curve" / "results.csv")
    assert set(table["arm"]) == {"random-cnn encoder.widths=[2]", "random-cnn encoder.widths=[3]"}
    assert table.groupby("arm")["n_train"].agg(lambda sizes: sorted(set(sizes))).tolist() == [[10, 20]] * 2
    again = seedbed("run", "-m", *own_csv, "sizes=[10],[20]", "replicates=2", "encoder.widths=[2],[3]", "name=curve")
    assert again.code == 0
    assert again.err.count("nothing is missing") == 4


def test_a_sweep_goes_over_a_glob_and_over_labels_and_a_job_may_read_what_another_does_not(seedbed, own_csv, tmp_path):
    words = [word for word in own_csv if not word.startswith("encoder")]
    given = ["encoder=glob(poo*)", "dataset.labels.neg=bad,worse", "dataset.labels.pos=good", "dataset.labels.'a, b'=x"]
    schedule = ["training.schedule=constant,warmup", "training.warmup_steps=2", "training.epochs=1"]
    said = seedbed("run", "-m", *words, "sizes=[10]", *given, *schedule, "name=glob")
    assert said.code == 0, said
    assert "4 jobs, 0 failed" in said.out
    assert "job 0 (encoder=pool dataset.labels.neg=bad training.schedule=constant): 1 cell" in said.out
    labels = [f"random-pool dataset.labels.neg={label}" for label in ("bad", "worse")]
    assert finished(tmp_path) == [f"{one} training.schedule={how}" for one in labels for how in ("constant", "warmup")]


@pytest.mark.parametrize("name", ["learning_curve", "encoder_grid"])
def test_a_file_of_sweeps_runs_with_one_command(seedbed, own_csv, name):
    """On a set of one's own, and only its smaller half: what the file itself says is composed elsewhere."""
    root = str(Path(__file__).parents[2])
    words = [word for word in own_csv if not word.startswith(("encoder", "sampling="))]
    small = ["replicates=1", "sizes=[6]", "embedding=random", "encoder=cnn,pool", "sampling.strategy=random"]
    said = seedbed("run", "--config-dir", root, f"+sweeps={name}", *words, *small)
    assert said.code == 0, said
    assert f"2 jobs, 0 failed; their report: seedbed report study={name}" in said.out
