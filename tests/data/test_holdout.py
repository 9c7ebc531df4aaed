import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.model_selection import train_test_split

from seedbed.data.holdout import hold_out

IDS = [f"all/{n}" for n in range(101)]
FRACTIONS = {"test": 0.1, "validation": 0.2}


@given(st.sets(st.text(min_size=1), min_size=4, max_size=60), st.integers(0, 2**32 - 1))
def test_the_test_split_is_the_one_of_scikit_learn(ids, seed):
    splits = hold_out("toy", ids, {"test": 0.1}, seed)
    _, test = train_test_split(sorted(ids), test_size=0.1, random_state=seed)
    assert splits == {"test": frozenset(test)}


def test_splits_are_disjoint_and_do_not_depend_on_the_order_of_the_file():
    splits = hold_out("toy", IDS, FRACTIONS, 0)
    assert (len(splits["test"]), len(splits["validation"])) == (11, 18)
    assert not splits["test"] & splits["validation"]
    assert hold_out("toy", IDS[::-1], FRACTIONS, 0) == splits
    assert hold_out("toy", IDS, FRACTIONS, 1) != splits
    assert set(hold_out("toy", IDS, {"validation": 0.2}, 0)) == {"validation"}


def test_splits_are_written_down_once_and_checked(cache, caplog):
    splits = hold_out("toy", IDS, FRACTIONS, 0)
    (file,) = (cache / "splits").iterdir()
    content = json.loads(file.read_text())
    assert content["rule"] == {"seed": 0, "fractions": FRACTIONS}
    assert set(content["splits"]["test"]) == splits["test"]
    assert hold_out("toy", IDS, FRACTIONS, 0) == splits
    assert not caplog.messages
    before = file.read_bytes()
    file.write_text("{}")
    assert hold_out("toy", IDS, FRACTIONS, 0) == splits
    assert "written again" in caplog.text
    assert file.read_bytes() == before


@pytest.mark.parametrize("place", ["file", "file/below"])
def test_without_a_cache_the_rule_says_the_same(tmp_path, monkeypatch, place):
    splits = hold_out("toy", IDS, FRACTIONS, 0)
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("SEEDBED_CACHE", str(tmp_path / place))
    assert hold_out("toy", IDS, FRACTIONS, 0) == splits
