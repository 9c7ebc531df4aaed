import pytest

from seedbed.data.annotations.document import REJECTED, UNLABELLED, Document, Span
from seedbed.data.annotations.merge import chosen


def version(annotator, *labels, status="labelled", spans=()):
    return Document("a text", 1, "7", annotator, status, labels, tuple(spans))


THREE = [version("ann", "x"), version("bob", "y"), version("cem", "y")]


def test_the_first_that_counts_the_majority_or_one_by_name_is_taken():
    document, changes = chosen(THREE, "first", "classification")
    assert document.labels == ("x",)
    assert changes == [("documents_annotated_differently", "annotators differ; taken: ann")]
    document, changes = chosen(THREE, "majority", "classification")
    assert document.labels == ("y",)
    assert changes == [("documents_decided_by_majority", "y taken: x 1, y 2")]
    assert chosen(THREE, "bob", "classification")[0].labels == ("y",)
    assert chosen([version("ann", status=REJECTED), *THREE[1:]], "first", "classification") == (THREE[1], [])


def test_without_a_majority_a_text_is_unlabelled_and_said():
    document, changes = chosen(THREE[:2], "majority", "classification")
    assert (document.status, document.labels) == (UNLABELLED, ())
    assert changes == [("documents_without_majority", "is left unlabelled: x 1, y 1")]


def test_who_did_not_annotate_a_text_leaves_it_unlabelled():
    assert chosen(THREE[:1], "bob", "classification")[0].status == UNLABELLED
    assert chosen([version("ann", status=REJECTED)], "first", "classification")[0].status == REJECTED


@pytest.mark.parametrize(("votes", "kept"), [(1, False), (2, True), (3, True)])
def test_spans_of_more_than_half_are_taken_and_the_others_said(votes, kept):
    span = Span(0, 1, "A")
    versions = [version(str(n), spans=[span] if n < votes else []) for n in range(3)]
    document, changes = chosen(versions, "majority", "tagging")
    assert document.spans == ((span,) if kept else ())
    assert bool(changes) is not kept


def test_labels_of_more_than_half_are_taken_for_multi_label_and_the_others_said():
    versions = [version("ann", "x", "y"), version("bob", "y", "x"), version("cem", "x")]
    document, changes = chosen(versions, "majority", "multilabel")
    assert (document.labels, changes) == (("x", "y"), [])
    document, changes = chosen(versions[1:], "majority", "multilabel")
    assert document.labels == ("x",)
    assert changes == [("labels_without_majority_dropped", "y: 1 of 2 annotators")]
