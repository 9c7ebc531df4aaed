"""Progress of work without a known end."""

import io
import os
import sys
import time

import pytest

from seedbed.backend import silent_stderr
from seedbed.progress import counted
from seedbed.progress.counted import Counted


@pytest.fixture
def at_once(monkeypatch):
    """Says it every few milliseconds."""
    for name in ("AFTER_S", "EVERY_S", "TERMINAL_EVERY_S"):
        monkeypatch.setattr(counted, name, 0.01)


class Terminal(io.StringIO):
    """What is written to a terminal."""

    def isatty(self):
        return True


def wait_for(found):
    end = time.monotonic() + 20
    while not found():
        assert time.monotonic() < end
        time.sleep(0.005)


def test_nothing_is_said_before_two_seconds(capsys):
    with Counted("text", "predicting") as progress:
        for _ in range(1000):
            progress.add(1)
    assert capsys.readouterr().err == ""
    assert progress.done == 1000


def test_the_phase_is_said_before_anything_is_done_then_the_number(at_once, monkeypatch):
    monkeypatch.setattr(sys, "stderr", log := io.StringIO())
    with Counted("text", "opening the model") as progress:
        wait_for(lambda: "opening the model, 0 s\n" in log.getvalue())
        progress.begin("predicting")
        wait_for(lambda: "predicting, 0 s\n" in log.getvalue())
        progress.add(1)
        wait_for(lambda: "1 text, " in log.getvalue())
        progress.add(1199)
        wait_for(lambda: "1,200 texts, " in log.getvalue())
    ended = log.getvalue()
    time.sleep(0.05)
    assert log.getvalue() == ended
    assert ended.endswith(" a second\n")


def test_the_line_of_a_terminal_is_cleared_before_a_row_and_not_written_again(at_once, monkeypatch):
    monkeypatch.setattr(sys, "stderr", terminal := Terminal())
    with Counted("text", "predicting", rows_follow=True) as progress:
        wait_for(lambda: "predicting" in terminal.getvalue())
        progress.say("a note")
        wait_for(lambda: "\r\033[Ka note\n\r\033[Kpredicting" in terminal.getvalue())
        progress.add(1)
        cleared = terminal.getvalue()
        time.sleep(0.05)
    assert cleared.endswith("\r\033[K")
    assert terminal.getvalue() == cleared


def test_it_is_said_while_a_backend_is_imported_without_its_output(at_once, capfd):
    with Counted("text", "opening the model"), silent_stderr():
        os.write(2, b"noise of the import")
        time.sleep(0.2)
    said = capfd.readouterr().err
    assert said.startswith("opening the model, 0 s\n")
    assert "noise" not in said
