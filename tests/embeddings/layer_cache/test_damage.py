"""Damage of any kind costs time, and never gives a wrong vector."""

import random

import numpy as np
import pytest

from seedbed.embeddings.layer_cache import store
from seedbed.embeddings.layer_cache.cached_layers import cached_layers
from seedbed.embeddings.layer_cache.environment import DamagedError
from seedbed.embeddings.layer_cache.maintenance import clear, stats, verify

NUMBER = 60


@pytest.fixture
def filled(home, hashed, new_process):
    """A cache of some sentences, closed; its file."""
    cached_layers(hashed.sentences(NUMBER), hashed.Settings(widths=(20, 40)))
    new_process()
    return home / "store" / "data.mdb"


def right(hashed):
    """Fill again, look at every vector; what it took."""
    sentences, own, model = hashed.sentences(NUMBER), hashed.Settings(widths=(20, 40)), hashed.Hashed((20, 40))
    layers = cached_layers(sentences, own)
    for n, tokens in enumerate(sentences):
        assert np.array_equal(layers.rows(n), model.rows(tokens).astype(np.float16))
    layers.close()
    return layers.filled


def cut(file, size):
    with file.open("r+b") as stream:
        stream.truncate(size)


def flip(file, start, new=None):
    """Another byte at this place, or other bytes from there on."""
    data = bytearray(file.read_bytes())
    data[start : start + len(new or b"1")] = new or bytes([data[start] ^ 0xFF])
    file.write_bytes(data)


def flip_all(file, content, offset):
    """Another byte at this place of the content, wherever it is: old pages hold copies."""
    data = file.read_bytes()
    place = data.find(content)
    while place >= 0:
        flip(file, place + offset)
        place = data.find(content, place + 1)


@pytest.mark.parametrize("part", [0.001, 0.02, 0.03, 0.2, 0.5, 0.9, 0.99])
def test_a_file_that_was_cut_is_set_aside(filled, hashed, home, caplog, part):
    cut(filled, int(part * filled.stat().st_size))
    took = right(hashed)
    assert (took.computed, took.set_aside, took.counts["stores_set_aside"]) == (NUMBER, 1, 1)
    assert len(list(home.glob("damaged-*"))) == 1
    assert len(caplog.records) == 1
    assert "set aside" in caplog.text
    assert right(hashed).hits == NUMBER
    assert verify().sentences == NUMBER
    assert len(stats().set_aside) == 1
    clear()
    assert stats().set_aside == []


def test_a_file_that_is_cut_while_it_is_open_is_set_aside(filled, hashed, home):
    assert right(hashed).hits == NUMBER
    cut(filled, filled.stat().st_size // 2)
    assert right(hashed).set_aside == 1


def test_free_pages_that_the_file_lacks_are_no_damage(filled, hashed, home, new_process):
    before = filled.stat().st_size
    layers = cached_layers([("one",) * 3000], hashed.Settings(widths=(20, 40)))
    layers.store.remove(layers.keys)
    assert stats().models[0].sentences == NUMBER
    new_process()
    cut(filled, before + 64 * 1024)
    assert right(hashed).hits == NUMBER
    assert not list(home.glob("damaged-*"))


@pytest.mark.parametrize(
    "content", [b"", b"x", b"not a store\n" * 2000, bytes(50_000), random.Random(1).randbytes(50_000)]
)
def test_a_file_that_is_none_is_set_aside(filled, hashed, content):
    filled.write_bytes(content)
    took = right(hashed)
    assert (took.computed, took.set_aside) == (NUMBER, int(bool(content)))
    assert right(hashed).hits == NUMBER


def test_a_damaged_entry_is_computed_again(filled, hashed, new_process):
    sentences = hashed.sentences(NUMBER)
    rows = [hashed.Hashed((20, 40)).rows(tokens).astype(np.float16).tobytes() for tokens in sentences]
    for n in (3, 30):
        flip_all(filled, rows[n], len(rows[n]) // 2)
    took = right(hashed)
    assert (took.computed, took.damaged, took.hits) == (2, 2, NUMBER - 2)
    assert took.counts["damaged"] == 2
    new_process()
    assert right(hashed).hits == NUMBER


def test_verify_finds_and_removes_what_is_damaged(filled, hashed, new_process):
    rows = hashed.Hashed((20, 40)).rows(hashed.sentences(9)[8]).astype(np.float16).tobytes()
    flip_all(filled, rows, 5)
    told = []
    found = verify(lambda done, of: told.append((done, of)))
    assert (found.sentences, found.damaged, found.set_aside) == (NUMBER, 1, 0)
    assert told[-1] == (NUMBER + 1, NUMBER + 1)
    assert verify().damaged == 0
    assert right(hashed).computed == 1


def test_a_damaged_record_costs_the_model(filled, hashed, new_process):
    flip_all(filled, b'{"name"', 3)
    took = right(hashed)
    assert took.computed == NUMBER
    new_process()
    assert right(hashed).hits == NUMBER


def test_damaged_pages_never_give_a_wrong_vector(filled, hashed, home, new_process):
    """Whole pages of the file in turn: those that LMDB finds its way by, and those that hold vectors."""
    before = filled.read_bytes()
    pages = random.Random(2).sample(range(2, len(before) // 4096), 12)
    for page in pages:
        for noise in (bytes(4096), random.Random(page).randbytes(4096)):
            new_process()
            filled.write_bytes(before)
            flip(filled, page * 4096, noise)
            right(hashed)
            new_process()
            assert right(hashed).hits == NUMBER


def test_a_damaged_store_that_cannot_be_set_aside_is_given_up(home, hashed, monkeypatch, caplog):
    opened = store.open_store(1 << 24)

    def damaged(**_):
        raise DamagedError("a bad page")

    def refuse(*_):
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(opened, "transaction", damaged)
    monkeypatch.setattr(store, "set_aside", refuse)
    assert opened.add(hashed.DIGEST, {}, [(b"key", np.zeros((1, 2), np.float16))]) == 0
    assert opened.why == "is damaged, and cannot be set aside: Read-only file system"
