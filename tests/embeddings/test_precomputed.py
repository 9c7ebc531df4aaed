"""Vectors from elsewhere: every format gives the rows that were written, and bad files are refused in a line."""

import hashlib
import io
import zipfile

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet
from tests.refusals import refusal

from seedbed.data.corpus import Example
from seedbed.embeddings.contextual import tables
from seedbed.embeddings.precomputed import Precomputed
from seedbed.embeddings.stack import Stack
from seedbed.embeddings.text_features import TextEmbedding
from seedbed.testing import check_embedding

DIM = 3
EXAMPLES = tuple(
    Example(f"train/{n}", tuple(f"w{n}.{t}" for t in range(length)), "x") for n, length in enumerate([2, 1, 4, 3])
)
DRAWS = [{"train": [0, 2], "test": [3]}, {"train": [1, 2], "test": [3]}]
RNG = np.random.default_rng(0)
TEXTS = {example.id: RNG.normal(size=DIM).astype(np.float32) for example in EXAMPLES}
TOKENS = {example.id: RNG.normal(size=(len(example.tokens), DIM)).astype(np.float32) for example in EXAMPLES}


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("SEEDBED_CACHE", str(tmp_path / "cache"))
    tables.clear()
    yield
    tables.clear()


def npz(path, vectors, dtype=np.float32):
    ids = np.repeat(list(vectors), [1 if v.ndim == 1 else len(v) for v in vectors.values()])
    np.savez(path.with_suffix(".npz"), ids=ids, vectors=np.vstack(list(vectors.values())).astype(dtype))
    return path.with_suffix(".npz")


def npz_by_id(path, vectors, dtype=np.float32):
    np.savez_compressed(path.with_suffix(".npz"), **{name: array.astype(dtype) for name, array in vectors.items()})
    return path.with_suffix(".npz")


def npy(path, vectors, dtype=np.float32):
    np.save(path.with_suffix(".npy"), np.vstack(list(vectors.values())).astype(dtype))
    names = [name for name, array in vectors.items() for _ in range(1 if array.ndim == 1 else len(array))]
    path.with_suffix(".txt").write_text("".join(f"{name}\n" for name in names), encoding="utf-8")
    return path.with_suffix(".npy")


def table(path, vectors, dtype=np.float32):
    column = pa.array([array.tolist() for array in vectors.values()])
    kind = pa.list_(pa.from_numpy_dtype(dtype))
    kind = kind if next(iter(vectors.values())).ndim == 1 else pa.list_(kind)
    parquet.write_table(
        pa.table({"id": list(vectors), "vector": column.cast(kind), "label": [0] * len(vectors)}),
        path.with_suffix(".parquet"),
    )
    return path.with_suffix(".parquet")


def table_of_fixed_size(path, vectors, dtype=np.float32):
    rows = np.vstack(list(vectors.values())).astype(dtype)
    names = [name for name, array in vectors.items() for _ in range(1 if array.ndim == 1 else len(array))]
    column = pa.FixedSizeListArray.from_arrays(pa.array(rows.reshape(-1)), DIM)
    parquet.write_table(pa.table({"name": names, "rows": column}), path.with_suffix(".parquet"), row_group_size=3)
    return path.with_suffix(".parquet")


WRITERS = [npz, npz_by_id, npy, table, table_of_fixed_size]


def settings(write, tmp_path, vectors, dtype=np.float32, **keys):
    if write is table_of_fixed_size:
        keys = {"id_column": "name", "vector_column": "rows", **keys}
    return Precomputed(path=str(write(tmp_path / "v", vectors, dtype)), **keys)


def text_vectors(embedding, examples=EXAMPLES, draws=DRAWS):
    features = embedding.text_features(examples, draws, [0, 1])
    every = [list(range(len(examples)))]
    inputs = features.inputs([0], every, (1, len(examples)))
    return np.asarray(features.embed({}, features.arrays.shared, inputs))[0, 0], features


