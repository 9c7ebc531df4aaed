"""``seedbed run -m``: the same sweep in this process and through each launcher, into one store."""

import importlib.util
import os
import re
import shlex
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pandas as pd
import pytest

import seedbed as package
from seedbed.config.study import study

from .conftest import command

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
    return sorted(run.data.tags["seedbed.arm"] for run in runs if run.data.tags["seedbed.kind"] == "cell")


@pytest.mark.slow
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
    assert finished(tmp_path) == ["cnn", "pool"]
    assert {path.name for path in (tmp_path / "seedbed-out" / "study").iterdir()} == {"cnn", "pool"}
    assert {path.name for path in tmp_path.iterdir()} == {"cache", "mlartifacts", "mlflow.db", "seedbed-out"}


@pytest.mark.slow
def test_a_failing_job_is_named_and_the_others_are_kept(seedbed, own_csv, tmp_path):
    said = seedbed("run", "-m", *own_csv, "sizes=[10],[500]", "name=some")
    assert said.code == 1, said
    assert "2 jobs, 1 failed" in said.out
    line = next(line for line in said.err.splitlines() if line.startswith("seedbed: "))
    assert line.startswith(
        "seedbed: job 1 (sizes=[500]) failed: sampling.validation=10, sampling.test=20, sizes=[500]: csv has "
    )
    assert "Traceback" not in said.err
    assert finished(tmp_path) == ["random-cnn"]


@pytest.mark.slow
def test_jobs_that_differ_in_size_are_one_arm_and_their_report_is_a_learning_curve(seedbed, own_csv, tmp_path):
    said = seedbed("run", "-m", *own_csv, "sizes=[10],[20]", "replicates=2", "encoder.widths=[2],[3]", "name=curve")
    assert said.code == 0, said
    folders = {path.name for path in (tmp_path / "seedbed-out" / "curve").iterdir()}
    assert folders == {f"sizes=_{size}_widths=_{width}_" for size in (10, 20) for width in (2, 3)}
    assert "4 jobs, 0 failed; their report: seedbed report study=curve" in said.out
    assert seedbed("report", "study=curve").code == 0
    table = pd.read_csv(tmp_path / "seedbed-out" / "curve" / "results.csv")
    assert set(table["arm"]) == {"widths=[2]", "widths=[3]"}
    assert table.groupby("arm")["n_train"].agg(lambda sizes: sorted(set(sizes))).tolist() == [[10, 20]] * 2
    again = seedbed("run", "-m", *own_csv, "sizes=[10],[20]", "replicates=2", "encoder.widths=[2],[3]", "name=curve")
    assert again.code == 0
    assert again.err.count("nothing is missing") == 4


@pytest.mark.slow
def test_a_sweep_goes_over_a_glob_and_over_labels_and_a_job_may_read_what_another_does_not(seedbed, own_csv, tmp_path):
    words = [word for word in own_csv if not word.startswith("encoder")]
    given = ["encoder=glob(poo*)", "dataset.labels.neg=bad,worse", "dataset.labels.pos=good", "dataset.labels.'a, b'=x"]
    schedule = ["training.schedule=constant,warmup", "training.warmup_steps=2", "training.epochs=1"]
    said = seedbed("run", "-m", *words, "sizes=[10]", *given, *schedule, "name=glob")
    assert said.code == 0, said
    assert "4 jobs, 0 failed" in said.out
    assert "job 0 (dataset.labels.neg=bad training.schedule=constant): 1 cell, mean validation/accuracy" in said.out
    arms = [f"neg={label} schedule={how}" for label in ("bad", "worse") for how in ("constant", "warmup")]
    assert finished(tmp_path) == arms


@pytest.mark.slow
@pytest.mark.parametrize("name", ["learning_curve", "encoder_grid"])
def test_a_file_of_sweeps_runs_with_one_command(seedbed, own_csv, name):
    """On a set of one's own, and only its smaller half: what the file itself says is composed elsewhere."""
    root = str(Path(__file__).parents[2])
    words = [word for word in own_csv if not word.startswith(("encoder", "sampling="))]
    small = ["replicates=1", "sizes=[6]", "embedding=random", "encoder=cnn,pool", "sampling.strategy=random"]
    said = seedbed("run", "--config-dir", root, f"+sweeps={name}", *words, *small)
    assert said.code == 0, said
    assert f"2 jobs, 0 failed; their report: seedbed report study={name}" in said.out


RATES = (
    "training.learning_rate=0.1,0.001,0.01", "encoder.dropout=0.5,0.0", "sizes=[10]", "replicates=2", "name=rates",
    "sampling.test=10", "sampling.redraw_test=false",
)  # fmt: skip


