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
from seedbed.report.sections.settings import MOST_FINDINGS, protocol

EVIL = Finding(
    "one-test-set", "<script>alert(1)</script> `x` [link](javascript:x)\nnext", "<b>why</b>", "<i>do</i> [x](y)"
)


def analysis(cells, *findings):
    return analyse(cells(), inputs=ReportInputs(findings=findings))


def test_each_rule_is_listed_once_with_its_findings(cells):
    findings_ = protocol(
        analysis(cells, Finding("b", "1", "why b", "do b"), Finding("a", "2"), Finding("b", "3", "why b", "do b"))
    )
    assert [(one.rule, one.texts, one.why, one.advice) for one in findings_] == [
        ("b", ("1", "3"), "why b", "do b"), ("a", ("2",), "", ""),
    ]  # fmt: skip


def test_many_findings_of_one_rule_are_counted(cells):
    (findings_,) = protocol(analysis(cells, *[Finding("a", str(n)) for n in range(MOST_FINDINGS + 2)]))
    assert len(findings_.texts) == MOST_FINDINGS + 1
    assert findings_.texts[-1] == "and 2 more"


def test_without_findings_there_is_no_section(cells):
    assert "Protocol" not in render_page(analysis(cells), contents(analysis(cells)), [], title="t")
    assert "## Protocol" not in render_markdown(analysis(cells), contents(analysis(cells)), [], title="t")


def test_the_page_escapes_findings(cells):
    page = render_page(analysis(cells, EVIL), contents(analysis(cells, EVIL)), [], title="t")
    assert "<summary>Protocol: findings of the linter (1)</summary>" in page
    assert "<code>one-test-set</code>" in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script>alert" not in page
    assert "<b>why" not in page
    assert "<b>What to do:</b> &lt;i&gt;do&lt;/i&gt; [x](y)</p>" in page


def test_a_page_says_what_to_do_and_names_no_file_that_its_reader_may_not_have(cells):
    unknown = Finding("old", "found by a version without advice")
    report = analysis(cells, Finding("b", "1", "why b", "do b"), unknown)
    page = render_page(report, contents(report), [], title="t")
    assert '<p class="note">why b</p><p class="note"><b>What to do:</b> do b</p>' in page
    assert page.count("What to do:") == 1
    assert "docs/" not in page


def test_markdown_escapes_findings(cells):
    text = render_markdown(analysis(cells, EVIL), contents(analysis(cells, EVIL)), [], title="t")
    line = next(line for line in text.splitlines() if line.startswith("- `one-test-set`"))
    assert "<script>" not in line
    assert r"\[link\]" in line
    assert r"What to do: &lt;i&gt;do&lt;/i&gt; \[x\]" in line


def test_the_terminal_prints_a_line_per_finding(cells):
    out = io.StringIO()
    cut = Finding("sequences-cut", "10 % [red]cut")
    print_report(analysis(cells, EVIL, cut), Console(file=out, width=200), verbose=True)
    lines = [line for line in out.getvalue().splitlines() if line.startswith("! ")]
    assert "! sequences-cut: 10 % [red]cut" in lines
    assert any(line.startswith("! one-test-set: <script>") for line in lines)
