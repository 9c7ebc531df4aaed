import logging
import os
import threading
import time

import numpy as np
import pytest

from seedbed.data import hashes
from seedbed.embeddings import vector_cache
from seedbed.embeddings.vector_cache import PREFIX, with_table
from seedbed.errors import InputError

TEXT = "the 0.25 1\n, 3 4\nb 5 6\n"
LONG_AGO = 1_600_000_000


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("SEEDBED_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(hashes, "SETTLED_NS", -(10**18))
    vector_cache._warn_once.cache_clear()
    return tmp_path / "cache" / "vectors"


@pytest.fixture
def parses(monkeypatch):
    """Counts how often a file is parsed."""
    calls = []
    real = vector_cache.blocks

    def counted(path, *rest):
        calls.append(path)
        return real(path, *rest)

    monkeypatch.setattr(vector_cache, "blocks", counted)
    return calls


def write(folder, text=TEXT, name="v.txt"):
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")
    return folder / name


def rows(path, words=("the", "b"), strict=True):
    return with_table(path, 2, "auto", strict, lambda table: table.take(table.find(list(words)))).tolist()


def tables(cache):
    return list(cache.iterdir())


def test_a_file_is_parsed_once_and_then_read_from_the_cache(tmp_path, cache, parses):
    path = write(tmp_path)
    assert rows(path) == rows(path) == [[0.25, 1], [5, 6]]
    assert len(parses) == 1


def test_the_cache_gives_what_a_parse_gives_bit_for_bit(tmp_path, cache):
    rng = np.random.default_rng(0)
    words = [f"w{n}" for n in range(500)]
    values = rng.normal(size=(500, 2)) * 10.0 ** rng.integers(-40, 30, (500, 2))
    path = write(tmp_path, "".join(f"{w} {a!r} {b!r}\n" for w, (a, b) in zip(words, values.tolist(), strict=True)))

    def taken(table):
        return table.take(table.find(words)).tobytes()

    expected = values.astype(np.float32).tobytes()
    assert with_table(path, 2, "auto", True, taken) == expected
    assert with_table(path, 2, "auto", True, taken) == expected


def test_the_same_content_elsewhere_is_not_parsed_again(tmp_path, cache, parses):
    rows(write(tmp_path / "one"))
    rows(write(tmp_path / "two", name="other.vec"))
    assert len(parses) == 1


def test_changed_content_is_parsed_again(tmp_path, cache, parses):
    assert rows(write(tmp_path)) == [[0.25, 1], [5, 6]]
    assert rows(write(tmp_path, TEXT.replace("5 6", "7 8"))) == [[0.25, 1], [7, 8]]
    assert len(parses) == 2


def test_a_replaced_file_of_the_same_size_and_date_is_noticed(tmp_path, cache):
    path = write(tmp_path)
    os.utime(path, (LONG_AGO, LONG_AGO))
    rows(path)
    other = write(tmp_path, TEXT.replace("5 6", "7 8"), "other.txt")
    os.utime(other, (LONG_AGO, LONG_AGO))
    other.replace(path)
    assert rows(path) == [[0.25, 1], [7, 8]]


def test_a_strict_reader_refuses_what_a_lenient_one_cached(tmp_path, cache):
    path = write(tmp_path, TEXT + "short 1\n")
    with pytest.raises(InputError, match=r"v.txt:4: 1 numbers where 2 are needed") as parsed:
        rows(path)
    assert not tables(cache)
    assert rows(path, strict=False) == [[0.25, 1], [5, 6]]
    with pytest.raises(InputError) as cached:
        rows(path)
    assert str(cached.value) == str(parsed.value)


@pytest.mark.parametrize("name", ["about.json", "matrix.f32", "hashes.npy", "text.npy"])
def test_a_damaged_table_is_made_again(tmp_path, cache, parses, caplog, name):
    path = write(tmp_path)
    expected = rows(path)
    [folder] = tables(cache)
    data = (folder / name).read_bytes()
    (folder / name).write_bytes(data[:-1] + bytes([data[-1] ^ 0x40]))
    assert rows(path) == expected
    assert "are damaged and made again" in caplog.text
    assert rows(path) == expected
    assert len(parses) == 2
    assert tables(cache) == [folder]


def test_writers_at_the_same_time_leave_one_whole_table(tmp_path, cache, monkeypatch):
    path, together, real = write(tmp_path), threading.Barrier(3, timeout=20), vector_cache.store

    def all_at_once(*arguments):
        real(*arguments)
        together.wait()

    monkeypatch.setattr(vector_cache, "store", all_at_once)
    found = []
    threads = [threading.Thread(target=lambda: found.append(rows(path))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [[[0.25, 1], [5, 6]]] * 3
    assert len(tables(cache)) == 1
    assert rows(path) == found[0]


def test_an_interrupted_writer_leaves_nothing(tmp_path, cache, monkeypatch):
    path, real = write(tmp_path), vector_cache.store

    def interrupted(*arguments):
        real(*arguments)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(vector_cache, "store", interrupted)
        with pytest.raises(KeyboardInterrupt):
            rows(path)
    assert not tables(cache)


def test_what_killed_writers_left_is_ignored_and_removed_after_a_day(tmp_path, cache):
    for name, age in (("old", 2), ("new", 0.5)):
        (cache / f"{PREFIX}{name}" / "table").mkdir(parents=True)
        changed = time.time() - age * 86_400
        os.utime(cache / f"{PREFIX}{name}", (changed, changed))
    assert rows(write(tmp_path)) == [[0.25, 1], [5, 6]]
    assert (cache / f"{PREFIX}new").exists()
    assert not (cache / f"{PREFIX}old").exists()


def test_without_a_cache_it_works_and_says_so_once(tmp_path, cache, caplog, parses):
    path = write(tmp_path)
    cache.parent.write_text("a file where the folder should be")
    with caplog.at_level(logging.WARNING):
        assert rows(path) == rows(path) == [[0.25, 1], [5, 6]]
    assert len(parses) == 2
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "cannot be written" in caplog.text


def test_a_full_disk_costs_the_cache_and_not_the_result(tmp_path, cache, monkeypatch, caplog):
    def full(*arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(vector_cache, "store", full)
    assert rows(write(tmp_path)) == [[0.25, 1], [5, 6]]
    assert "No space left on device" in caplog.text
    assert not tables(cache)
