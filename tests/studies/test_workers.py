"""What the workers of a study are told."""

import json
import os
from dataclasses import asdict
from pathlib import Path
from types import SimpleNamespace

import pytest

from seedbed.launching.launchers import Launcher
from seedbed.studies.workers import Spread, _orders
from seedbed.tracking.settings import Tracking

ADDRESS = "postgresql://me:s3cret@db.example/mlflow"


@pytest.mark.parametrize("name", ["basic", "joblib", "submitit_local", "submitit_slurm", "ray"])
def test_a_password_is_not_in_what_a_launcher_writes_to_disk_and_reaches_every_worker(name, monkeypatch):
    monkeypatch.setenv("SEEDBED_TRACKING_URI", "")
    monkeypatch.setenv("SEEDBED_CACHE", "/cache")
    keys = SimpleNamespace(device="cpu")
    study = SimpleNamespace(keys=keys, tracking=Tracking(uri=ADDRESS))
    run = SimpleNamespace(study=study, todo=[], before={}, parent="p", folder=Path("out"))
    words = ("experiment=quickstart", f"tracking.uri={ADDRESS}")
    orders = _orders(run, Spread(Launcher(name), 2, words, None, False), 2)
    assert [order.number for order in orders] == [1, 2]
    for order in orders:
        text = json.dumps(asdict(order))
        assert "experiment=quickstart" in text
        assert "/cache" in text
        if name.startswith("submitit"):
            assert "s3cret" not in text
            assert "tracking.uri=${oc.env:SEEDBED_TRACKING_URI}" in order.task["settings"]
            assert os.environ["SEEDBED_TRACKING_URI"] == ADDRESS
        else:
            assert f"tracking.uri={ADDRESS}" in order.task["settings"]
