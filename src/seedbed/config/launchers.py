"""Launchers and sweepers that Hydra knows as plugins: what to install for each, and whose a setting is."""

from collections.abc import Sequence

from seedbed.errors import nearest

PACKAGES = {
    "joblib": '"seedbed[joblib]"',
    "submitit_local": '"seedbed[slurm]"',
    "submitit_slurm": '"seedbed[slurm]"',
    "ray": '"seedbed[ray]"',
    "ray_aws": '"seedbed[ray]"',
    "rq": "hydra-rq-launcher",
}
"""Launchers, with what ``pip install`` takes."""

SEARCHES = {
    "ax": "hydra-ax-sweeper",
    "nevergrad": "hydra-nevergrad-sweeper",
    "optuna": "hydra-optuna-sweeper",
}
"""Sweepers that choose the next values by the score of the last, with their packages: a job here gives no score."""

SETTINGS = {
    "joblib": ("n_jobs", "backend", "prefer", "require", "verbose", "timeout", "pre_dispatch", "batch_size",
               "temp_folder", "max_nbytes", "mmap_mode"),
    "submitit_slurm": ("timeout_min", "cpus_per_task", "gpus_per_node", "tasks_per_node", "mem_gb", "nodes",
                       "partition", "qos", "constraint", "mem_per_cpu", "mem_per_gpu", "array_parallelism", "gres",
                       "account", "exclude", "submitit_folder", "max_num_timeout", "additional_parameters", "setup"),
    "ray": ("ray",),
}  # fmt: skip
"""Settings of launchers, for whoever names one and not the launcher."""


def not_installed(place: str, name: str) -> str:
    """What to do about a launcher or sweeper that is not there; empty where it is none that we know."""
    if place == "hydra/sweeper" and name in SEARCHES:
        return (f"{place}={name}: {SEARCHES[name]} searches by the score of a job; a sweep of seedbed has a job for "
                "each combination of the values that are given, such as training.learning_rate=0.001,0.01")  # fmt: skip
    known = place == "hydra/launcher" and name in PACKAGES
    return f"{place}={name}: is not installed: pip install {PACKAGES[name]}" if known else ""


def launching_hint(key: str, overrides: Sequence[str]) -> str:
    """The line about a setting that the chosen launcher does not have."""
    name = key.split(".")[2]
    chosen = next((o.partition("=")[2] for o in overrides if o.startswith("hydra/launcher=")), "basic")
    others = [launcher for launcher, settings in SETTINGS.items() if name in settings and launcher != chosen]
    if others:
        return f"command line: {key}: the {chosen} launcher has no {name}; did you mean hydra/launcher={others[0]}?"
    hint = nearest(name, SETTINGS.get(chosen, ()), "hydra.launcher", ".")
    return f"command line: {key}: the {chosen} launcher has no {name}{hint}"
