import io

import pytest
from rich.console import Console

from seedbed.report.analysis.analysis import analyse
from seedbed.report.pages import terminal
from seedbed.report.pages.terminal import LEAST_ROWS, MOST_LINES, print_report, terminal_tables


def printed(table, width=80, verbose=True, **options):
    out = io.StringIO()
    print_report(analyse(table, **options), Console(file=out, width=width), verbose)
    return out.getvalue()


def test_the_headline_comes_first_and_then_tables_sentences_and_warnings(cells):
    text = printed(cells(replicates=8))
    parts = ("glove is clearly the best", "best first", "seconds", "arm minus baseline", "glove beats random by",
             "! Two comparisons")  # fmt: skip
    places = [text.index(part) for part in parts]
    assert places == sorted(places)


def test_the_short_report_is_the_headline_and_the_ranked_table(cells):
    text = printed(cells(("random", "glove", "elmo"), replicates=8), verbose=False)
    assert text.startswith("elmo is clearly the best at 200 examples: ")
    rows = [line.split()[:2] for line in text.splitlines() if line.startswith((" elmo", " glove", " random"))]
    assert rows == [["elmo", "a"], ["glove", "b"], ["random", "c"]]
    assert "arm minus baseline" not in text
    assert "warning more: -v, or the report." in text.replace("warnings", "warning")


@pytest.mark.slow
@pytest.mark.parametrize("length", [3, 60])
def test_the_short_report_has_at_most_25_lines(cells, length):
    arms = tuple(f"{number}".rjust(length, "x") for number in range(40))
    text = printed(cells(arms, (50,), 3), verbose=False)
    assert len(text.splitlines()) <= MOST_LINES
    assert "rows more" in text


def test_the_short_report_of_many_sentences_has_a_readable_table(cells, monkeypatch):
    monkeypatch.setattr(terminal, "MOST_LINES", 3)
    lines = printed(cells([f"arm{number}" for number in range(12)], (50,), 3), verbose=False).splitlines()
    assert sum(line.startswith(" arm") and line.split()[1] in "-" for line in lines) == LEAST_ROWS
    assert "and four rows more" in lines


def test_the_published_numbers_are_printed(bare):
    basic = [0.732, 0.736, 0.524, 0.476, 0.636, 0.526, 0.776, 0.704, 0.730, 0.680]
    elmo = [0.780, 0.754, 0.754, 0.778, 0.756, 0.726, 0.768, 0.752, 0.754, 0.740]
    text = printed(bare({"basic": basic, "elmo": elmo}))
    assert "+10.42" in text
    assert "0.0039" in text
    assert "2.93 to 18.33" in text
    assert "BCa 95 % interval 5.16 to 17.82" in text


def test_several_comparisons_have_the_corrected_p(cells):
    text = printed(cells(replicates=8))
    assert "p (Holm)" in text
    assert "Second opinions" not in text


def test_names_are_escaped(cells):
    text = printed(cells(("[red]a[/red]", "b\x1b[31m"), (50,), 3))
    assert "[red]a[/red]" in text
    assert "\x1b" not in text


def test_the_tables_fit_eighty_columns(cells):
    assert max(map(len, printed(cells(("random_bilstm", "glove_residual_bilstm"))).splitlines())) <= 80


@pytest.mark.parametrize(("arms", "number"), [(("a",), 1), (("a", "b"), 2)])
def test_one_arm_has_no_table_of_differences(cells, arms, number):
    assert len(terminal_tables(analyse(cells(arms)))) == number


def test_without_scores_only_warnings_are_printed(cells):
    table = (
        cells(replicates=2).drop(columns=["test/accuracy", "test/macro_f1", "test/log_loss"]).assign(status="failed")
    )
    assert "No finished cell has a score" in printed(table)
