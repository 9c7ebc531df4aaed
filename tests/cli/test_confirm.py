"""``confirm=STUDY``: test texts that no run of that study used."""

import json
import re
import shlex
from pathlib import Path

import pytest

from seedbed.comparison import group

SPLITS = ("train", "validation", "test")


def ids(file, splits=SPLITS):
    draws = json.loads(Path(file).read_text(encoding="utf-8"))["draws"]
    return {example for draw in draws for split in splits for example in draw[split]}


@pytest.fixture
def words(own_csv):
    dropped = ("sampling.test", "encoder", "training.epochs")
    small = [word for word in own_csv if not word.startswith(dropped)]
    divided = "dataset.held_out={test: 0.2, validation: 0.1}"
    return [*small, divided, "encoder=pool", "training.epochs=1", "sizes=[10]", "floor=false", "lint=off"]


@pytest.mark.slow
def test_it_tests_on_texts_that_no_run_of_the_study_used_whatever_became_of_the_run(seedbed, words, monkeypatch):
    partial = ["compare", *words, "name=tuned", "arms={pool: []}", "replicates=2", "only=[0]", "sampling.test=5"]
    assert seedbed(*partial).code == 0
    used = ids("seedbed-out/tuned/only-0/draws.json")
    assert seedbed("run", *words, "name=tuned", "arm=single", "seed=7", "sampling.test=4").code == 0
    used |= ids("seedbed-out/tuned/single/draws.json")

    def interrupted(*given, **named):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(group, "train_cells", interrupted)
        lost = ["compare", *words, "name=tuned", "output=lost", "arms={lost: []}", "replicates=2", "seed=9"]
        assert seedbed(*lost, "sampling.test=6").code == 130
    used |= ids("lost/draws.json")

    said = seedbed("run", *words, "name=chosen", "arm=one", "confirm=tuned", "sampling.test=all")
    assert said.code == 0, said
    tested = ids("seedbed-out/chosen/one/draws.json", ["test"])
    assert seedbed("run", *words, "name=whole", "arm=one", "sampling.test=all").code == 0
    whole = ids("seedbed-out/whole/one/draws.json", ["test"])
    assert tested == whole - used
    assert 0 < len(tested) < len(whole)
    assert f"confirm=tuned: {len(tested)} of {len(whole)} test texts of csv were not used by it" in said.err
    again = seedbed("run", *words, "name=chosen", "arm=one", "confirm=tuned", "sampling.test=all")
    assert "nothing is missing" in again.err
    more = seedbed("run", *words, "name=more", "confirm=tuned", f"sampling.test={len(tested) + 1}")
    assert more.code == 2
    assert f"did not use: sampling.test={len(tested)} at most" in more.err


def test_where_no_text_is_left_it_says_so_before_anything_is_trained(seedbed, refused, words):
    assert seedbed("run", *words, "name=tuned", "sampling.test=all").code == 0
    line = refused("run", *words, "name=chosen", "confirm=tuned", "sampling.test=all", leaves=["seedbed-out/chosen"])
    assert "confirm=tuned: all 32 test texts of csv were used by it, so none is left" in line
    assert "such as sampling.test=16" in line


@pytest.mark.slow
def test_what_cannot_be_confirmed_is_refused_in_one_line(seedbed, words, tmp_path):
    assert "confirm=tuned: no such study, as there is no store" in seedbed("run", *words, "confirm=tuned").err
    assert not (tmp_path / "mlflow.db").exists()
    assert seedbed("run", *words, "name=tuned", "sampling.test=5").code == 0
    said = seedbed("run", *words, "name=tuned", "confirm=tuned")
    assert said.code == 2
    assert "confirm=tuned: is this study; give it another name, such as name=tuned_confirmed" in said.err
    assert "confirm=tunned: no study of this name in sqlite:///" in seedbed("run", *words, "confirm=tunned").err
    other = tmp_path / "other.csv"
    lines = [f'{n},"a plot of {n}",{("neg", "pos")[n % 2]}' for n in range(80)]
    other.write_text("\n".join(["id,review,sentiment", *lines]), encoding="utf-8")
    said = seedbed("run", *words, "confirm=tuned", f"dataset.files.train={other}")
    assert said.code == 2
    assert "confirm=tuned: that study has no draw of these data (csv), only of csv" in said.err


@pytest.mark.slow
def test_texts_of_a_sweep_are_found_by_the_linter_and_not_those_of_other_studies(seedbed, words):
    few = [word for word in words if word != "lint=off"]
    texts = ["sampling.test=8", "sampling.redraw_test=false"]
    assert seedbed("run", "-m", *few, *texts, "name=rates", "training.learning_rate=0.1,0.01").code == 0
    assert seedbed("run", *few, *texts, "name=plain", "seed=2").code == 0
    finding = (
        "test-shown-before: csv: 8 of 8 test texts were also those of rates, a sweep or search; confirm=rates draws "
        "others (24 left)"
    )
    for again in (["name=rated"], ["name=rated", "seed=5"]):
        said = seedbed("run", *few, *texts, *again)
        assert f"lint: {finding}" in said.err
        assert "plain" not in said.err
    assert finding in seedbed("lint", *few, *texts, "name=rated").out
    stopped = seedbed("run", *few, *texts, "name=strict", "lint=error")
    assert stopped.code == 2
    assert "test-shown-before" in stopped.err
    for other in (["name=rated", "confirm=rates"], ["name=rates"], ["name=other", "sampling.test=0"]):
        assert "test-shown-before" not in seedbed("run", *few, *texts, *other).err
    more = seedbed("run", "-m", *few, *texts, "name=more", "training.learning_rate=0.2,0.3")
    assert more.code == 0
    assert "test-shown-before" not in more.err


@pytest.mark.slow
def test_a_sweep_on_a_file_without_splits_says_how_it_would_leave_texts_and_pick_prints_commands_that_work(
    seedbed, own_csv
):
    dropped = ("sampling.test", "sampling.validation", "encoder", "training.epochs", "dataset.held_out")
    small = [word for word in own_csv if not word.startswith(dropped)]
    sweep = ["encoder=pool", "training.epochs=1", "sizes=[10]", "replicates=1", "floor=false", "lint=off", "name=rates"]
    said = seedbed("run", "-m", *small, *sweep, "training.learning_rate=0.01,0.1")
    assert said.code == 0, said
    [(rows, kept)] = set(
        re.findall(r"csv: (\d+) rows without splits.*\n.*confirm its choice on; (.*) leave some", said.err)
    )
    assert kept == f"dataset.held_out.test=0.3 sampling.test={int(rows) * 3 // 20} sampling.redraw_test=false"
    picked = seedbed("sweep", "pick", "name=rates")
    assert f"cannot be confirmed on new texts: confirm=rates: all {rows} test texts of csv were used" in picked.out
    [again] = [line for line in picked.lines if line.startswith("the sweep that leaves some")]
    words = shlex.split(again.partition("seedbed ")[2])
    assert {"name=rates_kept", *kept.split(), "training.learning_rate=0.01,0.1"} < set(words)
    again = seedbed(*words)
    assert (again.code, "none is left to confirm" in again.err) == (0, False)
    [confirming] = [line for line in seedbed("sweep", "pick", "name=rates_kept").lines if line.startswith("to confirm")]
    confirmed = seedbed(*shlex.split(confirming.partition("seedbed ")[2]))
    assert confirmed.code == 0, confirmed
    assert "test texts of csv were not used by it" in confirmed.err
