import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.data.corpus import Corpus, Example
from seedbed.data.corpus_cache import cached, pack, unpack

TOKENS = st.lists(st.text(min_size=1, max_size=4), min_size=1, max_size=5).map(tuple)


def identity(corpus):
    """All that tells corpora apart: also what is stored against what is computed anew, and the order of splits."""
    digest = Corpus(corpus.name, corpus.task, corpus.splits, corpus.labels).digest
    return corpus, corpus.digest, digest, list(corpus.splits)


@given(st.lists(st.tuples(TOKENS, st.sampled_from(["a", "ü"]), st.sampled_from(["train", "test"])), max_size=8))
def test_a_classified_corpus_comes_back_as_it_was(tmp_path_factory, rows):
    splits = {
        split: tuple(
            Example(f"{split}/{n}", tokens, label) for n, (tokens, label, own) in enumerate(rows) if own == split
        )
        for split in ("train", "test")
    }
    corpus = Corpus("toy", "classification", splits, ("a", "ü"), {"cut": 2})
    path = tmp_path_factory.mktemp("packed") / "corpus.npz"
    path.write_bytes(pack(corpus))
    assert identity(corpus) == identity(unpack(path))


@given(st.lists(st.lists(st.tuples(st.text(min_size=1), st.sampled_from(["O", "B-x"])), min_size=1), max_size=5))
def test_a_tagged_corpus_comes_back_as_it_was(tmp_path_factory, sentences):
    examples = tuple(Example(f"train/{n}", *map(tuple, zip(*rows, strict=True))) for n, rows in enumerate(sentences))
    corpus = Corpus("toy", "tagging", {"train": examples}, ("O", "B-x"))
    path = tmp_path_factory.mktemp("packed") / "corpus.npz"
    path.write_bytes(pack(corpus))
    assert identity(corpus) == identity(unpack(path))


@pytest.fixture
def corpus():
    examples = (Example("train/0", ("a", "b"), "x"), Example("train/1", ("b",), "y"))
    return Corpus("toy", "classification", {"train": examples}, ("x", "y"))


def never():
    raise AssertionError("made again")


def test_a_corpus_is_made_once_a_key(corpus):
    assert identity(corpus) == identity(cached({"key": 1}, lambda: corpus))
    assert identity(corpus) == identity(cached({"key": 1}, never))
    with pytest.raises(AssertionError, match="made again"):
        cached({"key": 2}, never)


def test_a_damaged_file_is_made_again(corpus, cache, caplog):
    cached("key", lambda: corpus)
    (file,) = (cache / "corpora").iterdir()
    whole = file.read_bytes()
    at = whole.index(b'"train/1"')
    for damaged in (b"", b"nothing", whole[:-100], whole[:200], whole[:at] + b'"train/9"' + whole[at + 9 :]):
        file.write_bytes(damaged)
        caplog.clear()
        assert identity(corpus) == identity(cached("key", lambda: corpus))
        assert "damaged" in caplog.text
        assert file.read_bytes() == whole


def test_without_a_cache_the_corpus_is_made_each_time(corpus, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("SEEDBED_CACHE", str(tmp_path / "file"))
    for _ in range(2):
        assert identity(corpus) == identity(cached("key", lambda: corpus))
