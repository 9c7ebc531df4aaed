import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.data.notations import detect_notation
from seedbed.data.tag_settings import TagSettings
from seedbed.data.tags import INSIDE, OUTSIDE, Notation, TagError, from_spans, spans, to_iob2

BRACKETS = Notation(
    "brackets",
    {"*": ("I", INSIDE), "(a*": ("B", "a"), "(b*": ("B", "b"), "(b)": ("S", "b"), "*)": ("E", INSIDE)},
    refusal="no tag in brackets",
    nested=False,
)


@st.composite
def entities(draw):
    """Entities of a sentence and its length; two of one type may stand side by side."""
    length = draw(st.integers(0, 12))
    entities, index = [], 0
    while index < length:
        end = draw(st.integers(index, length))
        if end > index:
            entities.append((draw(st.sampled_from(("per", "geo-loc", "B-x"))), index, end))
        index = max(end, index + 1)
    return entities, length


@given(sentence=entities())
def test_iob2_of_spans_is_their_inverse(sentence):
    entities, length = sentence
    assert spans(from_spans(entities, length)) == entities


def test_an_inside_tag_that_continues_nothing_begins_an_entity():
    tags = ["O", "I-a", "I-b", "B-b", "I-b", "O", "I-a"]
    assert spans(tags) == [("a", 1, 2), ("b", 2, 3), ("b", 3, 5), ("a", 6, 7)]
    assert to_iob2(tags) == ("O", "B-a", "B-b", "B-b", "I-b", "O", "B-a")


def test_ends_and_whole_entities_part_what_touches():
    notation = Notation("", {"B": ("B", "a"), "I": ("I", "a"), "E": ("E", "a"), "S": ("S", "a"), "O": OUTSIDE})
    assert notation.spans("BESBIEIOE") == [("a", 0, 2), ("a", 2, 3), ("a", 3, 6), ("a", 6, 7), ("a", 8, 9)]
    assert notation.irregular(notation.spans("BESBIEIOE"), "BESBIEIOE") == 2


def test_brackets_are_open_until_they_are_closed():
    tags = ["*", "(a*", "*", "*)", "*", "(b)", "(a*", "*)"]
    assert BRACKETS.spans(tags) == [("a", 1, 4), ("b", 5, 6), ("a", 6, 8)]


@pytest.mark.parametrize(
    ("tags", "message", "token"),
    [
        (["(a*", "(b)", "*)"], "'(b)' begins an entity inside another", 1),
        (["*", "*)"], "'*)' closes an entity, and none is open", 1),
        (["*", "(a*", "*"], "'(a*' is not closed", 1),
        (["*", "x"], "unknown tag 'x': no tag in brackets", 1),
    ],
)
def test_brackets_that_do_not_match_are_refused_with_their_place(tags, message, token):
    with pytest.raises(TagError) as caught:
        BRACKETS.spans(tags)
    assert message in str(caught.value)
    assert caught.value.token == token


@pytest.mark.parametrize(("tags", "tag", "nearest"), [
    ("B-PER I-PER O B-LOC B_LOC", "B_LOC", "did you mean B-LOC? tags"),
    ("B-PER I-PER O B-", "B-", "did you mean B-PER? tags"),
    ("B-PER I-PER O B-LOC B-", "B-", "did you mean B-PER or B-LOC? tags"),
    ("B-PER I-PER O 0", "0", "did you mean O? tags"),
    ("B-PER I-PER O o", "o", "did you mean O? tags"),
    ("B-PER I-PER O B-LOC B-ORG B-LOC|B-ORG", "B-LOC|B-ORG", "did you mean B-LOC or B-ORG? several tags"),
    ("B-PER I-PER O NEG", "NEG", "tags of scheme"),
    ("B-PER I-PER O B-PRE", "", ""),
])  # fmt: skip
def test_an_unknown_tag_beside_prefixed_ones_is_no_type(tags, tag, nearest):
    """``scheme=bare`` would make types of B-PER and I-PER; the nearest tag of the set is suggested instead."""
    row_tags = tags.split()
    notation = detect_notation([row_tags], TagSettings())
    if not tag:
        assert len(notation.spans(row_tags)) == 2
        return
    with pytest.raises(TagError) as caught:
        notation.spans(row_tags)
    assert str(caught.value).startswith(f"unknown tag {tag!r}: {nearest}")
    assert "bare" not in str(caught.value)