def token_vectors(embedding, examples=EXAMPLES, draws=DRAWS):
    features = embedding.features(examples, draws, [0, 1])
    every, longest = [list(range(len(examples)))], max(len(example.tokens) for example in examples)
    inputs = features.inputs([0], every, (longest, len(examples)))
    batch = np.asarray(features.embed({}, features.arrays.shared, inputs))[0]
    return [batch[: len(example.tokens), n] for n, example in enumerate(examples)], features


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("write", WRITERS)
def test_texts_have_the_vectors_that_were_written(write, dtype, tmp_path):
    shuffled = {name: TEXTS[name] for name in sorted(TEXTS, reverse=True)}
    vectors, features = text_vectors(settings(write, tmp_path, shuffled, dtype))
    expected = [TEXTS[example.id].astype(dtype).astype(np.float32) for example in EXAMPLES]
    np.testing.assert_array_equal(vectors, expected)
    assert vectors.dtype == np.float32
    assert features.width == DIM


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("table_gb", [None, 1e-9], ids=["memory", "file"])
@pytest.mark.parametrize("write", WRITERS)
def test_tokens_have_the_vectors_that_were_written(write, table_gb, dtype, tmp_path):
    embedding = settings(write, tmp_path, TOKENS, dtype, level="token", table_gb=table_gb)
    vectors, features = token_vectors(embedding)
    for example, rows in zip(EXAMPLES, vectors, strict=True):
        np.testing.assert_array_equal(rows, TOKENS[example.id].astype(dtype).astype(np.float32))
    assert features.reads_files == (table_gb is not None)


@pytest.mark.parametrize("level", ["text", "token"])
def test_a_text_is_found_by_its_hash_whatever_its_id(level, tmp_path):
    vectors = TEXTS if level == "text" else TOKENS
    hashes = {example.id: hashlib.sha256(" ".join(example.tokens).encode()).hexdigest() for example in EXAMPLES}
    hashed = {hashes[name]: array for name, array in vectors.items()}
    moved = [Example(f"test/{example.id}", example.tokens, "x") for example in EXAMPLES[::-1]]
    embedding = settings(npz_by_id, tmp_path, hashed, key="sha256", level=level)
    arrays, _ = (text_vectors if level == "text" else token_vectors)(embedding, moved)
    for example, array in zip(EXAMPLES[::-1], arrays, strict=True):
        np.testing.assert_array_equal(array, vectors[example.id])
    other = [Example("train/0", ("another", "text"), "x")]
    line = refusal(embedding.text_features if level == "text" else embedding.features, other, [{"train": [0]}], [0])
    assert f"train/0 (sha256 {hashlib.sha256(b'another text').hexdigest()})" in line


def test_missing_ids_are_refused_and_others_are_counted_for_each_replicate(tmp_path):
    embedding = settings(npy, tmp_path, {**TEXTS, "train/98": TEXTS["train/0"], "train/99": TEXTS["train/0"]})
    assert text_vectors(embedding)[1].reports == [{"embedding/extra_ids": 3}, {"embedding/extra_ids": 3}]
    fewer = settings(npz, tmp_path, {name: TEXTS[name] for name in ("train/0", "train/2")})
    line = refusal(fewer.text_features, EXAMPLES, DRAWS, [0, 1])
    assert "no vectors of train/1; 2 of 4 texts are missing" in line
    assert "seedbed data show" in line


def test_the_level_decides_which_features_there_are(tmp_path):
    text, token = (
        settings(npz_by_id, tmp_path, vectors, level=level)
        for vectors, level in ((TEXTS, "text"), (TOKENS, "token"))
    )  # fmt: skip
    assert isinstance(text, TextEmbedding)
    assert refusal(text.features, EXAMPLES, DRAWS, [0, 1], match=r"encoder=probe encoder\.pooling=sentence")
    assert refusal(token.text_features, EXAMPLES, DRAWS, [0, 1], match=r"embedding\.level=token.*such as mean")


def test_other_numbers_of_tokens_are_refused_with_the_id_and_both(tmp_path):
    longer = {**TOKENS, "train/2": np.ones((5, DIM), np.float32)}
    embedding = settings(npz_by_id, tmp_path, longer, level="token")
    assert refusal(embedding.features, EXAMPLES, DRAWS, [0, 1], match=r"train/2: 5 vectors, and the text has 4 tokens")


