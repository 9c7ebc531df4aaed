"""Energy of a block of code, from the hardware counters of processors, memory and NVIDIA devices.

The counters are those of the whole machine: other processes are included; disks, fans and other parts are not. The
result is the sum of all counters of processors, memory and devices, or NaN if one of them is missing: without the
processors there is no result, even if there are devices.
"""

import math
import os
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import ModuleType, TracebackType

POWERCAP = Path("/sys/class/powercap")
"""The counters of Intel and AMD processors on Linux (RAPL); often readable by root only."""
DRIVER = Path("/proc/driver/nvidia/gpus")
"""The devices of NVIDIA's driver on Linux."""

Counter = Callable[[], float]
"""Joules since some point in time; each call detects an overflow since the previous one."""


class Energy:
    """Measures while the block runs; ``joules`` is the result, NaN if a counter cannot be read at any time.

    ``interval``: seconds between reads; the counter of a processor overflows within an hour.
    """

    def __init__(self, folder: Path = POWERCAP, interval: float = 60.0):
        self.folder, self.interval, self.joules = folder, interval, math.nan
        self._counters: list[Counter] = []
        self._start = self._last = math.nan
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> "Energy":
        try:
            self._counters = _counters(self.folder)
        except Exception:  # including errors of a driver
            self._counters = []
        self._start = self._last = self._read()
        if self._counters:
            self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._done.set()
        if self._counters:
            self._thread.join()
            self._sample()
            self.joules = self._last - self._start

    def _watch(self) -> None:
        while not self._done.wait(self.interval):
            self._sample()

    def _sample(self) -> None:
        if not math.isnan(self._last):
            self._last = self._read()

    def _read(self) -> float:
        try:
            return sum(counter() for counter in self._counters)
        except Exception:  # including errors of a driver: training must not fail because of a measurement
            return math.nan


class _Zone:
    """A counter of microjoules that restarts at zero when it is full."""

    def __init__(self, folder: Path):
        self.file = folder / "energy_uj"
        self.range = int((folder / "max_energy_range_uj").read_text())
        self.last = int(self.file.read_text())
        self.total = 0

    def __call__(self) -> float:
        value = int(self.file.read_text())
        self.total += value - self.last if value >= self.last else value - self.last + self.range
        self.last = value
        return self.total / 1e6


def _counters(folder: Path) -> list[Counter]:
    """All counters, or none if the kernel has none of a processor. Raises if one cannot be read."""
    processors = _processors(folder)
    return [*processors, *_devices()] if processors else []


def _processors(folder: Path) -> list[Counter]:
    """Counters of each processor, which includes cores and graphics, and of its memory, which it does not include."""
    zones = sorted(folder.glob("intel-rapl:*"))
    return [_Zone(zone) for zone in zones if (zone / "name").read_text().strip().startswith(("package", "dram"))]


def _devices() -> list[Counter]:
    """Counters of the NVIDIA devices that this process may use. Raises if a device has no readable counter."""
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    if visible is not None and not _device_names(visible, 0):
        return []
    try:
        import pynvml

        pynvml.nvmlInit()
    except Exception:  # no library, or no driver
        if DRIVER.is_dir() and any(DRIVER.iterdir()):
            raise
        return []
    handles = [_handle(pynvml, name) for name in _device_names(visible, pynvml.nvmlDeviceGetCount())]
    counters = [partial(_device_joules, pynvml, handle) for handle in handles]
    for counter in counters:
        counter()  # devices before Volta have no counter
    return [*counters]


def _device_joules(pynvml: ModuleType, handle: object) -> float:
    return float(pynvml.nvmlDeviceGetTotalEnergyConsumption(handle)) / 1e3


def _device_names(visible: str | None, count: int) -> list[str]:
    """The devices of CUDA_VISIBLE_DEVICES, by number or UUID; all ``count`` if it is not set."""
    if visible is None:
        return [str(number) for number in range(count)]
    names = [name.strip() for name in visible.split(",")]
    names = names[: names.index("-1")] if "-1" in names else names
    return [name for name in names if name]


def _handle(pynvml: ModuleType, name: str) -> object:
    return pynvml.nvmlDeviceGetHandleByIndex(int(name)) if name.isdigit() else pynvml.nvmlDeviceGetHandleByUUID(name)
