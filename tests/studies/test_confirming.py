"""Which texts a study used, from a store written by hand."""

import pytest

from seedbed.cells import Cell, Outcome
from seedbed.comparison.record import FILE
from seedbed.data.corpus import Corpus, Example
from seedbed.errors import InputError
from seedbed.studies.confirming import DRAWS, texts_of
from seedbed.tracking.opening import open_store
from seedbed.tracking.settings import Tracking

NOISE = "ignore:The ``noload`` loader strategy is deprecated:DeprecationWarning"
pytestmark = pytest.mark.filterwarnings(NOISE)


def cell(name, draw, data="d"):
    return Cell(arm="a", dataset="toy", embedding="e", encoder="n", task="t", n_train=5, replicate=0, data_seed=0,
                init_seed=0, draw=draw, cell=name, data=data)  # fmt: skip


def manifest(draw, test, data="d", train=("train/0",)):
    ids = {"train": list(train), "validation": ["validation/0"], "test": list(test)}
    return {"draws": [{"dataset": "toy", "data": data, "corpus": data, "digest": draw, **ids}]}


def corpus(data, n_test=6):
    splits = {"test": tuple(Example(f"test/{n}", ("w",), "x") for n in range(n_test))}
    return Corpus("toy", "classification", splits, ("x",), source=data)


@pytest.fixture
def store(tmp_path):
    return open_store(Tracking(f"sqlite:///{tmp_path / 'mlflow.db'}"))


def parent(store, name, cells, draws=None):
    run = store.start_comparison(name, cells[0].cell, {"seedbed.name": name}, [one.cell for one in cells])
    identities = [{key: getattr(one, key) for key in ("arm", "dataset", "draw", "cell", "data")} for one in cells]
    store.log_json(run, FILE, {"cells": identities})
    if draws:
        store.log_json(run, DRAWS, draws)
    return run


def used(store, name, data="d"):
    said = []
    texts = texts_of(store.tracking, name, said.append)
    return set(texts.left_out(corpus(data))), said


def test_runs_of_the_name_count_whether_finished_or_not_and_others_do_not(store):
    parent(store, "tuned", [cell("c0", "d0")], manifest("d0", ["test/0"]))
    parent(store, "tuned", [cell("c1", "d1")], manifest("d1", ["test/1"], train=["train/0", "test/2"]))
    single = store.write_group([cell("c2", "d2")], [Outcome("finished")], None, {"seedbed.name": "tuned"})[0]
    store.log_json(single, DRAWS, manifest("d2", ["test/3"]))
    parent(store, "other", [cell("c3", "d3")], manifest("d3", ["test/4"]))
    texts, said = used(store, "tuned")
    assert texts == {"train/0", "validation/0", "test/0", "test/1", "test/2", "test/3"}
    assert said == ["confirm=tuned: 2 of 6 test texts of toy were not used by it, and are left"]


def test_two_data_sets_with_equal_ids_are_both_read(store):
    parent(store, "tuned", [cell("c0", "d0")], manifest("d0", ["test/0"]))
    parent(store, "tuned", [cell("c1", "d0", "other")], manifest("d0", ["test/0"], "other"))
    assert used(store, "tuned", "other")[0] == used(store, "tuned")[0]


def test_a_finished_cell_whose_texts_are_not_recorded_stops_it_and_an_unfinished_one_does_not(store):
    parent(store, "tuned", [cell("c0", "d0")], manifest("d0", ["test/0"]))
    before = parent(store, "tuned", [cell("c1", "d1")])
    store.write_group([cell("c1", "d1")], [Outcome("interrupted")], before, {"seedbed.name": "tuned"})
    assert used(store, "tuned")[0] == {"train/0", "validation/0", "test/0"}
    store.write_group([cell("c1", "d1")], [Outcome("finished")], before, {"seedbed.name": "tuned"})
    with pytest.raises(InputError, match=r"the texts of a run of tuned are not recorded .*: run its command again"):
        used(store, "tuned")


def test_where_all_test_texts_were_used_nothing_is_drawn(store):
    parent(store, "tuned", [cell("c0", "d0")], manifest("d0", [f"test/{n}" for n in range(6)]))
    with pytest.raises(InputError, match=r"confirm=tuned: all 6 test texts of toy were used by it.*sampling\.test=3"):
        used(store, "tuned")
    undivided = Corpus("toy", "classification", {"train": (Example("train/0", ("w",), "x"),)}, ("x",), source="d")
    with pytest.raises(
        InputError, match=r"all 1 test texts .* none is left: run it again, .* dataset\.held_out\.test=0\.3"
    ):
        texts_of(store.tracking, "tuned", [].append).left_out(undivided)
    with pytest.raises(InputError, match=r"has no draw of these data \(toy\), only of toy"):
        used(store, "tuned", "unknown")


@pytest.mark.parametrize(("record", "again"), [
    ({"job": {"swept": ["training.epochs=1"], "shared": [], "config_dir": None}}, "sweep again"),
    ({"context": {"Settings": {"tune": {"method": "random"}}}}, "search again"),
    ({"context": {"Settings": {"tune": {"method": "none"}}}}, "run it again"), ({}, "run it again"),
])  # fmt: skip
def test_what_to_do_again_is_what_the_study_was(store, record, again):
    run = parent(store, "tuned", [cell("c0", "d0")], manifest("d0", [f"test/{n}" for n in range(6)]))
    store.log_json(run, FILE, store.read_json(run, FILE) | record)
    for texts in (
        corpus("d"),
        Corpus("toy", "classification", {"train": (Example("test/0", ("w",), "x"),)}, ("x",), {}, "d"),
    ):
        with pytest.raises(InputError, match=rf"none is left: {again}, under another name, with"):
            texts_of(store.tracking, "tuned", [].append).left_out(texts)
