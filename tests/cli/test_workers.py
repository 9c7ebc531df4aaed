"""``compare`` and ``run`` on workers that a launcher starts: equal results, also where a worker is killed."""

import importlib.util
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import psutil
import pytest

import seedbed as package
from seedbed.tracking.opening import open_store
from seedbed.tracking.settings import Tracking

MODULES = {"joblib": "hydra_joblib_launcher", "submitit_local": "hydra_submitit_launcher", "ray": "hydra_ray_launcher"}
ARMS = "arms={cnn: [], pool: [encoder=pool], probe: [encoder=probe]}"
SMALL = (ARMS, "name=mine", "sizes=[10,20]", "replicates=2", "floor=false", "lint=off")


@pytest.fixture(autouse=True)
def same_sources(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(Path(package.__file__).parents[1]))


@pytest.fixture(scope="module")
def alone(training, own_csv):
    """The study in one process."""
    return training("compare", *own_csv, *SMALL)


def scores(folder):
    table = pd.read_csv(folder / "results.csv").sort_values(["arm", "n_train", "replicate"]).reset_index(drop=True)
    kept = [name for name in table.columns if "/" in name or name in ("cell", "status", "epochs", "best_epoch")]
    return table[[name for name in kept if not name.startswith("embedding/")]]


def cells_of(folder):
    store = open_store(Tracking(uri=f"sqlite:///{folder / 'mlflow.db'}"))
    return [run for run in store.all_runs() if run.tags.get("seedbed.kind") == "cell"]


@pytest.fixture
def started():
    """Starts commands; what a failed test leaves behind is ended, so that it fails no other test."""
    processes = []

    def start(*words, **options):
        processes.append(subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", "seedbed", *words],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options,
        ))  # fmt: skip
        return processes[-1]

    yield start
    for process in processes:
        process.kill()
        process.communicate()


def command_of(process):
    try:
        return process.cmdline()
    except psutil.NoSuchProcess:  # it has just ended, such as a tool that looks at the machine
        return []


def workers_of(process, number, seconds=120):
    """The processes of the workers of a command, when there are so many."""
    until = time.monotonic() + seconds
    while time.monotonic() < until and process.poll() is None:
        children = [c for c in psutil.Process(process.pid).children() if "seedbed.cli.worker" in command_of(c)]
        if len(children) >= number:
            return children
        time.sleep(0.1)
    raise AssertionError(f"no {number} workers: {process.communicate()}")


@pytest.mark.slow
@pytest.mark.parametrize("launcher", MODULES)
def test_the_same_study_by_each_launcher_has_exactly_the_same_scores(launcher, alone, seedbed, own_csv, tmp_path):
    if importlib.util.find_spec("hydra_plugins") is None or not importlib.util.find_spec(
        f"hydra_plugins.{MODULES[launcher]}"
    ):
        pytest.skip(f"hydra/launcher={launcher} is not installed")
    said = seedbed("compare", *own_csv, *SMALL, f"hydra/launcher={launcher}", "workers=2")
    assert said.code == 0, said
    assert f"2 workers ({launcher}); their logs: " in said.err
    out = tmp_path / "seedbed-out" / "mine"
    pd.testing.assert_frame_equal(scores(out), scores(alone.folder / "seedbed-out" / "mine"), check_exact=True)
    runs = cells_of(tmp_path)
    assert len(runs) == 12, "each cell once"
    assert {run.status for run in runs} == {"FINISHED"}
    assert len({run.tags["mlflow.parentRunId"] for run in runs}) == 1
    logs = [(out / "workers" / f"{number}.log").read_text() for number in (1, 2)]
    trained = [re.findall(r"^\[\d+/\d+\] (.*?): \d+ epoch", log, re.M) for log in logs]
    # A worker that starts late, as those of Ray on a loaded machine, may find that the other has trained everything.
    assert sorted([*trained[0], *trained[1]]) == sorted(re.findall(r"worker \d: (.*?): \d+ epoch", said.err))
    assert {path.name for path in (out / "workers").iterdir()} == {"1.log", "2.log"}
    again = seedbed("compare", *own_csv, *SMALL, f"hydra/launcher={launcher}")
    assert again.code == 0
    assert "nothing is missing" in again.err


