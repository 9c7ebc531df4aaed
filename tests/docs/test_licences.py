"""The licence of the code, and those of the data and weights that configs name."""

import re
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
NOTICE = (ROOT / "NOTICE.md").read_text(encoding="utf-8")
NAMED = set(re.findall(r"`([^`]+)`", NOTICE))


def with_source(group):
    """The choices of a group that come with files: from a package, a folder or an address."""
    for file in sorted((ROOT / "conf" / group).glob("*.yaml")):
        node = yaml.safe_load(file.read_text(encoding="utf-8"))
        if any(node.get(key) for key in ("package", "folder", "url", "options")):
            yield file.stem


def test_the_project_names_its_licence_and_its_files():
    assert PROJECT["license"] == "MIT"
    assert PROJECT["license-files"] == ["LICENSE", "NOTICE.md"]
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert text.startswith("MIT License\n\nCopyright (c) 2026 seedbed contributors\n")


@pytest.mark.parametrize("name", [*with_source("dataset"), *with_source("embedding")])
def test_the_licence_of_every_set_and_table_is_said(name):
    assert {name, f"embedding={name}"} & NAMED


def test_the_packages_of_the_extra_are_listed_with_their_versions():
    for requirement in PROJECT["optional-dependencies"]["quickstart"]:
        assert f"| {requirement.replace('==', ' ')} " in NOTICE


def test_every_file_of_data_in_the_package_is_listed():
    models = (ROOT / "src" / "seedbed" / "embeddings" / "models").iterdir()
    assert all(f"`embeddings/models/{folder.name}`" in NOTICE for folder in models if folder.is_dir())
    assert all(f"`conf/senses/{file.name}`" in NOTICE for file in (ROOT / "conf" / "senses").iterdir())
