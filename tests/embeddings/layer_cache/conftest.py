"""A fake model, in this process and in others, and a cache folder of one's own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import seedbed
from seedbed.embeddings.layer_cache import filling, overflow, store

SCRIPT = Path(__file__).with_name("hashed.py")


@pytest.fixture
def home(tmp_path, monkeypatch):
    """The folder of the cache, empty."""
    monkeypatch.setenv("SEEDBED_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(filling, "COMMIT_S", 0.0)
    store.warn_once.cache_clear()
    yield tmp_path / "cache" / "layers"
    forget()


def forget():
    """Close what this process has open, as a new process would find it."""
    for known in store._open.values():
        known.environment.close()
    store._open.clear()
    overflow._overflow.cache_clear()


@pytest.fixture
def new_process():
    """Makes the stores as unknown as they are to a new process."""
    return forget


@pytest.fixture
def process(home):
    """Starts a process that fills the cache with so many sentences."""
    started = []

    def start(sentences, pause):
        env = os.environ | {"PYTHONPATH": str(Path(seedbed.__file__).parents[1])}
        words = [sys.executable, str(SCRIPT), str(sentences), str(pause)]
        started.append(subprocess.Popen(words, env=env, stdout=subprocess.PIPE, text=True))
        return started[-1]

    yield start
    for one in started:
        one.kill()
        one.communicate()
