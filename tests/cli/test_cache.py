"""``seedbed cache``."""

import numpy as np
import pytest

from seedbed.embeddings.layer_cache import entries, store

ONE, OTHER = "ab" * 32, "cd" * 32


@pytest.fixture
def cached(seedbed, tmp_path):
    """A cache of three sentences of one model and one of another; the file."""
    opened = store.open_store(10**9)
    for name, digest, number in (("one/model", ONE, 3), ("other[bold]", OTHER, 1)):
        keys = [entries.sentence_key(digest, [str(n)]) for n in range(number)]
        rows = [(key, np.full((50, 60), n + 0.5, np.float16)) for n, key in enumerate(keys)]
        assert opened.add(digest, {"name": name, "widths": [20, 40]}, rows) == number
    forget()
    yield tmp_path / "cache" / "layers" / "store" / "data.mdb"
    forget()


def forget():
    for known in store._open.values():
        known.environment.close()
    store._open.clear()


def test_stats_name_models_sizes_place_and_limit(seedbed, cached):
    said = seedbed("cache", "stats")
    assert said.code == 0
    rows = [line.split() for line in said.lines]
    assert rows[0] == ["model", "digest", "sentences", "tokens", "MB"]
    assert rows[1] == ["one/model", ONE[:12], "3", "150", "0.0"]
    assert rows[2] == ["other[bold]", OTHER[:12], "1", "50", "0.0"]
    assert said.lines[3].startswith(str(cached.parents[1]))
    assert "of 1 GB" in said.lines[3]


def test_an_empty_cache(seedbed):
    assert "empty" in seedbed("cache", "stats").out
    assert seedbed("cache", "verify").out == "0 of 0 sentences are intact\n"
    assert seedbed("cache", "clear").out == "the cache is empty\n"


def test_verify_says_what_is_whole_and_removes_what_is_not(seedbed, cached):
    said = seedbed("cache", "verify")
    assert (said.code, said.out) == (0, "4 of 4 sentences are intact\n")
    forget()
    data = bytearray(cached.read_bytes())
    data[data.index(np.full(40, 1.5, np.float16).tobytes()) + 7] ^= 1
    cached.write_bytes(data)
    said = seedbed("cache", "verify")
    assert said.code == 1
    assert said.lines[0] == "3 of 4 sentences are intact"
    assert said.lines[1].startswith("1 were damaged and are removed")
    assert seedbed("cache", "verify").out == "3 of 3 sentences are intact\n"


def test_verify_sets_aside_what_cannot_be_read(seedbed, cached):
    cached.write_bytes(cached.read_bytes()[:10_000])
    said = seedbed("cache", "verify")
    assert said.code == 1
    assert "set aside" in said.out
    assert "damaged and set aside; `seedbed cache clear` removes it" in seedbed("cache", "stats").out
    seedbed("cache", "clear")
    assert seedbed("cache", "stats").lines == [f"{cached.parents[1]}: empty"]


@pytest.mark.parametrize("name", ["one/model", ONE[:8]])
def test_one_model_is_cleared(seedbed, cached, name):
    said = seedbed("cache", "clear", f"model={name}")
    assert said.lines == [f"one/model ({ONE[:12]}): 3 sentences, 0.0 MB removed"]
    assert "one/model" not in seedbed("cache", "stats").out
    assert "other[bold]" in seedbed("cache", "stats").out


def test_all_is_cleared(seedbed, cached):
    assert len(seedbed("cache", "clear").lines) == 2
    assert "empty" in seedbed("cache", "stats").out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["clear", "model=nope"], "model=nope: the cache has no vectors of it; it has one/model, other[bold]"),
        (["clear", "model="], "model=: name the model"),
        (["clear", "modell=one"], "no key modell"),
        (["stats", "model=one/model"], "stats: takes no model="),
        (["shrink"], "invalid choice"),
    ],
)
def test_bad_words_are_refused(refused, cached, words, said):
    assert said in refused("cache", *words)
    assert len(seedbed_models()) == 2


def seedbed_models():
    from seedbed.embeddings.layer_cache.maintenance import stats

    return stats().models


def test_a_cache_that_cannot_be_read_is_one_line(refused, monkeypatch, tmp_path):
    (tmp_path / "cache" / "layers" / "store" / "data.mdb").mkdir(parents=True)
    assert "the vector cache cannot be used" in refused("cache", "stats")


def test_stats_that_find_damage_exit_with_1(seedbed, cached):
    cached.write_bytes(cached.read_bytes()[:10_000])
    assert seedbed("cache", "stats").code == 1
    assert seedbed("cache", "stats").code == 0


def test_only_the_action_is_required(refused):
    line = refused("cache")
    assert "required: ACTION (" in line


def test_a_place_that_is_no_folder_is_said(refused, monkeypatch, tmp_path):
    (tmp_path / "file").touch()
    monkeypatch.setenv("SEEDBED_CACHE", str(tmp_path / "file"))
    assert "file is not a folder" in refused("cache", "stats")
