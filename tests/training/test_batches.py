"""Batches: every example once an epoch, and arrays that say what is real."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.utils.class_weight import compute_class_weight

from seedbed.embeddings.random import Random
from seedbed.testing.samples import sample_corpus
from seedbed.training.batches import (
    EVALUATION_TOKENS,
    EncodedExamples,
    GroupData,
    collate,
    epoch_batches,
    evaluation_steps,
    inverse_frequencies,
    prefetched,
)

lengths = st.lists(st.integers(1, 60), min_size=1, max_size=80).map(np.array)


@given(lengths, st.integers(1, 20), st.integers(0, 5), st.booleans(), st.integers(0, 99))
def test_an_epoch_has_every_example_once_in_batches_that_are_full_but_one(lengths, size, epoch, by_length, seed):
    batches = epoch_batches(lengths, size, epoch, np.random.default_rng(seed), by_length)
    assert sorted(np.concatenate(batches).tolist()) == list(range(len(lengths)))
    assert sorted(map(len, batches), reverse=True)[:-1] == [size] * (len(batches) - 1)


@given(lengths, st.integers(1, 20), st.integers(1, 200), st.booleans(), st.integers(0, 99))
def test_batches_have_no_more_tokens_than_their_limit(lengths, size, most, by_length, seed):
    batches = epoch_batches(lengths, size, 0, np.random.default_rng(seed), by_length, most)
    assert sorted(np.concatenate(batches).tolist()) == list(range(len(lengths)))
    assert all(
        len(batch) <= size and (len(batch) == 1 or len(batch) * lengths[batch].max() <= most) for batch in batches
    )
    if not by_length:  # no batch could have taken the first example of the next one
        for batch, following in pairwise(batches):
            more = [*batch, following[0]]
            assert len(more) > size or len(more) * lengths[more].max() > most


def test_batches_by_length_need_less_padding_and_differ_between_epochs():
    rng = np.random.default_rng(0)
    lengths = rng.integers(1, 60, 200)

    def padded(batches):
        return sum(len(batch) * lengths[batch].max() for batch in batches)

    shuffled, bucketed = (epoch_batches(lengths, 16, 0, np.random.default_rng(1), by) for by in (False, True))
    assert padded(bucketed) < 0.75 * padded(shuffled)
    stream = np.random.default_rng(1)
    first, second = (epoch_batches(lengths, 16, epoch, stream, True) for epoch in (0, 1))
    assert {frozenset(batch.tolist()) for batch in first} != {frozenset(batch.tolist()) for batch in second}


@given(st.lists(st.lists(st.integers(1, 900), max_size=300), min_size=1, max_size=4))
def test_evaluation_covers_everything_within_its_bound(replicates):
    ordered = [np.array(sorted(own, reverse=True), np.int64) for own in replicates]
    ends = list(evaluation_steps(ordered))
    assert [first for first, _ in ends] == [0, *[end for _, end in ends]][: len(ends)]
    assert (ends[-1][1] if ends else 0) == max(map(len, ordered))
    for first, end in ends:
        longest = max(own[first] for own in ordered if first < len(own))
        assert end - first == 1 or (end - first) * longest * len(ordered) <= EVALUATION_TOKENS


def test_steps_of_many_members_of_one_draw_do_not_shrink_to_one_example():
    lengths = [np.full(50, 1000)]
    assert {end - start for start, end in evaluation_steps(lengths, 500)} <= {8, 2}
    assert {end - start for start, end in evaluation_steps(lengths * 500)} == {1}


def test_padding_and_absent_examples_weigh_nothing(toy):
    corpus = toy.corpora["tagging"]
    encoded = EncodedExamples.from_corpus(corpus, [example.id for example in corpus])
    draws = [toy.draw(0), toy.draw(1)]
    data = GroupData(encoded, Random(dim=4).features(encoded.examples, draws, [0, 1]), draws, [0, 1])
    batch = collate(data, [0, 1], [[3, 4], [5]], 3)
    assert batch["weights"].sum() == sum(encoded.lengths[[3, 4, 5]])
    assert batch["lengths"].tolist() == [[*encoded.lengths[[3, 4]], 0], [encoded.lengths[5], 0, 0]]
    tokens = encoded.lengths[5]
    np.testing.assert_array_equal(batch["targets"][1, :tokens, 0], encoded.targets[5])
    assert batch["inputs"]["ids"].shape == batch["targets"].shape


def test_class_weights_are_those_that_scikit_learn_calls_balanced(toy):
    from sklearn.utils.class_weight import compute_class_weight

    corpus = toy.corpora["classification"]
    encoded = EncodedExamples.from_corpus(corpus, [example.id for example in corpus])
    targets = np.array([encoded.targets[n] for n in range(50)])
    expected = compute_class_weight("balanced", classes=np.unique(targets), y=targets)
    np.testing.assert_allclose(
        inverse_frequencies(encoded, {"train": range(50)}, len(encoded.labels)), expected, rtol=1e-6
    )


def test_prefetched_items_come_in_order_and_an_error_is_raised_where_it_was():
    def items():
        yield from range(5)
        raise ValueError("no more")

    received = prefetched(items())
    assert [next(received) for _ in range(5)] == [0, 1, 2, 3, 4]
    with pytest.raises(ValueError, match="no more"):
        next(received)
    assert list(prefetched(iter([]))) == []


def test_sets_of_labels_have_a_target_and_a_weight_for_each_label():
    corpus = sample_corpus("multilabel")
    encoded = EncodedExamples.from_corpus(corpus, [e.id for e in corpus])
    draws = [{"train": list(range(30))}]
    data = GroupData(encoded, Random(dim=2).features(encoded.examples, draws, [0]), draws, [0])
    balanced = inverse_frequencies(encoded, draws[0], 2)
    batch = collate(data, [0], [list(range(5))], 8, balanced[None])
    expected = [[label in example.target.names for label in corpus.labels] for example in encoded.examples[:5]]
    assert batch["targets"][0, :5].tolist() == np.array(expected, int).tolist()
    assert (batch["weights"][0, 5:] == 0).all()
    assert batch["weights"].shape == (1, 8, 2, 1)
    gold = np.stack(encoded.targets[:30])
    for label in (0, 1):
        theirs = compute_class_weight("balanced", classes=np.array([0, 1]), y=gold[:, label])
        np.testing.assert_allclose(balanced[label], theirs, rtol=1e-6)
        np.testing.assert_allclose(batch["weights"][0, :5, label, 0], theirs[gold[:5, label]], rtol=1e-6)
