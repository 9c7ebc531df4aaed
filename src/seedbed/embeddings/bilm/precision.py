"""The precision of the large products."""

import re
from pathlib import Path

from seedbed import backend, devices
from seedbed.errors import InputError

PRECISIONS = ("float32", "bfloat16", "auto")

CPU = Path("/proc/cpuinfo")

CPU_HAS = re.compile(r"\b(amx_bf16|avx512_bf16)\b")


def resolve_precision(precision: str) -> str:
    """``float32`` or ``bfloat16``; ``auto`` is the faster one on this machine and backend.

    It is called before and after a device is selected, with the same result: it checks the hardware, and starts
    no device. It is bfloat16 where there is a GPU, and with TensorFlow on a processor with instructions for it. JAX on
    a processor is slower with bfloat16 than with float32.
    """
    if precision not in PRECISIONS:
        raise InputError(f"precision={precision}: must be one of {', '.join(PRECISIONS)}")
    if precision != "auto":
        return precision
    return "bfloat16" if devices.has_gpu() or (backend.name() == "tensorflow" and _processor_has_it()) else "float32"


def _processor_has_it() -> bool:
    try:
        return bool(CPU_HAS.search(CPU.read_text(encoding="ascii", errors="replace")))
    except OSError:  # no Linux: nobody says
        return False
