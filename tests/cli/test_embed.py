"""``seedbed embed``, with a model whose rows are a hash of the tokens, and with the smallest real one."""

import hashlib
import zipfile
from pathlib import Path

import numpy as np
import pytest

from seedbed.embeddings.elmo import Elmo
from seedbed.embeddings.layer_cache import filling, store

TEXT = "the old man\n\n the  🙂 שלום\u2003. a\tb\r\na\n"
TOKENS = [["the", "old", "man"], [], ["the", "🙂", "שלום\u2003.", "a\tb"], ["a"]]


@pytest.fixture
def opened(hashed, monkeypatch):
    """Makes every ELMo the hashing model; the models that were opened."""
    made = []

    def open_model(self):
        made.append(hashed.Hashed())
        return made[-1]

    monkeypatch.setattr(Elmo, "open", open_model)
    monkeypatch.setattr(Elmo, "digest", lambda self: hashed.DIGEST)
    monkeypatch.setattr(Elmo, "check", lambda self: None)
    store.warn_once.cache_clear()
    yield made
    for known in store._open.values():
        known.environment.close()
    store._open.clear()


@pytest.fixture
def lines(tmp_path):
    (tmp_path / "s.txt").write_bytes(TEXT.encode())
    return ["embed", "embedding=elmo_tiny", "input=s.txt"]


@pytest.fixture
def own(tags):
    return ["embed", "dataset=conll", f"dataset.files.train={tags}"]


def test_the_vectors_of_ones_own_sentences(seedbed, opened, lines, hashed):
    said = seedbed(*lines, "output=o.npz")
    assert said.code == 0, said.err
    assert "o.npz: 4 lines, 8 tokens, 1 of the lines empty; 2 layers of 4 numbers" in said.out
    with np.load("o.npz", allow_pickle=False) as arrays:
        assert arrays.files == ["layers_0", "layers_1", "layers_2", "layers_3"]
        for n, tokens in enumerate(TOKENS):
            rows = hashed.Hashed().rows(tokens)
            assert arrays[f"layers_{n}"].dtype == np.float32
            assert arrays[f"layers_{n}"].shape == (2, len(tokens), 4)
            assert np.array_equal(arrays[f"layers_{n}"], hashed.Hashed().layout.layers(rows))
    assert not Path("cache").exists()
    assert sorted(path.name for path in Path().iterdir()) == ["o.npz", "s.txt"]


def test_blocks_of_any_size_give_the_same_file(seedbed, opened, lines, monkeypatch):
    from seedbed.cli import embed_file

    seedbed(*lines, "output=o.npz")
    for size in (1, 100, 130):
        monkeypatch.setattr(embed_file, "BLOCK_BYTES", size)
        seedbed(*lines, "output=p.npz")
        assert Path("p.npz").read_bytes() == Path("o.npz").read_bytes()


def test_carried_states_go_from_line_to_line(seedbed, opened, lines, hashed, monkeypatch):
    asked = []

    def carried(self, sentences):
        asked.append(list(sentences))
        yield from (self.rows(tokens) + 1 for tokens in sentences)

    monkeypatch.setattr(hashed.Hashed, "carried", carried)
    assert seedbed(*lines, "output=o.npz", "embedding.state=carried").code == 0
    assert asked == [[TOKENS[0], TOKENS[2], TOKENS[3]]]
    with np.load("o.npz", allow_pickle=False) as arrays:
        assert [arrays[name].shape[1] for name in arrays] == [3, 0, 4, 1]
        rows = hashed.Hashed().rows(TOKENS[3]) + 1
        assert np.array_equal(arrays["layers_3"], hashed.Hashed().layout.layers(rows))


def test_a_model_that_fails_leaves_no_file_and_the_old_one(seedbed, opened, lines, hashed, monkeypatch):
    seedbed(*lines, "output=o.npz")
    before = Path("o.npz").read_bytes()

    def batches(self, sentences):
        yield [0], [self.rows(sentences[0])]
        raise KeyboardInterrupt

    monkeypatch.setattr(hashed.Hashed, "batches", batches)
    assert seedbed(*lines, "output=o.npz").code == 130
    assert Path("o.npz").read_bytes() == before
    assert sorted(path.name for path in Path().iterdir()) == ["o.npz", "s.txt"]


