"""Groups of trained cells come back from their bytes as they were."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.cells import Cell, Outcome, Prediction
from seedbed.label_sets import LabelSet
from seedbed.tracking.spool_records import TrainedGroup, from_bytes, to_bytes

CELL = Cell("glove", "mr", "glove50", "cnn", "classification", 50, 7, 11, 12, "d0", "c0", {"encoder.filters": "8"})
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
FLOATS = st.floats()
SETS = st.lists(TEXTS, max_size=3).map(LabelSet.of)
PREDICTIONS = st.builds(
    Prediction,
    TEXTS,
    TEXTS | st.tuples(TEXTS, TEXTS) | SETS,
    TEXTS | st.tuples(TEXTS) | SETS,
    st.none() | st.tuples(FLOATS, FLOATS),
)
OUTCOMES = st.builds(
    Outcome, st.sampled_from(["finished", "failed"]), metrics=st.dictionaries(TEXTS, FLOATS, max_size=3),
    history=st.dictionaries(TEXTS, st.lists(FLOATS, max_size=3).map(tuple), max_size=2),
    predictions=st.lists(PREDICTIONS, max_size=3).map(tuple), seconds=FLOATS, energy_j=FLOATS, error=TEXTS,
    epochs=st.integers(0, 9), best_epoch=st.integers(0, 9),
    files=st.dictionaries(TEXTS.filter(bool), st.binary(max_size=9), max_size=2),
)  # fmt: skip


@given(outcomes=st.lists(OUTCOMES, min_size=1, max_size=3), parent=st.none() | TEXTS, anew=st.booleans())
def test_whatever_is_kept_comes_back(outcomes, parent, anew):
    group = TrainedGroup("t0", (CELL,) * len(outcomes), tuple(outcomes), parent, {"seedbed.name": "a b"}, anew)
    back = from_bytes(to_bytes(group))
    assert repr(back) == repr(group)  # NaN is not equal to itself
    assert [outcome.files for outcome in back.outcomes] == [outcome.files for outcome in outcomes]


def test_arrays_and_numbers_of_numpy_come_back():
    kernel = np.random.default_rng(1).normal(size=(3, 2)).astype(np.float32)
    values = np.arange(6, dtype=np.uint8).reshape(2, 3)
    arrays = {"probabilities": {"test": values, "names": np.array(["a", "ü"]), "kernel": kernel}}
    metrics = {"test/f1": np.float32(0.1), "test/loss": math.inf}
    outcome = Outcome("finished", metrics, recorded=arrays, epochs=np.int64(3))
    (back,) = from_bytes(to_bytes(TrainedGroup("t", (CELL,), (outcome,), None, {}))).outcomes
    assert back.metrics == {"test/f1": float(np.float32(0.1)), "test/loss": math.inf}
    assert back.recorded["probabilities"]["kernel"].dtype == np.float32
    for name, array in arrays["probabilities"].items():
        np.testing.assert_array_equal(back.recorded["probabilities"][name], array)


@pytest.mark.parametrize("content", [b"", b"12345678", b"\x02" + bytes(7) + b"{}", b"\x03" + bytes(7) + b"[1]xx"])
def test_other_bytes_are_refused(content):
    with pytest.raises((ValueError, KeyError, TypeError)):
        from_bytes(content)


def test_arrays_of_objects_are_not_loaded(make_outcome):
    import pickle

    class Evil:
        def __reduce__(self):
            return (print, ("loaded",))

    good = to_bytes(TrainedGroup("t", (CELL,), (Outcome("finished", recorded={"a": {"b": np.arange(2)}}),), None, {}))
    assert pickle.dumps(Evil()) not in good
    with pytest.raises(ValueError, match=r"pickle|object"):
        to_bytes(
            TrainedGroup("t", (CELL,), (Outcome("finished", recorded={"a": {"b": np.array([Evil()])}}),), None, {})
        )
