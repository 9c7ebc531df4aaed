import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from seedbed.embeddings.layer_cache import entries
from seedbed.errors import InputError

DIGEST = "ab" * 32
TOKENS = st.lists(st.text(max_size=5), max_size=6)
ROWS = arrays(np.float32, st.tuples(st.integers(1, 6), st.integers(1, 5)), elements=st.floats(-60000, 60000, width=32))


@given(ROWS, TOKENS)
def test_what_is_packed_is_unpacked_in_half_precision(rows, tokens):
    key = entries.sentence_key(DIGEST, tokens)
    made = entries.unpack(key, entries.pack(key, entries.to_float16(rows, "m", tokens)))
    assert made.dtype == np.float16
    assert made.tobytes() == rows.astype(np.float16).tobytes()
    assert made.shape == rows.shape


@given(TOKENS, TOKENS)
def test_other_tokens_have_another_key(one, other):
    assert (entries.sentence_key(DIGEST, one) == entries.sentence_key(DIGEST, other)) == (one == other)


@pytest.mark.parametrize(
    ("one", "other"), [(["a b"], ["a", "b"]), (["a", ""], ["a"]), (["é"], ["e\u0301"]), (['a", "b'], ["a", "b"])]
)
def test_tokens_that_look_alike_are_told_apart(one, other):
    assert entries.sentence_key(DIGEST, one) != entries.sentence_key(DIGEST, other)


def test_models_have_keys_of_their_own_and_lie_together():
    one, other = (entries.sentence_key(digest * 32, ["a"]) for digest in ("ab", "cd"))
    assert one != other
    assert one.startswith(entries.model_key("ab" * 32))
    assert entries.sentence_key(DIGEST, ("a", "\ud800")) != entries.sentence_key(DIGEST, ("a",))


@given(ROWS, st.data())
def test_any_byte_that_differs_is_damage(rows, data):
    key = entries.sentence_key(DIGEST, ["a"])
    packed = bytearray(entries.pack(key, rows.astype(np.float16)))
    packed[data.draw(st.integers(0, len(packed) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(entries.DamagedEntryError):
        entries.unpack(key, bytes(packed))


@given(ROWS, st.data())
def test_an_entry_that_was_cut_is_damage(rows, data):
    key = entries.sentence_key(DIGEST, ["a"])
    packed = entries.pack(key, rows.astype(np.float16))
    with pytest.raises(entries.DamagedEntryError):
        entries.unpack(key, packed[: data.draw(st.integers(0, len(packed) - 1))])


def test_the_entry_of_another_sentence_is_damage():
    packed = entries.pack(entries.sentence_key(DIGEST, ["a"]), np.ones((1, 2), np.float16))
    with pytest.raises(entries.DamagedEntryError):
        entries.unpack(entries.sentence_key(DIGEST, ["b"]), packed)


@pytest.mark.parametrize("value", [1e5, -7e4, np.inf, np.nan])
def test_numbers_that_half_precision_cannot_hold_are_refused(value):
    rows = np.zeros((2, 3), np.float32)
    rows[1, 1] = value
    with pytest.raises(InputError, match="float16 cannot hold") as refused:
        entries.to_float16(rows, "the-model", ["old", "word"])
    assert "the-model" in str(refused.value)
    assert "'old word'" in str(refused.value)


def test_a_damaged_record_is_noticed():
    packed = entries.pack_record({"name": "m", "widths": [2, 4]})
    assert entries.unpack_record(packed) == {"name": "m", "widths": [2, 4]}
    for n in range(len(packed)):
        with pytest.raises(entries.DamagedEntryError):
            entries.unpack_record(packed[:n] + bytes([packed[n] ^ 1]) + packed[n + 1 :])