@pytest.mark.parametrize("write", WRITERS)
@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_numbers_that_are_not_finite_are_refused_with_the_id(write, bad, tmp_path):
    broken = {**TEXTS, "train/2": np.array([0, bad, 0], np.float32)}
    embedding = settings(write, tmp_path, broken)
    assert refusal(
        embedding.text_features, EXAMPLES, DRAWS, [0, 1], match="train/2: a number of its vectors is not finite"
    )
    text_vectors(embedding, EXAMPLES[:2], [{"train": [0, 1]}])  # of texts that are not drawn nothing is asked
    huge = {**TEXTS, "train/2": np.full(DIM, 1e300)}
    embedding = settings(npz_by_id, tmp_path, huge, np.float64)
    assert refusal(
        embedding.text_features, EXAMPLES, DRAWS, [0, 1], match="train/2: a number of its vectors is not finite"
    )


@pytest.mark.parametrize("write", WRITERS)
def test_dim_is_that_of_the_file(write, tmp_path):
    assert text_vectors(settings(write, tmp_path, TEXTS, dim=DIM))[1].width == DIM
    embedding = settings(write, tmp_path, TEXTS, dim=4)
    assert refusal(embedding.text_features, EXAMPLES, DRAWS, [0, 1], match=r"have 3 numbers, embedding\.dim is 4")


def test_vectors_of_two_widths_are_refused_with_the_id(tmp_path):
    ragged = {**TEXTS, "train/2": np.ones(DIM + 1, np.float32)}
    for write, match in ((npz_by_id, "train/2: its vectors have 4 numbers, others have 3"),
                         (table, "train/2: its vector has 4 numbers, that of train/0 has 3")):  # fmt: skip
        assert refusal(settings(write, tmp_path, ragged).text_features, EXAMPLES, DRAWS, [0, 1], match=match)


@pytest.mark.parametrize("level", ["text", "token"])
def test_an_id_that_comes_back_is_refused(level, tmp_path):
    rows = np.ones((5, DIM), np.float32)
    np.save(tmp_path / "v.npy", rows)
    (tmp_path / "v.txt").write_text("train/0\ntrain/1\ntrain/0\ntrain/2\ntrain/3\n", encoding="utf-8")
    embedding = Precomputed(path=str(tmp_path / "v.npy"), level=level)
    assert refusal(embedding._vectors, EXAMPLES, match="the id 'train/0' is there twice")
    stream = io.BytesIO()
    np.save(stream, rows[0])
    with zipfile.ZipFile(tmp_path / "v.npz", "w") as archive:
        archive.writestr("train/0.npy", stream.getvalue())
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr("train/0.npy", stream.getvalue())
    assert refusal(
        Precomputed(path=str(tmp_path / "v.npz"), level=level)._vectors, EXAMPLES, match="'train/0' is there twice"
    )


def test_token_rows_are_not_read_as_texts(tmp_path):
    for write, match in ((npz, r"embedding\.level=token"), (npz_by_id, r"train/0: 2 vectors.*embedding\.level=token")):
        embedding = settings(write, tmp_path, TOKENS)
        assert refusal(embedding.text_features, EXAMPLES, DRAWS, [0, 1], match=match)


def objects(path):
    np.save(path, np.array([{"a": 1}], object), allow_pickle=True)


def objects_in_archive(path):
    with path.open("wb") as stream:
        np.savez(stream, ids=np.array(list(TEXTS), object), vectors=np.ones((4, DIM)), allow_pickle=True)


def integers(path):
    np.save(path, np.ones((4, DIM), np.int8))


def one_axis(path):
    np.save(path, np.ones(4, np.float32))


def other_number(path):
    np.save(path, np.ones((3, DIM), np.float32))


def cut(write):
    def written(path):
        whole = write(path, TEXTS).read_bytes()
        path.write_bytes(whole[: len(whole) - 10])

    return written


def other_zip(path):
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("model/data.pkl", b"")


def no_column(path):
    parquet.write_table(pa.table({"text": ["a"], "vector": [[1.0]]}), path)


def empty_vector(path):
    parquet.write_table(pa.table({"id": ["a", "b"], "vector": [[1.0], None]}), path)


def column_of_strings(path):
    parquet.write_table(pa.table({"id": ["a"], "vector": ["1 2 3"]}), path)


