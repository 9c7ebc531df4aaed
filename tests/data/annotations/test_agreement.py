import itertools

import pytest

from seedbed.data.annotations.agreement import agreement, cohen_kappa, krippendorff_alpha, span_f1
from seedbed.data.annotations.document import Document, Span
from seedbed.data.annotations.examples import Group

# The example of Krippendorff (2011), section C: four observers, twelve units, some values missing; nominal alpha 0.743.
TABLE = [
    "1 2 3 3 2 1 4 1 2 . . .",
    "1 2 3 3 2 2 4 1 2 5 . 3",
    ". 3 3 3 2 3 4 2 2 5 1 .",
    "1 2 3 3 2 4 4 1 2 5 1 .",
]


def units():
    columns = zip(*(row.split() for row in TABLE), strict=True)
    return [values for column in columns if len(values := [value for value in column if value != "."]) > 1]


def test_alpha_of_the_example_that_was_published_with_it():
    assert krippendorff_alpha(units()) == pytest.approx(0.743, abs=5e-4)


def test_alpha_is_one_without_disagreement_and_zero_at_chance():
    assert krippendorff_alpha([["a", "a"], ["b", "b"]]) == 1
    assert krippendorff_alpha([["a", "a"]]) == 1
    pairs = [list(pair) for pair in itertools.product("ab", repeat=2)] * 500
    assert krippendorff_alpha(pairs) == pytest.approx(0, abs=1e-3)


def test_kappa_of_a_textbook_table():
    """Two readers of 50 applications, yes or no: 20 both yes, 15 both no, 5 and 10 apart; kappa 0.4."""
    cells = {("y", "y"): 20, ("y", "n"): 5, ("n", "y"): 10, ("n", "n"): 15}
    ratings = [{"a": one, "b": two} for (one, two), number in cells.items() for _ in range(number)]
    assert cohen_kappa(ratings, "a", "b") == pytest.approx(0.4)
    assert cohen_kappa([{"a": "y", "b": "y"}], "a", "b") == 1


def document(annotator, *spans, labels=()):
    return Document("a b c", 1, "1", annotator, "labelled", labels, tuple(Span(*span) for span in spans))


def test_f1_of_spans_counts_edges_and_label():
    first, second = document("a", (0, 1, "X"), (2, 3, "Y")), document("b", (0, 1, "X"), (2, 3, "X"), (4, 5, "X"))
    assert span_f1([(first, second)]) == pytest.approx(2 * 1 / (2 + 3))
    assert span_f1([(document("a"), document("b"))]) == 1


def test_lines_name_the_annotators_and_the_texts_that_they_share(tmp_path):
    pair = Group(tmp_path, [document("a", (0, 1, "X")), document("b", (0, 1, "X"))])
    alone = Group(tmp_path, [document("a", (0, 1, "X"))])
    assert list(agreement([pair, alone], True)) == ["span F1 of a and b 1.000, on 1 text"]
    assert list(agreement([alone], True)) == ["no document was annotated by two"]
    groups = [
        Group(tmp_path, [document(name, labels=(label,)) for name in names]) for label in "xy" for names in ("abc",)
    ]
    assert list(agreement(groups, False)) == ["Krippendorff's alpha 1.000, of 3 annotators on 2 texts"]
    assert list(agreement([g._replace(versions=g.versions[:2]) for g in groups], False)) == [
        "Cohen's kappa of a and b 1.000, on 2 texts"
    ]
