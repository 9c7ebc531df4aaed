"""Fixtures that every test may use."""

import importlib.util
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

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
def hashed() -> Iterator[ModuleType]:
    """The module of a fake contextual model, whose rows are a hash of the tokens."""
    script = Path(__file__).parent / "embeddings" / "layer_cache" / "hashed.py"
    spec = importlib.util.spec_from_file_location("hashed", script)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "hashed", module)  # its dataclasses look for it there
        spec.loader.exec_module(module)
        yield module


@pytest.fixture(scope="session")
def data_root() -> Path:
    """The folder of real data sets; tests that need it are skipped where there is none."""
    root = os.environ.get("SEEDBED_DATA", "")
    if not root:
        pytest.skip("SEEDBED_DATA is not set: this test needs the real data sets")
    if not Path(root).is_dir():
        pytest.skip(f"SEEDBED_DATA={root} is not a folder")
    return Path(root)
