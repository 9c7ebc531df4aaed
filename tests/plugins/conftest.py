"""A package with plugins, installed in a folder of its own; a module of one's own; and the command line."""

import contextlib
import io
import re
import shutil
import sys
from pathlib import Path

import pytest

from seedbed.cli.main import main

HERE = Path(__file__).parent
GUIDE = HERE.parents[1] / "docs/guides/extending.md"

METADATA = {
    "METADATA": "Metadata-Version: 2.1\nName: seedbed-extras\nVersion: 0.2\n",
    "entry_points.txt": "[seedbed.plugins]\nextras = seedbed_extras\n",
}


def pytest_collection_modifyitems(items):
    for item in items:
        if "plugins" in item.path.parts:  # MLflow 3.17 with SQLAlchemy 2.1, when the first store is opened
            noise = "ignore:The ``noload`` loader strategy is deprecated:DeprecationWarning"
            item.add_marker(pytest.mark.filterwarnings(noise))


def blocks(page):
    """The fenced blocks of a page, by the file that their first line names."""
    text = page.read_text(encoding="utf-8")
    found = re.findall(r"^```\w+\n# (\S+)\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    return dict(found)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty working folder; what tests import from it is forgotten."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SEEDBED_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(sys, "path", list(sys.path))
    before = set(sys.modules)
    yield tmp_path
    for name in set(sys.modules) - before:
        if name.partition(".")[0] in ("my_encoder", "seedbed_extras"):
            del sys.modules[name]


@pytest.fixture
def guide(folder):
    """The files of the guide, in the working folder."""
    for name, text in blocks(GUIDE).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def installed(folder, monkeypatch):
    """The package as an installer leaves it, and configs that name its classes."""
    site = folder / "site"
    shutil.copytree(HERE / "package" / "seedbed_extras", site / "seedbed_extras")
    shutil.copytree(HERE / "package" / "my_conf", folder / "my_conf")
    encoder = blocks(GUIDE)["my_encoder.py"]
    (site / "seedbed_extras" / "encoders.py").write_text(encoder, encoding="utf-8")
    (site / "seedbed_extras-0.2.dist-info").mkdir()
    for name, text in METADATA.items():
        (site / "seedbed_extras-0.2.dist-info" / name).write_text(text, encoding="utf-8")
    monkeypatch.syspath_prepend(str(site))
    return folder


@pytest.fixture
def seedbed(folder):
    """Runs a command: exit code, standard output, standard error."""

    def run(*words):
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = main([str(word) for word in words])
        return code, out.getvalue(), err.getvalue()

    return run


@pytest.fixture
def reviews(folder):
    """160 texts of two classes as ``label|text`` and as CSV."""
    rows = [(("neg", "pos")[n % 2], f"w{n % 7} {('bad', 'good')[n % 2]} film w{n % 5}") for n in range(160)]
    (folder / "reviews.txt").write_text("\n".join(f"{label}|{text}" for label, text in rows), encoding="utf-8")
    lines = ["text,label", *(f"{text},{label}" for label, text in rows)]
    (folder / "reviews.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder
