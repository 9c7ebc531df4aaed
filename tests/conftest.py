"""Fixtures that every test may use."""

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def data_root() -> Path:
    """The folder of real data sets; tests that need it are skipped where there is none."""
    root = os.environ.get("SEEDBED_DATA", "")
    if not root:
        pytest.skip("SEEDBED_DATA is not set: this test needs the real data sets")
    if not Path(root).is_dir():
        pytest.skip(f"SEEDBED_DATA={root} is not a folder")
    return Path(root)
