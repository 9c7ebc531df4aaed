"""TF-IDF with logistic regression, against scikit-learn's own vectoriser."""

import dataclasses
import itertools
import warnings

import numpy as np
import pytest
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, f1_score, log_loss
from sklearn.multiclass import OneVsRestClassifier

from seedbed.floor.floors import Floors
from seedbed.floor.ngrams import Ngrams
from seedbed.floor.tfidf import STRENGTHS, WITHOUT_VALIDATION
from seedbed.label_sets import LabelSet


def grams(tokens):
    words = [token.lower() for token in tokens]
    return words + [f"{first} {second}" for first, second in itertools.pairwise(words)]


def by_hand(corpus, draw):
    """Probabilities of scikit-learn's classes on the test texts, and those classes."""
    texts, targets = ([[getattr(corpus.by_id[one], what) for one in ids] for ids in
                       (draw.train, draw.validation, draw.test)] for what in ("tokens", "target"))  # fmt: skip
    vectors = TfidfVectorizer(analyzer=grams, sublinear_tf=True)
    train = vectors.fit_transform(texts[0])
    models = [LogisticRegression(C=c, max_iter=1000).fit(train, targets[0]) for c in STRENGTHS]
    if not texts[1]:
        model = LogisticRegression(C=WITHOUT_VALIDATION, max_iter=1000).fit(train, targets[0])
    else:
        validation = vectors.transform(texts[1])
        losses = [log_loss(targets[1], model.predict_proba(validation), labels=model.classes_) for model in models]
        model = models[int(np.argmin(losses))]
    return model.predict_proba(vectors.transform(texts[2])), list(model.classes_), targets[2]


@pytest.mark.parametrize("validation", [range(45, 60), ()])
def test_it_is_what_scikit_learn_gives(reviews, validation, floor_draw):
    draw = floor_draw(range(45), validation, range(60, 90))
    expected, classes, gold = by_hand(reviews, draw)
    assert classes == list(reviews.labels)
    np.testing.assert_allclose(Floors(reviews).probabilities(draw, "tfidf"), expected, atol=1e-5)
    scores = Floors(reviews).scores(draw, "tfidf")
    said = [classes[n] for n in expected.argmax(axis=1)]
    assert scores["test/accuracy"] == pytest.approx(accuracy_score(gold, said))
    assert scores["test/macro_f1"] == pytest.approx(f1_score(gold, said, average="macro"))
    assert scores["test/log_loss"] == pytest.approx(log_loss(gold, expected), abs=1e-4)
    assert scores["test/accuracy"] > 0.6


def test_counts_are_those_of_scikit_learn(reviews):
    train, test = reviews.splits["train"][:20], reviews.splits["train"][20:40]
    ngrams = Ngrams()
    vocabulary = ngrams.vocabulary(train)
    vectors = CountVectorizer(analyzer=grams).fit([example.tokens for example in train])
    assert len(vocabulary) == len(vectors.vocabulary_)
    for examples in (train, test):
        ours = ngrams.counts(examples, vocabulary).toarray()
        theirs = vectors.transform([example.tokens for example in examples]).toarray()
        assert sorted(map(tuple, ours.T)) == sorted(map(tuple, theirs.T))


def test_a_class_that_training_lacks_is_never_said(reviews, floor_draw):
    train = [n for n in range(45) if n % 3]
    answers = Floors(reviews).probabilities(floor_draw(train, range(45, 60), range(60, 90)), "tfidf")
    assert (answers[:, 0] == 0).all()
    np.testing.assert_allclose(answers.sum(axis=1), 1, rtol=1e-5)


def test_one_class_in_training_is_the_answer(reviews, floor_draw):
    answers = Floors(reviews).probabilities(floor_draw([0, 3, 6], [9, 10], range(60, 90)), "tfidf")
    assert answers.tolist() == [[1, 0, 0]] * 30


def test_a_text_of_unknown_words_has_an_answer(floor_draw, floor_corpus):
    corpus = floor_corpus("classification", ["a", "b", "a", "b", "a"], [["x"], ["y"], ["x"], ["y"], ["new", "words"]])
    assert Floors(corpus).probabilities(floor_draw(range(4), (), [4]), "tfidf")[0] == pytest.approx([0.5, 0.5])


