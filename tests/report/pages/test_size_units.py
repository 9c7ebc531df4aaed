"""What a size counts is said in every part of a report."""

import io
import re

import pytest
from rich.console import Console

from seedbed.cells import FLOOR_COLUMNS
from seedbed.report.analysis.analysis import analyse
from seedbed.report.analysis.inputs import ReportInputs
from seedbed.report.pages.html import render_page
from seedbed.report.pages.markdown import render_markdown
from seedbed.report.pages.terminal import print_report
from seedbed.report.pictures.scores import pictures_of
from seedbed.report.sections.contents import contents

SIZE = re.compile(r"\b(5|20)\s+(?:training )?examples?\b|[|>]\s*examples\s*[|<]|by number of training examples")


@pytest.fixture
def parts(cells, crossed):
    """Returns terminal, Markdown and page of two studies of this sampling, with floors, types and crossed seeds."""

    def made(strategy):
        texts = []
        whole = cells(sizes=(5, 20), replicates=8, task="tagging", types=("per", "loc"))
        whole["epochs"], whole["best_epoch"] = 9, 9
        for table in (whole, crossed(sizes=(5, 20))):
            first = table[table["arm"] == "random"]
            floor = first[["dataset", "n_train", "replicate", "draw"]].assign(floor="tfidf", corpus="c", version=1)
            metric = "test/f1" if "test/f1" in table else "test/accuracy"
            floor = floor.assign(data="", **{metric: first[metric] - 0.1})[[*FLOOR_COLUMNS, metric]]
            settings = {arm: {"sampling.strategy": strategy} for arm in ("random", "glove")}
            analysis = analyse(table, inputs=ReportInputs(settings=settings, floor=floor))
            out, sections, pictures = io.StringIO(), contents(analysis), pictures_of(analysis)
            print_report(analysis, Console(file=out, width=160), verbose=True)
            texts.append(out.getvalue())
            texts.append(render_markdown(analysis, sections, pictures, title="x").replace("\\", ""))
            texts.append(render_page(analysis, sections, pictures, title="x"))
        return texts

    return made


def test_sizes_of_mentions_are_never_called_examples(parts):
    for text in parts("k_per_type"):
        assert re.search(r"\b20\s+mentions\s+of\s+each\s+type\b", text)
        assert [text[max(found.start() - 60, 0) : found.end()] for found in SIZE.finditer(text)] == []


def test_sizes_of_classes_are_numbers_of_examples(parts):
    """Of ``per_class`` too: the table has the number of examples of all classes."""
    for text in parts("per_class"):
        assert re.search(r"\b20\s+examples\b", text)
        assert "mentions of each type" not in text
