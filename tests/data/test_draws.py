import json
import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.data.corpus import Corpus, Example
from seedbed.data.draws import Sampling, draw, manifest, write_manifest
from seedbed.data.tags import spans
from seedbed.errors import InputError
from seedbed.label_sets import LabelSet

SEEDS = st.integers(0, 2**31)
KINDS = ("a", "b", "c")


def classified(train=60, validation=20, test=30):
    sizes = {"train": train, "validation": validation, "test": test}
    splits = {
        split: tuple(Example(f"{split}/{n}", ("w",), KINDS[n % 3]) for n in range(size))
        for split, size in sizes.items()
    }
    return Corpus("toy", "classification", splits, KINDS)


def tagged(targets):
    train = tuple(Example(f"train/{n}", ("w",) * len(tags), tuple(tags)) for n, tags in enumerate(targets))
    return Corpus("toy", "tagging", {"train": train, "test": train[:1]}, ("O",))


FEWSHOT = {"validation": 10, "test": 12, "validation_from": "train"}


@given(SEEDS, st.sampled_from(["random", "stratified"]), st.integers(1, 15), st.integers(1, 15))
def test_smaller_draws_are_the_beginning_of_larger_ones(seed, strategy, small, more):
    corpus, sampling = classified(), Sampling(strategy, **FEWSHOT)
    few = draw(corpus, sampling, small, 0, seed)
    many = draw(corpus, sampling, small + more, 0, seed)
    assert many.train[:small] == few.train
    assert (few.validation, few.test) == (many.validation, many.test)
    assert few.digest != many.digest


@given(SEEDS, st.sampled_from(["train", "validation", "test"]), st.booleans())
def test_splits_have_the_sizes_asked_for_and_never_overlap(seed, source, redraw):
    sampling = Sampling("random", validation=10, test=12, validation_from=source, redraw_test=redraw)
    drawn = draw(classified(), sampling, 25, 0, seed)
    parts = [drawn.train, drawn.validation, drawn.test]
    assert [len(part) for part in parts] == [25, 10, 12]
    assert len(set().union(*parts)) == 47
    assert all(item.startswith("train/") for item in drawn.train)
    assert all(item.startswith(f"{source}/") for item in drawn.validation)
    assert all(item.startswith("test/") for item in drawn.test)


@given(SEEDS, st.sampled_from([5, "all"]), st.booleans(), st.sets(st.integers(0, 29), max_size=25))
def test_no_example_that_was_shown_is_drawn_for_test_and_nothing_else_changes(seed, wanted, redraw, numbers):
    sampling = Sampling("random", validation=10, test=wanted, redraw_test=redraw)
    shown = {f"test/{number}" for number in numbers}
    whole, drawn = (draw(classified(), sampling, 25, 0, seed, left_out) for left_out in (frozenset(), shown))
    assert not shown & set(drawn.test)
    assert len(drawn.test) == (30 - len(shown) if wanted == "all" else 5)
    assert (drawn.train, drawn.validation) == (whole.train, whole.validation)
    assert [example for example in whole.test if example not in shown] == [e for e in drawn.test if e in whole.test]


def test_more_than_what_was_not_shown_is_refused():
    shown = {f"test/{number}" for number in range(28)}
    with pytest.raises(InputError, match=r"sampling\.test=5: toy has 2 examples in test .* sampling\.test=2 at most$"):
        draw(classified(), Sampling("random", test=5), 10, 0, 0, shown)


def test_without_a_test_split_the_refusal_says_how_to_keep_texts():
    undivided = Corpus("toy", "classification", {"train": classified().splits["train"]}, KINDS)
    shown = {f"train/{number}" for number in range(58)}
    with pytest.raises(
        InputError,
        match=r"sampling\.test=2 at most; or repeat that study, .* with dataset\.held_out\.test=0\.3 sampling\.test=9 ",
    ):
        draw(undivided, Sampling("random", test=5, validation=5), 10, 0, 0, shown)


@given(SEEDS, st.integers(1, 30))
def test_stratified_draws_balance_the_classes(seed, size):
    drawn = draw(classified(), Sampling("stratified", **FEWSHOT), size, 0, seed)
    count = Counter(KINDS[int(item.rpartition("/")[2]) % 3] for item in drawn.train)
    assert max(count.values()) - min(count[kind] for kind in KINDS) <= (size % 3 > 0)
    assert len(set(drawn.train)) == size


@given(SEEDS, st.integers(1, 12))
def test_a_draw_per_class_is_the_stratified_one_where_no_class_has_fewer(seed, k):
    per_class = draw(classified(), Sampling("per_class", **FEWSHOT), k, 0, seed)
    stratified = draw(classified(), Sampling("stratified", **FEWSHOT), 3 * k, 0, seed)
    assert per_class.train == stratified.train
    assert per_class.size == k
    more = draw(classified(), Sampling("per_class", **FEWSHOT), k + 1, 0, seed)
    assert more.train[: 3 * k] == per_class.train


