import mmap

import pytest

from seedbed.embeddings.layer_cache import entries, store
from seedbed.embeddings.layer_cache.cached_layers import cached_layers
from seedbed.embeddings.layer_cache.maintenance import clear, stats, verify
from seedbed.errors import InputError

OTHER = "cd" * 32


@pytest.fixture
def two(home, hashed):
    """A cache of 20 sentences of one model and 10 of another."""
    cached_layers(hashed.sentences(20), hashed.Settings())
    cached_layers(hashed.sentences(10), hashed.Settings(digests=OTHER, name="other"))


def held(models):
    return {one.name: (one.sentences, one.tokens) for one in models}


def tokens(hashed, number):
    return sum(map(len, hashed.sentences(number)))


def test_stats_tell_of_each_model(two, home, hashed):
    found = stats()
    assert held(found.models) == {"hashed": (20, tokens(hashed, 20)), "other": (10, tokens(hashed, 10))}
    assert found.folder == home
    assert 1e9 <= found.limit < 1e9 + mmap.PAGESIZE
    assert found.bytes == (home / "store" / "data.mdb").stat().st_size


def test_nothing_is_made_where_there_is_no_cache(home):
    assert stats().models == []
    assert verify().sentences == 0
    assert clear() == []
    assert not home.exists()


@pytest.mark.parametrize("name", ["other", OTHER[:6]])
def test_one_model_is_cleared_and_its_room_given_back(two, home, hashed, new_process, name):
    before = stats().bytes
    assert held(clear(name)) == {"other": (10, tokens(hashed, 10))}
    for _ in range(2):
        assert held(stats().models) == {"hashed": (20, tokens(hashed, 20))}
        assert stats().bytes < before
        new_process()
    assert verify().damaged == 0
    assert cached_layers(hashed.sentences(20), hashed.Settings()).filled.hits == 20
    assert cached_layers(hashed.sentences(10), hashed.Settings(digests=OTHER)).filled.hits == 0
    assert {path.name for path in home.iterdir() if path.is_dir()} == {"store"}


def test_all_is_cleared(two, home):
    assert len(clear()) == 2
    assert not (home / "store").exists()
    assert stats().models == []


def test_an_unknown_model_is_refused(two):
    with pytest.raises(InputError, match="model=nope: the cache has no vectors of it; it has hashed, other"):
        clear("nope")
    for held_model in stats().models:
        with pytest.raises(InputError, match="the cache has no vectors of it"):
            clear(held_model.digest[:3])
    assert len(stats().models) == 2


def test_a_full_cache_can_be_cleared_of_one_model_and_of_damage(two, home, hashed, new_process):
    full = hashed.Settings(digests="ef" * 32, name="full", cache_gb=stats().bytes / 1e9 + 100e3 / 1e9)
    assert cached_layers(hashed.sentences(900), full).filled.not_stored
    new_process()
    limit = stats().limit
    assert held(clear("other")) == {"other": (10, tokens(hashed, 10))}
    new_process()
    assert set(held(stats().models)) == {"hashed", "full"}
    assert stats().limit == pytest.approx(limit, rel=0.01)
    assert verify().damaged == 0
    store.open_store(0).remove([entries.sentence_key(full.digest(), hashed.sentences(40)[39])])


@pytest.mark.parametrize("number", [20, 900])
def test_taking_damage_out_leaves_the_limit_as_it_was(home, hashed, new_process, number):
    settings = hashed.Settings(cache_gb=5e-4)
    cached_layers(hashed.sentences(number), settings)
    new_process()
    limit = stats().limit
    opened = store.open_store(0)
    with opened.transaction() as reading:
        keys = [bytes(key) for key, _ in reading.cursor() if len(key) > entries.MODEL_BYTES]
    file = opened.file
    with opened.transaction() as reading:
        entry = bytes(reading.get(keys[3]))
    new_process()
    file.write_bytes(file.read_bytes().replace(entry, entry[:-1] + bytes([entry[-1] ^ 1])))
    found = verify()
    assert (found.sentences, found.damaged, found.set_aside) == (len(keys), 1, 0)
    new_process()
    assert stats().limit == pytest.approx(limit, rel=0.02)
    assert verify().damaged == 0


def test_a_damaged_record_of_a_model_is_no_damaged_sentence(two, home, new_process):
    opened = store.open_store(0)
    with opened.transaction(write=True) as writing:
        writing.put(entries.model_key(OTHER), b"nothing")
    found = verify()
    assert (found.sentences, found.damaged, found.models) == (30, 0, 1)


def test_that_a_store_was_found_damaged_is_said_once(two, home, new_process):
    new_process()
    file = home / "store" / "data.mdb"
    file.write_bytes(file.read_bytes()[:10_000])
    found = stats()
    assert found.was_damaged
    assert len(found.set_aside) == 1
    assert not stats().was_damaged


def test_a_cache_that_is_no_folder_is_refused(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("SEEDBED_CACHE", str(tmp_path / "file"))
    for action in (stats, verify, clear):
        with pytest.raises(InputError, match=r"the vector cache cannot be used: .*file is not a folder"):
            action()
