import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.embeddings import vector_table
from seedbed.embeddings.vector_lines import Block
from seedbed.embeddings.vector_table import DamagedError, in_memory, load, store

words = st.text(st.characters(codec="utf-8"), min_size=1, max_size=6)


def nothing_bad():
    return {"skipped": {}, "first_bad": ""}


def block(names, dim=2):
    rows = np.arange(len(names) * dim, dtype=np.float32).reshape(-1, dim)
    return Block(list(names), range(1, len(names) + 1), rows)


@given(st.sets(words, min_size=1, max_size=30), st.lists(words, max_size=30), st.sampled_from([1, 3, 1 << 64]))
def test_finding_is_a_dictionary_look_up_even_when_hashes_collide(known, asked, kinds):
    known = sorted(known)
    whole = vector_table.hash_words
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(vector_table, "hash_words", lambda codes: whole(codes) % np.uint64(min(kinds, 2**64 - 1)))
        table = in_memory([block(known)], nothing_bad)
        asked = [*asked, *known]
        rows = {word: row for row, word in enumerate(known)}
        assert table.find(asked).tolist() == [rows.get(word, -1) for word in asked]


def test_no_words_asked_is_no_rows():
    table = in_memory([block(["a"])], nothing_bad)
    assert table.take(table.find([])).shape == (0, 2)
    assert table.find(["\ud800"]).tolist() == [-1]


@given(names=st.lists(words, min_size=1, max_size=20, unique=True), size=st.integers(1, 20))
def test_a_stored_table_is_the_one_in_memory_however_its_blocks_were_cut(names, size, tmp_path_factory):
    whole = block(names)
    cut = [
        Block(names[at : at + size], whole.lines[at : at + size], whole.rows[at : at + size])
        for at in range(0, len(names), size)
    ]
    cut.insert(1, Block([], [], np.zeros((0, 2), np.float32)))
    folder = tmp_path_factory.mktemp("table")
    store(folder, cut, lambda: {"skipped": {"width": 2}, "first_bad": "3: short"})
    stored, memory = load(folder, 2), in_memory([whole], nothing_bad)
    assert stored.digest == memory.digest
    assert (stored.skipped, stored.first_bad) == ({"width": 2}, "3: short")
    assert stored.find(names).tolist() == memory.find(names).tolist() == list(range(len(names)))
    assert stored.take(stored.find(names)).tobytes() == whole.rows.tobytes()


def test_the_digest_is_that_of_words_and_rows_in_order():
    def digest(names, rows):
        rows = np.array(rows, np.float32)
        return in_memory([Block(names, range(1, len(names) + 1), rows)], nothing_bad).digest

    different = [
        digest(["a", "b"], [[1, 2], [3, 4]]),
        digest(["b", "a"], [[1, 2], [3, 4]]),
        digest(["a", "b"], [[1, 2], [3, 5]]),
        digest(["ab", ""], [[1, 2], [3, 4]]),
        digest(["a", "b"], [[3, 4], [1, 2]]),
    ]
    assert len(set(different)) == len(different)


FILES = ["about.json", "matrix.f32", *(f"{name}.npy" for name in vector_table.INDEX)]


@pytest.mark.parametrize("damage", ["gone", "empty", "cut", "flipped"])
@pytest.mark.parametrize("name", FILES)
def test_damage_is_noticed(tmp_path, name, damage):
    store(tmp_path, [block(["a", "b", "c"])], nothing_bad)
    file = tmp_path / name
    data = file.read_bytes()
    file.unlink()
    if damage != "gone":
        flipped = data[:-1] + bytes([data[-1] ^ 0x40])
        file.write_bytes({"empty": b"", "cut": data[:-1], "flipped": flipped}[damage])
    with pytest.raises(DamagedError):  # noqa: PT012
        table = load(tmp_path, 2)
        table.take(table.find(["a", "b", "c"]))
