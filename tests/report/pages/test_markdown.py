import re

from hypothesis import given, settings
from hypothesis import strategies as st

from seedbed.report.analysis.analysis import analyse
from seedbed.report.analysis.inputs import ReportInputs
from seedbed.report.pages.markdown import escaped, render_markdown
from seedbed.report.pictures.scores import pictures_of
from seedbed.report.sections.contents import contents


def test_the_report_has_the_answer_the_pictures_and_the_tables(cells):
    analysis = analyse(cells(replicates=8), inputs=ReportInputs({"versions": {"keras": "3.15"}}))
    text = render_markdown(analysis, contents(analysis), pictures_of(analysis), title="A study")
    assert text.startswith("# A study\n\nglove is clearly the best at 200 examples: ")
    places = [text.index(part) for part in ("| arm | ties |", "](dots.png)", "## Clear differences\n\n- glove beats")]
    assert places == sorted(places)
    assert "](paired.png)" in text
    assert "| examples | arm | baseline | pairs |" in text
    assert "| Wilcoxon p |" in text
    assert "- keras: 3.15" in text


@settings(max_examples=25, deadline=None)
@given(st.text(min_size=1, max_size=30).filter(lambda name: name.strip()))
def test_every_row_of_a_table_has_as_many_fields_as_its_head(cells, name):
    named = analyse(cells((name, "other name"), (50,), 2))
    text = render_markdown(named, contents(named), [], title=name)
    for block in text.split("\n\n"):
        if block.startswith("|"):
            assert len({len(re.findall(r"(?<!\\)(?:\\\\)*\|", line)) for line in block.splitlines()}) == 1


def test_markup_in_data_is_escaped():
    assert escaped("a_b *c* <i> |\n# d") == r"a\_b \*c\* &lt;i&gt; \| \# d"
    assert escaped("1. one") == "1\\. one"
    assert escaped("- one") == "\\- one"


def test_names_in_notes_are_escaped(crossed):
    """Where seeds are crossed, the note of the parts of the variance names the arms."""
    escaped_arms = analyse(crossed(("<img src=x onerror=alert(1)>", "b*b*"), (50,)))
    text = render_markdown(escaped_arms, contents(escaped_arms), [], title="x")
    assert "At 50 examples, parts of the variance" in text
    assert "<img" not in text
    assert "b*b*" not in text
