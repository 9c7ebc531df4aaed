"""Energy counters, on a folder made to look like the kernel's."""

import math
import sys
import time
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seedbed.training import energy as energy_module
from seedbed.training.energy import Energy, _device_names, _Zone


@pytest.fixture(autouse=True)
def no_device(monkeypatch, tmp_path):
    """As if there were no device of NVIDIA's, nor the library of its counters."""
    monkeypatch.setitem(sys.modules, "pynvml", None)
    monkeypatch.setattr(energy_module, "DRIVER", tmp_path / "gpus")
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)


@pytest.fixture
def zone(tmp_path):
    """Makes or sets a counter, in microjoules."""

    def made(number, name, energy, full=1_000_000_000):
        folder = tmp_path / f"intel-rapl:{number}"
        folder.mkdir(exist_ok=True)
        for file, value in (("name", name), ("energy_uj", energy), ("max_energy_range_uj", full)):
            (tmp_path / "new").write_text(f"{value}\n")
            (tmp_path / "new").replace(folder / file)  # at once, as the kernel does
        return folder

    return made


def test_the_energy_is_what_the_counters_rose_by(tmp_path, zone):
    zone(0, "package-0", 5_000_000)
    zone(1, "package-1", 0)
    with Energy(tmp_path) as energy:
        zone(0, "package-0", 7_500_000)
        zone(1, "package-1", 1_000_000)
    assert energy.joules == pytest.approx(3.5)


def test_cores_are_in_the_figure_of_their_processor_and_memory_is_not(tmp_path, zone):
    for number, name in (("0", "package-0"), ("0:0", "core"), ("0:1", "dram"), ("1", "psys")):
        zone(number, name, 0)
    with Energy(tmp_path) as energy:
        for number, name in (("0", "package-0"), ("0:0", "core"), ("0:1", "dram"), ("1", "psys")):
            zone(number, name, 1_000_000)
    assert energy.joules == pytest.approx(2.0)


def test_a_counter_that_starts_again_goes_on(tmp_path, zone):
    zone(0, "package-0", 9_000_000, full=10_000_000)
    with Energy(tmp_path) as energy:
        zone(0, "package-0", 500_000, full=10_000_000)
    assert energy.joules == pytest.approx(1.5)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(0, 999), max_size=10))
def test_however_often_it_starts_again_all_of_it_is_counted(tmp_path_factory, steps):
    folder = tmp_path_factory.mktemp("zone")
    (folder / "max_energy_range_uj").write_text("1000")
    (folder / "energy_uj").write_text("0")
    zone, value = _Zone(folder), 0
    for step in steps:
        value += step
        (folder / "energy_uj").write_text(str(value % 1000))
        zone()
    assert zone() == pytest.approx(value / 1e6)


@pytest.mark.slow
def test_it_is_read_on_the_way_so_that_two_overflows_are_not_taken_for_one(tmp_path, zone):
    zone(0, "package-0", 0, full=10)
    with Energy(tmp_path, interval=0.001) as energy:
        for value in (6, 2, 8, 4):  # six more each time, modulo ten
            zone(0, "package-0", value, full=10)
            before = energy._counters[0].total
            for _ in range(10_000):
                if energy._counters[0].total > before:
                    break
                time.sleep(0.001)
    assert energy.joules == pytest.approx(24e-6)


def test_without_counters_the_energy_is_unknown(tmp_path):
    with Energy(tmp_path / "nothing") as energy:
        pass
    assert math.isnan(energy.joules)


@pytest.mark.parametrize("file", ["energy_uj", "max_energy_range_uj", "name"])
def test_with_a_counter_that_may_not_be_read_the_energy_is_unknown(tmp_path, zone, file):
    zone(0, "package-0", 0)
    (zone(1, "package-1", 0) / file).unlink()
    with Energy(tmp_path) as energy:
        zone(0, "package-0", 1_000_000)
    assert math.isnan(energy.joules)


def test_a_counter_that_fails_on_the_way_makes_the_energy_unknown(tmp_path, zone):
    zone(0, "package-0", 0)
    folder = zone(1, "package-1", 0)
    with Energy(tmp_path) as energy:
        (folder / "energy_uj").write_text("")
    assert math.isnan(energy.joules)


class Nvml:
    """A driver with two devices."""

    def __init__(self):
        self.millijoules = [1_000, 50_000]
        self.module = SimpleNamespace(
            nvmlInit=lambda: None,
            nvmlDeviceGetCount=lambda: 2,
            nvmlDeviceGetHandleByIndex=lambda number: number,
            nvmlDeviceGetHandleByUUID=["GPU-a", "GPU-b"].index,
            nvmlDeviceGetTotalEnergyConsumption=lambda handle: self.millijoules[handle],
        )


@pytest.mark.parametrize(("shown", "joules"), [(None, 5.0), ("1", 3.0), ("GPU-a", 2.0), ("0,-1,1", 2.0)])
def test_devices_that_the_process_may_use_are_counted_beside_the_processors(tmp_path, zone, monkeypatch, shown, joules):
    nvml = Nvml()
    monkeypatch.setitem(sys.modules, "pynvml", nvml.module)
    if shown is not None:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", shown)
    zone(0, "package-0", 0)
    with Energy(tmp_path) as energy:
        zone(0, "package-0", 250_000)
        nvml.millijoules = [3_000, 53_000]
    assert energy.joules == pytest.approx(joules + 0.25)


def test_devices_alone_are_not_taken_for_the_whole(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pynvml", Nvml().module)
    with Energy(tmp_path) as energy:
        pass
    assert math.isnan(energy.joules)


@pytest.mark.parametrize("fails", ["nvmlInit", "nvmlDeviceGetTotalEnergyConsumption", "the library"])
def test_processors_alone_are_not_taken_for_the_whole_where_there_is_a_device(tmp_path, zone, monkeypatch, fails):
    (tmp_path / "gpus/0000:01:00.0").mkdir(parents=True)
    nvml = Nvml()
    setattr(nvml.module, fails, lambda *given: 1 / 0)
    monkeypatch.setitem(sys.modules, "pynvml", None if fails == "the library" else nvml.module)
    zone(0, "package-0", 0)
    with Energy(tmp_path) as energy:
        pass
    assert math.isnan(energy.joules)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "-1")  # hidden, so not used
    with Energy(tmp_path) as energy:
        zone(0, "package-0", 1_000_000)
    assert energy.joules == pytest.approx(1.0)


def test_hidden_devices_are_not_counted():
    assert _device_names("", 2) == []
    assert _device_names("-1", 2) == []
