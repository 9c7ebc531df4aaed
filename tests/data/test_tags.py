import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.data.tags import TagError, check, detect, from_spans, irregular, spans, to_iob2

TYPES = ("per", "geo-loc", "B-x")


@st.composite
def entities(draw, touching=True):
    """Entities of a sentence and its length; ``touching``: two of one type may stand side by side."""
    length = draw(st.integers(0, 12))
    found, at = [], 0
    while at < length:
        if draw(st.booleans()):
            at += 1
            continue
        end = draw(st.integers(at + 1, length))
        kind = draw(st.sampled_from(TYPES))
        if touching or not found or found[-1][0] != kind or found[-1][2] != at:
            found.append((kind, at, end))
        at = end
    return found, length


def write(found, length, scheme):
    """The tags of a scheme, written straight from its definition."""
    tags = ["O"] * length
    last = None
    for kind, first, end in found:
        for at in range(first, end):
            if scheme == "bare":
                tags[at] = kind
                continue
            inside = "I"
            if scheme == "iob1":
                inside = "B" if at == first and last == (kind, first) else "I"
            elif scheme == "iob2":
                inside = "B" if at == first else "I"
            else:
                names = {"bilou": "BILU", "bioes": "BIES"}[scheme]
                one = end - first == 1
                inside = names[3] if one else names[0] if at == first else names[2] if at == end - 1 else names[1]
            tags[at] = f"{inside}-{kind}"
        last = (kind, end)
    return tags


@pytest.mark.parametrize("scheme", ["iob2", "iob1", "bilou", "bioes"])
@given(sentence=entities())
def test_every_scheme_keeps_the_entities_in_iob2(scheme, sentence):
    found, length = sentence
    tags = write(found, length, scheme)
    name = "bilou" if scheme == "bioes" else scheme
    check([tags], name)
    assert spans(tags, name) == found
    assert to_iob2(tags, name) == tuple(write(found, length, "iob2"))
    assert spans(to_iob2(tags, name)) == found
    assert irregular(tags, name) == 0


@given(sentence=entities(touching=False))
def test_bare_tags_keep_entities_that_do_not_touch_their_own_kind(sentence):
    found, length = sentence
    assert spans(write(found, length, "bare"), "bare") == found


@given(sentence=entities())
def test_iob2_of_spans_is_their_inverse(sentence):
    found, length = sentence
    assert spans(from_spans(found, length)) == found


@given(st.lists(entities(), min_size=1, max_size=5))
def test_detection_reads_the_entities_that_were_written(sentences):
    for scheme in ("iob2", "bilou", "bioes", "iob1"):
        written = [write(found, length, scheme) for found, length in sentences]
        told = detect(written)
        if told == "bare":  # nothing but O
            assert not any(found for found, _ in sentences)
            continue
        assert [spans(tags, told) for tags in written] == [found for found, _ in sentences]


def test_detection_tells_the_schemes_apart():
    assert detect([["B-a", "I-a", "O"], ["B-a"]]) == "iob2"
    assert detect([["I-a", "I-a", "B-a"]]) == "iob1"
    assert detect([["O", "U-a"]]) == "bilou"
    assert detect([["O", "S-a"]]) == "bilou"
    assert detect([["O", "a", "geo-loc"]]) == "bare"
    assert detect([["B-a", "O", "I-a"]]) == "iob2"


def test_an_inside_tag_that_continues_nothing_begins_an_entity_and_is_counted():
    tags = ["O", "I-a", "I-b", "B-b", "I-b", "O"]
    assert spans(tags) == [("a", 1, 2), ("b", 2, 3), ("b", 3, 5)]
    assert irregular(tags, "iob2") == 2
    assert irregular(tags, "iob1") == 0


@pytest.mark.parametrize("tag", ["X-per", "B", "B-", "per", "b-per", "U-per", ""])
def test_an_unknown_tag_is_refused_with_its_place(tag):
    with pytest.raises(TagError, match="unknown tag") as caught:
        check([["O"], ["B-per", tag]], "iob2")
    assert (caught.value.sentence, caught.value.token) == (1, 1)


def test_tags_whose_prefixes_no_scheme_has_are_refused_and_not_taken_for_names():
    sentences = [["X-PER", "O", "X-LOC"]]
    with pytest.raises(TagError, match="X-PER"):
        check(sentences, detect(sentences))
    assert detect([["PER", "O", "X-LOC"]]) == "bare"