def test_numbers_that_are_none_are_refused(refused, opened, lines, hashed, monkeypatch):
    monkeypatch.setattr(hashed.Hashed, "rows", lambda self, tokens: np.full((len(tokens), 6), np.nan, np.float32))
    assert "s.txt:1: elmo-tiny/model gives numbers that are not finite" in refused(*lines, "output=o.npz")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "give dataset=NAME to fill the cache, or input=FILE output=OUT.npz"),
        (["input=s.txt"], "input=s.txt: goes with output="),
        (["output=o.npz"], "output=o.npz: goes with input="),
        (["input=", "output=o.npz"], "input=: name a file"),
        (["input=s.txt", "output=o.npz", "dataset=trec"], "give one of dataset= and input="),
        (["input=no.txt", "output=o.npz"], "no.txt: there is no such file"),
        (["input=.", "output=o.npz"], "cannot be read"),
        (["input=s.txt", "output=o.txt"], "output=o.txt: must end in .npz"),
        (["input=s.txt", "output=none/o.npz"], "output=none/o.npz: there is no folder none"),
        (["input=s.txt", "output=s.txt/o.npz"], "output=s.txt/o.npz: there is no folder s.txt"),
        (["input=s.txt", "output=o.npz", "embedding=fasttext"], "embedding.path is empty"),
        (["dataset=trec", "embedding=glove"], "embedding=glove: has one vector per word"),
        (["dataset=trec", "embedding.cache=false"], "cache=false: there is no cache to fill"),
        (["dataset=trec", "embedding.state=carried"], "embedding.state=carried"),
        (["dataset=trecc"], "dataset=trecc"),
        (["inpt=s.txt"], "give dataset=NAME"),
        (["dataset=trec", "inpt=s.txt"], "no key inpt"),
        (["input=s.txt", "output=o.npz", "embedding.max_tokens=3"], "s.txt:3: 4 tokens, and embedding.max_tokens=3"),
    ],
)
def test_bad_words_are_refused(refused, opened, lines, words, said):
    assert said in refused("embed", "embedding=elmo_tiny", *words)
    assert not opened


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "the file is empty"),
        (b" \n\n", "the file is empty"),
        (b"a\nb \xff\n", "s.txt:2: byte 0xff (number 4) is not utf-8"),
        ("a b\n".encode("utf-16"), "s.txt: it is UTF-16 text"),
        (b"%PDF-1.7\n", "s.txt: it is a PDF; plain text is needed"),
    ],
)
def test_a_file_that_is_no_text_is_refused(refused, opened, lines, content, said):
    Path("s.txt").write_bytes(content)
    line = refused(*lines, "output=o.npz")
    assert said in line
    assert "dataset." not in line


def test_a_data_set_is_filled_once(seedbed, opened, own):
    first = seedbed(*own, "embedding=elmo_tiny")
    assert first.code == 0, first.err
    assert "80 texts, " in first.out
    assert "; 0 already in the cache (0.0%); " in first.out
    assert "tokens a second" in first.out
    again = seedbed(*own, "embedding=elmo_tiny")
    assert again.lines[0].endswith(" already in the cache (100.0%); 0 computed in 0.0 s")
    assert len(opened) == 1


def test_the_contextual_parts_of_a_stack_are_filled(seedbed, opened, own):
    said = seedbed(*own, "embedding=static_elmo", "embedding@embedding.parts.elmo=elmo_tiny")
    assert said.code == 0, said.err
    assert len(said.lines) == len(opened) == 1


def test_ctrl_c_says_how_to_go_on(seedbed, opened, own, hashed, monkeypatch):
    real = hashed.Hashed.batches

    def stopped(self, sentences):
        yield next(iter(real(self, sentences)))
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(hashed.Hashed, "batches", stopped)
        said = seedbed(*own, "embedding=elmo_tiny")
    assert said.code == 130
    assert said.err == "seedbed: interrupted; computed vectors are in the cache, and the same command continues\n"
    assert "; 3 already in the cache" in seedbed(*own, "embedding=elmo_tiny").out


def test_a_text_beyond_the_limit_is_refused(refused, opened, own):
    assert "train/0: 4 tokens, and embedding.max_tokens=3" in refused(
        *own, "embedding=elmo_tiny", "embedding.max_tokens=3"
    )


def test_a_full_cache_is_an_error_where_filling_it_is_all(refused, opened, own):
    assert "is full, at its limit of" in refused(*own, "embedding=elmo_tiny", "embedding.cache_gb=1e-6")


