"""The energy of a stretch of work, from the counters of the machine: processors, memory and NVIDIA's devices.

Counters belong to the machine: what else runs on it meanwhile is in the figure, and disks, fans and the rest are not.
Either all counters of processors, memory and devices are in the figure, or there is none: a machine whose processors
tell nothing has none, whatever its devices tell.
"""

import math
import os
import threading
from collections.abc import Callable
from pathlib import Path

POWERCAP = Path("/sys/class/powercap")
"""Where Linux shows the counters of Intel's and AMD's processors (RAPL); often only root may read them."""
DRIVER = Path("/proc/driver/nvidia/gpus")
"""Where NVIDIA's driver on Linux lists its devices."""

Counter = Callable[[], float]
"""Joules counted since some moment; each read tells of any overflow since the last one."""


class Energy:
    """Counts while the block runs; ``joules`` is what it saw, NaN where some counter may not be read.

    That is so at the start and on the way: a part of the sum would be taken for the whole. ``every``: seconds between
    reads, as a processor's counter overflows within the hour.
    """

    def __init__(self, folder: Path = POWERCAP, every: float = 60.0):
        self.folder, self.every, self.joules = folder, every, math.nan
        self._over = threading.Event()

    def __enter__(self) -> "Energy":
        try:
            self._counters = _counters(self.folder)
        except Exception:  # a driver's own errors too
            self._counters = []
        self._start = self._read()
        self._last = self._start
        if self._counters:
            self._thread = threading.Thread(target=self._watch, daemon=True)
            self._thread.start()
        return self

    def __exit__(self, *exception) -> None:
        self._over.set()
        if self._counters:
            self._thread.join()
            self._sample()
            self.joules = self._last - self._start

    def _watch(self) -> None:
        while not self._over.wait(self.every):
            self._sample()

    def _sample(self) -> None:
        if not math.isnan(self._last):
            self._last = self._read()

    def _read(self) -> float:
        try:
            return sum(counter() for counter in self._counters)
        except Exception:  # a driver's own errors too: a training must not end for want of a figure
            return math.nan


class _Zone:
    """A counter of microjoules that starts again at zero when it is full."""

    def __init__(self, folder: Path):
        self.file = folder / "energy_uj"
        self.full = int((folder / "max_energy_range_uj").read_text())
        self.seen = int(self.file.read_text())
        self.total = 0

    def __call__(self) -> float:
        now = int(self.file.read_text())
        self.total += now - self.seen if now >= self.seen else now - self.seen + self.full
        self.seen = now
        return self.total / 1e6


def _counters(folder: Path) -> list[Counter]:
    """All that a figure takes; none where the kernel shows no processor's counter. Raises where one is unreadable."""
    processors = _processors(folder)
    return [*processors, *_devices()] if processors else []


def _processors(folder: Path) -> list[Counter]:
    """Each processor, and the memory at it, which is not in the processor's own figure; cores and graphics are."""
    zones = sorted(folder.glob("intel-rapl:*"))
    return [_Zone(zone) for zone in zones if (zone / "name").read_text().strip().startswith(("package", "dram"))]


def _devices() -> list[Counter]:
    """Each of NVIDIA's devices that this process may use; raises where one is there and its counter cannot be read."""
    hidden = os.environ.get("CUDA_VISIBLE_DEVICES")
    if hidden is not None and not _named(hidden, 0):
        return []
    try:
        import pynvml

        pynvml.nvmlInit()
    except Exception:  # without the library or its driver
        if DRIVER.is_dir() and any(DRIVER.iterdir()):
            raise
        return []
    handles = [_handle(pynvml, name) for name in _named(hidden, pynvml.nvmlDeviceGetCount())]
    for handle in handles:
        pynvml.nvmlDeviceGetTotalEnergyConsumption(handle)  # devices before Volta have no such counter
    return [lambda handle=handle: pynvml.nvmlDeviceGetTotalEnergyConsumption(handle) / 1e3 for handle in handles]


def _named(hidden: str | None, count: int) -> list[str]:
    if hidden is None:
        return [str(number) for number in range(count)]
    names = [name.strip() for name in hidden.split(",")]
    shown = names[: names.index("-1")] if "-1" in names else names
    return [name for name in shown if name]


def _handle(pynvml: object, name: str) -> object:
    return pynvml.nvmlDeviceGetHandleByIndex(int(name)) if name.isdigit() else pynvml.nvmlDeviceGetHandleByUUID(name)
