"""Wherever a file is named: a pipe, a device, a folder or a name of 5,000 characters is one line, and nothing waits."""

import gzip
import os
from pathlib import Path

import pytest

LONG = "a" * 5000
ARM = ["task=classification", "encoder=pool", "training.epochs=1", "embedding=fasttext"]
MINE = ["dataset=csv", "dataset.files.train=mine.csv"]


@pytest.fixture
def folder(seedbed):
    Path("mine.csv").write_text("text,label\ngood,pos\nbad,neg\n" * 20, encoding="utf-8")
    Path("s.txt").write_text("one two\n", encoding="utf-8")
    Path("v.txt").write_text("good 1 2\nbad 2 3\n", encoding="utf-8")
    Path("dir").mkdir()
    os.mkfifo("pipe")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("pipe", "pipe: cannot be read: it is a pipe, which need not end"),
        (LONG, "aaa...aaaaaaaaaaaaaaaaaaa: cannot be read: File name too long"),
    ],
    ids=lambda text: text[:4],
)
@pytest.mark.parametrize(
    "words",
    [
        ["data", "show", "csv", "dataset.files.train={}"],
        ["run", *MINE, *ARM, "embedding.dim=2", "embedding.path={}", "arm=mine"],
        ["embed", "embedding=elmo_tiny", "input={}", "output=o.npz"],
        ["report", "from={}"],
        ["explore", "word=good", "embedding=elmo_tiny", "senses=./{}"],
        ["pretrain", *MINE, "dataset.files.unlabelled={}", "part=unlabelled"],
    ],
    ids=lambda words: f"{words[0]}-{next(word for word in words if '{}' in word).partition('=')[0]}",
)
def test_what_has_no_end_or_no_name_is_refused(folder, refused, words, given, said):
    line = refused(*(word.format(given) for word in words))
    assert said in line
    assert len(line) < 400


def test_devices_and_folders_too(folder, refused):
    assert "it is a device" in refused("data", "show", "csv", "dataset.files.train=/dev/zero")
    assert "it is a folder" in refused("data", "show", "csv", "dataset.files.train=dir")
    assert "it is a device" in refused("run", *MINE, *ARM, "embedding.dim=2", "embedding.path=/dev/zero")
    assert "it is a folder" in refused("run", *MINE, *ARM, "embedding.dim=2", "embedding.path=dir")


def test_a_corpus_of_raw_text_too(folder, refused):
    os.mkfifo("dir/pipe.txt")
    assert "it is a pipe" in refused("pretrain", "corpus=pipe")
    assert "File name too long" in refused("pretrain", f"corpus={LONG}")
    assert "has no file that ends in" in refused("pretrain", "corpus=dir")
    Path("a.txt").write_bytes(gzip.compress(gzip.compress(b"a")))
    assert "it is packed by gzip; unpack it once" in refused("pretrain", "corpus=a.txt")


@pytest.mark.parametrize(
    "words",
    [
        ["run", *MINE, *ARM, "embedding.dim=2", "embedding.path=v.txt", "output={}"],
        ["compare", *MINE, *ARM, "embedding.dim=2", "embedding.path=v.txt", "output=dir/{}"],
        ["embed", "embedding=elmo_tiny", "input=s.txt", "output={}.npz"],
        ["pretrain", "corpus=s.txt", "output={}"],
    ],
    ids=lambda words: words[0],
)
def test_an_output_that_no_folder_can_have_is_refused_before_anything_is_done(folder, refused, words):
    line = refused(*(word.format(LONG) for word in words))
    assert "cannot be written: File name too long" in line
    assert len(line) < 400


def test_a_report_whose_output_no_folder_can_have_leaves_nothing(folder, refused):
    Path("r.csv").write_text("arm,n_train,replicate,test/accuracy\na,10,0,0.5\nb,10,0,0.6\n", encoding="utf-8")
    assert "File name too long" in refused("report", "from=r.csv", f"output={LONG}")


def test_a_name_too_long_anywhere_else_is_a_line_as_well(seedbed, monkeypatch):
    monkeypatch.setattr("seedbed.cli.show.main", lambda _: Path("b" * 5000).stat())
    said = seedbed("show")
    assert said.code == 2
    assert said.err.endswith("bbb: File name too long\n")
    with pytest.raises(OSError, match="File name too long"):
        seedbed("show", "--debug")
