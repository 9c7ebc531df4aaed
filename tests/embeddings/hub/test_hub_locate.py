"""Where a module is looked for, how archives are unpacked, and what is said where it cannot be reached."""

import gc
import hashlib
import http.server
import io
import os
import shutil
import socket
import tarfile
import threading
import time
import zipfile

import numpy as np
import pytest

from seedbed.data import hashes
from seedbed.embeddings.hub.locate import resolve
from seedbed.embeddings.hub.opening import open_module
from seedbed.embeddings.hub.saved_model import digest
from seedbed.errors import InputError

HANDLE = "https://tfhub.dev/google/elmo/3"
LEAKS = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
"""The library leaves a connection open for the garbage collector; it is called in the test that made the garbage."""
SHA1 = hashlib.sha1(HANDLE.encode()).hexdigest()


def refusal(handle, folder=""):
    with pytest.raises(InputError) as raised:
        resolve(str(handle), folder)
    message = str(raised.value)
    assert "\n" not in message
    return message


def packed(module, archive, prefix=""):
    """The files of a module as an archive, as they lie or under a folder."""
    files = [(prefix + file.relative_to(module).as_posix(), file) for file in sorted(module.rglob("*"))]
    if archive.suffix == ".zip":
        with zipfile.ZipFile(archive, "w") as out:
            for name, file in files:
                out.write(file, name)
    else:
        with tarfile.open(archive, "w:gz") as out:
            for name, file in files:
                out.add(file, name, recursive=False)
    return archive


@pytest.fixture
def module(modules):
    return modules["tf1"]


@pytest.fixture
def no_network(monkeypatch):
    """A test that goes out fails."""

    def refuse(*_):
        raise AssertionError("a connection was tried")

    monkeypatch.setattr(socket.socket, "connect", refuse)


def test_a_folder_is_itself(module):
    assert resolve(str(module)) == module


def test_a_folder_around_the_module(module, tmp_path):
    (tmp_path / "elmo").symlink_to(module)
    assert resolve(str(tmp_path)) == tmp_path / "elmo"


@pytest.mark.parametrize("name", ["elmo.tar.gz", "elmo.tgz", "elmo.zip"])
@pytest.mark.parametrize("prefix", ["", "./", "elmo_3/"])
def test_an_archive_is_unpacked_once_into_the_cache(module, tmp_path, cache, name, prefix):
    archive = packed(module, tmp_path / name, prefix)
    found = resolve(str(archive))
    assert found.is_relative_to(cache / "hub")
    assert digest(found) == digest(module)
    marked = found / "marked"
    marked.touch()
    assert resolve(str(archive)) == found
    assert marked.exists(), "unpacked a second time"
    archive.rename(tmp_path / f"moved-{name}")
    assert resolve(str(tmp_path / f"moved-{name}")) == found


def test_an_unpacked_module_opens(module, tmp_path):
    opened = open_module(resolve(str(packed(module, tmp_path / "elmo.tar.gz"))))
    np.testing.assert_array_equal(opened.rows([["a", "b"]]), open_module(module).rows([["a", "b"]]))


def test_what_a_killed_process_left_is_done_again(module, tmp_path, cache):
    archive = packed(module, tmp_path / "elmo.tgz")
    left = cache / "hub" / f".unfinished-{hashes.file_sha256(archive)}"
    (left / "variables").mkdir(parents=True)
    (left / "saved_model.pb").write_bytes(b"half")
    assert digest(resolve(str(archive))) == digest(module)
    assert not left.exists()


@pytest.mark.parametrize("name", ["../evil", "/tmp/evil", "variables/../../evil", "..\\evil", "C:\\evil", "."])
@pytest.mark.parametrize("kind", ["elmo.zip", "elmo.tar.gz"])
def test_files_outside_of_the_archives_folder_are_refused(tmp_path, cache, name, kind):
    archive = tmp_path / kind
    if kind.endswith(".zip"):
        with zipfile.ZipFile(archive, "w") as out:
            out.writestr("saved_model.pb", b"x")
            out.writestr(name, b"evil")
    else:
        with tarfile.open(archive, "w:gz") as out:
            for inside in ("saved_model.pb", name):
                out.addfile(tarfile.TarInfo(inside), io.BytesIO())
    assert "a file outside of its own folder" in refusal(archive)
    assert not [file for file in cache.rglob("*") if file.name.endswith(("evil", "saved_model.pb"))]