@given(SEEDS)
def test_a_class_with_fewer_gives_all_of_its_examples(seed):
    train = tuple(Example(f"train/{n}", ("w",), "a" if n < 3 else "b") for n in range(20))
    corpus = Corpus("toy", "classification", {"train": train, "test": train[:1]}, ("a", "b"))
    drawn = draw(corpus, Sampling("per_class", validation=0), 8, 0, seed)
    targets = Counter(corpus.by_id[item].target for item in drawn.train)
    assert targets == {"a": 3, "b": 8}
    assert len(set(drawn.train)) == 11


@given(SEEDS)
def test_a_draw_depends_on_its_seed_alone(seed):
    corpus, sampling = classified(), Sampling("random", **FEWSHOT)
    alone = draw(corpus, sampling, 20, 7, seed)
    in_a_group = [draw(corpus, sampling, 20, replicate, seed - 7 + replicate) for replicate in range(7, 10)]
    assert in_a_group[0] == alone
    assert draw(corpus, sampling, 20, 0, seed).digest == alone.digest
    assert in_a_group[1].digest != alone.digest


def test_every_replicate_tests_on_its_own_unless_told_otherwise():
    corpus = classified()
    redrawn = [draw(corpus, Sampling("random", **FEWSHOT), 5, r, r) for r in range(5)]
    assert len({item.test for item in redrawn}) == 5
    fixed = Sampling("random", validation=10, test=12, validation_from="test", redraw_test=False)
    same_tests = [draw(corpus, fixed, 5, r, r) for r in range(5)]
    assert len({(item.test, item.validation) for item in same_tests}) == 1
    assert len({item.train for item in same_tests}) == 5


def test_all_is_the_set_as_it_is():
    corpus = classified()
    drawn = draw(corpus, Sampling(), None, 3, 4)
    for split in ("train", "validation", "test"):
        assert getattr(drawn, split) == tuple(example.id for example in corpus.splits[split])
    from_train = draw(corpus, Sampling(validation=10, validation_from="train"), None, 3, 4)
    assert len(from_train.train) == 50
    assert not set(from_train.train) & set(from_train.validation)


SENTENCES = st.lists(
    st.lists(st.sampled_from(["O", "B-x", "I-x", "B-y", "B-z"]), min_size=1, max_size=6), min_size=1, max_size=40
)


@given(SENTENCES, SEEDS)
def test_k_per_type_has_k_mentions_of_each_type_and_is_nested(targets, seed):
    corpus = tagged(targets)
    sampling = Sampling("k_per_type", validation=0, test="all")
    total = Counter(kind for tags in targets for tag in tags if tag[0] == "B" for kind in tag[2:])
    most = min(total.values(), default=0)
    if not most:
        with pytest.raises(InputError, match="no entity"):
            draw(corpus, sampling, 1, 0, seed)
        return
    before = ()
    for k in range(1, most + 1):
        drawn = draw(corpus, sampling, k, 0, seed).train
        assert drawn[: len(before)] == before
        assert len(set(drawn)) == len(drawn)
        counts = Counter(tag[2:] for item in drawn for tag in corpus.by_id[item].target if tag[0] == "B")
        assert all(counts[kind] >= k for kind in total)
        assert len(drawn) <= k * len(total)
        before = drawn
    with pytest.raises(InputError, match=f"sizes={most + 1}: toy has fewer mentions.*{most} of"):
        draw(corpus, sampling, most + 1, 0, seed)


@given(SENTENCES, SEEDS)
def test_the_greedy_rule_is_that_of_the_paper(targets, seed):
    """Every chosen sentence has a mention of the type that was short of k when it was chosen, the rarest of those."""
    corpus = tagged(targets)
    total = Counter(kind for tags in targets for tag in tags if tag[0] == "B" for kind in tag[2:])
    k = min(total.values(), default=0)
    sampling = Sampling("k_per_type_greedy", validation=0, test="all")
    if not k:
        with pytest.raises(InputError, match="no entity"):
            draw(corpus, sampling, 1, 0, seed)
        return
    drawn = draw(corpus, sampling, k, 0, seed).train
    assert len(set(drawn)) == len(drawn)
    have = Counter()
    for item in drawn:
        own = Counter(tag[2:] for tag in corpus.by_id[item].target if tag[0] == "B")
        rarest = min((kind for kind in total if have[kind] < k), key=lambda kind: (total[kind], kind))
        assert own[rarest]
        have.update(own)
    assert all(have[kind] >= k for kind in total)
    with pytest.raises(InputError, match=f"sizes={k + 1}: toy has fewer mentions"):
        draw(corpus, sampling, k + 1, 0, seed)


def test_the_greedy_rule_samples_anew_for_each_type():
    """A sentence that was passed over for a rarer type is as probable as others; with one order it would come late."""
    corpus = tagged([["B-x", "O"], ["B-x", "B-y"], ["B-y"], ["B-y"], ["B-y"]])
    sampling = Sampling("k_per_type_greedy", validation=0, test="all")
    drawn = Counter(draw(corpus, sampling, 1, 0, seed).train for seed in range(4000))
    assert set(drawn) == {("train/1",), *(("train/0", f"train/{n}") for n in (1, 2, 3, 4))}
    passed_over, first = drawn["train/0", "train/1"], 4000 - drawn[("train/1",)]
    assert abs(first - 2000) < 4 * (4000 / 4) ** 0.5
    assert abs(passed_over - first / 4) < 4 * (first * 3 / 16) ** 0.5


