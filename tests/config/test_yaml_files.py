"""YAML files as people write them: what is read in them, and the line that says what is wrong and where."""

import os

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from seedbed.config.yaml_files import read_yaml
from seedbed.config.yaml_tree import DEEPEST, MOST_VALUES
from seedbed.errors import InputError

BOMB = "".join(
    f"{b}: &{b} [{','.join([f'*{a}' if a else 'x'] * 10)}]\n"
    for a, b in zip(["", *"abcdefghijk"], "abcdefghijkl", strict=True)
)


@pytest.fixture
def loaded(tmp_path):
    """Writes a file and reads it; its content."""

    def made(content):
        file = tmp_path / "mine.yaml"
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        return yaml.safe_load(read_yaml(file).text)

    return made


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_a_byte_order_mark_says_the_encoding_and_is_no_part_of_the_text(loaded, encoding):
    mark = "\ufeff" if encoding in ("utf-16-le", "utf-16-be") else ""
    assert loaded(f"{mark}name: café\r\nseed: 3\r\n".encode(encoding)) == {"name": "café", "seed": 3}


def test_every_key_is_what_is_written_there(loaded):
    text = "{yes: a, no: b, on: c, 1: d, 1.0: e, 010: f, null: g, ~: h, 2024-01-01: i, 12:30: j, =: k, 'true': l}"
    keys = ["yes", "no", "on", "1", "1.0", "010", "null", "~", "2024-01-01", "12:30", "=", "true"]
    assert list(loaded(text)) == keys
    assert loaded("a:\n  yes: no\n  ? off\n  : =\n") == {"a": {"yes": False, "off": "="}}
    assert loaded("a: &x {yes: 1}\nb: {<<: *x, no: *x}\n")["b"] == {"yes": 1, "no": {"yes": 1}}
    assert loaded("&k yes: 1\nb: *k\n") == {"yes": 1, "b": "yes"}


@settings(max_examples=50)
@given(
    st.dictionaries(st.text("ynoes01.:~-_+ eTx", min_size=1, max_size=5).map(str.strip).filter(bool), st.integers(0, 9))
)
def test_random_keys_written_plain_are_read_as_texts(tmp_path_factory, mapping):
    keys = [key for key in mapping if _is_a_plain_key(key)]
    file = tmp_path_factory.getbasetemp() / "keys.yaml"
    file.write_text("a: 0\n" + "".join(f"{key}: {mapping[key]}\n" for key in keys if key != "a"), encoding="utf-8")
    assert list(yaml.safe_load(read_yaml(file).text)) == ["a", *keys]


def _is_a_plain_key(text):
    try:
        found = yaml.compose(f"{text}: 0\n", Loader=yaml.BaseLoader)
    except yaml.YAMLError:
        return False
    return isinstance(found, yaml.MappingNode) and [key.value for key, _ in found.value] == [text] and text != "a"


WRONG = {
    "a: 1\nb:\n\tc: 1\n": "3: a tab; YAML is indented with spaces",
    "a: {b:\t1,\n\tc: 2}\n": "1: a tab; YAML is indented with spaces",
    "a: 1\nb: [1, 2\nc: 3\n": "3: expected ',' or ']', but got ':'; the bracket opens on line 2",
    "a: 1\nb: [1, 2\n": "2: a bracket is not closed",
    "a: 1\nb: {c: [1, 2}\n": "2: expected ',' or ']', but got '}'",
    "a: 'b\nc: 1\n": "1: a quote is not closed",
    "a: 1\na: 2\n": "2: the key a appears twice, first on line 1",
    "a:\n  b: 1\n  b: 2\n": "3: the key b appears twice, first on line 2",
    "a: b: c\n": "1: a second colon on the line",
    "a:\n  b: 1\n   c: 2\n": "3: a second colon on the line, or another indent than above",
    "a: @b\n": "1: a text that begins with @ goes in quotes",
    "a: *b\n": "1: found undefined alias 'b'",
    "a: &x [*x]\n": "1: has an alias of itself within it",
    BOMB: f"5: stands for more than {MOST_VALUES:,} values, with its aliases written out",
    "a: !!python/object/apply:os.system [ls]\n": "1: the tag !!python/object/apply:os.system: a config has none",
    "a: !!python/name:os.system\n": "1: the tag !!python/name:os.system: a config has none",
    "b: 1\na: !env HOME\n": "2: the tag !env: a config has none",
    "a: 1\n---\nb: 2\n": "2: a second document (`---`); a file has one",
    "b: 1\n? [a, b]\n: 1\n": "2: a key must be a text, not a list or a mapping",
    "- a\n": "1: must have keys, such as `name: value`; this is no mapping",
    "a\n": "1: must have keys",
    "a: 1\nb: caf\xe9\n".encode("latin-1"): "2: not UTF-8: byte 0xe9 ('é' in latin-1); save the file as UTF-8",
    "a: 1\nb: a\0b\n": "2: unacceptable character #x0000: special characters are not allowed",
    'a: 1\nb: "\\uD83D"\n': "2: has half a surrogate pair, which is no character",
    f"a: {'[' * (DEEPEST + 1)}{']' * (DEEPEST + 1)}\n": f"1: nested too deep: more than {DEEPEST} levels",
    f"a: 1\nb: {'[' * 600}{']' * 600}\n": "2: nested too deep",
}


@pytest.mark.parametrize("content", WRONG, ids=range(len(WRONG)))
def test_what_is_wrong_is_one_line_with_the_place(loaded, content):
    with pytest.raises(InputError, match=r"mine\.yaml:\d+: ") as refused:
        loaded(content)
    assert WRONG[content] in str(refused.value)
    assert "\n" not in str(refused.value)


def test_what_is_no_file_is_not_opened(tmp_path):
    (tmp_path / "folder.yaml").mkdir()
    os.mkfifo(tmp_path / "pipe.yaml")
    (tmp_path / "nowhere.yaml").symlink_to("nothing")
    (tmp_path / "zero.yaml").symlink_to("/dev/zero")
    for name, why in {
        "folder": "is a folder",
        "pipe": "no regular",
        "nowhere": "no regular",
        "zero": "no regular",
    }.items():
        with pytest.raises(InputError, match=rf"{name}\.yaml: .*{why}"):
            read_yaml(tmp_path / f"{name}.yaml")


def test_a_file_without_end_is_not_read(tmp_path):
    with (tmp_path / "huge.yaml").open("wb") as stream:
        stream.truncate(2**40)
    with pytest.raises(InputError, match=r"huge\.yaml: has more than 4 MB"):
        read_yaml(tmp_path / "huge.yaml")


def test_the_line_of_a_key(tmp_path):
    (tmp_path / "mine.yaml").write_text("# a comment\na: &x\n  b: 1\nc:\n  <<: *x\n  a.b: 2\n", encoding="utf-8")
    document = read_yaml(tmp_path / "mine.yaml")
    assert [document.line(path) for path in (["a"], ["a", "b"], ["c", "a.b"], ["c", "b"], ["d"], ["a", "b", "c"])] == [
        2, 3, 6, 3, None, None,
    ]  # fmt: skip
    assert document.line_of_text("c:") == 4
