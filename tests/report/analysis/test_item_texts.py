"""What a report reads for the error viewer: whole files come back, damaged ones are refused in a line."""

import gzip
import io
import json
import zipfile

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.errors import InputError
from seedbed.report.analysis import item_texts as items_module
from seedbed.report.analysis import probabilities as shares_module
from seedbed.report.analysis.item_texts import Items, Text, merge_items, read_items
from seedbed.report.analysis.probabilities import ProbabilityReader, mean_probabilities, parse_probabilities
from seedbed.report.errors.heat_strips import strip_of, tracked_strip

CONTENT = {
    "version": 1,
    "corpora": {"c": {"task": "tagging", "examples": {"t/1": ["Ann", "left"], "t/2": ["so"]}, "lengths": {"t/2": 9},
                      "mentions": [["ann", "per"], ["oslo", "loc"]]}},
    "draws": [["tweets", "d0", "c", [1]], ["tweets", "d1", "c", None]],
    "left_out": 3,
}  # fmt: skip
ARRAYS = {
    "ids": np.array(["a", "b"]),
    "lengths": np.array([1, 2]),
    "values": np.arange(6, dtype=np.uint8).reshape(3, 2),
    "labels": np.array(["O", "B-x"]),
}


def packed(content):
    return gzip.compress(json.dumps(content).encode(), mtime=0)


def npz(**arrays):
    file = io.BytesIO()
    np.savez_compressed(file, **{**ARRAYS, **arrays})
    return file.getvalue()


def test_texts_and_entities_come_back_by_data_set_and_draw():
    found = read_items(packed(CONTENT), "items")
    assert found.text("tweets", "d0", "t/1") == Text(("Ann", "left"), 2)
    assert found.text("tweets", "d0", "t/2") == Text(("so",), 9)
    assert found.training_mentions("tweets", "d0") == {("oslo", "loc")}
    assert (
        found.training_mentions("tweets", "d1")
        is found.training_mentions("other", "d0")
        is found.text("tweets", "d0", "t/3")
        is None
    )
    assert found.left_out == 3


def test_several_studies_together_have_what_each_has():
    other = {**CONTENT, "draws": [["tweets", "d2", "c", [0]]], "left_out": 0,
             "corpora": {"c": {**CONTENT["corpora"]["c"], "examples": {"t/3": ["new"]}}}}  # fmt: skip
    both = merge_items([read_items(packed(CONTENT), "a"), None, read_items(packed(other), "b")])
    assert both.text("tweets", "d0", "t/1")
    assert both.text("tweets", "d2", "t/3")
    assert both.training_mentions("tweets", "d2") == {("ann", "per")}
    assert merge_items([None]) is None
    assert merge_items([Items()]) == Items()


@pytest.mark.parametrize(
    "content",
    [
        b"", b"no gzip", packed(CONTENT)[:-9], gzip.compress(b"\xff", mtime=0), gzip.compress(b"[" * 100_000, mtime=0),
        packed([]), packed({}), packed(None), packed({**CONTENT, "corpora": [1]}),
        packed({**CONTENT, "draws": [["a", "b"]]}),
        packed({**CONTENT, "draws": [["tweets", "d0", "c", [7]]]}), packed({**CONTENT, "draws": [["t", "d", "x", []]]}),
        packed({**CONTENT, "draws": [["tweets", "d0", ["c"], None]]}),
        packed({**CONTENT, "corpora": {"c": {**CONTENT["corpora"]["c"], "examples": {"t": [3]}}}}),
        packed({**CONTENT, "corpora": {"c": {**CONTENT["corpora"]["c"], "mentions": [["a"]]}}}),
    ],
)  # fmt: skip
def test_damaged_items_are_refused_with_their_place(content):
    with pytest.raises(InputError, match=r"^items of run 7: not") as refused:
        read_items(content, "items of run 7")
    assert "\n" not in str(refused.value)


def test_items_of_another_version_or_without_end_are_refused(monkeypatch):
    with pytest.raises(InputError, match="items: is of version 2, not 1"):
        read_items(packed({**CONTENT, "version": 2}), "items")
    monkeypatch.setattr(items_module, "LARGEST", 100)
    with pytest.raises(InputError, match="items: over 100 bytes when unpacked"):
        read_items(packed(CONTENT), "items")


def test_probabilities_come_back_by_example():
    found = parse_probabilities(npz(), "file")
    assert found.labels == ("O", "B-x")
    assert {name: part.tolist() for name, part in found.values.items()} == {"a": [[0, 1]], "b": [[2, 3], [4, 5]]}
    epochs = parse_probabilities(npz(values=np.zeros((4, 3, 2), np.uint8)), "file")
    assert epochs.values["b"].shape == (4, 2, 2)


@pytest.mark.parametrize(
    "content",
    [
        b"", b"PK", npz()[:200], npz()[:-30], npz(lengths=np.array([1, 3])), npz(lengths=np.array([-1, 4])),
        npz(labels=np.array(["O"])), npz(values=np.zeros((3, 2))), npz(ids=np.array(["a"])), npz(ids=np.array([1, 2])),
        npz(values=np.uint8(3)), npz(lengths=np.array([[1, 2]])), npz(ids=np.array([{}, []], dtype=object)),
    ],
)  # fmt: skip
def test_damaged_probabilities_are_refused_and_nothing_is_unpickled(content):
    reasons = "not a whole file of arrays|cannot be read|ids: holds Python objects|its arrays do not fit"
    with pytest.raises(InputError, match=rf"^epochs.npz of run 7: ({reasons})"):
        parse_probabilities(content, "epochs.npz of run 7")


