"""A registered model is served by MLflow, in a process of its own."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

WAIT_S = 180
SRC = Path(__file__).parents[2] / "src"


@pytest.fixture
def serve(tmp_path):
    """Serves a model of the store in the folder; returns the address once it answers."""
    started = []

    def served(uri):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        environment = os.environ | {
            "MLFLOW_TRACKING_URI": "sqlite:///mlflow.db", "PYTHONPATH": str(SRC),
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),  # uvicorn is looked for
        }  # fmt: skip
        command = ["-m", "mlflow", "models", "serve", "-m", uri, "--env-manager", "local", "-p", str(port)]
        log = (tmp_path / "serve.log").open("w", encoding="utf-8")
        process = subprocess.Popen(
            [sys.executable, *command], env=environment, stdout=log, stderr=log, start_new_session=True
        )
        started.append((process, log))
        end = time.monotonic() + WAIT_S
        while time.monotonic() < end and process.poll() is None:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/ping", timeout=5).close()
            except (urllib.error.URLError, OSError):
                time.sleep(0.5)
            else:
                return f"http://127.0.0.1:{port}/invocations"
        pytest.fail((tmp_path / "serve.log").read_text(encoding="utf-8"))

    yield served
    for process, log in started:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(30)
        log.close()


@pytest.mark.slow
def test_a_served_winner_answers(seedbed, split_words, serve):
    said = seedbed("compare", *split_words, "arms={proto: [encoder=prototype]}")
    assert said.code == 0, said.err
    said = seedbed("ship", "arm=proto", "output=made", "register=mine")
    assert said.code == 0, said.err
    [expected] = [json.loads(line) for line in seedbed("predict", "model=made", "text=a good film").lines]
    asked = {"dataframe_records": [{"text": "a good film"}, {"text": None}], "params": {"by": "mean"}}
    request = urllib.request.Request(
        serve("models:/mine@winner"), json.dumps(asked).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=60) as response:
        first, second = json.loads(response.read(), parse_constant=pytest.fail)["predictions"]
    assert first["label"] == expected["label"]
    assert {label: first[f"p_{label}"] for label in ("neg", "pos")} == pytest.approx(
        expected["probabilities"], abs=1e-5
    )
    assert (second["flag"], second["p_neg"]) == ("empty", None)
