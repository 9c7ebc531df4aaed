"""A study that is not in the store, and one of which there are several runs."""

import json
import re

import pytest
from tests.refusals import refusal

from seedbed.comparison.record import refuse_changed_arms
from seedbed.errors import InputError
from seedbed.studies.confirming import texts_of
from seedbed.studies.names import no_study, runs_to_choose, study_names
from seedbed.studies.picking import pick
from seedbed.studies.report_sources import from_study
from seedbed.tracking.opening import open_store
from seedbed.tracking.settings import Tracking


@pytest.fixture(scope="module")
def tracking(tmp_path_factory):
    return Tracking(uri=f"sqlite:///{tmp_path_factory.mktemp('store') / 'mlflow.db'}")


@pytest.fixture(scope="module")
def store(tracking):
    store = open_store(tracking)
    for name, digest in (("tuned", "a"), ("tuned", "b"), ("rates", "c")):
        run_id = store.start_comparison(name, digest, {"seedbed.name": name})
        store.finish(run_id, "finished")
    return store


def silent(line):
    pass


def test_the_names_are_listed_and_the_nearest_is_offered(store):
    assert study_names(store) == ["rates", "tuned"]
    line = str(no_study(store, "tunee", "study"))
    assert line.startswith("study=tunee: no study of this name in sqlite:///")
    assert line.endswith("; did you mean study=tuned? (valid: rates, tuned)")


def test_every_command_that_takes_a_name_offers_it(store, tracking):
    said = r"tunee: no study of this name in .*; did you mean \w+=tuned\?"
    assert refusal(from_study, store, "tunee", silent, match=said).startswith("study=")
    assert refusal(pick, store, "tunee", silent, match=said).startswith("name=")
    assert refusal(texts_of, tracking, "tunee", silent, match=said).startswith("confirm=")


def test_runs_are_listed_with_their_ids_and_dates_newest_first(store):
    shown = runs_to_choose(store, "tuned").split(", ")
    assert len(shown) == 2
    found = [re.fullmatch(r"comparison=(\w{32}) \((\d{4}-\d\d-\d\d \d\d:\d\d)\)", one) for one in shown]
    assert all(found)
    assert {match[1] for match in found} == set(store.comparisons("tuned"))
    assert found[0][2] >= found[1][2]


def test_an_ambiguous_study_names_the_runs_to_choose_from(store, monkeypatch):
    cell = {"dataset": "csv", "arm": "a", "n_train": 5, "replicate": 0, "data_seed": 0, "init_seed": 0}
    records = iter([{"cells": [cell | {"cell": "x"}]}, {"cells": [cell | {"cell": "y"}]}])
    monkeypatch.setattr(store, "read_bytes", lambda *_: json.dumps(next(records)).encode())
    with pytest.raises(InputError) as refused:
        from_study(store, "tuned", silent)
    line = str(refused.value)
    assert "study=tuned: arm a, n_train 5, replicate 0 was trained with different settings under this name" in line
    assert all(f"comparison={run_id} (" in line for run_id in store.comparisons("tuned"))


def of_encoder(encoder, n_train):
    """The record of a comparison: one arm, at a size that no other comparison has."""
    cell = {"dataset": "csv", "arm": "a", "n_train": n_train, "replicate": 0, "data_seed": 0, "init_seed": 0}
    settings = {"embedding": "glove", "encoder": encoder, "encoder.class": encoder, "dataset.name": "csv",
                "training.epochs": "30", "embedding.path": f"{encoder}.vec", "embedding.handle": "here/1"}  # fmt: skip
    return {"cells": [cell | {"cell": f"{encoder} {n_train}"}], "settings": {"a": settings}}


def test_one_name_for_different_models_is_ambiguous_at_other_sizes_too(store, monkeypatch):
    records = iter([of_encoder("CNN", 20), of_encoder("Probe", 50)])
    monkeypatch.setattr(store, "read_bytes", lambda *_: json.dumps(next(records)).encode())
    with pytest.raises(InputError) as refused:
        from_study(store, "tuned", silent)
    line = str(refused.value)
    assert "arm a was trained with different settings under this name, such as encoder.class=CNN and" in line
    assert all(f"comparison={run_id} (" in line for run_id in store.comparisons("tuned"))


def test_what_only_one_version_recorded_paths_and_other_data_sets_do_not_make_a_model_different():
    old, new, other = of_encoder("CNN", 20), of_encoder("CNN", 50), of_encoder("Probe", 50)
    new["settings"]["a"] |= {
        "training.min_steps": "200",
        "embedding.path": "moved/CNN.vec",
        "embedding.handle": "moved/1",
        "sampling.test": "5",
    }
    other["settings"]["a"]["dataset.name"] = "another"
    refuse_changed_arms([old, new, other], "study=x")
    new["settings"]["a"]["embedding"] = "minilm"
    with pytest.raises(InputError, match="such as embedding=glove and embedding=minilm; give the arms"):
        refuse_changed_arms([old, new], "study=x")
