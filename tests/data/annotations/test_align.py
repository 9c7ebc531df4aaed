import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.data.annotations.align import Alignment, Rules
from seedbed.data.annotations.document import Span
from seedbed.data.tags import spans as spans_of_tags
from seedbed.data.token_offsets import tokens_with_offsets

TEXT = "Ann Smith, of New-York."
WORDS = ["Ann", "Smith", ",", "of", "New-York", "."]


def aligned(*spans, text=TEXT, **rules):
    """Tokens with their tags, and the kinds of changes."""
    alignment = Alignment(text, tokens_with_offsets(text, "reviews"), Rules(**rules))
    words, tags = alignment.align([Span(*span) for span in spans])
    return [f"{word}/{tag}" if tag != "O" else word for word, tag in zip(words, tags, strict=True)], [
        kind for kind, _ in alignment.changes
    ]


def test_spans_at_edges_of_tokens_change_nothing():
    words, changes = aligned((0, 9, "PER"), (14, 22, "LOC"))
    assert words == ["Ann/B-PER", "Smith/I-PER", ",", "of", "New-York/B-LOC", "."]
    assert changes == []


def test_a_span_inside_a_token_splits_it_grows_or_is_dropped():
    inside = (18, 22, "LOC")
    assert aligned(inside) == (["Ann", "Smith", ",", "of", "New-", "York/B-LOC", "."], ["spans_that_split_a_token"])
    words, changes = aligned(inside, misaligned="grow")
    assert (words[4], changes) == ("New-York/B-LOC", ["spans_grown_to_tokens"])
    words, changes = aligned(inside, misaligned="drop")
    assert (words[4], changes) == ("New-York", ["misaligned_spans_dropped"])


def test_two_spans_may_split_one_token():
    words, changes = aligned((14, 17, "A"), (18, 22, "B"))
    assert words[4:7] == ["New/B-A", "-", "York/B-B"]
    assert changes == ["spans_that_split_a_token"] * 2
    words, changes = aligned((14, 17, "A"), (18, 22, "A"), misaligned="grow")
    assert words[4] == "New-York/B-A"
    assert changes == ["spans_grown_to_tokens", "spans_grown_to_tokens", "spans_repeated"]


def test_blanks_at_the_edges_of_a_span_are_left_out_and_said():
    words, changes = aligned((3, 10, "PER"))
    assert words[:3] == ["Ann", "Smith/B-PER", ",/I-PER"]
    assert changes == ["spans_moved_to_token_edges"]
    assert aligned((3, 4, "PER")) == (WORDS, ["spans_without_a_token_dropped"])


@pytest.mark.parametrize(
    ("other", "kind"),
    [
        ((0, 3, "X"), "nested_spans_dropped"),
        ((4, 10, "X"), "overlapping_spans_dropped"),
        ((0, 9, "X"), "spans_of_another_type_at_the_same_place_dropped"),
        ((0, 9, "PER"), "spans_repeated"),
    ],
)
def test_of_overlapping_spans_the_longest_is_kept_and_the_other_is_said(other, kind):
    words, changes = aligned((0, 9, "PER"), other)
    assert words[:2] == ["Ann/B-PER", "Smith/I-PER"]
    assert changes == [kind]


def test_the_shortest_of_overlapping_spans_may_be_kept():
    words, changes = aligned((0, 9, "PER"), (0, 3, "X"), overlapping="shortest")
    assert words[:2] == ["Ann/B-X", "Smith"]
    assert changes == ["spans_around_another_dropped"]


def test_a_span_of_several_parts_is_covered_made_several_or_dropped():
    whole = (0, 22, "P", ((0, 3), (14, 22)))
    words, changes = aligned(whole)
    assert words[:5] == ["Ann/B-P", "Smith/I-P", ",/I-P", "of/I-P", "New-York/I-P"]
    assert changes == ["discontinuous_spans"]
    assert aligned(whole, discontinuous="parts")[0][::4] == ["Ann/B-P", "New-York/B-P"]
    assert aligned(whole, discontinuous="drop") == (WORDS, ["discontinuous_spans"])


@given(
    text=st.text(st.sampled_from("ab -.'e\u0301💩"), min_size=1, max_size=20),
    edges=st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20), st.sampled_from("AB")), max_size=5),
)
def test_every_span_is_an_entity_or_said(text, edges):
    """By the numbers: what is no entity in the end is in a change that drops or merges it."""
    spans = [Span(start, end, label) for start, end, label in edges if start < end <= len(text)]
    alignment = Alignment(text, tokens_with_offsets(text, "reviews"), Rules())
    words, tags = alignment.align(spans)
    assert len(words) == len(tags)
    lost = [kind for kind, _ in alignment.changes if kind.endswith("dropped") or kind == "spans_repeated"]
    assert len(spans_of_tags(tags)) + len(lost) == len(spans)
