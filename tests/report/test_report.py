"""Any small table is a report or is refused in a line: no other exception, no warning."""

import io
import math

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rich.console import Console

from seedbed.errors import InputError
from seedbed.report.analysis.analysis import analyse
from seedbed.report.analysis.results_table import read_table, table_bytes
from seedbed.report.pages.html import render_page
from seedbed.report.pages.markdown import render_markdown
from seedbed.report.pages.terminal import print_report
from seedbed.report.pictures.scores import pictures_of
from seedbed.report.sections.contents import contents

ARMS = ["a", "b", "c", "<script>alert(1)</script>", "[bold]", "x" * 10_000, "é\u202e", "-1", "nan", "$x$"]
NUMBERS = [0.0, 1.0, 0.5, 0.25, 50.0, 100.0, -3.0, 1e-300, 1e300, 1.7e308, 5e-324, math.inf, -math.inf, math.nan]
NAMES = ["test/accuracy", "test/f1", "test/macro_f1", "test/log_loss", "test/f1/per", "test/x{}", "validation/f1"]
STATUSES = ["finished", "finished", "failed", "interrupted", "missing", ""]

scores = st.one_of(st.sampled_from(NUMBERS), st.floats(0, 1), st.floats(0, 100))
cells = st.fixed_dictionaries(
    {"arm": st.sampled_from(ARMS), "n_train": st.sampled_from([-5, 0, 1, 50, 200, 10**12]),
     "replicate": st.sampled_from([-1, 0, 1, 2, 7, 10**9])},
    optional={
        "status": st.sampled_from(STATUSES), "draw": st.sampled_from(["d0", "d1", ""]), "seconds": scores,
        "peak_mb": scores, "error": st.sampled_from(["", "\x1b[31mloss", "not finite"]), "dataset": st.just("imdb"),
        "energy_j": scores, "task": st.sampled_from(["classification", "tagging", ""]),
        "mix/layer0": scores, "mix/scale": scores,
        **dict.fromkeys(NAMES, scores),
    },
)  # fmt: skip
frames = st.lists(cells, max_size=14, unique_by=lambda row: (row["arm"], row["n_train"], row["replicate"])).map(
    pd.DataFrame
)


def outputs(table, baseline=None):
    """What every output says of a table, or None where it is refused in a line."""
    try:
        analysis = analyse(table, baseline)
    except InputError as error:
        return None if "\n" not in str(error) and len(str(error)) < 1_000 else pytest.fail(str(error))
    console = Console(file=io.StringIO(), width=100)
    print_report(analysis, console)
    page = render_page(analysis, contents(analysis), [], title="A study")
    assert "<script>alert(1)" not in page
    return page, render_markdown(analysis, contents(analysis), [], title="A study"), console.file.getvalue()


@settings(deadline=None, max_examples=60, suppress_health_check=list(HealthCheck))
@given(frames)
def test_any_table_is_reported_or_rejected(table):
    made = outputs(table)
    assert made is None or all("A study" in text for text in made[:2])


@settings(deadline=None, max_examples=20, suppress_health_check=list(HealthCheck))
@given(frames)
def test_a_written_and_read_table_has_the_same_report(tmp_path_factory, table):
    file = tmp_path_factory.mktemp("any") / "table.csv"
    file.write_bytes(table_bytes(table))
    try:
        read = read_table(file)
    except InputError:
        return
    assert outputs(read) == outputs(table)


def rising(place, size, replicate):
    return 0.5 + 0.01 * place + 0.001 * replicate


def grid(arms, sizes=(50,), replicates=range(3), score=rising):
    return pd.DataFrame([
        {"arm": arm, "n_train": size, "replicate": replicate, "test/accuracy": score(place, size, replicate)}
        for place, arm in enumerate(arms) for size in sizes for replicate in replicates
    ])  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("table", [
    grid(["a"], replicates=[0]),
    grid(["a", "b"], replicates=[0]),
    grid(["a", "b"], score=lambda *_: 0.5),
    grid(["a", "b"], score=lambda *_: math.nan),
    grid(["a", "b"], score=lambda *_: math.inf),
    grid(["a", "b"], score=lambda *_: 1.7e308),
    grid(["a", "b"], sizes=(0, 1, 10)),
    grid(["a", "b"], replicates=[7, -1, 10**9]),
    grid(["x" * 10_000, "y" * 10_000]),
    grid(["a", "b"]).iloc[:4],
], ids=str)  # fmt: skip
def test_edge_cases_have_pictures(table):
    analysis = analyse(table)
    page = render_page(analysis, contents(analysis), pictures_of(analysis), title="A study")
    assert len(page) < 3_000_000
