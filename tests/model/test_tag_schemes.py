"""Tag sets: what IOB2 and BILOU allow, and that tags become BILOU and IOB2 again without a loss."""

import itertools

import numpy as np
import pytest

from seedbed.errors import InputError
from seedbed.model.tag_schemes import TagSet, best_sequence

LABELS = ("O", "B-LOC", "B-PER", "I-PER")
TAGS = {scheme: TagSet.of(LABELS, scheme) for scheme in ("iob2", "bilou")}


def is_iob2(tags):
    previous = ("O", *tags)
    return all(
        not tag.startswith("I") or before in (f"B{tag[1:]}", tag) for before, tag in zip(previous, tags, strict=False)
    )


def sequences(tags, length):
    return itertools.product(range(len(tags)), repeat=length)


def is_allowed(tag_set, numbers):
    allowed = tag_set.allowed
    inner = all(allowed.pair[one, other] for one, other in itertools.pairwise(numbers))
    return bool(allowed.start[numbers[0]] and inner and allowed.end[numbers[-1]])


def test_a_type_of_single_tokens_has_no_other_bilou_tags():
    assert TAGS["bilou"].inside == ("O", "U-LOC", "B-PER", "U-PER", "I-PER", "L-PER")


@pytest.mark.parametrize("scheme", TAGS)
@pytest.mark.parametrize("length", [1, 2, 3, 4])
def test_what_is_allowed_is_what_the_entities_of_iob2_tags_become(scheme, length):
    """Each IOB2 sequence is one allowed sequence, each allowed one is of an IOB2 sequence, and back again."""
    tag_set = TAGS[scheme]
    expected = {
        tuple(tag_set.encode(tags).tolist()): tags for tags in itertools.product(LABELS, repeat=length) if is_iob2(tags)
    }
    found = {numbers for numbers in sequences(tag_set.inside, length) if is_allowed(tag_set, numbers)}
    assert found == set(expected)
    for numbers in found:
        assert tuple(LABELS[n] for n in tag_set.label_of[list(numbers)]) == expected[numbers]


def test_bilou_marks_last_and_single_tokens():
    tags = ["B-PER", "I-PER", "I-PER", "B-PER", "B-LOC", "O", "B-PER", "I-PER"]
    inside = TAGS["bilou"].inside
    found = [inside[n] for n in TAGS["bilou"].encode(tags)]
    assert found == ["B-PER", "I-PER", "L-PER", "U-PER", "U-LOC", "O", "B-PER", "L-PER"]


def test_probabilities_of_iob2_tags_are_sums_of_those_that_stand_for_them():
    tag_set = TAGS["bilou"]
    probabilities = np.random.default_rng(0).dirichlet(np.ones(len(tag_set.inside)), 5)
    first, last, has_two = tag_set.sources
    expected = np.stack([probabilities[:, tag_set.label_of == n].sum(axis=1) for n in range(len(LABELS))], axis=1)
    np.testing.assert_allclose(probabilities[:, first] + probabilities[:, last] * has_two, expected)


@pytest.mark.parametrize("tags", [("I-PER",), ("B-LOC", "I-PER"), ("B-PER", "O", "I-PER")])
@pytest.mark.parametrize("scheme", TAGS)
def test_gold_tags_that_continue_no_entity_are_refused_by_their_place(scheme, tags):
    place = len(tags)
    with pytest.raises(InputError, match=rf"^token {place}: 'I-PER' continues no entity; write 'B-PER', or use"):
        TAGS[scheme].encode(tags)


def test_a_type_that_never_begins_is_refused():
    with pytest.raises(InputError, match=r"^tag 'I-LOC': no entity of type LOC begins, as there is no 'B-LOC'"):
        TagSet.of(("O", "B-PER", "I-LOC"))


def test_tags_of_another_notation_are_refused():
    with pytest.raises(InputError, match=r"^tag 'PER': is no IOB2 tag: O, B-TYPE or I-TYPE$"):
        TagSet.of(("O", "PER"))


def test_one_label_is_a_tag_set():
    tag_set = TagSet.of(("O",), "bilou")
    assert tag_set.encode(["O", "O"]).tolist() == [0, 0]
    assert best_sequence(np.zeros((2, 1)), tag_set.allowed).tolist() == [0, 0]


@pytest.mark.parametrize("scheme", TAGS)
@pytest.mark.parametrize("length", [1, 2, 4])
def test_the_best_sequence_is_the_best_of_all_that_are_allowed(scheme, length):
    tag_set, rng = TAGS[scheme], np.random.default_rng(length)
    for _ in range(10):
        scores = rng.normal(size=(length, len(tag_set.inside)))
        allowed = [numbers for numbers in sequences(tag_set.inside, length) if is_allowed(tag_set, numbers)]
        best = max(allowed, key=lambda numbers: sum(scores[t, n] for t, n in enumerate(numbers)))
        assert tuple(best_sequence(scores, tag_set.allowed).tolist()) == best