def test_links_in_an_archive_lead_nowhere(tmp_path):
    with tarfile.open(tmp_path / "elmo.tgz", "w:gz") as out:
        link = tarfile.TarInfo("variables")
        link.type, link.linkname = tarfile.SYMTYPE, str(tmp_path / "elsewhere")
        out.addfile(link)
        out.addfile(tarfile.TarInfo("variables/variables.index"), io.BytesIO())
        out.addfile(tarfile.TarInfo("saved_model.pb"), io.BytesIO())
    (tmp_path / "elsewhere").mkdir()
    found = resolve(str(tmp_path / "elmo.tgz"))
    assert not list((tmp_path / "elsewhere").iterdir())
    assert not (found / "variables").is_symlink()


@pytest.mark.parametrize("name", ["elmo.tar.gz", "elmo.zip"])
@pytest.mark.parametrize("share", [0, 0.5, 0.99])
def test_half_an_archive_leaves_nothing(module, tmp_path, cache, name, share):
    archive = packed(module, tmp_path / name)
    content = archive.read_bytes()
    archive.write_bytes(content[: int(len(content) * share)])
    assert "damaged archive" in refusal(archive)
    assert not (cache / "hub").exists()


def test_an_archive_of_something_else(tmp_path, cache):
    with zipfile.ZipFile(tmp_path / "other.zip", "w") as out:
        out.writestr("readme.txt", b"x")
    assert "has no saved_model.pb" in refusal(tmp_path / "other.zip")
    assert not (cache / "hub").exists()