@pytest.mark.slow
def test_a_worker_that_is_killed_costs_its_group_and_the_study_ends_with_the_same_scores(
    started, alone, seedbed, own_csv, tmp_path
):
    process = started("compare", *own_csv, *SMALL, "workers=2", env=os.environ | {"SEEDBED_CACHE": str(tmp_path / "c")})
    killed = workers_of(process, 2)[0]
    log = tmp_path / "seedbed-out" / "mine" / "workers" / "1.log"
    while not log.exists() or "starting the backend" not in log.read_text():
        time.sleep(0.1)
    killed.kill()
    out, err = process.communicate(timeout=300)
    assert process.returncode == 0, err
    assert "Traceback" not in err
    assert re.search(r"^worker \d was killed by SIGKILL; it is started again \(its log: .*\.log\)$", err, re.M), err
    pd.testing.assert_frame_equal(
        scores(tmp_path / "seedbed-out" / "mine"), scores(alone.folder / "seedbed-out" / "mine"), check_exact=True
    )
    runs = cells_of(tmp_path)
    assert sorted(run.status for run in runs) == ["FINISHED"] * 12
    assert "report: " in out


@pytest.mark.slow
def test_a_command_that_is_terminated_ends_its_workers_and_is_resumed(started, alone, seedbed, own_csv, tmp_path):
    process = started("compare", *own_csv, *SMALL, "workers=2", env=os.environ | {"SEEDBED_CACHE": str(tmp_path / "c")})
    workers = workers_of(process, 2)
    log = tmp_path / "seedbed-out" / "mine" / "workers" / "2.log"
    while not log.exists() or "starting the backend" not in log.read_text():
        time.sleep(0.1)
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 143, err
    assert err.strip().splitlines()[-1] == "seedbed: interrupted; finished results are kept"
    assert not any(worker.is_running() for worker in workers)
    assert "RUNNING" not in {run.status for run in cells_of(tmp_path)}
    said = seedbed("compare", *own_csv, *SMALL)
    assert said.code == 0, said
    pd.testing.assert_frame_equal(
        scores(tmp_path / "seedbed-out" / "mine"), scores(alone.folder / "seedbed-out" / "mine"), check_exact=True
    )


@pytest.mark.slow
def test_an_arm_that_is_searched_is_spread_too_and_a_failed_cell_names_its_log(seedbed, own_csv):
    words = [*own_csv, "sizes=[10,20]", "replicates=2", "floor=false", "lint=off", "tune=random", "tune.budget=3"]
    alone = seedbed("run", *words, "name=one", "output=one")
    assert alone.code == 0, alone
    tracking = "tracking.uri=sqlite:///other.db"
    spread = seedbed("run", *words, "name=one", "output=two", tracking, "workers=2")
    assert spread.code == 0, spread
    tables = [pd.read_csv(Path(folder) / "results.csv") for folder in ("one", "two")]
    tables = [table.sort_values(["setting", "n_train", "replicate"]).reset_index(drop=True) for table in tables]
    assert set(tables[0]["setting"]) == {"default", "tuned"}
    kept = [name for name in tables[0].columns if "/" in name and not name.startswith("embedding/")]
    pd.testing.assert_frame_equal(tables[0][kept], tables[1][kept], check_exact=True)
    failing = seedbed(
        "run", *own_csv, "sizes=[10,20]", "training.learning_rate=1e38", "floor=false", "lint=off", "workers=2",
        "name=failing", tracking,
    )  # fmt: skip
    assert failing.code == 1, failing
    assert re.search(r"^  replicate 0 failed: .* \(its log: .*/workers/\d\.log\)$", failing.err, re.M), failing.err


def test_jobs_of_a_sweep_have_no_workers_of_their_own(refused, own_csv):
    line = refused("run", "-m", *own_csv, "sizes=[10],[20]", "workers=2")
    assert line == "seedbed: workers: the jobs of a sweep are distributed by hydra/launcher=, such as joblib"
    line = refused("run", "-m", *own_csv, "sizes=[10],[20]", "hydra/launcher=submitit_slurm")
    assert "hydra/launcher=submitit_slurm: no program sbatch" in line


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["hydra/launcher=joblbi"], "hydra/launcher=joblbi: no file conf/hydra/launcher/joblbi.yaml"),
        (["hydra/launcher=submitit_slurm"], "hydra/launcher=submitit_slurm: no program sbatch"),
        (["hydra.launcher.n_jobs=2"], "the basic launcher has no n_jobs; did you mean hydra/launcher=joblib?"),
        (["hydra/launcher=joblib", "hydra.launcher.timeout=5"], "hydra.launcher.timeout: has no effect on the workers"),
        (["hydra/launcher=joblib", "hydra.launcher.n_jobs=0"], "hydra.launcher.n_jobs=0: give at least 1, or -1"),
        (["hydra/launcher=ray", "hydra.launcher.ray.init.address=127.0.0.1:1"], "the cluster 127.0.0.1:1 does not"),
        (["workers=0"], "workers=0: must be at least 1"),
        (["hydra.sweep.dir=x"], "hydra.sweep.dir=x: applies only to a sweep, `seedbed run -m`"),
    ],
)
def test_what_is_refused_in_one_line_before_anything_is_written(refused, own_csv, words, line):
    assert line in refused("compare", *own_csv, *SMALL, *words)
