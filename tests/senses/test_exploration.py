import numpy as np
import pytest

from seedbed.errors import InputError
from seedbed.senses.exploration import NO_SENSE, LayerView, Neighbor
from seedbed.senses.neighbors import sense_silhouette
from seedbed.senses.occurrences import find_occurrences
from seedbed.senses.passages import Passage
from seedbed.senses.vectors import occurrence_vectors


def test_each_occurrence_has_the_rows_of_its_own_token(model):
    passages = [Passage(("work", "is", "work")), Passage(("no", "Work")), Passage(("work", "is", "work"))]
    found = find_occurrences(passages, ["work"], 9).occurrences
    layers = occurrence_vectors(model, found)
    assert [layer.shape for layer in layers] == [(5, 4), (5, 8), (5, 8)]
    for n, one in enumerate(found):
        assert np.concatenate([layer[n] for layer in layers]).tolist() == (
            model.rows(one.passage.tokens)[one.position].tolist()
        )


def test_a_vector_that_is_not_finite_is_refused(model, monkeypatch):
    monkeypatch.setattr(type(model), "rows", lambda self, tokens: np.full((len(tokens), 20), np.nan, np.float32))
    found = find_occurrences([Passage(("work", "work"), location="a.tsv:7")], ["work"], 9).occurrences
    with pytest.raises(InputError, match=r"a\.tsv:7: the model gave no finite vector"):
        occurrence_vectors(model, found)


def test_the_five_sentences(document, model):
    assert document.groups == ("object made", "act of working")
    assert document.group_numbers == (0, 1, 1, 0, 1)
    assert [layer.control for layer in document.layers] == [True, False, False]
    assert [layer.number for layer in document.panel_layers] == [0, 1, 2]
    vectors = occurrence_vectors(model, document.occurrences)
    for layer, own in zip(document.layers, vectors, strict=True):
        assert layer.silhouette == pytest.approx(sense_silhouette(own, document.senses))
    assert document.layers[0].distinct == 3
    assert "spelling alone" in document.notes()[-1]


def test_without_senses_points_are_told_apart_by_form(explored):
    found = explored([("", "it works"), ("", "the work"), ("", "Work it")], ("work", "works"))
    assert found.groups == ("work", "works")
    assert found.group_numbers == (1, 0, 0)
    assert [layer.number for layer in found.panel_layers] == [1, 2]
    assert found.notes() == ["No senses are given, so there is no silhouette."]


def test_equal_tokens_need_no_control(explored):
    found = explored([("a", "the work"), ("b", "a work"), ("b", "one work")])
    assert [layer.number for layer in found.panel_layers] == [1, 2]
    assert found.layers[0].plane.explained_variance == (0, 0)
    assert found.notes()[0].startswith("All tokens are equal, and so are their vectors in layer 0")


@pytest.mark.parametrize(
    ("senses", "said"),
    [
        (["a", "a", "a"], "One sense is given: a silhouette needs two."),
        (["a", "b", "c"], "Each sense occurs once: a silhouette needs one that occurs twice."),
        (["a", "a", "b"], "1 of 2 senses occur once, and count as 0 in the silhouette."),
        (["a", "a", ""], "1 occurrences have no sense given; the silhouette leaves them out."),
    ],
)
def test_what_the_senses_lack_is_said(explored, senses, said):
    found = explored([(sense, f"work n{n}") for n, sense in enumerate(senses)])
    assert said in found.notes()
    assert (found.groups[-1] == NO_SENSE) == ("" in senses)


def test_what_was_left_out_is_counted(explored):
    found = explored([("", "work n"), ("", "nothing"), ("", "work and work")], limit=2)
    assert found.notes()[:2] == ["2 of 3 occurrences, evenly chosen.", "2 of 3 sentences have the word."]


@pytest.mark.parametrize(
    ("cosines", "said"),
    [
        ([0.5, 0.1], ["0.500", "0.100"]),
        ([0.9999, 0.99985], ["0.99990", "0.99985"]),
        ([1.0, 0.9], ["1.000", "0.900"]),
        ([1 - 1e-8, 0.99952], ["1.0000", "0.9995"]),
        ([0.9999991], ["0.999999"]),
    ],
)
def test_cosines_have_the_decimals_that_they_need(cosines, said):
    near = tuple(Neighbor(n, cosine) for n, cosine in enumerate(cosines))
    layer = LayerView(1, False, None, None, 2, (near,))
    assert [layer.format_cosine(one) for one in near] == said
