"""Every test here has a cache folder and a data folder of its own."""

import pytest
from tests.refusals import refusal


@pytest.fixture(autouse=True)
def cache(tmp_path_factory, monkeypatch):
    """An empty cache folder."""
    folder = tmp_path_factory.mktemp("cache")
    monkeypatch.setenv("SEEDBED_CACHE", str(folder))
    return folder


@pytest.fixture
def data_folder(tmp_path_factory, monkeypatch):
    """An empty ``$SEEDBED_DATA``."""
    folder = tmp_path_factory.mktemp("data")
    monkeypatch.setenv("SEEDBED_DATA", str(folder))
    return folder


@pytest.fixture(scope="session")
def refused():
    """Reads a file that must be refused in one line, which has these words."""

    def read(reader, path, *messages):
        message = refusal(lambda: list(reader.read(path)))
        for words in messages:
            assert words in message
        return message

    return read
