"""Cores and GPUs of this machine, divided among its workers."""

import contextlib
import os
import shutil
import subprocess
from collections.abc import Mapping

THREADS = (
    "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS",
)  # fmt: skip
"""Environment variables with the number of threads of TensorFlow, OpenMP and linear algebra."""
PASSED_ON = ("SEEDBED_", "MLFLOW_", "KERAS_", "TF_", "XLA_")
"""First letters of variables that workers on other machines get, where they are not set there."""


def cores() -> int:
    """Return the number of cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def visible_gpus() -> list[str]:
    """Return the GPUs that this process may use, as ``CUDA_VISIBLE_DEVICES`` names them; does not start CUDA."""
    if (named := os.environ.get("CUDA_VISIBLE_DEVICES")) is not None:
        return [gpu for gpu in named.split(",") if gpu.strip() and gpu.strip() != "-1"]
    program = shutil.which("nvidia-smi")
    if program is None:
        return []
    with contextlib.suppress(OSError, subprocess.SubprocessError):
        listed = subprocess.run([program, "-L"], capture_output=True, text=True, timeout=20, check=False)
        lines = [line for line in listed.stdout.splitlines() if line.startswith("GPU ")]
        return [str(number) for number in range(len(lines))]
    return []


def thread_settings(number: int) -> dict[str, str]:
    """Return the variables that give a process ``number`` threads."""
    return dict.fromkeys(THREADS, str(max(1, number)))


def passed_on(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that workers on other machines need."""
    return {name: value for name, value in environment.items() if name.startswith(PASSED_ON)}
