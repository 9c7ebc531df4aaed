import re

from hypothesis import given, settings
from hypothesis import strategies as st

from seedbed.report.beside import Beside
from seedbed.report.markdown import escaped, render_markdown
from seedbed.report.pictures.scores import pictures_of
from seedbed.report.study import study_of


def test_the_report_has_the_answer_the_pictures_and_the_tables(cells):
    study = study_of(cells(replicates=8), beside=Beside({"versions": {"keras": "3.15"}}))
    text = render_markdown(study, pictures_of(study), title="A study")
    assert text.startswith("# A study\n\n- glove beats random by ")
    assert "](paired.png)" in text
    assert "| examples | arm | baseline | pairs |" in text
    assert "| Wilcoxon p |" in text
    assert "- keras: 3.15" in text


@settings(max_examples=25, deadline=None)
@given(st.text(min_size=1, max_size=30).filter(lambda name: name.strip()))
def test_every_row_of_a_table_has_as_many_fields_as_its_head(cells, name):
    text = render_markdown(study_of(cells((name, "other name"), (50,), 2)), [], title=name)
    for block in text.split("\n\n"):
        if block.startswith("|"):
            assert len({len(re.findall(r"(?<!\\)(?:\\\\)*\|", line)) for line in block.splitlines()}) == 1


def test_markup_of_data_is_shown_as_it_is():
    assert escaped("a_b *c* <i> |\n# d") == r"a\_b \*c\* &lt;i&gt; \| \# d"
    assert escaped("1. one") == "1\\. one"
    assert escaped("- one") == "\\- one"


def test_names_in_notes_are_no_markup(crossed):
    """Where seeds are crossed, the note of the parts of the variance names the arms."""
    text = render_markdown(study_of(crossed(("<img src=x onerror=alert(1)>", "b*b*"), (50,))), [], title="x")
    assert "At 50 examples, parts of the variance" in text
    assert "<img" not in text
    assert "b*b*" not in text
