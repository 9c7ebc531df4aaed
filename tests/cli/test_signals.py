"""SIGTERM and SIGHUP, which schedulers and terminals send, end a command as Ctrl-C does."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from seedbed.cli import signals


def started(folder, *before):
    """A comparison that never ends, in a process of its own; ``before``: words before the command."""
    lines = [f"{'good fine' if n % 2 else 'bad poor'} film {n},{('neg', 'pos')[n % 2]}" for n in range(120)]
    (folder / "texts.csv").write_text("text,label\n" + "\n".join(lines) + "\n", encoding="utf-8")
    words = [
        "compare", "dataset=csv", "dataset.files.train=texts.csv", "task=classification", "embedding.dim=5",
        "encoder=cnn", "sampling=fewshot", "sampling.validation=20", "sampling.test=20", "sizes=[10,20]",
        "replicates=2", "training.epochs=100000", "training.patience=null", "training.keep=last", "lint=off",
        "arms={a: []}",
    ]  # fmt: skip

    environment = os.environ | {"SEEDBED_CACHE": str(folder / "cache"), "PYTHONUNBUFFERED": "1"}
    return subprocess.Popen(
        [*before, sys.executable, "-m", "seedbed", *words], cwd=folder, env=environment, text=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True,
    )  # fmt: skip


def until_trained(process):
    """Read the lines of a process until it starts to train, and wait until it surely does."""
    for line in process.stderr:
        if line.startswith("starting the backend"):
            break
    time.sleep(15)


def statuses(folder):
    with closing(sqlite3.connect(folder / "mlflow.db")) as store:
        return [status for (status,) in store.execute("select status from runs")]


@pytest.mark.slow
def test_sighup_ends_a_comparison_within_ten_seconds_and_leaves_nothing_running(tmp_path):
    process = started(tmp_path, "env", "--default-signal=HUP")  # whatever runs the tests may ignore it
    until_trained(process)
    sent = time.monotonic()
    process.send_signal(signal.SIGHUP)
    said = process.communicate(timeout=60)[1]
    assert process.returncode == 129
    assert time.monotonic() - sent < 10
    assert said.splitlines()[-1] == "seedbed: interrupted; finished results are kept"
    assert statuses(tmp_path) == ["KILLED"] * 5  # four cells and the comparison


@pytest.mark.slow
def test_sigterm_too_and_sighup_is_ignored_under_nohup(tmp_path):
    process = started(tmp_path, "nohup")
    until_trained(process)
    process.send_signal(signal.SIGHUP)
    time.sleep(2)
    assert process.poll() is None
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=60)
    assert process.returncode == 143
    assert statuses(tmp_path) == ["KILLED"] * 5


def test_a_second_signal_ends_the_process_at_once(tmp_path):
    script = Path(tmp_path / "slow.py")
    script.write_text(
        "import signal, time\n"
        "from seedbed.cli import signals\n"
        "with signals.raised():\n"
        "    try:\n"
        "        print('ready', flush=True)\n"
        "        time.sleep(60)\n"
        "    except KeyboardInterrupt:\n"
        "        print('ending', flush=True)\n"
        "        time.sleep(60)\n"
    )
    process = subprocess.Popen([sys.executable, script], stdout=subprocess.PIPE, text=True)
    for word in ("ready", "ending"):
        assert process.stdout.readline().strip() == word
        process.send_signal(signal.SIGTERM)
    process.communicate(timeout=10)
    assert process.returncode == -signal.SIGTERM


DROPPED = {
    "a bare except": "def drop():\n    try:\n        wait()\n    except:\n        pass\n",
    "a destructor": (
        "class Ended:\n    def __del__(self):\n        wait()\n\n"
        "def drop():\n    sys.unraisablehook = print\n    ended = Ended()\n    del ended\n"
    ),
    "another exception": (
        "def drop():\n    try:\n        try:\n            wait()\n        except BaseException:\n"
        "            raise ValueError from None\n    except ValueError:\n        pass\n"
    ),
}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT], ids=lambda number: number.name)
@pytest.mark.parametrize("code", DROPPED.values(), ids=DROPPED)
def test_a_signal_arrives_also_where_the_code_that_it_interrupts_drops_exceptions(tmp_path, code, number):
    script = Path(tmp_path / "drops.py")
    script.write_text(
        "import sys, time\nfrom seedbed.cli import signals\n"
        "def wait():\n    print('ready', flush=True)\n    end = time.monotonic() + 60\n"
        "    while time.monotonic() < end:\n        time.sleep(0.01)\n"
        f"{code}"
        "def work():\n    drop()\n    print('dropped', flush=True)\n    drop()\n    print('twice', flush=True)\n"
        "    end = time.monotonic() + 60\n    while time.monotonic() < end:\n        time.sleep(0.01)\n    return 0\n"
        "code = 1\n"
        "with signals.raised():\n    try:\n        code = work()\n    except KeyboardInterrupt as error:\n"
        "        code = signals.exit_code(error)\n"
        "time.sleep(1)\nsys.exit(code)\n"
    )
    process = subprocess.Popen(
        ["env", "--default-signal=HUP,INT,TERM", sys.executable, script], stdout=subprocess.PIPE, text=True,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2] / "src")},
    )  # fmt: skip
    assert process.stdout.readline() == "ready\n"
    process.send_signal(number)
    said = process.communicate(timeout=50)[0].splitlines()
    assert [line for line in said if line in ("dropped", "ready", "twice")] == ["dropped", "ready", "twice"]
    assert process.returncode == 128 + number


def test_handlers_are_as_before_afterwards():
    before = [signal.getsignal(number) for number in signals.SIGNALS]
    with pytest.raises(signals.TerminatedError) as raised, signals.raised():
        signal.raise_signal(signal.SIGTERM)
    assert signals.exit_code(raised.value) == 143
    assert [signal.getsignal(number) for number in signals.SIGNALS] == before
    assert signals.exit_code(KeyboardInterrupt()) == 130
