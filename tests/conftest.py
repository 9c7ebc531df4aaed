"""Fixtures that every test may use."""

import os
from pathlib import Path

import hypothesis
import pytest

from seedbed import masking

# Nothing is timed in a test; and CI sees the same examples each time, so that a red run can be repeated.
hypothesis.settings.register_profile(
    "seedbed",
    deadline=None,
    derandomize=bool(os.environ.get("CI")),
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("seedbed")


@pytest.fixture(autouse=True)
def no_secrets_of_another_test(monkeypatch: pytest.MonkeyPatch) -> None:
    """What one test gave as a password may be a word in the messages of the next."""
    monkeypatch.setattr(masking, "_remembered", set())


@pytest.fixture(scope="session")
def data_root() -> Path:
    """The folder of real data sets; tests that need it are skipped where there is none."""
    root = os.environ.get("SEEDBED_DATA", "")
    if not root:
        pytest.skip("SEEDBED_DATA is not set: this test needs the real data sets")
    if not Path(root).is_dir():
        pytest.skip(f"SEEDBED_DATA={root} is not a folder")
    return Path(root)
