"""What a file is, by its first bytes: as the libraries that write it write it, and never text for something else."""

import bz2
import io
import lzma
import pickle
import sqlite3
import tarfile
import zipfile

import h5py
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import feather, ipc, orc, parquet

from seedbed.data.file_formats import BZIP2, HEAD, PACKED, PARQUET, WIDE, detect_format, detect_zip_format

TABLE = pa.table({"text": ["one", "two"], "label": [0, 1]})


def stream(write):
    out = io.BytesIO()
    write(out)
    return out.getvalue()


def packed(codec):
    return pa.compress(b"some text", codec=codec, asbytes=True)


def written(path, write):
    write(path)
    return path.read_bytes()


def database(path):
    with sqlite3.connect(path) as own:
        own.execute("create table t (a)")
    own.close()


def arrays(path):
    with h5py.File(path, "w") as file:
        file["a"] = [1]


def arrow(write):
    def written_to(out):
        with write(out, TABLE.schema) as writer:
            writer.write_table(TABLE)

    return stream(written_to)


def archive(out):
    with tarfile.open(fileobj=out, mode="w") as made:
        made.addfile(tarfile.TarInfo("a.txt"))


def test_what_is_packed_is_known():
    for content in (packed("gzip"), packed("zstd"), bz2.compress(b"some text"), lzma.compress(b"some text")):
        assert detect_format(content) in PACKED


def test_an_empty_bzip2_is_one():
    assert detect_format(b"BZh9\x17\x72\x45\x38\x50\x90\x00\x00\x00\x00") == BZIP2


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_pickles_are_named(protocol):
    assert "pickle" in detect_format(pickle.dumps({"a": [1]}, protocol=protocol)).name


def test_files_of_libraries_are_named(tmp_path):
    made = {
        "Parquet": stream(lambda out: parquet.write_table(TABLE, out)),
        "Feather": written(tmp_path / "a", lambda path: feather.write_feather(TABLE, path)),
        "an Arrow or": arrow(ipc.new_file),
        "a stream of Arrow": arrow(ipc.new_stream),
        "ORC": stream(lambda out: orc.write_table(TABLE, out)),
        "NumPy array": stream(lambda out: np.save(out, np.zeros(3))),
        "HDF5": written(tmp_path / "b", arrays),
        "SQLite": written(tmp_path / "c", database),
        "tar": stream(archive),
        "lz4": packed("lz4"),
    }
    for name, content in made.items():
        assert name in detect_format(content[:HEAD]).name


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (b"\xba\x16\x4f\x2f\x0c\x00\x00\x00", "fastText"),
        (b"%PDF-1.7\n", "PDF"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\x00", "Office"),
        (b"7z\xbc\xaf\x27\x1c\x00\x04", "7z"),
        (b"Rar!\x1a\x07\x01\x00", "RAR"),
        (b"X\n\x00\x00\x00\x03\x00\x04", "R data"),
        (b"\x40\x00\x00\x00\x00\x00\x00\x00" + b'{"word":{"dtype":"F32"', "safetensors"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:00\n", "Git LFS"),
        (b"GGUF\x03\x00\x00\x00", "GGUF"),
    ],
)
def test_others_are_named_by_their_first_bytes(head, name):
    assert name in detect_format(head).name


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_wide_text_is_known_with_a_mark_and_without(encoding):
    kind = detect_format("text,label\none,1\n".encode(encoding))
    assert kind in WIDE.values()
    assert f"dataset.reader.encoding={encoding}" in kind.advice


@pytest.mark.parametrize(
    ("names", "kind"),
    [
        (["[Content_Types].xml", "xl/workbook.xml"], "Excel"),
        (["word/document.xml"], "Office"),
        (["mimetype", "content.xml"], "OpenDocument"),
        (["model/data.pkl", "model/data/0"], "PyTorch"),
        (["a.npy", "b.npy"], "NumPy"),
    ],
)
def test_documents_in_a_zip_are_told_by_their_members(names, kind):
    assert kind in detect_zip_format(names).name
    assert detect_zip_format(["a.csv"]) is None
    assert zipfile.is_zipfile(io.BytesIO(stream(lambda out: np.savez(out, a=[1]))))


@given(st.text(st.characters(exclude_categories=("Cc", "Cs"), include_characters="\t\n\r"), max_size=40))
def test_text_is_never_taken_for_anything_else(text):
    assert detect_format(text.encode()) is None or text.startswith(("%PDF-", "{\\rtf", "version https://git-lfs"))


@pytest.mark.parametrize("text", ["PAR1 is a token O\n", "GGUF,1\n", "BZh91 O\n", "ORC O\n", "FEA1\tx\n", "é" * 99])
def test_text_that_begins_like_a_kind_is_text(text):
    assert detect_format(text.encode()) is None


def test_a_text_with_the_name_of_tar_where_tar_has_it_is_text():
    assert detect_format(b"x" * 257 + b"ustar\n" + b"x" * 300) is None
    assert detect_format(b"PAR1\x15\x04") == PARQUET
