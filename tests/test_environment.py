"""Variables of the environment, set for a while."""

import os

import pytest

from seedbed.environment import variables_set


def test_variables_are_as_before_also_after_an_error(monkeypatch):
    monkeypatch.setenv("SEEDBED_ONE", "old")
    monkeypatch.delenv("SEEDBED_TWO", raising=False)
    before = dict(os.environ)

    def removes_one():
        with variables_set({"SEEDBED_ONE": "new", "SEEDBED_TWO": "", "SEEDBED_THREE": "3"}):
            assert [os.environ[f"SEEDBED_{name}"] for name in ("ONE", "TWO", "THREE")] == ["new", "", "3"]
            del os.environ["SEEDBED_THREE"]
            raise KeyError

    with pytest.raises(KeyError):
        removes_one()
    assert dict(os.environ) == before
