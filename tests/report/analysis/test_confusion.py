from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seedbed.cells import Prediction
from seedbed.label_sets import LabelSet
from seedbed.metrics import tagging_scores
from seedbed.report.analysis.analysis import analyse
from seedbed.report.analysis.confusion import MOST_TABLES, confused, names_of
from seedbed.report.sections.confusion import MOST_NAMES, REST, confusion_tables
from seedbed.report.sections.contents import contents

TAGS = st.sampled_from(["O", "B-x", "I-x", "B-y", "I-y"])
SENTENCES = st.lists(
    st.integers(1, 7).flatmap(lambda n: st.tuples(*[st.lists(TAGS, min_size=n, max_size=n)] * 2)), max_size=8
)


def of(pairs):
    return [Prediction(str(n), tuple(gold), tuple(found)) for n, (gold, found) in enumerate(pairs)]


def texts(table):
    return [[entry.text for entry in row] for row in table.rows]


@settings(deadline=None)
@given(SENTENCES)
def test_rows_and_columns_add_up_to_what_the_scores_are_made_of(pairs):
    counts = confused(of(pairs))
    scores = tagging_scores([gold for gold, _ in pairs], [found for _, found in pairs])
    for kind in "xy":
        gold = sum(number for (ours, _), number in counts.items() if ours == kind)
        found = sum(number for (_, theirs), number in counts.items() if theirs == kind)
        assert gold == scores.get(f"support/{kind}", 0)
        assert counts[kind, kind] == pytest.approx(scores.get(f"recall/{kind}", 0) * gold)
        assert counts[kind, kind] == pytest.approx(scores.get(f"precision/{kind}", 0) * found)


def test_entities_are_matched_by_their_exact_bounds():
    pairs = [
        (["B-x", "I-x", "O"], ["B-y", "I-y", "O"]),  # another type
        (["B-x", "I-x", "O"], ["B-x", "O", "O"]),  # a bound that is wrong: missed and spurious
        (["O", "B-y", "O"], ["O", "O", "O"]),
        (["O", "O", "O"], ["B-y", "O", "O"]),
    ]
    expected = {("x", "y"): 1, ("x", None): 1, (None, "x"): 1, ("y", None): 1, (None, "y"): 1}
    assert confused(of(pairs)) == expected


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("abc")), max_size=20))
def test_classes_are_counted_in_pairs(pairs):
    assert confused([Prediction("0", *pair) for pair in pairs]) == Counter(pairs)


@pytest.fixture
def tagged(cells, keeping):
    """Arms with two replicates each, and the same answers in all cells of an arm."""

    def made(answers, sizes=(50,)):
        table = cells(tuple(answers), sizes, 2, "tagging")
        table["run"] = [f"{arm}/{n}" for n, arm in enumerate(table["arm"])]
        return analyse(table, inputs=keeping({run: of(answers[run.split("/")[0]]) for run in table["run"]}))

    return made


def test_a_matrix_shows_shares_of_rows_and_mean_counts(tagged):
    answers = [(["B-x"], ["B-x"]), (["B-x"], ["B-y"]), (["B-x"], ["O"]), (["B-x"], ["O"]), (["O"], ["B-y"])]
    (table,) = confusion_tables(tagged({"a": answers}))
    assert table.title == "a, 50 examples, two replicates"
    assert table.header == ("gold", "per test set", "missed", "x", "y")
    assert texts(table) == [["x", "4", "50 (2)", "25 (1)", "25 (1)"], ["spurious", "1", "", "", "100 (1)"]]
    assert [entry.shade for entry in table.rows[0]] == [None, None, 0.5, 0.25, 0.25]
    assert "exact bounds" in table.note


def test_the_best_arm_at_the_largest_size_comes_first_and_open(tagged):
    right = [(["B-x"], ["B-x"])]
    tables = confusion_tables(tagged({"a": right, "b": right}, (50, 200)))
    assert [table.title.rpartition(",")[0] for table in tables] == [
        "b, 200 examples", "a, 200 examples", "b, 50 examples", "a, 50 examples",
    ]  # fmt: skip
    assert [table.folded for table in tables] == [False, True, True, True]


def test_a_type_of_any_name_is_text(tagged):
    from seedbed.report.pages.html import render_page

    analysis = tagged({"a": [(["B-<script>alert(1)</script>"], ["B-<script>alert(1)</script>"])]})
    page = render_page(analysis, contents(analysis), [], title="x")
    assert page.count("<script>") == 1
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert 'style="--shade: 1.00"' in page


def test_many_types_become_one_row_and_tables_are_bounded(tagged):
    often = [([f"B-t{n}"], [f"B-t{n}"]) for n in range(40) for _ in range(n + 1)]
    (table,) = confusion_tables(tagged({"a": often}))
    assert len(table.rows) == MOST_NAMES + 1
    assert table.header[-1] == REST
    assert sum(float(row[1].number) for row in table.rows) == len(often)
    assert names_of(confused(of(often)), 3) == (["t37", "t38", "t39"], True)
    sizes = tuple(range(10, 10 + MOST_TABLES))
    assert len(confusion_tables(tagged({"a": often[:1], "b": often[:1]}, sizes))) == MOST_TABLES


def test_without_predictions_there_is_no_matrix(cells, keeping):
    assert confusion_tables(analyse(cells())) == []
    assert confusion_tables(analyse(cells().assign(run="r"), inputs=keeping({}))) == []


def test_sets_of_labels_have_no_confusion():
    assert confused([Prediction("a", LabelSet(("x",)), LabelSet(("y",)))]) == Counter()
