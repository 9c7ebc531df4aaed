"""The linter's findings on the page, in report.md and in the terminal."""

import io

from rich.console import Console

from seedbed.cells import Finding
from seedbed.report.analysis.analysis import analyse
from seedbed.report.analysis.inputs import ReportInputs
from seedbed.report.pages.html import render_page
from seedbed.report.pages.markdown import render_markdown
from seedbed.report.pages.terminal import print_report
from seedbed.report.sections.contents import contents
from seedbed.report.sections.settings import MOST, protocol

EVIL = Finding("one-test-set", "<script>alert(1)</script> `x` [link](javascript:x)\nnext", "<b>why</b>")


def analysis(cells, *findings):
    return analyse(cells(), inputs=ReportInputs(findings=findings))


def test_a_rule_stands_once_with_all_that_it_found(cells):
    found = protocol(analysis(cells, Finding("b", "1", "why b"), Finding("a", "2"), Finding("b", "3", "why b")))
    assert [(one.rule, one.texts, one.why, one.page) for one in found] == [
        ("b", ("1", "3"), "why b", "docs/lint/b.md"), ("a", ("2",), "", "docs/lint/a.md"),
    ]  # fmt: skip


def test_many_findings_of_one_rule_are_counted(cells):
    (found,) = protocol(analysis(cells, *[Finding("a", str(n)) for n in range(MOST + 2)]))
    assert len(found.texts) == MOST + 1
    assert found.texts[-1] == "and 2 more"


def test_without_findings_there_is_no_section(cells):
    assert "Protocol" not in render_page(analysis(cells), contents(analysis(cells)), [], title="t")
    assert "## Protocol" not in render_markdown(analysis(cells), contents(analysis(cells)), [], title="t")


def test_the_page_escapes_them(cells):
    page = render_page(analysis(cells, EVIL), contents(analysis(cells, EVIL)), [], title="t")
    assert ">Protocol</h3>" in page
    assert "<code>one-test-set</code>" in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script>alert" not in page
    assert "<b>why" not in page
    assert "See docs/lint/one-test-set.md." in page


def test_markdown_escapes_them(cells):
    text = render_markdown(analysis(cells, EVIL), contents(analysis(cells, EVIL)), [], title="t")
    line = next(line for line in text.splitlines() if line.startswith("- `one-test-set`"))
    assert "<script>" not in line
    assert r"\[link\]" in line
    assert "docs/lint/one-test-set.md" in line


def test_the_terminal_says_a_line_a_finding(cells):
    out = io.StringIO()
    print_report(analysis(cells, EVIL, Finding("sequences-cut", "10 % [red]cut")), Console(file=out, width=200))
    lines = [line for line in out.getvalue().splitlines() if line.startswith("! ")]
    assert "! sequences-cut: 10 % [red]cut" in lines
    assert any(line.startswith("! one-test-set: <script>") for line in lines)
