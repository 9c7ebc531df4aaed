"""Packed files are read as what they hold, whatever their name, and never beyond what is allowed."""

import bz2
import gzip
import io
import lzma
import tarfile
import tracemalloc
import zipfile

import pyarrow as pa
import pytest
from pyarrow import parquet
from tests.refusals import refusal

from seedbed.data import text_files
from seedbed.data.csv_readers import Table
from seedbed.data.dataset import Dataset
from seedbed.data.readers import Columns, LabelLines
from seedbed.data.text_files import read_text, streamed
from seedbed.errors import InputError
from seedbed.limits import size_limit

TEXT = "text,label\none,a\ntwo,b\n"
READ = [("one", "a"), ("two", "b")]


def zipped(files):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def zstd(content):
    out = pa.BufferOutputStream()
    with pa.CompressedOutputStream(out, "zstd") as stream:
        stream.write(content)
    return out.getvalue().to_pybytes()


PACKERS = {
    "gz": lambda content: gzip.compress(content, mtime=0),
    "bz2": bz2.compress,
    "xz": lzma.compress,
    "zst": zstd,
    "zip": lambda content: zipped({"deep/a.csv": content, "__MACOSX/a.csv": b"no"}),
}


@pytest.fixture
def put(tmp_path):
    def written(content, name="a.csv"):
        (tmp_path / name).write_bytes(content.encode() if isinstance(content, str) else content)
        return tmp_path / name

    return written


def rows(path):
    return [(raw.words, raw.target) for raw in Table().read(path)]


def refused(path, message, reader=None):
    reads = (lambda: list((reader or Table()).read(path)), lambda: list(streamed(path, "utf-8")))
    return [refusal(read, match=message) for read in reads]


@pytest.mark.parametrize("kind", PACKERS)
@pytest.mark.parametrize("named", [True, False])
def test_every_packing_is_read_with_its_name_or_without(put, kind, named):
    path = put(PACKERS[kind](TEXT.encode()), f"a.csv.{kind}" if named else "a.csv")
    assert rows(path) == READ
    assert list(streamed(path, "utf-8")) == TEXT.splitlines()


@pytest.mark.parametrize("kind", ["gz", "bz2", "xz", "zst"])
def test_packed_pieces_one_after_the_other_are_read_to_the_last(put, kind):
    assert rows(put(PACKERS[kind](TEXT.encode()) + PACKERS[kind](b"three,a\n"))) == [*READ, ("three", "a")]


@pytest.mark.parametrize("kind", PACKERS)
def test_a_cut_file_is_refused(put, kind):
    whole = PACKERS[kind]("".join(f"{n * 7919},a\n" for n in range(3000)).encode())
    assert refused(put(whole[: len(whole) // 2], f"a.csv.{kind}"), "cannot be read|unreadable zip", LabelLines())


def test_a_zip_of_several_files_names_them(put):
    assert refused(put(zipped({"a.csv": "", "b.csv": ""})), r"has 2 files \(a.csv, b.csv\), where one is needed")
    assert refused(put(zipped({})), "has no file")
    assert refused(put(zipped({"xl/workbook.xml": ""})), "it is an Excel workbook; save it as CSV")


def test_what_is_no_text_is_named_also_inside_what_is_packed(put, tmp_path):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        archive.addfile(tarfile.TarInfo("a.csv"))
    assert refused(put(out.getvalue(), "a.tar.gz"), r"it is a tar archive \(packed by gzip\); unpack it")
    assert refused(put(gzip.compress(gzip.compress(b"a"))), "it is packed by gzip; unpack it once")
    assert refused(put(b"\x80\x04\x95" + bytes(9)), "a Python pickle, which is never opened")
    parquet.write_table(pa.table({"a": [1]}), tmp_path / "a.parquet")
    with pytest.raises(InputError, match="it is a Parquet file; write it as CSV or JSON lines"):
        list(Columns().read(tmp_path / "a.parquet"))


def test_wide_text_is_read_where_its_encoding_is_named(put):
    for encoding in ("utf-16", "utf-16-le", "utf-32"):
        path = put(TEXT.encode(encoding))
        assert [raw.words for raw in Table(encoding=encoding).read(path)] == ["one", "two"]
        assert refused(path, f"dataset.reader.encoding={encoding}")


@pytest.mark.parametrize("kind", [*PACKERS, ""])
def test_a_file_that_holds_more_than_is_allowed_is_refused(put, kind):
    content = b"a b\n" * 100_000
    path = put(PACKERS[kind](content) if kind else content)
    with size_limit(0.0004):
        assert len(read_text(path, "utf-8")) == 400_000
    with size_limit(0.0003), pytest.raises(InputError, match=r"a.csv: more than dataset.max_file_gb=0.0003; raise it"):
        read_text(path, "utf-8")
    with size_limit(0.0003), pytest.raises(InputError, match=r"dataset.max_file_gb"):
        list(streamed(path, "utf-8"))


def test_what_expands_beyond_what_is_allowed_never_lies_in_memory(put):
    path = put(gzip.compress(b"a\n" * (10 << 20), 9, mtime=0))
    tracemalloc.start()
    try:
        with size_limit(0.002), pytest.raises(InputError, match=r"dataset.max_file_gb"):
            read_text(path, "utf-8")
        assert tracemalloc.get_traced_memory()[1] < 10 << 20
    finally:
        tracemalloc.stop()


def test_a_data_set_has_the_limit_for_labelled_and_unlabelled_files(put, tmp_path):
    put("0 a\n1 b\n" * 1000, "train.txt")
    put(gzip.compress(b"c d\n" * 1000), "more.txt.gz")
    files = {"train": "train.txt", "unlabelled": "more.txt.gz"}
    settings = {"reader": LabelLines(), "path": str(tmp_path), "files": files}
    own = Dataset(**settings)
    assert len(own.load().splits["train"]) == 2000
    assert len(list(own.unlabelled())) == 1000
    less = Dataset(**settings, max_file_gb=0.000001)
    for read in (less.load, lambda: list(less.unlabelled())):
        with pytest.raises(InputError, match=r"more than dataset.max_file_gb=1e-06"):
            read()
    assert list(own.unlabelled())  # the limit of one is not that of the next
    with pytest.raises(InputError, match=r"dataset.max_file_gb=0: must be above 0"):
        Dataset(**settings, max_file_gb=0)


def test_a_line_without_an_end_is_refused_with_its_number(put, monkeypatch):
    monkeypatch.setattr(text_files, "LINE_BYTES", 1 << 21)
    path = put(gzip.compress(b"a\nb\n" + b"c" * (5 << 20)))
    with pytest.raises(InputError, match=r"a.csv:3: a line of more than 2 MB"):
        read_text(path, "utf-8")
    assert len(read_text(put(b"c" * (2 << 20)), "utf-8")) == 2 << 20
    assert len(read_text(put((b"c" * (1 << 20) + b"\n") * 5), "utf-8")) == 5 * ((1 << 20) + 1)
