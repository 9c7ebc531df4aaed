import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.embeddings.vector_lines import BadLines, parse, parse_line_by_line, parse_regular, width
from seedbed.errors import InputError

ODD = [
    '"',
    "'",
    '""',
    "#",
    "null",
    "NaN",
    "nan",
    "NULL",
    "N/A",
    "-",
    "1",
    "2.5",
    "\u00a0x",
    "a\u2028b",
    "\x85",
    "\\",
    ",",
]
words = st.one_of(st.sampled_from(ODD), st.text(st.characters(exclude_characters=" \n\r\t", codec="utf-8"), min_size=1))
numbers = st.one_of(
    st.floats(width=32, allow_nan=False, allow_infinity=False).map(repr),
    st.floats(-1e30, 1e30).map(lambda x: f"{x:.30f}"),
    st.sampled_from(["0", "-0", "1.", ".5", "+3", "1e5", "1E-3", "1.00000005960464477539", "0.1"]),
)
trash = st.text(st.sampled_from("0123456789.eE+-_ naif\t\r\n\x00é"), max_size=60).map(str.encode)


def good_lines(dim):
    return st.lists(st.tuples(words, st.lists(numbers, min_size=dim, max_size=dim)), min_size=1, max_size=8)


def skipping():
    return BadLines("file", strict=False)


def same(one, other):
    assert list(one.words) == list(other.words)
    assert list(one.lines) == list(other.lines)
    assert one.rows.dtype == other.rows.dtype == np.float32
    assert one.rows.tobytes() == other.rows.tobytes()


@given(good_lines(3), st.sampled_from(["\n", " \n", "\r\n"]), st.booleans())
def test_both_ways_read_what_was_written(lines, end, closed):
    text = end.join(" ".join([word, *row]) for word, row in lines) + end * closed
    bad = skipping()
    slow = parse_line_by_line(text.encode(), 3, 1, bad)
    assert list(slow.words) == [word for word, _ in lines]
    assert slow.rows.tobytes() == np.array([[float(x) for x in row] for _, row in lines], np.float32).tobytes()
    assert not bad.counts
    same(parse(text.encode(), 3, 1, skipping()), slow)


@given(good_lines(2), trash, st.integers(0, 8))
def test_the_fast_way_gives_what_the_line_loop_gives_or_nothing(lines, noise, place):
    text = [" ".join([word, *row]).encode() for word, row in lines]
    text.insert(min(place, len(text)), noise)
    text = b"\n".join(text) + b"\n"
    fast, bad = parse_regular(text, 2, 5), skipping()
    slow = parse_line_by_line(text, 2, 5, bad)
    if fast is not None:
        assert not bad.counts
        same(fast, slow)


def test_ordinary_lines_take_the_fast_way():
    text = "".join(f"{word} 0.5 -1e-3\n" for word in ODD if "\t" not in word).encode()
    fast = parse_regular(text, 2, 1)
    assert list(fast.words) == ODD
    assert list(fast.lines) == list(range(1, len(ODD) + 1))


def test_a_word_may_hold_spaces():
    block = parse(b". . . 1 2\nat name@domain.com 3 4\n", 2, 1, BadLines("file"))
    assert list(block.words) == [". . .", "at name@domain.com"]
    assert block.rows.tolist() == [[1, 2], [3, 4]]


def test_blank_lines_are_passed_over_and_numbered():
    block = parse(b"a 1 2\n\n \nb 3 4\n", 2, 1, BadLines("file"))
    assert list(zip(block.words, block.lines, strict=True)) == [("a", 1), ("b", 4)]


@pytest.mark.parametrize(
    ("line", "reason", "said"),
    [
        (b"c 1", "width", "1 numbers where 2 are needed"),
        (b"c", "width", "0 numbers where 2 are needed"),
        (b"c 1 2 3", "width", "3 numbers where 2 are needed"),
        (b"c nan 2", "finite", "nan among the numbers"),
        (b"c 1 -Inf", "finite", "-Inf among the numbers"),
        (b"c 1e39 2", "finite", "too large for float32"),
        (b"c 1e999 2", "finite", "too large for float32"),
        (b"c 1 x", "number", "'x' is not a number"),
        (b"c 1_0 2", "number", "'1_0' is not a number"),
        (b"c 0x1 2", "number", "'0x1' is not a number"),
        (b"c 1  2", "width", "numbers where 2 are needed"),
        (b"c\t1 2", "sign", "a tab after the word, where a space is needed"),
        (b"c\t1 2 3", "sign", "a tab after the word, where a space is needed"),
        (b" 1 2", "word", "no word before the numbers"),
        (b"c  1 2", "word", "a blank at an end of the word"),
    ],
)
def test_a_bad_line_is_refused_with_its_number_or_skipped_and_counted(line, reason, said):
    text = b"a 1 2\n" + line + b"\nb 3 4\n"
    with pytest.raises(InputError, match=r"^file:11: ") as caught:
        parse(text, 2, 10, BadLines("file"))
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
    bad = skipping()
    block = parse(text, 2, 10, bad)
    assert list(zip(block.words, block.lines, strict=True)) == [("a", 10), ("b", 12)]
    assert bad.counts == {reason: 1}
    assert bad.first.startswith("11: ")


def test_words_that_are_not_utf8_are_left_out_and_counted_but_not_refused():
    bad = BadLines("file")
    block = parse(b"a 1 2\nam\xe9lie 3 4\n", 2, 1, bad)
    assert list(block.words) == ["a"]
    assert bad.counts == {"encoding": 1}


def test_a_short_last_line_without_its_end_is_a_cut_file():
    with pytest.raises(InputError, match=r"^file:2: the file is cut here"):
        parse(b"a 1 2\nb 3", 2, 1, BadLines("file"))


def test_width_is_that_of_most_lines():
    assert width([b"a 1 2", b"b 1", b". . 3 4", b"5 6 7 "], 9) == 2
    assert width([b"a 1", b"b 1 2"], 2) == 2
    assert width([b"some text"], 2) == 0
    assert width([], 2) == 0
