"""What a sweep goes over, and the line about a launcher that is not there; no job is run."""

import pytest

from seedbed.config import sweep
from seedbed.config.launchers import PACKAGES, not_installed
from seedbed.errors import InputError

CSV = ["dataset=csv", "task=classification", "dataset.files.train=a.csv"]


def jobs(*words, config_dir=None):
    return list(sweep.trial_jobs([*CSV, *words], config_dir))


def swept(key, *words, config_dir=None):
    values = [
        [word for word in job if word.lstrip("+").startswith(f"{key}=")] for job in jobs(*words, config_dir=config_dir)
    ]
    return [value.partition("=")[2] for [value] in values]


ENCODERS = ["bilstm", "cnn", "knn", "mlp_probe", "nn_tagger", "pool", "probe", "prototype", "residual_bilstm"]


@pytest.mark.parametrize(
    ("word", "values"),
    [
        ("encoder=glob(*)", ENCODERS),
        ("encoder=glob([p*,c*])", ["cnn", "pool", "probe", "prototype"]),
        ("encoder=glob(*,exclude=*bilstm)", [name for name in ENCODERS if "bilstm" not in name]),
        ("encoder=choice(cnn,pool)", ["cnn", "pool"]),
        ("seed=range(0,6,2)", ["0", "2", "4"]),
        ("seed=sort(3,1,2)", ["1", "2", "3"]),
        ("training.learning_rate=range(0.25,1,0.25)", ["0.25", "0.5", "0.75"]),
        ("training.learning_rate=range(0.5,1.1,0.25)", ["0.5", "0.75", "1.0"]),
        ("dataset.reader.separator=;", ['";"']),
        ("dataset.held_out.test=0.1,0.2", ["0.1", "0.2"]),
        ("dataset.labels.0=bad,'so, so'", ["bad", "'so, so'"]),
    ],
)
def test_values_as_hydra_means_them(word, values):
    assert swept(word.partition("=")[0], word) == values


def test_a_glob_finds_choices_of_ones_own_too_also_in_a_file_of_sweeps(tmp_path):
    (tmp_path / "encoder").mkdir()
    (tmp_path / "encoder" / "narrow.yaml").write_text("_target_: seedbed.model.encoders.CNN\n", encoding="utf-8")
    (tmp_path / "sweeps").mkdir()
    params = "{encoder: 'glob(nar*)', seed: '1,2'}"
    (tmp_path / "sweeps" / "mine.yaml").write_text(
        f"# @package _global_\nhydra: {{mode: MULTIRUN, sweeper: {{params: {params}}}}}\n", encoding="utf-8"
    )
    assert swept("encoder", "encoder=glob([nar*,p*])", config_dir=str(tmp_path)) == [
        "narrow",
        "pool",
        "probe",
        "prototype",
    ]
    assert sweep.is_sweep([*CSV, "+sweeps=mine"], str(tmp_path))
    assert len(jobs("+sweeps=mine", config_dir=str(tmp_path))) == 2


def test_settings_that_hydra_cannot_read_reach_every_job():
    own = ["dataset.labels={0: bad, 'a, b': good}", "dataset.reader.where.the source=x"]
    for job in jobs(*own, "seed=1,2"):
        assert set(own) < set(job)


@pytest.mark.parametrize(
    ("word", "line"),
    [
        (
            "encoder=glob(x*)",
            f"encoder=glob(x*): none of {', '.join(ENCODERS)} fits",
        ),
        ("name=glob(*)", "name=glob(*): there is no config group name"),
        ("seed=range(1,1)", "seed=range(1,1) sweeps over nothing"),
        ("seed=range(0,9,0)", "seed=range(0,9,0): range() arg 3 must not be zero"),
        ("seed=range(0,1000000000)", "seed=range(0,1000000000): more than 10,000 values"),
        (
            "training.learning_rate=interval(0.001,0.01)",
            "an interval is searched, not swept over: tune=random 'tune.space={training.learning_rate: "
            "uniform(0.001, 0.01)}'",
        ),
        (
            "training.learning_rate=interval(start=0.001,end=0.01)",
            "'tune.space={training.learning_rate: uniform(LOW, HIGH)}'",
        ),
        (
            "training.learning_rate=range(0.1,0.4,0.1)",
            "a range ends before its stop, and rounding lets 0.4 in: list the values, training.learning_rate=0.1,",
        ),
        (
            "training.learning_rate=range(0.001,0.01)",
            "range(0.001,0.01): one value, 0.001, as the step is 1: give a smaller step, or list the values, such as ",
        ),
        ("encoder=glob([p*,1])", "encoder=glob([p*,1]): 1 is no pattern, such as c*"),
        ("+experiment=quickstart", "+experiment=quickstart: write experiment=quickstart, without the plus"),
        ("note=it's", 'a text with \' goes in quotes: type "note=\\"it\'s\\""'),
        ("dataset.labels.'a b'=x,y", "a sweep takes one key with letters, digits and _ - $ . alone"),
        ("hydra/sweeper=optuna", "hydra/sweeper=optuna: hydra-optuna-sweeper searches by the score of a job"),
    ],
)
def test_what_cannot_be_swept_over_is_refused_in_one_line(word, line):
    from hydra.core.global_hydra import GlobalHydra

    with pytest.raises(InputError) as refused:
        jobs(word)
    assert line in str(refused.value)
    assert "\n" not in str(refused.value)
    assert not GlobalHydra.instance().is_initialized()


