"""A corpus made ready."""

import tracemalloc
from collections import Counter

import pytest

from seedbed.errors import InputError
from seedbed.pretraining import shards, vocabulary


def documents(number, words=5):
    return [[[f"d{n}", *"abcde"[:words]], ["end", f"d{n}"]] for n in range(number)]


def read_all(made, part):
    return [shards.sentences_of(text) for text in shards.documents_in_order(made.folder, part)]


@pytest.fixture(autouse=True)
def small_files(monkeypatch):
    monkeypatch.setattr(shards, "SHARD_CHARACTERS", 2000)


def test_every_document_is_trained_on_or_held_out_and_none_is_both(tmp_path):
    made, counted = shards.write_shards(iter(documents(500)), tmp_path, 0.1, 0, {})
    train, held_out = read_all(made, made.train), read_all(made, made.held_out)
    assert sorted(train + held_out) == sorted(documents(500))
    assert 25 < len(held_out) < 80
    assert len(made.train.files) > 3
    assert (made.train.documents, made.train.sentences, made.train.tokens) == (
        len(train),
        2 * len(train),
        8 * len(train),
    )
    assert counted.counts == Counter(word for document in train for sentence in document for word in sentence)


def test_the_division_is_the_seeds(tmp_path):
    parts = [
        shards.write_shards(documents(200), tmp_path / str(n), 0.2, seed, {})[0] for n, seed in enumerate((0, 0, 1))
    ]
    assert parts[0].train.sha256 == parts[1].train.sha256 != parts[2].train.sha256


@pytest.mark.parametrize("fraction", [0.001, 0.999])
def test_at_least_one_document_is_held_out_and_one_is_not(tmp_path, fraction):
    made, _ = shards.write_shards(documents(3), tmp_path, fraction, 0, {})
    assert made.train.documents > 0
    assert made.held_out.documents > 0
    assert made.train.documents + made.held_out.documents == 3


@pytest.mark.parametrize(("number", "said"), [(0, "has no text"), (1, "has one document")])
def test_a_corpus_that_cannot_be_divided_is_refused(tmp_path, number, said):
    with pytest.raises(InputError, match=said):
        shards.write_shards(documents(number), tmp_path, 0.1, 0, {})


def test_shards_are_found_again_only_where_they_are_whole_and_of_the_same_source(tmp_path):
    made, _ = shards.write_shards(documents(50), tmp_path, 0.1, 0, {"corpus": "one", "files": [("a", 1)]})
    again = shards.find_shards(tmp_path, {"corpus": "one", "files": [("a", 1)]})
    assert again.train == made.train
    assert shards.find_shards(tmp_path, {"corpus": "two", "files": [("a", 1)]}) is None
    for name in (next(iter(made.train.files)), shards.COUNTS):
        content = (tmp_path / name).read_bytes()
        (tmp_path / name).unlink()
        assert shards.find_shards(tmp_path, {"corpus": "one", "files": [("a", 1)]}) is None
        (tmp_path / name).write_bytes(content)
    assert shards.find_shards(tmp_path, {"corpus": "one", "files": [("a", 1)]})


def test_each_epoch_has_every_document_once_in_an_order_of_its_own(tmp_path):
    made, _ = shards.write_shards(documents(300), tmp_path, 0.1, 0, {})
    number = made.train.documents
    texts = shards.shuffled_documents(tmp_path, made.train, 0)
    first, second = ([next(texts) for _ in range(number)] for _ in range(2))
    assert len(set(first)) == number
    assert set(first) == set(second)
    assert first != second


@pytest.mark.parametrize("skip", [0, 1, 17, 290, 301, 700])
def test_an_order_that_leaves_out_the_first_goes_on_as_it_would_have(tmp_path, skip):
    made, _ = shards.write_shards(documents(300), tmp_path, 0.1, 0, {})
    whole, rest = (
        shards.shuffled_documents(tmp_path, made.train, 4),
        shards.shuffled_documents(tmp_path, made.train, 4, skip),
    )
    for _ in range(skip):
        next(whole)
    assert [next(rest) for _ in range(20)] == [next(whole) for _ in range(20)]


@pytest.mark.slow
def test_memory_does_not_grow_with_the_corpus(tmp_path, monkeypatch):
    """Files of some per cent of the smaller corpus; the words are the same ones."""
    monkeypatch.setattr(shards, "SHARD_CHARACTERS", 80_000)

    def peak(number):
        source = ([[f"w{(7 * n + k) % 400}" for k in range(20)] for _ in range(5)] for n in range(number))
        tracemalloc.start()
        made, _ = shards.write_shards(source, tmp_path / str(number), 0.3, 0, {})
        texts = shards.shuffled_documents(made.folder, made.train, 0)
        for _ in range(made.train.documents + 1):
            next(texts)
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found

    assert peak(16_000) < 1.1 * peak(1600)


def test_words_are_in_order_of_frequency_after_the_special_ones():
    counts = {"b": 3, "a": 3, "c": 9, "<UNK>": 5, "rare": 1}
    assert vocabulary.choose_words(counts, None, 2, 100) == ["<S>", "</S>", "<UNK>", "c", "a", "b"]
    assert vocabulary.choose_words(counts, 5, 1, 100) == ["<S>", "</S>", "<UNK>", "c", "a"]
    assert vocabulary.choose_words(counts, None, 1, 5) == ["<S>", "</S>", "<UNK>", "c", "a"]


def test_a_vocabulary_larger_than_the_corpus_is_refused():
    with pytest.raises(InputError, match="vocabulary=9: the training text has 2 different words that occur 2 times"):
        vocabulary.choose_words({"a": 2, "b": 2, "c": 1}, 9, 2, 100)
    with pytest.raises(InputError, match="min_count=5: no word"):
        vocabulary.choose_words({"a": 2}, None, 5, 100)


def test_counting_forgets_the_rarest_where_there_are_too_many():
    counted = vocabulary.WordCounter(most=10)
    for n in range(1000):
        counted.add(["often", f"once{n}"])
    assert counted.counts["often"] == 1000
    assert len(counted.counts) <= 10
    assert counted.dropped >= 1


@pytest.mark.parametrize("most", [3, 40, 10_000])
def test_a_corpus_that_is_ready_has_the_words_that_it_had_when_it_was_read(tmp_path, monkeypatch, most):
    """Also where some were forgotten, which depends on when they were counted."""
    monkeypatch.setattr(vocabulary, "MOST_COUNTED", most)
    _, counted = shards.write_shards(documents(300), tmp_path, 0.1, 0, {})
    assert bool(counted.dropped) == (most < 300)
    assert vocabulary.read_counts(tmp_path / shards.COUNTS) == counted.counts


@pytest.mark.parametrize("content", [b"word many\n", b"word\n", b"\xff 3\n"])
def test_damaged_counts_are_said_in_one_line(tmp_path, content):
    (tmp_path / "counts.txt").write_bytes(content)
    with pytest.raises(InputError, match=r"counts.txt: cannot be read: .*; remove it"):
        vocabulary.read_counts(tmp_path / "counts.txt")
