"""How many workers there are and where they run, without starting one."""

from importlib.util import find_spec

import pytest

from seedbed.config.chosen_launcher import chosen_launcher
from seedbed.errors import InputError
from seedbed.launching import launchers
from seedbed.launching.launchers import Launcher

needs_submitit = pytest.mark.skipif(find_spec("submitit") is None, reason="the extra slurm is not installed")


@pytest.fixture
def machine(monkeypatch):
    """Sets the cores and GPUs of the machine."""

    def made(cores, gpus=()):
        monkeypatch.setattr(launchers, "cores", lambda: cores)
        monkeypatch.setattr(launchers, "visible_gpus", lambda: list(gpus))

    return made


@pytest.mark.parametrize(
    ("launcher", "wanted", "units", "device", "gpus", "number"),
    [
        (Launcher("basic"), 3, 9, "auto", (), 3),
        (Launcher("joblib", {"n_jobs": -1}), None, 9, "auto", (), 2),
        (Launcher("joblib", {"n_jobs": -1}, ("n_jobs",)), None, 99, "auto", (), 8),
        (Launcher("joblib", {"n_jobs": -2}, ("n_jobs",)), None, 99, "auto", (), 7),
        (Launcher("joblib", {"n_jobs": 5}, ("n_jobs",)), None, 99, "auto", "01", 5),
        (Launcher("joblib", {"n_jobs": 5}, ("n_jobs",)), 4, 99, "auto", "01", 4),
        (Launcher("joblib", {"n_jobs": -1}), None, 99, "auto", "0123", 4),
        (Launcher("joblib", {"n_jobs": -1}), None, 99, "cpu", "0123", 2),
        (Launcher("ray"), None, 99, "auto", "0123", 2),
        (Launcher("submitit_slurm"), 50, 7, "auto", (), 7),
    ],
)
def test_how_many_workers_there_are(machine, launcher, wanted, units, device, gpus, number):
    machine(8, gpus)
    assert launcher.workers(wanted, units, device) == number


def test_each_worker_of_this_machine_has_its_gpu_and_its_share_of_the_cores(machine):
    machine(8, ["2", "5"])
    here = Launcher("joblib")
    gpus = [place["CUDA_VISIBLE_DEVICES"] for place in here.places(3, "auto")]
    assert gpus == ["2", "5", "2"]
    assert here.places(2, "cpu") == [{}, {}]
    assert here.cores_each(3) == 2
    assert here.cores_each(20) == 1
    for elsewhere in (Launcher("ray"), Launcher("submitit_slurm")):
        assert elsewhere.places(2, "auto") == [{}, {}]
        assert elsewhere.cores_each(2) is None


def test_gpus_are_those_that_the_environment_allows(monkeypatch):
    from seedbed.launching.resources import visible_gpus

    for named, gpus in {"": [], "-1": [], "0,3": ["0", "3"], "GPU-ab,GPU-cd": ["GPU-ab", "GPU-cd"]}.items():
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", named)
        assert visible_gpus() == gpus


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["hydra/launcher=joblbi"], "hydra/launcher=joblbi: no file conf/hydra/launcher/joblbi.yaml"),
        (["hydra/launcher=rq"], "hydra/launcher=rq: is not installed: pip install hydra-rq-launcher"),
        (["hydra.launcher.n_jobs=2"], "the basic launcher has no n_jobs; did you mean hydra/launcher=joblib?"),
        (["hydra/launcher=joblib", "hydra.launcher.njobs=2"], "the joblib launcher has no njobs"),
        (
            ["hydra/launcher=submitit_slurm", "hydra.launcher.additional_parameters={mail-type: END}"],
            "hydra.launcher.additional_parameters: new keys of this mapping are added with a plus, as +hydra",
        ),
    ],
)
def test_a_launcher_that_is_not_there_and_a_setting_that_it_lacks_are_refused(words, line):
    with pytest.raises(InputError) as refused:
        chosen_launcher(words, None)
    assert line in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("launcher", "line"),
    [
        (Launcher("ray_aws"), "hydra/launcher=ray_aws: distributes the jobs of `seedbed run -m` alone"),
        (Launcher("joblib", {"timeout": 3}, ("timeout",)), "hydra.launcher.timeout: has no effect on the workers"),
        (Launcher("joblib", {"n_jobs": 0}, ("n_jobs",)), "hydra.launcher.n_jobs=0: give at least 1, or -1 for all"),
    ],
)
def test_what_the_workers_of_one_study_cannot_have_is_refused(launcher, line):
    with pytest.raises(InputError) as refused:
        launcher.refuse()
    assert str(refused.value).startswith(line)


@needs_submitit
def test_settings_of_slurm_reach_its_submission_file(monkeypatch, tmp_path):
    from seedbed.launching.submitit_jobs import SubmititJobs, submitit_library

    words = ["hydra/launcher=submitit_slurm", "hydra.launcher.partition=gpu", "hydra.launcher.gpus_per_node=1",
             "hydra.launcher.cpus_per_task=4", "hydra.launcher.mem_gb=16", "hydra.launcher.timeout_min=90",
             "hydra.launcher.max_num_timeout=5", "+hydra.launcher.additional_parameters={mail-type: END}"]  # fmt: skip
    chosen = chosen_launcher(words, None)
    with pytest.raises(InputError, match="submitit_slurm: no program sbatch"):
        chosen.refuse()
    for program in ("sbatch", "srun"):
        (tmp_path / program).write_text("#!/bin/sh\n")
        (tmp_path / program).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    chosen.refuse()
    jobs = chosen.engine("mine")
    assert isinstance(jobs, SubmititJobs)
    executor = jobs.executor(tmp_path / "workers")
    assert isinstance(executor._executor, submitit_library().SlurmExecutor)
    assert executor._executor.max_num_timeout == 5
    text = executor._executor._make_submission_file_text("run", "id")
    for line in ("--partition=gpu", "--gpus-per-node=1", "--cpus-per-task=4", "--mem=16GB", "--time=90",
                 "--mail-type=END", "--job-name=seedbed-mine", "--signal=USR2@120"):  # fmt: skip
        assert f"#SBATCH {line}\n" in text, text


def test_a_ray_cluster_that_does_not_answer_is_refused_at_once():
    pytest.importorskip("ray")
    from seedbed.launching.ray_tasks import connect

    with pytest.raises(InputError, match=r"hydra/launcher=ray: the cluster 127.0.0.1:1 does not answer: \w+"):
        connect({"ray": {"init": {"address": "127.0.0.1:1"}, "remote": {}}})