def test_mentions_are_the_spans_of_a_sentence():
    tags = ("B-x", "I-x", "B-x", "O", "B-y")
    assert len(spans(tags)) == sum(tag[0] == "B" for tag in tags)


@pytest.mark.parametrize(
    ("sampling", "size", "message"),
    [
        (Sampling("random", **FEWSHOT), 51, "sizes=51: toy has 50 training examples beside 10 for validation"),
        (Sampling("random", validation=61, validation_from="train"), 1, "sampling.validation=61: toy has 60 examples"),
        (Sampling("random", test=31), 1, "sampling.test=31: toy has 30 examples in test"),
        (
            Sampling("random", validation=20, test=12, validation_from="test"),
            1,
            "sampling.validation=20: toy has 18 examples in test beside the 12 for test",
        ),
        (Sampling(), 5, "sampling.strategy=all takes every example"),
        (Sampling("k_per_type", validation=0), None, "give k"),
        (Sampling("k_per_type_greedy", validation=0), None, "k_per_type_greedy: give k"),
        (Sampling("random"), 0, "must be at least 1"),
    ],
)
def test_asking_for_more_than_there_is_says_how_many_there_are(sampling, size, message):
    with pytest.raises(InputError, match=message):
        draw(classified(), sampling, size, 0, 0)


def test_balance_beyond_the_smallest_class_is_refused():
    train = tuple(Example(f"train/{n}", ("w",), "a" if n < 2 else "b") for n in range(20))
    corpus = Corpus("toy", "classification", {"train": train, "test": train}, ("a", "b"))
    sampling = Sampling("stratified", validation=0)
    assert len(draw(corpus, sampling, 4, 0, 0).train) == 4
    with pytest.raises(InputError, match=r"sizes=6: toy has only [45] training examples in equal parts"):
        draw(corpus, sampling, 6, 0, 0)


def test_a_split_that_is_not_there_is_named():
    corpus = Corpus("toy", "classification", {"train": classified().splits["train"]}, KINDS)
    with pytest.raises(InputError, match="toy has no test split, only train"):
        draw(corpus, Sampling(validation=0), None, 0, 0)


@pytest.mark.parametrize(
    "settings",
    [
        {"strategy": "some"},
        {"validation_from": "dev"},
        {"validation": "most"},
        {"test": -1},
        {"test": True},
        {"test": 1.5},
        {"validation": "all", "validation_from": "train"},
        {"validation": "all", "validation_from": "test"},
        {"validation": 5, "test": "all", "validation_from": "test"},
    ],
)
def test_impossible_settings_are_refused(settings):
    with pytest.raises(InputError, match=r"^sampling\."):
        Sampling(**settings)


def test_the_manifest_is_written_whole(tmp_path):
    drawn = [draw(classified(), Sampling("random", **FEWSHOT), 5, r, r) for r in range(2)]
    path = tmp_path / "new" / "draws.json"
    write_manifest(path, manifest(drawn))
    read = json.loads(path.read_text(encoding="utf-8"))["draws"]
    assert [item["digest"] for item in read] == [item.digest for item in drawn]
    assert read[1]["train"] == list(drawn[1].train)
    assert [file.name for file in path.parent.iterdir()] == ["draws.json"]
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot be written"):
        write_manifest(tmp_path / "file" / "draws.json", manifest(drawn))


def test_a_balanced_draw_needs_a_size():
    examples = tuple(Example(f"train/{n}", ("a",), "xy"[n % 2]) for n in range(6))
    corpus = Corpus("toy", "classification", {"train": examples, "test": examples[:1]}, ("x", "y"))
    with pytest.raises(InputError, match="give the number of examples to balance"):
        draw(corpus, Sampling(strategy="stratified", validation=0, test="all"), None, 0, 0)


def labelled(rng, examples=60):
    """Sets of four labels, of which the last is rare."""
    train = [
        Example(f"train/{n}", ("w",), LabelSet.of(label for label, share in zip("abcd", (0.5, 0.3, 0.1), strict=False)
                                                  if rng.random() < share) if n else LabelSet(("d",)))
        for n in range(examples)
    ]  # fmt: skip
    return Corpus("toy", "multilabel", {"train": tuple(train)}, tuple("abcd"))


@given(SEEDS, st.integers(4, 20), st.integers(1, 15))
def test_stratified_draws_of_sets_have_each_label_at_least_once_and_are_nested(seed, small, more):
    corpus = labelled(random.Random(seed))
    sampling = Sampling("stratified", validation=5, test=6, validation_from="train")
    few, many = (draw(corpus, sampling, size, 0, seed).train for size in (small, small + more))
    assert many[:small] == few
    left = [e for e in corpus if e.id not in {*draw(corpus, sampling, 1, 0, seed).validation}]
    left = [e for e in left if e.id not in {*draw(corpus, sampling, 1, 0, seed).test}]
    there = {label for example in left for label in example.classes}
    assert {label for one in few for label in corpus.by_id[one].classes} == there
