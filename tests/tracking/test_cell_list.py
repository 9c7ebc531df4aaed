import json

import pytest

from seedbed.errors import InputError
from seedbed.tracking.cell_list import FILE, joined, parsed
from seedbed.tracking.opening import open_store

DAMAGED = [b"", b'["a", ', b'{"a": 1}', b"[1]", b'[["a"]]', b"\xff", b"[" * 100_000]


def test_a_list_has_each_cell_once_in_order():
    assert parsed(None, "1") == []
    assert parsed(b'["b", "a"]', "1") == ["b", "a"]
    assert joined(b'["b", "a"]', "1", ["c", "a"]) == ["b", "a", "c"]
    assert joined(None, "1", ["c"]) == ["c"]


@pytest.mark.parametrize("content", DAMAGED, ids=lambda content: repr(content[:9]))
def test_a_damaged_list_is_said_to_be_written_anew_and_is(content):
    with pytest.raises(InputError, match=r"^cells.json of run 1: .*; the same `seedbed compare` again writes it anew"):
        parsed(content, "1")
    assert joined(content, "1", ["c", "a"]) == ["c", "a"]


def test_a_comparison_with_a_damaged_list_starts_again(tracking, tmp_path):
    store = open_store(tracking)
    parent = store.start_comparison("name", "digest", {}, ["c0", "c1"])
    [file] = tmp_path.rglob(FILE)
    assert json.loads(file.read_bytes()) == ["c0", "c1"]
    file.write_bytes(b'["c0", ')
    with pytest.raises(InputError, match=f"{FILE} of run {parent}: not JSON"):
        store.comparison_cells(parent)
    assert open_store(tracking).start_comparison("name", "digest", {}, ["c0", "c1"]) == parent
    assert store.comparison_cells(parent) == ["c0", "c1"]
