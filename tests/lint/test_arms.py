"""Arms that differ in more than what their names tell them apart by."""

import pytest


@pytest.fixture
def named(linted, tweets):
    """Lints arms given as ``name: [overrides]``; the text, or None."""

    def lint_arms(arms, *more):
        looked = linted("dataset=twitter_ner", f"dataset.path={tweets}", f"arms={{{arms}}}", *more)
        return looked.text("arms-differ-in-more") if "arms-differ-in-more" in looked.rules else None

    return lint_arms


@pytest.mark.slow
@pytest.mark.parametrize(
    "arms",
    [
        "random: [], bilstm: []",
        "random_bilstm: [encoder=bilstm], random_cnn: [encoder=cnn]",
        "random_bilstm: [], static_cnn: [encoder=cnn,embedding.dim=20]",
        "units50: [encoder.units=50], units90: [encoder.units=90,training.learning_rate=0.1]",
        "small: [encoder.units=5], tuned: [training.learning_rate=0.1]",
        "cnn: [encoder=cnn], cnn_lr: [encoder=cnn,training.learning_rate=0.1]",
        "bilstm: [], residual_lr: [encoder=residual_bilstm,training.learning_rate=0.1]",
        "bilstm: [training.epochs=9], probe: [encoder=probe]",
        "bilstm: [], cnn_wide: [encoder=cnn,training.learning_rate=0.1]",
        "a: [], b: [encoder=cnn,training.learning_rate=0.1]",
    ],
)
def test_names_that_say_all_or_nothing_known_are_no_finding(named, arms):
    assert named(arms) is None


@pytest.mark.parametrize(
    ("arms", "text"),
    [
        (
            "bilstm: [], cnn: [encoder=cnn,training.learning_rate=0.1]",
            "bilstm and cnn are named for their encoder and differ in more: training.learning_rate (0.001 and 0.1)",
        ),
        (
            "basic: [], resid: [encoder=residual_bilstm,training.epochs=9,training.batch_size=8]",
            "basic and resid are named for their encoder and differ in more: training.batch_size (16 and 8), "
            "training.epochs (30 and 9)",
        ),
        (
            "lr: [training.learning_rate=0.1], base: [encoder.units=9]",
            "lr and base are named for their training and differ in more: encoder.units (128 and 9)",
        ),
        (
            "bilstm: [], cnn: [encoder=cnn,sampling.validation=2]",
            "bilstm and cnn are named for their encoder and differ in more: sampling.validation (all and 2)",
        ),
        (  # a default, which settings leave out
            "bilstm: [], cnn: [encoder=cnn,training.accumulate=2]",
            "bilstm and cnn are named for their encoder and differ in more: training.accumulate (1 and 2)",
        ),
    ],
)
def test_what_the_names_do_not_say_is_found(named, arms, text):
    assert named(arms) == text


def test_pairs_with_the_same_difference_are_one_finding(named):
    override = "training.learning_rate=0.1"
    message = named(f"bilstm: [], cnn: [encoder=cnn,{override}], residual: [encoder=residual_bilstm,{override}]")
    assert message.startswith("bilstm and cnn (and one more pair) are named for their encoder")


def test_settings_of_training_that_one_arm_does_not_read_are_no_difference(linted, imdb):
    arms = "arms={glove_probe: [encoder=probe], glove_cnn: [encoder=cnn,training.learning_rate=0.1]}"
    looked = linted("dataset=imdb", "task=classification", f"dataset.path={imdb}", "sampling=fewshot", "sizes=[8]",
                    "sampling.validation=4", "sampling.test=4", arms)  # fmt: skip
    assert "arms-differ-in-more" not in looked.rules


@pytest.mark.parametrize(
    ("arms", "found"),
    [
        ("random: [embedding=random], wordllama: [embedding=wordllama]", False),
        ("random: [embedding=random], wordllama: [embedding=wordllama,encoder.pooling=max]", True),
        ("random: [], random_max: [encoder.pooling=max]", False),
    ],
)
def test_vectors_of_texts_are_part_of_an_embedding(linted, imdb, arms, found):
    looked = linted("dataset=imdb", "task=classification", f"dataset.path={imdb}", "sampling=fewshot", "sizes=[8]",
                    "sampling.validation=4", "sampling.test=4", "encoder=probe", f"arms={{{arms}}}")  # fmt: skip
    assert ("arms-differ-in-more" in looked.rules) == found
