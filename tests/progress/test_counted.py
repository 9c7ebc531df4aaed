"""Progress of work without a known end."""

from seedbed.progress import counted
from seedbed.progress.counted import Counted


def test_nothing_is_said_before_two_seconds(capsys):
    with Counted("texts") as progress:
        for _ in range(1000):
            progress.add(1)
    assert capsys.readouterr().err == ""
    assert progress.done == 1000


def test_then_a_line_says_how_much_is_done(capsys, monkeypatch):
    monkeypatch.setattr(counted, "AFTER_S", 0.0)
    with Counted("texts") as progress:
        progress.add(1200)
        progress.add(1)
    said = capsys.readouterr().err
    assert said.startswith("1,200 texts, ")
    assert said.count("\n") == 1
