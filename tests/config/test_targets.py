"""A ``_target_`` of seedbed names one of its dataclasses: no program, function or class of a library."""

import pytest
from tests.refusals import refusal

from seedbed.config.study import study


@pytest.mark.parametrize(
    "target",
    [
        "seedbed.__main__.main",
        "seedbed..x",
        "seedbed.",
        "seedbed.api.compare",
        "seedbed.files.Path",
        "seedbed.data.csv",
    ],
)
def test_what_is_no_dataclass_of_seedbed_is_refused(target):
    line = refusal(study, [f"encoder._target_={target}"], match=r"encoder\._target_=seedbed")
    assert "no such class" in line or "must name a dataclass" in line