@given(st.integers(0, 600), st.binary(min_size=1, max_size=8))
def test_a_file_with_other_bytes_somewhere_is_read_or_refused(place, other):
    content = npz()
    place = min(place, len(content) - len(other))
    try:
        found = parse_probabilities(content[:place] + other + content[place + len(other) :], "file")
    except InputError:
        return
    assert sum(len(part) for part in found.values.values()) <= 3


def test_a_file_without_the_arrays_or_too_large_is_refused(monkeypatch):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("ids.npy", b"no array")
    with pytest.raises(InputError, match="not a whole file"):
        parse_probabilities(file.getvalue(), "file")
    monkeypatch.setattr(shares_module, "LARGEST", 100)
    with pytest.raises(InputError, match="file: over 100 bytes"):
        parse_probabilities(npz(), "file")


def test_the_mean_is_over_replicates():
    parts = [np.array([[255, 0]], np.uint8), np.array([[0, 255]], np.uint8), np.array([[0, 255]], np.uint8)]
    np.testing.assert_allclose(mean_probabilities(parts), [[1 / 3, 2 / 3]])


@given(st.lists(st.lists(st.floats(0, 1), min_size=2, max_size=2), min_size=1, max_size=4))
def test_a_strip_has_a_row_a_label_and_whole_percents(class_probabilities):
    strip = strip_of(
        "x",
        ["w"] * len(class_probabilities),
        ["O"] * len(class_probabilities),
        ["O", "B-x"],
        np.array(class_probabilities),
    )
    assert [row.label for row in strip.rows] == ["O", "B-x"]
    for column, row in enumerate(strip.rows):
        for own, cell in zip(class_probabilities, row.cells, strict=True):
            assert abs(int(cell.text or 0) - 100 * own[column]) <= 0.5 + 1e-9
            assert cell.shade == -(-int(cell.text or 0) // 10)
            assert cell.gold == (row.label == "O")
    assert strip.rows[1].blank == (not any(cell.text for cell in strip.rows[1].cells))


def test_steps_of_epochs_are_in_the_order_the_page_reads_them():
    values = np.zeros((2, 2, 3), np.uint8)
    values[0, 1, 2] = 255  # epoch 1, second token, third label
    values[1, 0, 0] = 128
    strip = tracked_strip("x", ["v", "w"], ["O", "O"], ["O", "B-x", "I-x"], values)
    assert strip.epochs == 2
    first, last = strip.steps[:12], strip.steps[12:]
    assert first == "00" * 5 + "ff"
    assert last == "80" + "00" * 5
    assert strip.rows[0].cells[0].text == "50"


def test_watched_probabilities_are_right_to_the_percent():
    for value in range(256):
        strip = tracked_strip("x", ["w"], ["O"], ["O"], np.array([[[value]]], np.uint8))
        assert int(strip.rows[0].cells[0].text or 0) == round(100 * value / 255)
        assert int(strip.steps, 16) == value


def test_probabilities_are_read_once_a_run_damaged_or_not(monkeypatch):
    asked = []

    class CellArtifacts:
        def read(self, run, name):
            asked.append(run)
            return {"whole": npz(), "damaged": b"PK"}.get(run)

    class_probabilities = ProbabilityReader(CellArtifacts(), "p.npz")
    for _ in range(2):
        assert class_probabilities.of("whole").labels == ("O", "B-x")
        assert class_probabilities.of("none") is None
        with pytest.raises(InputError, match=r"p\.npz of run damaged"):
            class_probabilities.of("damaged")
    assert asked == ["whole", "none", "damaged"]
    monkeypatch.setattr(shares_module, "MOST_REMEMBERED", 5)
    small = ProbabilityReader(CellArtifacts(), "p.npz")
    assert small.of("whole").labels == small.of("whole").labels
    assert asked[3:] == ["whole", "whole"]  # too large to be remembered


OTHER = {**CONTENT["corpora"]["c"], "examples": {"t/1": ["ann", "left"], "t/2": ["so"]}}


@pytest.mark.parametrize("apart", [True, False])
def test_of_a_draw_that_two_corpora_claim_only_what_they_share_is_told(apart):
    one = {**CONTENT, "draws": [["tweets", "d0", "c", [1]], ["tweets", "d2", "c", [0]]]}
    other = {**CONTENT, "corpora": {"e": OTHER}, "draws": [["tweets", "d0", "e", [1]], ["tweets", "d1", "e", [0]]]}
    both = {**one, "corpora": one["corpora"] | other["corpora"], "draws": one["draws"] + other["draws"]}
    found = merge_items([read_items(packed(one), "a"), read_items(packed(other), "b")]) if apart else \
        read_items(packed(both), "items")  # fmt: skip
    assert found.text("tweets", "d0", "t/1") is None
    assert found.text("tweets", "d0", "t/2") == Text(("so",), 9)
    assert found.text("tweets", "d1", "t/1") == Text(("ann", "left"), 2)
    assert found.text("tweets", "d2", "t/1") == Text(("Ann", "left"), 2)
    assert found.training_mentions("tweets", "d0") == {("oslo", "loc")}
    assert found.contested == {("tweets", "d0")}
    unlike = read_items(packed({**both, "draws": [["t", "d", "c", [0]], ["t", "d", "e", [1]]]}), "items")
    assert unlike.training_mentions("t", "d") is None
