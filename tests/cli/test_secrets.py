"""No password of a store's address is in anything that a command prints, writes or stores."""

import importlib.util
import os
import tempfile
from pathlib import Path
from urllib.parse import quote

import pytest

from seedbed.tracking import opening

_spec = importlib.util.spec_from_file_location("postgres", Path(__file__).parents[1] / "postgres.py")
postgres = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(postgres)

SECRET = "Zq7"
HARD = quote("Zq7/p@ss?w=1", safe="")
FORMS = [
    f"postgresql://me:{HARD}@127.0.0.1:9/x", "postgresql://me:Zq7/w@rd@127.0.0.1:9/x", "http://me:Zq7@127.0.0.1:9",
    "http://Zq7token@127.0.0.1:9", "postgresql://me@127.0.0.1:9/x?password=Zq7", "http://127.0.0.1:9/?token=Zq7",
    "mongo://me:Zq7@127.0.0.1:9/x", "postgresql:me:Zq7@127.0.0.1:9", "me:Zq7@127.0.0.1:9/x", "http://me:Zq7/x",
    "mysql+pymysql://me:Zq7#x@127.0.0.1:9/x", "mssql+pyodbc:///?odbc_connect=PWD%3DZq7", "http://me:Zq7@127.0.0.1:9/{x",
]  # fmt: skip


@pytest.fixture(scope="module")
def database():
    if postgres.REASON:
        pytest.skip(postgres.REASON)
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        with postgres.cluster(Path(folder, "cluster")) as cluster:
            yield cluster


def leaks(folder, *said):
    """The texts and files that have the secret."""
    files = [path for path in folder.rglob("*") if path.is_file() and SECRET.encode() in path.read_bytes()]
    return [text for one in said for text in (one.out, one.err) if SECRET in text] + files


def stored(cluster):
    """Every text of the database."""
    import psycopg

    texts = []
    with psycopg.connect(cluster.address.replace("+psycopg", "")) as connection:
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        for (table,) in tables:
            texts += [str(row) for row in connection.execute(f'SELECT * FROM "{table}"').fetchall()]
    return texts


@pytest.mark.slow
@pytest.mark.parametrize("uri", FORMS)
def test_a_store_that_is_refused_is_said_without_its_password(seedbed, own_csv, tmp_path, uri, monkeypatch):
    monkeypatch.setattr(opening, "OPENING_PATIENCE", 0.0)
    monkeypatch.setenv("SEEDBED_TRACKING_URI", "")  # restored at the end
    store, words = f"tracking.uri={uri}", [*own_csv, "sizes=[10]"]
    quoted = f'tracking.uri="{uri}"'  # without quotes Hydra reads no = and {
    said = {
        "compare, unquoted": seedbed("compare", *words, store),
        "show": seedbed("show", quoted),
        "compare": seedbed("compare", *words, quoted),
        "run -m": seedbed("run", "-m", *words, "seed=1,2", quoted),
        "report": seedbed("report", store),
        "status": seedbed("status", store),
        "sweep pick": seedbed("sweep", "pick", "name=swept", store),
    }
    assert {one.code for name, one in said.items() if name != "show"} <= {2, 75}
    assert all("Traceback" not in one.out + one.err for one in said.values())
    assert leaks(tmp_path, *said.values()) == []


@pytest.mark.slow
def test_nothing_that_is_written_has_the_password(seedbed, own_csv, tmp_path, database, monkeypatch):
    monkeypatch.setenv("SEEDBED_TRACKING_URI", "")  # restored at the end
    store = [f"tracking.uri={database.address}", f"tracking.artifacts={tmp_path}/files"]
    words = [*own_csv, "sizes=[10]", *store]
    said = [
        seedbed("compare", *words, "arms={a: [encoder.filters=4], b: [encoder.filters=5]}", "name=two"),
        seedbed("report", "study=two", *store),
        seedbed("show", *words),
        seedbed("doctor", *store),
        seedbed("run", "-m", *words, "name=swept", "training.learning_rate=0.01,0.02", "hydra.output_subdir=.hydra"),
        seedbed("sweep", "pick", "name=swept", *store),
    ]
    assert [one.code for one in said] == [0] * len(said), said
    written = {path.name for path in tmp_path.rglob("*") if path.is_file()}
    assert {"index.html", "report.md", "study.json", "config.json", "multirun.yaml", "results.csv"} <= written
    assert leaks(tmp_path, *said) == []
    texts = stored(database)
    assert any("seedbed.swept" in text for text in texts)
    assert [text for text in texts if SECRET in text] == []


def test_the_jobs_of_a_sweep_have_an_address_of_a_file_from_the_environment(tmp_path, monkeypatch):
    from seedbed.config.hidden_settings import hidden

    monkeypatch.setenv("SEEDBED_TRACKING_URI", "")
    address = "postgresql://me:Zq7@db/x"
    words = hidden(["seed=1,2", f"tracking.uri={address}"], {"uri": address, "artifacts": "/data/files"})
    assert words == ["seed=1,2", "tracking.uri=${oc.env:SEEDBED_TRACKING_URI}"]
    assert os.environ["SEEDBED_TRACKING_URI"] == address
    assert hidden(["seed=1"], {"uri": address}) == ["seed=1", "tracking.uri=${oc.env:SEEDBED_TRACKING_URI}"]
    assert hidden(["tracking.uri=http://h"], {"uri": "http://h"}) == ["tracking.uri=http://h"]