@pytest.fixture(scope="module")
def swept(training, own_csv):
    return training("run", "-m", *own_csv, *RATES)


@pytest.fixture
def at_sweep(swept, monkeypatch):
    """Runs a command where the sweep was trained."""
    monkeypatch.chdir(swept.folder)
    monkeypatch.setenv("SEEDBED_CACHE", str(swept.folder / "cache"))
    return command


def validation_means(folder):
    tables = [pd.read_csv(file) for file in (folder / "seedbed-out" / "rates").glob("*/results.csv")]
    return pd.concat(tables).groupby("arm")["validation/accuracy"].mean()


@pytest.mark.slow
def test_a_sweep_ends_with_its_settings_ranked_by_validation_and_no_test_score(swept):
    assert swept.said.code == 0, swept.said
    assert "test/" not in swept.said.out
    means = validation_means(swept.folder)
    assert len(means) == 6
    for job in [line for line in swept.said.lines if line.startswith("job ")]:
        rate, dropout = re.search(r"learning_rate=(\S+) encoder.dropout=(\S+)\)", job).groups()
        assert job.endswith(f"mean validation/accuracy {means[f'lr={rate} do={dropout}']:.4f}")
    shown = re.findall(r"^ +\d+ +(lr=\S+ do=\S+) +(\S+)", swept.said.out, re.MULTILINE)
    assert sorted(arm for arm, _ in shown) == sorted(means.index)
    assert [float(mean) for _, mean in shown] == [round(100 * mean, 2) for mean in sorted(means, reverse=True)]


@pytest.mark.slow
def test_pick_prints_the_overrides_of_the_best_and_a_command_that_trains_it_on_other_draws(swept, at_sweep):
    said = at_sweep("sweep", "pick", "name=rates")
    assert said.code == 0, said
    means = validation_means(swept.folder)
    [line] = [line for line in said.lines if line.startswith("its overrides: ")]
    rate, dropout = re.fullmatch(r"its overrides: training.learning_rate=(\S+) encoder.dropout=(\S+)", line).groups()
    assert means[f"lr={rate} do={dropout}"] == means.max()
    equal = [arm for arm in means.index if means[arm] == means.max()]
    numbers = [tuple(float(word.partition("=")[2]) for word in arm.split()) for arm in equal]
    assert (float(rate), float(dropout)) == min(numbers), "of equal settings the first by value"
    [confirming] = [line for line in said.lines if line.startswith("to confirm it")]
    words = shlex.split(confirming.partition("seedbed ")[2])
    assert {"name=rates_confirmed", "confirm=rates", "seed=1", "sizes=[10]", "replicates=2", "encoder.filters=4"} < set(
        words
    )
    confirmed = at_sweep(*words)
    assert confirmed.code == 0, confirmed
    assert re.search(r"confirm=rates: \d+ of \d+ test texts of csv were not used by it", confirmed.err)
    assert set(pd.read_csv(swept.folder / confirmed.lines[-1].removeprefix("results: "))["data_seed"]) == {1000, 1001}


@pytest.mark.slow
def test_pick_fits_a_terminal_of_80_columns(swept, at_sweep):
    whole = at_sweep("sweep", "pick", "name=rates")
    ours, theirs = os.openpty()
    variables = {"PYTHONPATH": str(Path(package.__file__).parents[1]), "COLUMNS": "80", "TERM": "xterm"}
    with subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", "seedbed", "sweep", "pick", "name=rates"],
        env=os.environ | variables, stdout=theirs, stderr=subprocess.DEVNULL,
    ) as process:  # fmt: skip
        os.close(theirs)
        written = b""
        with suppress(OSError):  # the end of a terminal
            while part := os.read(ours, 4096):
                written += part
    os.close(ours)
    assert process.returncode == 0
    text = re.sub(r"\x1b\[[0-9;]*m", "", written.decode()).replace("\r\n", "\n")
    long = [line for line in text.splitlines() if len(line) > 80]
    assert all(len(line.split()) <= 2 for line in long), long  # one word, of the path of a file, and a backslash
    command_of = r"to confirm it on new texts:\s+(seedbed run (?:.*\\\n)*.*)"
    [pasted], [expected] = re.findall(command_of, text), re.findall(command_of, whole.out)
    assert shlex.split(pasted.replace("\\\n", "")) == shlex.split(expected)


