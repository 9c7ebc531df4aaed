"""The one way in which files are opened, and JSON is read."""

import json
import os
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.refusals import refusal

from seedbed.files import replace_file, write_whole
from seedbed.limits import JSON_DEPTH
from seedbed.readable import open_regular, parse_json, read_bytes, read_json, read_utf8, shaped

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=12,
)


def test_a_pipe_that_takes_the_place_of_a_file_is_refused_and_not_waited_for(tmp_path, monkeypatch):
    file, pipe = tmp_path / "file", tmp_path / "pipe"
    file.write_bytes(b"x")
    os.mkfifo(pipe)
    real = os.open
    monkeypatch.setattr(os, "open", lambda path, *rest: real(pipe, *rest))  # between the look and the opening
    said = []
    thread = threading.Thread(target=lambda: said.append(refusal(open_regular, file)), daemon=True)
    thread.start()
    thread.join(10)
    assert said
    assert "it is a pipe" in said[0]


def test_a_file_is_read_up_to_a_limit(tmp_path):
    file = tmp_path / "file"
    file.write_bytes(b"\xef\xbb\xbfabc")
    assert read_bytes(file, 6) == b"\xef\xbb\xbfabc"
    assert read_utf8(file) == "abc"
    assert refusal(read_bytes, file, 5, match="file: more than 0.0 MB, too much for what it should be")
    file.write_bytes(b"a\n\xff")
    assert refusal(read_utf8, file, match="file:2: not UTF-8: byte 0xff")


@given(JSON)
def test_json_is_what_it_was(value):
    assert parse_json(json.dumps(value), "a") == value


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "a: not JSON: it is empty"), ("{", "a: not JSON: "), ("9" * 5000, "a: a number of more than 4,300 digits"),
        ("[" * 100_000, "nested too deep"), ("[" * (JSON_DEPTH + 1) + "]" * (JSON_DEPTH + 1), "more than 64 levels"),
    ],
)  # fmt: skip
def test_json_that_is_none_or_too_deep_is_refused(text, said):
    assert refusal(parse_json, text, "a", match=said)
    assert len(refusal(parse_json, text, "a")) < 200


def test_json_of_many_levels_side_by_side_is_read(tmp_path):
    value = [[[]]] * 1000
    (tmp_path / "a").write_text(json.dumps(value))
    assert read_json(tmp_path / "a") == value
    assert parse_json("[" * JSON_DEPTH + "]" * JSON_DEPTH, "a")


SHAPE = {"n": int, "names": [str], "?job": ({"a": (int, None)}, None), "?free": {str: float}}


def test_a_value_that_has_a_shape_is_returned():
    for value in ({"n": 1, "names": []}, {"n": 1, "names": ["a"], "job": None, "free": {"x": 0.5}, "more": [1]}):
        assert shaped(value, SHAPE, "f") is value


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"n": "1"}, 'f: damaged: n must be int, not "1"'), ({"n": True}, "n must be int, not true"),
        ({"n": 1 << 63}, "n must be a number of 64 bits"), ({"names": "a"}, 'names must be a list, not "a"'),
        ({"names": ["a", 1]}, "names.1 must be str, not 1"), ({"names": ["\ud800"]}, "names.0 must be a text of whole"),
        ({"job": {}}, "the key job.a is missing"), ({"job": 1}, "job must be an object, not 1"),
        ({"job": {"a": "x"}}, 'job.a must be int or null, not "x"'),
        ({"free": {"x": 1}}, "free.x must be float, not 1"),
    ],
)  # fmt: skip
def test_what_has_another_shape_is_named_by_its_key(change, said):
    assert said in refusal(shaped, {"n": 1, "names": []} | change, SHAPE, "f")


def test_only_files_are_replaced(tmp_path):
    (tmp_path / "full").symlink_to("/dev/full")
    os.mkfifo(tmp_path / "pipe")
    for name in ("full", "pipe"):
        assert refusal(write_whole, tmp_path / name, b"x", match=f"{name}: cannot be written: it is no regular file")
    assert (tmp_path / "full").is_symlink()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["full", "pipe"]
    replace_file(tmp_path / "new", b"x")
    assert (tmp_path / "new").read_bytes() == b"x"
