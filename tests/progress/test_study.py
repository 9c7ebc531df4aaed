"""The line of a study in a terminal: numbers are whole, and the name of the arm has what room is left."""

import io
from types import SimpleNamespace

import pytest
from rich.console import Console

from seedbed.cells import Outcome
from seedbed.embeddings.features import Embedded
from seedbed.progress.bars import LINE_EVERY_S
from seedbed.progress.study import ProgressBar
from seedbed.progress.tokens import pace
from seedbed.progress.workers import WorkersBar
from seedbed.training.replicate import Epoch

ARM = "static_elmo-bilstm [a] training.epochs=1 encoder.units=64"


@pytest.fixture
def bar(request):
    console = Console(file=io.StringIO(), width=request.param, force_terminal=True, color_system=None)
    made = ProgressBar(12, console)
    made.done = 2
    cell = SimpleNamespace(arm=ARM, n_train=100, replicate=0, setting="default")
    made.group([SimpleNamespace(cell=cell), SimpleNamespace(cell=cell)])
    return made


@pytest.fixture
def bar_of_lines():
    """A bar on what is no terminal, and a function that returns what it printed."""
    file = io.StringIO()
    return ProgressBar(12, Console(file=file, width=100)), lambda: file.getvalue().splitlines()


def line(bar):
    """What the terminal shows."""
    with bar.console.capture() as out:
        bar.console.print(bar.bar.get_renderable())
    (shown,) = out.get().splitlines()
    assert len(shown) <= bar.console.width
    return shown


@pytest.mark.parametrize("bar", [80, 100, 160], indirect=True)
def test_the_vectors_have_their_rate_and_the_time_left(bar):
    bar.embedded(Embedded(7_000, 0, 58_628, 0))
    bar.embedding_since -= 0.36
    bar.embedded(Embedded(7_000, 0, 58_628, 5_117))
    shown = line(bar)
    assert "vectors 5,117/58,628 tokens, 1" in shown
    assert "/s, 4 s left 0:00:00 [2/12] " in shown
    assert ARM[: max(1, bar.console.width - 90)] in shown
    assert not shown.startswith("━━ ")


@pytest.mark.parametrize("bar", [80, 100], indirect=True)
def test_the_epochs_are_whole(bar):
    bar.epoch(Epoch(12, 100, 10, 0.1234, 0.912))
    shown = line(bar)
    assert " epoch 12/100 loss 0.123 score 0.912, 10 training 0:00:00 [2/12] " in shown
    assert shown.rstrip().endswith("…")


def test_a_group_is_done_when_it_is_stored(bar_of_lines):
    bar, lines = bar_of_lines
    for arm in ("first", "second"):
        bar.group([SimpleNamespace(cell=SimpleNamespace(arm=arm, n_train=5, replicate=n, setting="default"))
                   for n in range(2)])  # fmt: skip
        bar.group_done([Outcome("finished", epochs=3), Outcome("failed", epochs=3, error="loss is not finite")])
    assert lines() == []
    bar.group_stored()
    assert [line.partition(", n=5")[0] for line in lines()] == [
        "[2/12] first",
        "  replicate 1 failed: loss is not finite",
    ]
    bar.group([SimpleNamespace(cell=SimpleNamespace(arm="third", n_train=5, replicate=0, setting="default"))])
    bar.group_stored()
    bar.group_stored()  # faster than the line of what came out
    assert len(lines()) == 4
    bar.group_done([Outcome("finished", epochs=3)])
    assert [line.partition(", n=5")[0] for line in lines()[2:]] == [
        "[4/12] second", "  replicate 1 failed: loss is not finite", "[5/12] third"
    ]  # fmt: skip


def test_a_long_group_says_where_it_is_in_a_log(bar_of_lines):
    bar, lines = bar_of_lines
    bar.group([SimpleNamespace(cell=SimpleNamespace(arm="tagger", n_train=5, replicate=n, setting="default"))
               for n in range(3)])  # fmt: skip
    bar.epoch(Epoch(1, 50, 3, 0.5, 0.25))
    assert lines() == []
    bar.said_at -= LINE_EVERY_S
    bar.left.started -= 60  # two epochs of 50 by three of twelve cells
    bar.epoch(Epoch(2, 50, 3, 0.4, 0.3))
    bar.epoch(Epoch(3, 50, 3, 0.3, 0.4))
    assert lines() == [
        "  tagger, n=5, 3 replicates: epoch 2/50 loss 0.400 score 0.300, 3 training, about 1 h 39 min left"
    ]


def test_a_long_group_of_a_worker_says_where_it_is_in_a_log():
    file = io.StringIO()
    bar = WorkersBar(12, Console(file=file, width=100))
    bar.told(1, {"event": "group", "name": "tagger, n=5", "cells": 3})
    bar.told(1, {"event": "epoch", "said": "epoch 1/50"})
    assert file.getvalue() == ""
    bar.said_at[1] -= LINE_EVERY_S
    for number in (2, 3):
        bar.told(1, {"event": "epoch", "said": f"epoch {number}/50"})
    assert file.getvalue() == "  worker 1: tagger, n=5, epoch 2/50\n"


def test_the_largest_numbers_fit_80_columns():
    said = f"vectors {pace(1_234_567, 12_345_678, 87, brief=True)}"
    assert said == "vectors 1,234,567/12,345,678 tokens, 14,190/s, 13 min 3 s left"
    assert len("━" * 8 + f" {said} 0:14:30 ") <= 80
