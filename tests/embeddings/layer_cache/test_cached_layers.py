import logging
import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from seedbed.embeddings.layer_cache.cached_layers import cached_layers
from seedbed.embeddings.layer_cache.maintenance import clear, stats, verify
from seedbed.errors import InputError

WORDS = st.sampled_from(["a", "b", "a b", "", "é", "🙂", "שלום"])


def same(layers, model, sentences):
    for n, tokens in enumerate(sentences):
        assert np.array_equal(layers.rows(n), model.rows(tokens).astype(np.float16))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(lists=st.lists(st.lists(st.lists(WORDS, max_size=5).map(tuple), min_size=1, max_size=8), min_size=1, max_size=4))
def test_rows_are_those_of_the_model_whatever_was_asked_before(home, hashed, new_process, lists):
    model = hashed.Hashed()
    for sentences in lists:
        own = hashed.Settings()
        layers = cached_layers(sentences, own)
        same(layers, model, sentences)
        different = {tokens for tokens in sentences if tokens}
        assert layers.filled.sentences == len(different)
        assert layers.filled.computed == len(own.calls) == len(set(own.calls))
        assert layers.filled.hits + layers.filled.computed == layers.filled.sentences
        layers.close()


def test_what_was_computed_once_opens_no_model(home, hashed, new_process):
    sentences = hashed.sentences(30)
    first = cached_layers(sentences, hashed.Settings())
    assert (first.filled.hits, first.filled.computed) == (0, 30)
    assert first.filled.tokens == first.filled.tokens_computed == sum(map(len, sentences))
    new_process()
    own = hashed.Settings()
    again = cached_layers(sentences, own)
    same(again, hashed.Hashed(), sentences)
    assert (again.filled.hits, again.filled.computed, own.opened) == (30, 0, 0)
    assert again.layout == hashed.Hashed().layout
    assert not again.overflow.offsets


def test_only_what_is_missing_is_computed_and_progress_is_told(home, hashed):
    sentences = hashed.sentences(12)
    cached_layers(sentences[:8], hashed.Settings())
    told, own = [], hashed.Settings()
    cached_layers(sentences, own, told.append)
    assert sorted(own.calls) == sorted(sentences[8:])
    tokens = sum(map(len, sentences[8:]))
    assert (told[0].sentences, told[0].cached, told[0].tokens, told[0].done) == (12, 8, tokens, 0)
    assert told[-1].done == tokens
    assert [one.done for one in told] == sorted(one.done for one in told)


def test_models_do_not_see_each_others_vectors(home, hashed):
    sentences = hashed.sentences(4)
    cached_layers(sentences, hashed.Settings())
    own = hashed.Settings(digests="cd" * 32, scale=2.0)
    same(cached_layers(sentences, own), hashed.Hashed(scale=2.0), sentences)
    assert own.opened == 1


def test_rows_that_float16_cannot_hold_are_refused_and_not_stored(home, hashed):
    own = hashed.Settings(scale=1e6)
    with pytest.raises(InputError, match="float16"):
        cached_layers(hashed.sentences(3), own)
    assert stats().models == []


def test_without_a_cache_rows_come_from_a_temporary_file(home, hashed):
    sentences, own = hashed.sentences(9), hashed.Settings(cache=False)
    layers = cached_layers(sentences, own)
    same(layers, hashed.Hashed(), sentences)
    assert layers.filled.not_stored == 9
    assert not home.exists()
    layers.close()
    again = cached_layers(sentences[:5], own)
    same(again, hashed.Hashed(), sentences[:5])
    assert (again.filled.hits, own.opened) == (5, 1), "the next arm computes nothing again"


def test_a_full_cache_costs_the_cache_and_not_the_vectors(home, hashed, caplog, new_process):
    sentences = hashed.sentences(300)
    for _ in range(2):
        new_process()
        layers = cached_layers(sentences, hashed.Settings(cache_gb=100e-6))
        same(layers, hashed.Hashed(), sentences)
        assert 0 < layers.filled.not_stored < 300
        layers.close()
        assert 0 < stats().models[0].sentences < 300
        assert verify().damaged == 0
    assert layers.filled.hits == stats().models[0].sentences
    warnings = [record.message for record in caplog.records if record.levelno >= logging.WARNING]
    assert len(warnings) == 1
    assert "is full, at its limit of" in warnings[0]
    layers = cached_layers(sentences, hashed.Settings())
    assert layers.filled.not_stored == 0


