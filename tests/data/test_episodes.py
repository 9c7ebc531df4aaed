"""Episodes: the rule of Few-NERD, step by step."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seedbed.data.corpus import Corpus, Example
from seedbed.data.draw_sizes import with_numbers
from seedbed.data.draws import Sampling, draw, manifest
from seedbed.data.episodes import k_to_2k, types_tried
from seedbed.errors import InputError

KINDS = ("a", "b", "c", "d")
SEEDS = st.integers(0, 2**31)


def corpus(splits=("train", "validation", "test"), size=120, kinds=KINDS):
    """Sentences with none to three mentions."""
    rng = np.random.default_rng(0)
    made = {}
    for split in splits:
        rows = [[f"B-{kind}" for kind in rng.choice(kinds, rng.integers(0, 4))] for _ in range(size)]
        made[split] = tuple(Example(f"{split}/{n}", ("w",) * (len(r) + 1), (*r, "O")) for n, r in enumerate(rows))
    return Corpus("toy", "tagging", made, ("O", *(f"B-{kind}" for kind in kinds)))


WHOLE = corpus()


def classes(ids, of=WHOLE):
    return [of.by_id[item].classes for item in ids]


def is_k_to_2k(sentences, types, k):
    """Whether each sentence was valid when it came, and the last one completed the set, as the published sampler."""
    count = Counter()
    for own in map(Counter, sentences):
        done = all(count[kind] >= k for kind in types)
        valid = set(own) <= set(types) and any(count[kind] < k for kind in own)
        if done or not valid or any(count[kind] + own[kind] > 2 * k for kind in own):
            return False
        count.update(own)
    return all(k <= count[kind] <= 2 * k for kind in types)


@given(SEEDS, st.integers(1, 3), st.integers(1, 4), st.integers(1, 4))
@settings(max_examples=60)
def test_support_and_query_sets_follow_the_rule(seed, ways, k, queries):
    drawn = draw(WHOLE, Sampling("episodes", validation=10, ways=ways, queries=queries), k, 0, seed)
    assert len(drawn.types) == ways
    assert is_k_to_2k(classes(drawn.train), drawn.types, k)
    assert is_k_to_2k(classes(drawn.test), drawn.types, queries)
    assert all(set(own) <= set(drawn.types) for own in classes(drawn.validation))
    assert not set(drawn.train) & {*drawn.validation, *drawn.test}
    assert all(item.startswith("train/") for item in drawn.train)
    assert all(item.startswith("test/") for item in drawn.test)


@given(SEEDS)
@settings(max_examples=20)
def test_without_queries_the_test_set_is_every_sentence_without_other_types(seed):
    drawn = draw(WHOLE, Sampling("episodes", validation=0, test="all", ways=2), 2, 0, seed)
    wanted = [e.id for e in WHOLE.splits["test"] if set(e.classes) <= set(drawn.types)]
    assert list(drawn.test) == wanted
    assert any(not own for own in classes(drawn.test))  # sentences without entities too
    some = draw(WHOLE, Sampling("episodes", validation=0, test=5, ways=2), 2, 0, seed)
    assert len(some.test) == 5
    assert set(some.test) <= set(wanted)


@given(SEEDS)
@settings(max_examples=20)
def test_an_episode_depends_on_its_seed_alone_and_sizes_share_types_and_tests(seed):
    sampling = Sampling("episodes", validation=10, ways=2, queries=2)
    one, five = (draw(WHOLE, sampling, k, 0, seed) for k in (1, 3))
    assert one == draw(WHOLE, sampling, 1, 0, seed)
    assert (one.types, one.test, one.validation) == (five.types, five.test, five.validation)
    assert one.digest != five.digest
    assert one.digest != type(one)(0, seed, 1, one.train, one.validation, one.test).digest


def test_replicates_have_types_of_their_own_and_the_manifest_names_them():
    sampling = Sampling("episodes", validation=0, ways=2, queries=1)
    draws = [draw(WHOLE, sampling, 1, seed, seed) for seed in range(40)]
    assert len({item.types for item in draws}) == 6  # of 4 types 2
    assert [entry["types"] for entry in manifest(draws)["draws"]] == [list(item.types) for item in draws]
    assert "types" not in manifest([draw(WHOLE, Sampling("random", validation=0), 5, 0, 0)])["draws"][0]


def test_types_for_which_there_is_no_set_are_passed_over():
    """Type d has one mention: no episode has it at k = 2, and the first types without it are taken."""
    train = [*(["B-a"], ["B-b"], ["B-c"]) * 4, ["B-d"]]
    examples = tuple(Example(f"train/{n}", ("w",), tuple(tags)) for n, tags in enumerate(train))
    test = tuple(Example(f"test/{n}", ("w",), (f"B-{kind}",)) for n, kind in enumerate(KINDS))
    few = Corpus("toy", "tagging", {"train": examples, "test": test}, WHOLE.labels)
    sampling = Sampling("episodes", validation=0, ways=2, queries=1)
    for seed in range(10):
        tried = list(types_tried(KINDS, 2, [seed, 3]))
        expected = next(types for types in tried if "d" not in types)
        assert draw(few, sampling, 2, 0, seed).types == expected
        assert draw(few, sampling, 1, 0, seed).types == tried[0]
    with pytest.raises(InputError, match=r"sizes=2, sampling\.ways=4: toy has no episode, .* sampling\.ways"):
        draw(few, Sampling("episodes", validation=0, ways=4), 2, 0, 0)


def test_a_set_that_needs_another_order_is_found():
    """The sentence with three mentions of a, if it comes first, leaves no room for the only one that has b."""
    examples = [Example("0", ("w",) * 3, ("B-a",) * 3), Example("1", ("w",) * 3, ("B-a", "B-a", "B-b"))]
    for seed in range(20):
        assert k_to_2k(examples, ("a", "b"), 1, np.random.default_rng(seed)) == [examples[1]]
    assert k_to_2k(examples[:1], ("a", "b"), 1, np.random.default_rng(0)) is None
    two = [Example("0", ("w",) * 2, ("B-a",) * 2), Example("1", ("w",) * 2, ("B-a", "B-b"))]
    found = [k_to_2k(two, ("a", "b"), 1, np.random.default_rng(seed)) for seed in range(20)]
    assert {tuple(example.id for example in one) for one in found} == {("1",)}


def test_undivided_data_have_disjoint_parts_and_need_queries():
    rows = corpus(splits=("train",), size=300)
    sampling = Sampling("episodes", validation=20, ways=2, queries=3)
    drawn = draw(rows, sampling, 3, 0, 1)
    parts = [drawn.train, drawn.validation, drawn.test]
    assert len(set().union(*parts)) == sum(map(len, parts))
    assert is_k_to_2k(classes(drawn.test, rows), drawn.types, 3)
    with pytest.raises(InputError, match=r"toy has no splits; give sampling\.queries=5"):
        draw(rows, Sampling("episodes", validation=0, ways=2), 1, 0, 0)


def test_texts_that_were_shown_are_in_no_query_set():
    shown = {f"test/{n}" for n in range(60)}
    for queries in (None, 2):
        sampling = Sampling("episodes", validation=0, ways=2, queries=queries)
        assert not shown & set(draw(WHOLE, sampling, 1, 0, 3, shown).test)


def test_auto_is_all_for_test_and_at_most_the_usual_number_for_validation():
    made = with_numbers(Sampling("episodes", "auto", "auto", "train", ways=2), WHOLE, [1]).sampling
    assert (made.validation, made.test) == (200, "all")
    drawn = draw(WHOLE, made, 1, 0, 0)
    pool = [e for e in WHOLE.splits["train"] if set(e.classes) <= set(drawn.types)]
    assert len(drawn.validation) == len(pool) // 3 < 200


@pytest.mark.parametrize(
    ("sampling", "size", "message"),
    [
        ({"ways": 5}, 1, r"sampling\.ways=5: toy has 4 types"),
        ({"ways": 2}, None, "give k, the mentions of each type, such as sizes"),
        ({"ways": 2, "queries": 500}, 1, "no episode"),
    ],
)
def test_what_cannot_be_drawn_is_refused(sampling, size, message):
    with pytest.raises(InputError, match=message):
        draw(WHOLE, Sampling("episodes", validation=0, **sampling), size, 0, 0)


@pytest.mark.parametrize(("keys", "message"), [({}, "such as sampling.ways=5"), ({"ways": 0}, "ways=0"),
                                               ({"ways": 2, "queries": 0}, "queries=0")])  # fmt: skip
def test_impossible_settings_are_refused(keys, message):
    with pytest.raises(InputError, match=message):
        Sampling("episodes", **keys)
