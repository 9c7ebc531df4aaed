"""News fragments: what towncrier collects, and nothing that it would pass over."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CONFIG = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["towncrier"]
TYPES = "|".join(kind["directory"] for kind in CONFIG["type"])
FRAGMENTS = [file for file in (ROOT / CONFIG["directory"]).iterdir() if file.name not in CONFIG["ignore"]]


@pytest.mark.parametrize("file", FRAGMENTS, ids=lambda file: file.name)
def test_a_fragment_has_a_valid_name_and_says_something(file):
    assert re.fullmatch(rf"(\d+|\+[a-z0-9-]+)\.({TYPES})\.md", file.name)
    text = file.read_text(encoding="utf-8")
    assert text.strip().endswith((".", ")"))
    assert len(text) < 500


def test_the_changelog_has_the_place_where_fragments_go():
    assert CONFIG["start_string"] in (ROOT / CONFIG["filename"]).read_text(encoding="utf-8")


def test_make_help_lists_every_target():
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    phony = set(re.search(r"^\.PHONY: (.*)$", text, re.MULTILINE)[1].split())
    assert phony == set(re.findall(r"^([a-z-]+):.*## ", text, re.MULTILINE))