def test_each_value_of_a_key_has_a_choice_of_its_own_and_they_are_compared(swept, at_sweep):
    said = at_sweep("sweep", "pick", "name=rates", "by=encoder.dropout")
    assert said.code == 0, said
    means = validation_means(swept.folder)
    for dropout in ("0.0", "0.5"):
        of_value = means[[f"lr={rate} do={dropout}" for rate in (0.001, 0.01, 0.1)]]
        start = f"Chosen by validation accuracy at 10 examples with encoder.dropout={dropout}: "
        [line] = [line for line in said.lines if line.startswith(start)]
        assert line.startswith(f"{start}{of_value.idxmax()}, ")
    [confirming] = [line for line in said.lines if line.startswith("to confirm it")]
    words = shlex.split(confirming.partition("seedbed ")[2])
    assert words[0] == "compare"
    arms = {arm.name: arm for arm in study(words[1:]).arms}
    assert {name: arm.encoder.dropout for name, arm in arms.items()} == {"do_0.0": 0.0, "do_0.5": 0.5}
    assert "by=encoder.units: not a swept key" in at_sweep("sweep", "pick", "name=rates", "by=encoder.units").err


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["name=rates", "metric=test/accuracy"], "chosen by validation scores only; give metric=validation/accuracy"),
        (["name=rates", "metric=train/accuracy"], "chosen by validation scores only; give metric=validation/accuracy"),
        (["name=rates", "metric=validation/acuracy"], "no such score; did you mean validation/accuracy?"),
        (["name=nope"], "name=nope: no study of this name in "),
        (["rates"], "cannot read 'rates': write key=value"),
        ([], "sweep pick: which sweep? name=STUDY"),
    ],
)
def test_what_pick_refuses_in_one_line(at_sweep, words, line):
    said = at_sweep("sweep", "pick", *words)
    assert said.code == 2
    assert line in said.err
    assert said.err.count("\n") == 1


def test_pick_says_that_a_comparison_is_no_sweep(there):
    said = there("sweep", "pick", "name=mine")
    assert said.code == 2
    assert "name=mine: no job of `seedbed run -m` in this study says what was swept" in said.err


@pytest.mark.slow
def test_the_report_of_a_sweep_has_test_scores_of_the_choice_alone(swept, at_sweep):
    said = at_sweep("report", "study=rates", "output=closed")
    assert said.code == 0, said
    table = pd.read_csv(swept.folder / "closed" / "results.csv")
    assert not [name for name in table.columns if name.startswith("test/")]
    assert list(dict.fromkeys(table["arm"])) == [
        f"lr={rate} do={do}" for rate in (0.001, 0.01, 0.1) for do in (0.0, 0.5)
    ]
    page = (swept.folder / "closed" / "report" / "report.md").read_text(encoding="utf-8")
    [chosen] = [line for line in said.lines if line.startswith("Chosen by validation accuracy at 10 examples: ")]
    assert re.search(r"Its test score on these draws: \S+ % \(sd \S+, two replicates\)\.$", chosen)
    assert chosen in page
    assert "floor" not in page.lower()
    assert not (swept.folder / "closed" / "floor.csv").exists()
    assert at_sweep("report", "study=rates", "metric=f0").code == 2
    opened = at_sweep("report", "study=rates", "output=open", "metric=test/accuracy")
    assert opened.code == 0, opened
    assert "test/accuracy" in pd.read_csv(swept.folder / "open" / "results.csv").columns


@pytest.mark.slow
def test_a_sweep_without_validation_is_not_ranked_by_test(seedbed, own_csv):
    words = [word for word in own_csv if not word.startswith("sampling.validation")]
    said = seedbed("run", "-m", *words, "sampling.validation=0", "sizes=[10]", "encoder.widths=[2],[3]", "name=blind")
    assert said.code == 0, said
    assert said.out.count("1 cell, no validation score\n") == 2
    assert "not ranked: name=blind: no cell has a validation score to choose by: set sampling.validation" in said.out
    assert "test/" not in said.out
    for line in (seedbed("sweep", "pick", "name=blind"), seedbed("report", "study=blind")):
        assert line.code == 2
        assert "set sampling.validation to a number of examples" in line.err
    assert seedbed("report", "study=blind", "metric=test/accuracy").code == 0


@pytest.mark.slow
def test_a_file_of_sweeps_of_which_one_job_is_left_is_a_run_with_its_test_score(seedbed, own_csv, tmp_path):
    (tmp_path / "sweeps").mkdir()
    file = "# @package _global_\nhydra: {mode: MULTIRUN, sweeper: {params: {encoder.widths: '[2],[3]'}}}\n"
    (tmp_path / "sweeps" / "widths.yaml").write_text(file, encoding="utf-8")
    words = ["--config-dir", ".", "+sweeps=widths", *own_csv, "sizes=[10]"]
    assert "2 jobs, 0 failed" in seedbed("run", *words).out
    said = seedbed("run", *words, "encoder.widths=[3]", "seed=1")
    assert said.code == 0, said
    assert "jobs" not in said.out
    assert "accuracy" in said.out
