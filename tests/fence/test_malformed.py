"""The table of malformed inputs: each is a result or one line, in time and memory."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.fence.malformed import IN_MEMORY, PIPED, Kind, kinds
from tests.fence.outcome import read

ROOT = Path(__file__).parents[2]
KINDS = kinds()
LIGHT = [kind for kind in KINDS if not kind.heavy]
MEMORY_MB, SECONDS = 2048, 20


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("SEEDBED_CACHE", str(tmp_path / "cache"))


def test_there_are_many_kinds_each_with_a_name_of_its_own():
    assert len(KINDS) >= 150
    assert len(set(map(str, KINDS))) == len(KINDS)
    assert not set(PIPED) & IN_MEMORY


@pytest.mark.parametrize("reader", dict.fromkeys(kind.reader.name for kind in LIGHT))
def test_each_is_a_result_or_one_line(reader, tmp_path):
    results = {}
    for number, kind in enumerate(kind for kind in LIGHT if kind.reader.name == reader):
        kind.make(kind.reader.write(tmp_path / str(number)))
        try:
            results[kind.name] = read(kind.reader, tmp_path / str(number))
        except BaseException as error:
            raise AssertionError(f"{kind}: {type(error).__name__}: {error}") from error
    refused = [name for name, result in results.items() if result != "result"]
    assert "empty" in refused or reader in (
        "index of shards",
        "pooling",
        "modules.json",
        "raw text",
        "predictions",
        "YAML",
        "word counts",
        "brat",
    )


def test_what_has_no_end_is_named_before_it_is_opened(tmp_path):
    said = {
        "a pipe": "it is a pipe", "a folder": "a folder", "a link to itself": "Too many levels of symbolic links",
        "a device": "it is a device", "a socket": "it is a socket", "a sparse file of 30 GB": "SEEDBED_MAX_FILE_GB=20",
    }  # fmt: skip
    readers = ("fastText model", "safetensors", "vectors by id, npz", "table of results", "checkpoint", "ELMo weights")
    for number, kind in enumerate(kind for kind in LIGHT if kind.name in said and kind.reader.name in readers):
        kind.make(kind.reader.write(tmp_path / str(number)))
        assert said[kind.name] in read(kind.reader, tmp_path / str(number)), str(kind)


@pytest.mark.slow
def test_what_could_fill_a_memory_ends_in_time_and_in_little_memory():
    done = subprocess.run(
        [sys.executable, "-m", "tests.fence.table", "--heavy"], cwd=ROOT, capture_output=True, text=True, check=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(["src", "."])},
    )  # fmt: skip
    rows = json.loads(done.stdout)
    assert len(rows) >= 30
    assert {row["kind"]: row["seconds"] for row in rows if row["seconds"] > SECONDS} == {}
    assert {row["kind"]: row["memory_mb"] for row in rows if row["memory_mb"] > MEMORY_MB} == {}
    assert {row["kind"] for row in rows if not row["refused"]} <= MAY_BE_READ


MAY_BE_READ = {"CoNLL: 4 million columns", "doccano: 40,000 overlapping spans"}


def described(kind: Kind) -> str:
    return f"| {kind.reader.name} | {kind.name} |"


def test_the_page_of_the_documentation_has_every_kind():
    page = (ROOT / "docs" / "development" / "malformed.md").read_text(encoding="utf-8")
    assert [str(kind) for kind in KINDS if described(kind) not in page] == []