def test_a_smaller_limit_than_what_is_there_is_no_harm(home, hashed, new_process):
    sentences = hashed.sentences(300)
    cached_layers(sentences, hashed.Settings())
    for fresh in (True, False):
        if fresh:
            new_process()
        own = hashed.Settings(cache_gb=1e-6)
        same(cached_layers(sentences, own), hashed.Hashed(), sentences)
        assert own.opened == 0


def test_a_cache_that_cannot_be_made_is_said_once(home, hashed, caplog):
    home.parent.parent.mkdir(exist_ok=True)
    home.parent.write_text("a file where the folder should be")
    sentences = hashed.sentences(5)
    for not_stored in (5, 0):
        layers = cached_layers(sentences, hashed.Settings())
        same(layers, hashed.Hashed(), sentences)
        assert layers.filled.not_stored == not_stored
        layers.close()
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "cannot be used" in caplog.text


@pytest.mark.parametrize("kind", ["ReadonlyError", "DiskError", "Error", "OSError"])
def test_a_cache_that_cannot_be_written_is_said_once(home, hashed, caplog, kind):
    import lmdb

    error = OSError(28, "No space left") if kind == "OSError" else getattr(lmdb, kind)("mdb_put: No space left")
    sentences = hashed.sentences(5)
    layers = cached_layers(sentences[:2], hashed.Settings())
    layers.store.environment = Unwritable(layers.store.environment, error)
    for found in (2, 5):
        layers = cached_layers(sentences, hashed.Settings())
        same(layers, hashed.Hashed(), sentences)
        assert (layers.filled.hits, layers.filled.not_stored) == (found, 5 - found)
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "cannot be written: No space left" in caplog.text


class Unwritable:
    """An environment whose disk is full."""

    def __init__(self, real, error):
        self.real, self.error = real, error

    def __getattr__(self, name):
        return getattr(self.real, name)

    def begin(self, write=False, **options):
        if write:
            raise self.error
        return self.real.begin(write=False, **options)


@pytest.mark.skipif(not hasattr(os, "posix_fallocate"), reason="this system reserves no room in files")
def test_the_file_of_locks_has_its_room_on_disk(home, hashed):
    """LMDB writes to it through a map: a hole in it on a full disk would end the process."""
    cached_layers(hashed.sentences(2), hashed.Settings())
    found = (home / "store" / "lock.mdb").stat()
    assert found.st_blocks * 512 >= found.st_size > 0


def test_what_is_cleared_while_it_is_in_use_is_computed_again(home, hashed, caplog):
    sentences, own = hashed.sentences(6), hashed.Settings()
    layers = cached_layers(sentences, own)
    layers.store.remove(layers.keys[1:4])
    same(layers, hashed.Hashed(), sentences)
    assert len(own.calls) == 9
    assert own.opened == 2
    assert "3 sentences have gone" in caplog.text
    layers.close()


def test_the_cache_may_be_cleared_while_it_is_in_use(home, hashed):
    sentences, own = hashed.sentences(6), hashed.Settings()
    layers = cached_layers(sentences, own)
    clear()
    same(layers, hashed.Hashed(), sentences)
    assert stats().models == []
    assert cached_layers(sentences, hashed.Settings()).filled.computed == 6


@pytest.mark.skipif(not os.path.exists("/proc/self/smaps"), reason="needs the memory map of a process")
def test_what_was_read_does_not_stay_in_memory(home, hashed, new_process, monkeypatch):
    import psutil

    from seedbed.embeddings.layer_cache import store

    sentences = [(f"w{n}",) * 400 for n in range(100)]
    settings = hashed.Settings(widths=(400, 800))
    layers = cached_layers(sentences, settings)  # 96 MB
    (file,) = [Path(row.path) for row in psutil.Process().memory_maps() if row.path.endswith("data.mdb")]

    def resident():
        return sum(row.rss for row in psutil.Process().memory_maps() if row.path == str(file))

    monkeypatch.setattr(store, "MOST_MAPPED", 8 << 20)
    model = hashed.Hashed((400, 800))
    same(layers, model, sentences)
    assert resident() < 20 << 20
    monkeypatch.setattr(store, "MOST_MAPPED", 1 << 40)
    same(layers, model, sentences)
    assert resident() > 80 << 20
