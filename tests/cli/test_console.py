"""What is printed arrives on every console, and a reader that goes away ends no command."""

import io
import os
import shlex
import subprocess
import sys
from contextlib import redirect_stdout
from pathlib import Path

import pytest

import seedbed as package
from seedbed.cli.console import StreamError, print_command, print_sentence, refuse_undecoded, safe_streams
from seedbed.errors import InputError

ENVIRONMENT = {"PYTHONPATH": str(Path(package.__file__).parents[1]), "PATH": os.environ.get("PATH", "")}


def seedbed(*words, environment=(), **given):
    return subprocess.run(
        [sys.executable, "-m", "seedbed", *words], env=ENVIRONMENT | dict(environment), check=False,
        stderr=subprocess.PIPE, **given,
    )  # fmt: skip


@pytest.fixture
def chinese(tmp_path):
    rows = "".join(
        f"这部 电影 {'糟糕' if n % 2 else '好看'} \U0001f600 é,{'坏' if n % 2 else '好'}\n" for n in range(8)
    )
    (tmp_path / "chinese.csv").write_text(f"text,label\n{rows}", "utf-8")
    return ["data", "show", "csv", f"dataset.files.train={tmp_path}/chinese.csv", "--examples", "1"]


@pytest.mark.parametrize(
    ("environment", "shown"),
    [
        ({"PYTHONIOENCODING": "cp1252"}, b"\\u8fd9\\u90e8 \\u7535\\u5f71 \\u597d\\u770b \\U0001f600 \xe9"),
        ({"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}, b"\\u8fd9\\u90e8 \\u7535\\u5f71"),
    ],
)
def test_what_a_console_lacks_is_escaped(chinese, environment, shown):
    done = seedbed(*chinese, environment=environment, stdout=subprocess.PIPE)
    assert (done.returncode, shown in done.stdout) == (0, True), done.stderr


def test_errors_are_escaped_too(tmp_path):
    done = seedbed("report", "from=数据.csv", environment={"PYTHONIOENCODING": "latin-1"}, cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.startswith(b"seedbed: \\u6570\\u636e.csv: ")


def test_a_reader_that_went_away_ends_nothing():
    reading, writing = os.pipe()
    os.close(reading)
    with open(writing, "wb") as closed:
        done = seedbed("doctor", "--help", stdout=closed)
    assert (done.returncode, done.stderr) == (0, b"")


def test_what_is_done_after_the_reader_went_away_is_done(monkeypatch):
    reading, writing = os.pipe()
    os.close(reading)
    with open(writing, "w", encoding="utf-8") as closed:
        monkeypatch.setattr(sys, "stdout", closed)
        with safe_streams():
            for line in range(10_000):
                print(line)
            sys.stdout.writelines(["a", "b"])
            print("to the end", flush=True)
        assert sys.stdout is closed


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full here")
def test_an_output_that_is_full_is_one_line():
    with open("/dev/full", "wb") as full:
        done = seedbed("--help", stdout=full)
    assert (done.returncode, done.stderr) == (2, b"seedbed: stdout: cannot be written: No space left on device\n")


def test_without_any_output_a_command_is_done_all_the_same():
    command = [sys.executable, "-m", "seedbed", "--help"]
    done = subprocess.run(["sh", "-c", '"$@" >&- 2>&-', "sh", *command], env=ENVIRONMENT, check=False)
    assert done.returncode == 0


def test_other_streams_are_left_as_they_were(monkeypatch):
    stream = io.TextIOWrapper(io.BytesIO(), "ascii")
    monkeypatch.setattr(sys, "stdout", stream)
    with safe_streams():
        print("é\ud800")
        assert sys.stdout.encoding == "ascii"
    assert sys.stdout is stream
    assert stream.buffer.getvalue() == b"\\xe9\\ud800\n"


def test_a_word_that_is_no_text_is_refused_with_what_to_do(monkeypatch):
    refuse_undecoded(["name=é", "dataset.files.train=a b.csv"])
    word = os.fsdecode(b"name=caf\xe9")
    with pytest.raises(InputError, match=r"command line: name=caf\\xe9: is no text in utf-8: rename the file"):
        refuse_undecoded([word])
    assert not issubclass(InputError, StreamError)
    done = seedbed("show", b"name=caf\xe9", stdout=subprocess.PIPE)
    assert (done.returncode, done.stdout) == (2, b"")


def test_a_name_that_the_locale_has_no_signs_for_is_one_line_before_anything_is_made(tmp_path):
    (tmp_path / "a.csv").write_text("text,label\n" + "good,pos\nbad,neg\n" * 10)
    (tmp_path / "experiment").mkdir()
    (tmp_path / "experiment" / "mine.yaml").write_text("# @package _global_\noutput: 数据\n", "utf-8")
    words = ["run", "--config-dir", ".", "experiment=mine", "dataset=csv", "dataset.files.train=a.csv",
             "task=classification", "encoder=pool", "embedding=random"]  # fmt: skip
    done = seedbed(*words, cwd=tmp_path, environment={"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"})
    assert done.returncode == 2
    assert done.stderr.endswith(b"\\u6570\\u636e: no file can have this name in ascii: export PYTHONUTF8=1\n")
    assert sorted(os.listdir(tmp_path)) == ["a.csv", "experiment"]


def test_an_arm_with_another_alphabet_works_in_the_locale_c_or_is_refused_with_what_to_type(tmp_path):
    (tmp_path / "experiment").mkdir()
    file = tmp_path / "experiment" / "mine.yaml"
    file.write_text("# @package _global_\narms: {größe: [], klein: [encoder=cnn]}\n", encoding="utf-8")
    ascii_only = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    words = ["show", "--config-dir", tmp_path, "experiment=mine"]
    for environment, shown in (({"LC_ALL": "C"}, "größe:".encode()), (ascii_only, b"gr\\xf6\\xdfe:")):
        done = seedbed(*words, environment=environment, stdout=subprocess.PIPE)
        assert (done.returncode, done.stderr) == (0, b"")
        assert shown in done.stdout
    refused = seedbed("show", "arms={größe: []}", environment=ascii_only, stdout=subprocess.PIPE)
    assert refused.returncode == 2
    assert refused.stderr.endswith(b"is no text in ascii: export PYTHONUTF8=1\n")
    assert refused.stderr.count(b"\n") == 1


class Terminal(io.StringIO):
    """Standard output that is a terminal."""

    def isatty(self):
        return True


@pytest.fixture
def printed(monkeypatch):
    """Returns the lines that are printed on a stream, of 80 columns where it is a terminal."""
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("TERM", "xterm")

    def lines(stream, function, *arguments):
        with redirect_stdout(stream):
            function(*arguments)
        return stream.getvalue().splitlines()

    return lines


SENTENCE = "Chosen by [bold] accuracy: " + "lr=0.1 do=0.5, " * 9 + "72.5 % :smile:."
WORDS = ["seedbed", "run", *(f"encoder.key_{n}={n}" for n in range(12)), "sizes=[10, 20]", "note=it's", "x" * 90, "y"]


def test_a_terminal_gets_lines_that_fit_and_a_command_that_a_shell_reads_as_it_is(printed):
    lines = printed(Terminal(), print_sentence, SENTENCE)
    assert len(lines) > 1
    assert max(map(len, lines)) <= 80
    assert " ".join(line.strip() for line in lines) == SENTENCE
    head, *lines = printed(Terminal(), print_command, "to confirm it", shlex.join(WORDS))
    assert head == "to confirm it:"
    assert [line for line in lines if len(line) > 80] == [f"  {'x' * 90} \\"]
    assert len(lines) > 3
    done = subprocess.run(
        ["sh", "-c", "\n".join(["seedbed() { printf '%s\\n' seedbed \"$@\"; }", *lines])],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.splitlines() == WORDS


def test_a_short_command_stays_beside_its_head_and_a_pipe_gets_whole_lines(printed):
    assert printed(Terminal(), print_command, "its overrides", "encoder=cnn") == ["its overrides: encoder=cnn"]
    assert printed(io.StringIO(), print_sentence, SENTENCE) == [SENTENCE]
    assert printed(io.StringIO(), print_command, "to confirm it", shlex.join(WORDS)) == [
        f"to confirm it: {shlex.join(WORDS)}"
    ]
