"""The site builds without a warning, and opens without a network."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ASSET = re.compile(
    r"<(?:script|img|iframe)\b[^>]*\ssrc=\"?https?:|<link\b[^>]*\shref=\"?https?:|@import|url\(\"?https?:"
)


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    pytest.importorskip("material", reason="the extra docs is not installed")
    pytest.importorskip("mkdocstrings", reason="the extra docs is not installed")
    folder = tmp_path_factory.mktemp("site")
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(folder)]
    made = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stdout + made.stderr
    return folder


@pytest.mark.slow
def test_every_page_of_the_navigation_is_built(site):
    nav = (ROOT / "mkdocs.yml").read_text(encoding="utf-8").split("\nnav:\n")[1]
    pages = re.findall(r"^ +- (?!#).*?([\w/-]+)\.md$", nav, re.MULTILINE)
    assert len(pages) > 40
    for page in pages:
        assert (site / f"{page.removesuffix('README')}{'index' if page.endswith('README') else ''}.html").is_file(), (
            page
        )


@pytest.mark.slow
def test_no_page_or_style_loads_anything_from_a_server(site):
    for file in [*site.rglob("*.html"), *site.rglob("*.css")]:
        assert not ASSET.search(file.read_text(encoding="utf-8")), file


def test_search_works_from_a_folder(site):
    assert "var __index" in (site / "search/search_index.js").read_text(encoding="utf-8")[:20]
    assert "assets/iframe-worker.js" in (site / "index.html").read_text(encoding="utf-8")