def test_a_cache_that_cannot_be_made_is_an_error_here(refused, opened, own, monkeypatch, tmp_path):
    (tmp_path / "file").touch()
    monkeypatch.setenv("SEEDBED_CACHE", str(tmp_path / "file"))
    assert "the vector cache cannot be used: " in refused(*own, "embedding=elmo_tiny")


def test_progress_is_a_line_now_and_then_where_there_is_no_bar(seedbed, opened, own, monkeypatch):
    from seedbed.progress import tokens

    monkeypatch.setattr(tokens, "EVERY_S", 0.0)
    monkeypatch.setattr(filling, "COMMIT_S", 0.0)
    said = seedbed(*own, "embedding=elmo_tiny")
    assert all(line.startswith("elmo-tiny/model: ") for line in said.err.splitlines())
    assert " tokens, " in said.err
    assert " a second, 0 s left" in said.err.splitlines()[-1]


@pytest.mark.parametrize(("seconds", "said"), [(0.2, "0 s"), (61, "1 min 1 s"), (7260, "2 h 1 min")])
def test_durations_are_said_as_people_do(seconds, said):
    from seedbed.progress.tokens import duration

    assert duration(seconds) == said


def test_the_smallest_real_model(seedbed, data_root, lines):
    folder = data_root / "elmo-tiny" / "model"
    if not folder.is_dir():
        pytest.skip("no elmo-tiny in SEEDBED_DATA")
    words = [*lines, "output=o.npz", "embedding=elmo", "embedding.source=bilm"]
    words += [f"embedding.options={folder / 'options.json'}", f"embedding.weights={folder / 'lm_weights.hdf5'}"]
    said = seedbed(*[word for word in words if word != "embedding=elmo_tiny"])
    assert said.code == 0, said.err
    with np.load("o.npz", allow_pickle=False) as arrays:
        assert [arrays[name].shape for name in arrays] == [(3, len(tokens), 32) for tokens in TOKENS]
    assert zipfile.ZipFile("o.npz").testzip() is None


def test_the_pace_is_said_once_there_is_one():
    from seedbed.progress.tokens import pace

    assert pace(0, 5000, 3.0) == "0 of 5,000 tokens"
    assert pace(1200, 5000, 3.0) == "1,200 of 5,000 tokens, 400 a second, 10 s left"
    assert pace(1000, 901_000, 10.0).endswith("100 a second, 2 h 30 min left")


def test_vectors_of_words_are_one_layer(seedbed, lines, tmp_path):
    (tmp_path / "v.txt").write_text("the 1 2\nold 3 4\na 5 6\n", encoding="utf-8")
    vectors = ["embedding=fasttext", "embedding.path=v.txt", "embedding.dim=2"]
    said = seedbed("embed", *vectors, "input=s.txt", "output=o.npz")
    assert said.code == 0, said.err
    assert said.lines[-1] == "o.npz: 4 lines, 8 tokens, 1 of the lines empty; 1 layer of 2 numbers"
    table = {"the": (1, 2), "old": (3, 4), "a": (5, 6)}
    with np.load(tmp_path / "o.npz") as arrays:
        for n, tokens in enumerate(TOKENS):
            expected = [[table.get(token, (0, 0)) for token in tokens]]
            np.testing.assert_array_equal(arrays[f"layers_{n}"], np.reshape(expected, (1, len(tokens), 2)))


def test_precomputed_vectors_of_tokens_are_written_by_hash_or_refused(seedbed, refused, tmp_path):
    (tmp_path / "s.txt").write_text("a b\nc\n", encoding="utf-8")
    rows = {"a b": np.eye(2, 3), "c": np.ones((1, 3))}
    np.savez(tmp_path / "v.npz", **{hashlib.sha256(text.encode()).hexdigest(): rows[text] for text in rows})
    vectors = ["embedding=precomputed", "embedding.path=v.npz", "embedding.key=sha256"]
    command = ["embed", *vectors, "input=s.txt", "output=o.npz"]
    assert "encoder=probe encoder.pooling=sentence" in refused(*command)
    said = seedbed(*command, "embedding.level=token")
    assert said.code == 0, said.err
    with np.load(tmp_path / "o.npz") as arrays:
        np.testing.assert_array_equal(arrays["layers_0"], [rows["a b"]])
        np.testing.assert_array_equal(arrays["layers_1"], [rows["c"]])