def test_a_cache_that_cannot_be_written(module, tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("SEEDBED_CACHE", str(tmp_path / "file"))
    assert "cannot be unpacked into" in refusal(packed(module, tmp_path / "elmo.zip"))


def test_local_paths_that_are_nothing(tmp_path):
    assert "there is no such folder or archive" in refusal(tmp_path / "absent")
    assert "no saved_model.pb in it" in refusal(tmp_path)
    (tmp_path / "elmo.rar").touch()
    assert "not a folder nor an archive" in refusal(tmp_path / "elmo.rar")


@pytest.mark.usefixtures("no_network")
def test_offline_from_the_librarys_cache(module, tmp_path, monkeypatch):
    monkeypatch.setenv("TFHUB_CACHE_DIR", str(tmp_path))
    (tmp_path / SHA1).symlink_to(module)
    assert resolve(HANDLE, "elmo-hub") == tmp_path / SHA1
    from seedbed.embeddings.hub.hub_import import load_library

    assert load_library().resolve(HANDLE) == str(tmp_path / SHA1), "the library looks elsewhere"


@pytest.mark.usefixtures("no_network")
@pytest.mark.parametrize("place", ["folder", "inside", "archive"])
@pytest.mark.parametrize("root", ["data", "cache"])
def test_offline_from_the_users_folder(module, tmp_path, cache, monkeypatch, root, place):
    monkeypatch.setenv("SEEDBED_DATA", str(tmp_path))
    home = (tmp_path if root == "data" else cache) / "elmo-hub"
    if place == "folder":
        home.symlink_to(module)
    else:
        home.mkdir()
        packed(module, home / "3.tar.gz") if place == "archive" else (home / "3").symlink_to(module)
    assert digest(resolve(HANDLE, "elmo-hub")) == digest(module)


def test_several_archives_in_the_users_folder(module, tmp_path, monkeypatch):
    monkeypatch.setenv("SEEDBED_DATA", str(tmp_path))
    (tmp_path / "elmo-hub").mkdir()
    for name in ("2.tar.gz", "3.tar.gz"):
        (tmp_path / "elmo-hub" / name).touch()
    assert "several archives, one is expected: 2.tar.gz, 3.tar.gz" in refusal(HANDLE, "elmo-hub")


def test_unreachable_is_one_line_that_says_what_to_put_where(tmp_path, monkeypatch, capfd):
    from seedbed.embeddings.hub.hub_import import load_library

    load_library()
    monkeypatch.setenv("TFHUB_CACHE_DIR", str(tmp_path / "kept"))
    monkeypatch.delenv("TFHUB_DOWNLOAD_PROGRESS", raising=False)
    monkeypatch.setenv("SEEDBED_DATA", str(tmp_path))
    handle = "http://127.0.0.1:1/google/elmo/3"
    began = time.monotonic()
    message = refusal(handle, "elmo-hub")
    assert time.monotonic() - began < 5
    assert capfd.readouterr() == ("", "")
    assert "cannot be fetched: no connection to 127.0.0.1 (Connection refused)" in message
    assert "give embedding.handle=ARCHIVE" in message
    assert f"put the archive into {tmp_path / 'elmo-hub'}/" in message
    assert f"unpack the archive into {tmp_path / 'kept' / hashlib.sha1(handle.encode()).hexdigest()}/" in message
    assert os.environ["TFHUB_CACHE_DIR"] == str(tmp_path / "kept")
    assert "TFHUB_DOWNLOAD_PROGRESS" not in os.environ
    assert socket.getdefaulttimeout() is None


def test_the_published_module_names_its_page(monkeypatch, cache):
    def unreachable(*_):
        raise OSError("no route to host")

    monkeypatch.delenv("SEEDBED_DATA", raising=False)
    monkeypatch.setattr(socket, "create_connection", unreachable)
    monkeypatch.setattr(socket, "getaddrinfo", unreachable)
    message = refusal(HANDLE, "elmo-hub")
    assert "https://www.kaggle.com/models/google/elmo (TensorFlow 1)" in message
    assert message.endswith(f"give embedding.handle=ARCHIVE, or put the archive into {cache / 'elmo-hub'}/")
    assert SHA1 not in message


@pytest.fixture
def served():
    """A server on this machine that answers with ``served.content``; its address is ``served.url``."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(404 if server.content is None else 200)
            self.end_headers()
            self.wfile.write(server.content or b"")

        def log_message(self, *_):
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    server.url, server.content = f"http://127.0.0.1:{server.server_port}/google/elmo/3", None
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@LEAKS
def test_a_download_is_kept(served, module, tmp_path, cache):
    served.content = packed(module, tmp_path / "elmo.tar.gz").read_bytes()
    found = resolve(served.url)
    assert found.is_relative_to(cache / "hub")
    assert digest(found) == digest(module)
    served.content = None
    assert resolve(served.url) == found
    gc.collect()


@LEAKS
@pytest.mark.parametrize(
    ("content", "why"), [(None, "HTTP 404 Not Found"), (b"<html>", "does not appear to be a valid module")]
)
def test_an_answer_that_is_no_module(served, cache, content, why):
    served.content = content
    assert why in refusal(served.url)
    gc.collect()
    assert not [path for path in (cache / "hub").glob("*") if path.is_dir()]


def test_digest_is_of_what_makes_the_vectors(module, modules, tmp_path):
    shutil.copytree(module, tmp_path / "copy")
    assert digest(tmp_path / "copy") == digest(module)
    (tmp_path / "copy" / "README.md").write_text("read me")
    assert digest(tmp_path / "copy") == digest(module)
    (tmp_path / "copy" / "assets" / "vocabulary.txt").write_text("a word")
    assert digest(tmp_path / "copy") != digest(module)
    assert len({digest(folder) for folder in modules.values()}) == len(modules)


def test_digest_reads_the_files_once(module, tmp_path, monkeypatch):
    shutil.copytree(module, tmp_path / "copy")
    for file in (tmp_path / "copy").rglob("*"):
        os.utime(file, (1, 1))
    monkeypatch.setattr(hashes, "SETTLED_NS", -(10**12))
    first = digest(tmp_path / "copy")
    monkeypatch.setattr(hashes.hashlib, "file_digest", lambda *_: pytest.fail("read again"))
    assert digest(tmp_path / "copy") == first