def test_targets_of_test_examples_change_no_answer(reviews, own_draw):
    before = Floors(reviews).probabilities(own_draw, "tfidf")
    np.testing.assert_array_equal(Floors(poisoned(reviews, own_draw.test)).probabilities(own_draw, "tfidf"), before)


def test_examples_outside_the_draw_change_no_answer(reviews, floor_draw):
    draw = floor_draw(range(30), range(45, 60), range(60, 75))
    outside = {f"train/{n}" for n in [*range(30, 45), *range(75, 90)]}
    assert_same = np.testing.assert_array_equal
    assert_same(
        Floors(poisoned(reviews, outside)).probabilities(draw, "tfidf"), Floors(reviews).probabilities(draw, "tfidf")
    )


def test_it_is_the_same_again_and_after_other_draws(reviews, own_draw, floor_draw):
    floors = Floors(reviews)
    floors.probabilities(floor_draw(range(60, 90), (), range(30)), "tfidf")
    np.testing.assert_array_equal(
        floors.probabilities(own_draw, "tfidf"), Floors(reviews).probabilities(own_draw, "tfidf")
    )


def poisoned(corpus, ids):
    """The corpus with another target for these examples."""
    turned = {label: corpus.labels[n - 1] for n, label in enumerate(corpus.labels)}
    examples = tuple(dataclasses.replace(one, target=turned[one.target]) if one.id in ids else one for one in corpus)
    return dataclasses.replace(corpus, splits={"train": examples})


@pytest.fixture
def tagged_reviews(floor_corpus):
    """90 texts, each with the word of each of its labels; one label is rare and one is in all texts."""
    rng = np.random.default_rng(2)
    has = [[label for label, share in (("fun", 0.5), ("long", 0.3), ("rare", 0.05), ("text", 1.0))
            if rng.random() < share] for _ in range(90)]  # fmt: skip
    tokens = [[*rng.choice(["the", "a", "it", "was"], 5), *(f"{label}ny" for label in own)] for own in has]
    return floor_corpus("multilabel", [LabelSet.of(own) for own in has], tokens)


@pytest.mark.parametrize("validation", [range(45, 60), ()])
def test_sets_of_labels_are_what_one_vs_rest_of_scikit_learn_gives(tagged_reviews, validation, floor_draw):
    draw = floor_draw(range(45), validation, range(60, 90))
    corpus = tagged_reviews
    parts = draw.train, draw.validation, draw.test
    texts = [[corpus.by_id[one].tokens for one in ids] for ids in parts]
    gold = [[[label in corpus.by_id[one].classes for label in corpus.labels] for one in ids] for ids in parts]
    vectors = TfidfVectorizer(analyzer=grams, sublinear_tf=True)
    train = vectors.fit_transform(texts[0])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        models = [
            OneVsRestClassifier(LogisticRegression(C=c, max_iter=1000)).fit(train, np.array(gold[0], int))
            for c in (STRENGTHS if validation else (WITHOUT_VALIDATION,))
        ]
    if validation:
        found = [model.predict_proba(vectors.transform(texts[1])) for model in models]
        lost = [np.mean([log_loss(own, p, labels=[False, True]) for own, p in
                         zip(np.array(gold[1]).T, values.T, strict=True)]) for values in found]  # fmt: skip
        models = [models[int(np.argmin(lost))]]
    expected = models[0].predict_proba(vectors.transform(texts[2]))
    np.testing.assert_allclose(Floors(corpus).probabilities(draw, "tfidf"), expected, atol=1e-5)
    scores = Floors(corpus).scores(draw, "tfidf")
    assert scores["test/micro_f1"] == pytest.approx(f1_score(gold[2], expected > 0.5, average="micro"))
    frequencies = np.mean(gold[0], axis=0)
    majority = Floors(corpus).scores(draw, "majority")
    constant = np.tile(frequencies > 0.5, (30, 1))
    assert majority["test/micro_f1"] == pytest.approx(f1_score(gold[2], constant, average="micro"))
