"""Feature tables: rows of all tokens, in memory or in a file."""

import os

import numpy as np
import pytest
from keras import ops

from seedbed.embeddings.feature_table import (
    MemoryTable,
    TableShape,
    default_budget,
    file_table,
    make_table,
    row_numbers,
)
from seedbed.embeddings.layer_cache.overflow import RowFile
from seedbed.errors import InputError

LENGTHS = (3, 0, 2, 1)
SHAPE = TableShape(LENGTHS, 5)
ROWS = [np.random.default_rng(n).normal(size=(length, 5)).astype(np.float32) for n, length in enumerate(LENGTHS)]


def read(n):
    return ROWS[n]


def test_row_zero_is_of_padding_and_each_example_has_its_rows_in_order():
    table = ops.convert_to_numpy(MemoryTable(SHAPE, read).tensor)
    np.testing.assert_array_equal(table, np.concatenate([np.zeros((1, 5), np.float32), *ROWS]))
    assert SHAPE.rows == 7
    assert SHAPE.gigabytes == pytest.approx(7 * 5 * 4e-9)


def test_a_file_has_the_same_rows(tmp_path):
    table = file_table(SHAPE, read, tmp_path)
    for n in (2, 0, 3, 1, 0):
        np.testing.assert_array_equal(table.rows(n), ROWS[n])
    assert not list(tmp_path.iterdir()) or os.name == "nt"


def test_a_file_that_was_cut_is_an_error_and_never_a_wrong_vector(tmp_path):
    table = file_table(SHAPE, read, tmp_path)
    os.ftruncate(table.file.fileno(), 4 * 5 * 4)
    np.testing.assert_array_equal(table.rows(0), ROWS[0])
    with pytest.raises(InputError, match="are gone"):
        table.rows(2)


def test_row_numbers_place_tokens_by_step_and_column():
    ids = row_numbers(SHAPE.first, SHAPE.lengths, [[2, 0], [3]], (4, 2))
    assert ids.dtype == np.int32
    np.testing.assert_array_equal(ids[0], [[4, 1], [5, 2], [0, 3], [0, 0]])
    np.testing.assert_array_equal(ids[1], [[6, 0], [0, 0], [0, 0], [0, 0]])


def test_the_budget_decides_and_by_default_a_part_of_what_is_free_is_used(tmp_path):
    notes = []
    assert isinstance(make_table(SHAPE, read, SHAPE.gigabytes, tmp_path, notes.append), MemoryTable)
    assert isinstance(make_table(SHAPE, read, SHAPE.gigabytes * 0.99, tmp_path, notes.append), RowFile)
    assert len(notes) == 2
    assert 0 < default_budget() <= default_budget(used=1.0) <= 16


def test_a_folder_that_cannot_be_written_is_a_warning(tmp_path, caplog):
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    assert make_table(SHAPE, read, 1e-12, blocked / "tables", lambda note: None) is None
    assert "no room for a feature table" in caplog.text