def test_too_many_jobs():
    with pytest.raises(InputError, match="the sweep has 19,800 jobs; at most 10,000"):
        jobs("seed=range(0,200)", "replicates=range(1,100)")


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["hydra/launcher=rq"], "hydra/launcher=rq: is not installed: pip install hydra-rq-launcher"),
        (["hydra/launcher=joblbi"], "hydra/launcher=joblbi: no file conf/hydra/launcher/joblbi.yaml"),
        (["hydra.launcher.n_jobs=2"], "the basic launcher has no n_jobs; did you mean hydra/launcher=joblib?"),
        (
            ["hydra.launcher.timeout_min=2"],
            "the basic launcher has no timeout_min; did you mean hydra/launcher=submitit",
        ),
        (["hydra.launcher.nope=2"], "hydra.launcher.nope: the basic launcher has no nope"),
        (["+hydra/launcher=basic"], "write hydra/launcher=basic, without the plus"),
        (["hydra.run.dir=x"], "hydra.run.dir=x: jobs of a sweep have hydra.sweep.dir"),
        (["hydra.sweep.dirr=x"], "no key hydra.sweep.dirr in hydra.sweep"),
        (["hydra/launcher=[joblib]"], "hydra/launcher=[joblib]: hydra/launcher= takes one name, such as hydra/laun"),
        (["hydra/launcher=null"], "hydra/launcher=null: hydra/launcher= takes one name"),
        (["hydra.launcher=3"], "hydra.launcher (command line): must be a mapping; one is chosen by hydra/launcher=N"),
        (["hydra.sweeper=3"], "hydra.sweeper (command line): must be a mapping; one is chosen by hydra/sweeper=NAME"),
        (["hydra.sweeper.params=3"], "command line: hydra.sweeper.params=3: Cannot assign int to Dict[str, str]"),
        (["hydra.sweep.dir=null"], "command line: hydra.sweep.dir=null: field 'hydra.sweep.dir' is not Optional"),
    ],
)
def test_a_launcher_that_is_not_there_and_a_setting_of_another_are_refused(words, line):
    from hydra.core.global_hydra import GlobalHydra

    with pytest.raises(InputError) as refused:
        sweep.sweep_launcher([*CSV, "seed=1,2", *words], None)
    assert line in str(refused.value)
    assert "\n" not in str(refused.value)
    assert not GlobalHydra.instance().is_initialized()


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["hydra=3"], "command line: hydra=3: settings of the launcher are hydra.launcher.KEY=VALUE"),
        (["hydra.sweeper.max_batch_size=0"], "command line: hydra.sweeper.max_batch_size=0: cannot be used"),
        (["hydra.sweep.dir='${x}'"], "Interpolation key 'x' not found; full_key: hydra.sweep.dir"),
    ],
)
def test_what_a_launcher_raises_is_one_line(words, line, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError) as refused:
        sweep.launch(lambda *_: (0, ""), [*CSV, "seed=1,2", *words], None)
    assert line in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("error", [InputError("mine.csv: no such file"), RuntimeError("lost")])
def test_a_job_that_was_refused_is_told_from_one_that_failed(error, tmp_path, monkeypatch):
    def train(overrides, config_dir, job):
        if "seed=2" in job.swept:
            raise error
        return 0, "1 cell"

    monkeypatch.chdir(tmp_path)
    first, second = sweep.launch(train, [*CSV, "seed=1,2"], None)
    assert (first.failed, first.refused) == (False, False)
    assert (second.failed, second.refused) == (True, isinstance(error, InputError))


def test_what_to_install_is_an_extra_of_seedbed_where_there_is_one():
    import tomllib
    from pathlib import Path

    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = {f'"seedbed[{name}]"' for name in project["optional-dependencies"]}
    assert (
        not_installed("hydra/launcher", "joblib")
        == 'hydra/launcher=joblib: is not installed: pip install "seedbed[joblib]"'
    )
    assert {package for package in PACKAGES.values() if "[" in package} <= extras
    assert not_installed("encoder", "joblib") == ""
