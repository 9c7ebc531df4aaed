"""Hydra's launcher and sweeper plugins: what to install for each, and which settings they have."""

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
"""Launchers, and the argument of ``pip install`` for each."""

SEARCHES = {
    "ax": "hydra-ax-sweeper",
    "nevergrad": "hydra-nevergrad-sweeper",
    "optuna": "hydra-optuna-sweeper",
}
"""Sweepers that choose values by the scores of earlier jobs, which seedbed's jobs do not return; their packages."""

SETTINGS = {
    "joblib": ("n_jobs", "backend", "prefer", "require", "verbose", "timeout", "pre_dispatch", "batch_size",
               "temp_folder", "max_nbytes", "mmap_mode"),
    "submitit_slurm": ("timeout_min", "cpus_per_task", "gpus_per_node", "tasks_per_node", "mem_gb", "nodes",
                       "partition", "qos", "constraint", "mem_per_cpu", "mem_per_gpu", "array_parallelism", "gres",
                       "account", "exclude", "submitit_folder", "max_num_timeout", "additional_parameters", "setup"),
    "ray": ("ray",),
}  # fmt: skip
"""Settings of launchers, to suggest the launcher that has a setting."""


def not_installed(group: str, name: str) -> str:
    """Return the message about a launcher or sweeper that is not installed; empty for an unknown name."""
    if group == "hydra/sweeper" and name in SEARCHES:
        return (f"{group}={name}: {SEARCHES[name]} searches by the score of a job; a sweep of seedbed has a job for "
                "each combination of the listed values, such as training.learning_rate=0.001,0.01")  # fmt: skip
    is_known = group == "hydra/launcher" and name in PACKAGES
    return f"{group}={name}: is not installed: pip install {PACKAGES[name]}" if is_known else ""


def launching_hint(key: str, overrides: Sequence[str]) -> str:
    """Return the message about a setting that the chosen launcher does not have."""
    name = key.split(".")[2]
    chosen = next((o.partition("=")[2] for o in overrides if o.startswith("hydra/launcher=")), "basic")
    if name in SETTINGS.get(chosen, ()):
        return f"command line: {key}: new keys of this mapping are added with a plus, as +{key}={{KEY: VALUE}}"
    launchers = [launcher for launcher, settings in SETTINGS.items() if name in settings and launcher != chosen]
    if launchers:
        return f"command line: {key}: the {chosen} launcher has no {name}; did you mean hydra/launcher={launchers[0]}?"
    hint = nearest(name, SETTINGS.get(chosen, ()), "hydra.launcher", ".")
    return f"command line: {key}: the {chosen} launcher has no {name}{hint}"