BAD = {
    "empty.npy": (lambda path: path.touch(), "empty; vectors by id are read from .npz, .npy and parquet"),
    "text.npz": (lambda path: path.write_text("1 2 3"), "no file of arrays"),
    "pickle.npy": (lambda path: path.write_bytes(b"\x80\x04N."), "a Python pickle, which is never opened"),
    "objects.npy": (objects, "holds Python objects, which are never opened"),
    "objects.npz": (objects_in_archive, "holds Python objects, which are never opened"),
    "integers.npy": (integers, "float16, float32 or float64 is needed, not int8"),
    "flat.npy": (one_axis, r"an array \[rows, dim\] is needed, not one of shape \[4\]"),
    "short.npy": (other_number, "3 vectors, but 4 ids"),
    "cut.npy": (cut(npy), r"declares an array of 4 x 3, 48 bytes, and has \d+"),
    "cut.npz": (cut(npz), "cannot be read: "),
    "cut.parquet": (cut(table), "cannot be read: "),
    "other.zip": (other_zip, "it is a PyTorch file"),
    "column.parquet": (no_column, r"has no column id; embedding\.id_column .*: text, vector"),
    "null.parquet": (empty_vector, "column vector: row 2 is empty"),
    "strings.parquet": (column_of_strings, "lists of floats are needed, not string"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_files_are_refused(name, tmp_path):
    write, match = BAD[name]
    write(tmp_path / name)
    (tmp_path / name).with_suffix(".txt").write_text("".join(f"{example.id}\n" for example in EXAMPLES))
    embedding = Precomputed(path=str(tmp_path / name))
    assert name in refusal(embedding.text_features, EXAMPLES, DRAWS, [0, 1], match=match)


def test_a_missing_file_or_list_of_ids_is_refused(tmp_path):
    assert refusal(Precomputed().content, match=r"embedding\.path is empty.*seedbed data show")
    assert refusal(Precomputed(path=str(tmp_path / "a.npy")).content, match="there is no such file")
    np.save(tmp_path / "a.npy", np.ones((1, 1)))
    assert refusal(
        Precomputed(path=str(tmp_path / "a.npy")).content, match=r"a\.txt: there is no such file: it has the id"
    )
    np.savez(tmp_path / "a.npz", a=np.ones((1, 1)))
    assert refusal(
        Precomputed(path=str(tmp_path / "a.npz"), ids="x").content, match=r"embedding\.ids=x: only with a \.npy"
    )


@pytest.mark.parametrize("keys", [{"level": "word"}, {"key": "hash"}, {"dim": 0}, {"table_gb": 0.0}])
def test_bad_settings_are_refused(keys):
    [(key, value)] = keys.items()
    assert refusal(Precomputed, **keys, match=f"embedding.{key}={value}: must be")


def test_the_digest_is_of_the_files_and_not_of_their_names(tmp_path):
    first = settings(npy, tmp_path, TEXTS)
    (tmp_path / "other").mkdir()
    moved = settings(npy, tmp_path / "other", TEXTS)
    assert dict(first.content()) == dict(moved.content())
    assert set(first.content()) == {"vectors", "ids"}
    (tmp_path / "other" / "v.txt").write_text("".join(f"{name}\n" for name in reversed(TEXTS)))
    assert moved.content() != first.content()


def test_groups_share_one_table_and_a_stack_has_both_parts(tmp_path):
    embedding = settings(npz_by_id, tmp_path, TOKENS, level="token")
    assert token_vectors(embedding)[1].rows is token_vectors(embedding)[1].rows
    vectors, features = token_vectors(Stack({"a": embedding, "b": embedding}))
    assert features.width == 2 * DIM
    np.testing.assert_array_equal(vectors[2], np.tile(TOKENS["train/2"], 2))


def test_the_checks_of_every_embedding_pass(tmp_path):
    rng = np.random.default_rng(1)
    texts = [[f"w{n}" for n in rng.integers(9, size=rng.integers(1, 7))] for _ in range(40)]
    vectors = {f"train/{n}": rng.normal(size=(len(text), 5)) for n, text in enumerate(texts)}
    assert check_embedding(settings(npy, tmp_path, vectors, level="token"), texts) is None
