"""Which method is shipped, and what its card says for it."""

import re
from dataclasses import replace

import pytest
from tests.report.conftest import make_cells

from seedbed.cells import FLOOR_COLUMNS, MENTIONS, Finding
from seedbed.errors import InputError
from seedbed.report.analysis.analysis import analyse
from seedbed.report.analysis.inputs import ReportInputs
from seedbed.saved_models.description import Description, ReplicateInfo
from seedbed.saved_models.text import TextPreparation
from seedbed.shipping.card import Facts, card
from seedbed.shipping.ensemble_score import EnsembleScore
from seedbed.shipping.winner import evidence_of


def analysis(rise, replicates=8):
    """Of two arms, of which glove is the better one, and TF-IDF, which is better than random by ``rise``."""
    table = make_cells(replicates=replicates)
    first = table[table["arm"] == "random"]
    floor = first[["dataset", "n_train", "replicate", "draw"]].assign(floor="tfidf", corpus="c", version=1, data="")
    floor["test/accuracy"] = first["test/accuracy"] + rise
    return analyse(table, inputs=ReportInputs(floor=floor[[*FLOOR_COLUMNS, "test/accuracy"]]))


def test_the_best_arm_at_the_largest_size_wins_with_its_evidence():
    evidence = evidence_of(analysis(0.0), None, None)
    assert (evidence.arm, evidence.n_train, evidence.metric, evidence.is_floor) == (
        "glove",
        200,
        "test/accuracy",
        False,
    )
    text = " ".join(evidence.sentences)
    for part in ("over 8 replicates", "Difference to random: +", "on 8 shared draws", "beats the best simple method"):
        assert part in text
    assert evidence_of(analysis(0.0), None, 50).n_train == 50


def test_a_simple_method_that_is_better_than_every_arm_wins():
    evidence = evidence_of(analysis(0.3), None, None)
    assert (evidence.arm, evidence.is_floor) == ("tfidf", True)
    assert "The best arm of the comparison, glove" in " ".join(evidence.sentences)


def test_an_arm_by_name_need_not_be_the_best():
    evidence = evidence_of(analysis(0.3), "random", None)
    assert evidence.arm == "random"
    assert "It does not beat the best simple method" in " ".join(evidence.sentences)


@pytest.mark.parametrize(("replicates", "level"), [(8, "95 %"), (3, "75 %"), (2, "50 %")])
def test_an_interval_has_the_level_that_the_report_gives_it(replicates, level):
    mean, difference = evidence_of(analysis(0.0, replicates), None, None).sentences[:2]
    assert f"({level} interval " in mean
    assert f"({level} interval +" in difference


def test_of_one_replicate_there_is_no_interval_and_no_deviation():
    arm, floor = (evidence_of(analysis(0.0, 1), name, 200).sentences for name in (None, "tfidf"))
    assert re.fullmatch(r"One replicate has test/accuracy [\d.]+: there is no interval, .*", arm[0])
    assert re.fullmatch(r"Difference to random: \+[\d.]+ points, on 1 shared draw\.", arm[1])
    assert re.fullmatch(r"Mean test/accuracy: [\d.]+, on one draw\.", floor[1])
    assert not re.search(r"nan|–| 1 \w+s\b", " ".join([*arm, *floor]))
    assert "single replicates" not in card(PAIR, facts(rows=[{}]))


@pytest.mark.parametrize(("arm", "size", "message"), [
    ("glvoe", None, "arm=glvoe: has no score at 200 examples; did you mean glove"), (None, 99, "size=99: .* 50, 200"),
])  # fmt: skip
def test_an_arm_or_a_size_that_is_not_there_is_refused(arm, size, message):
    with pytest.raises(InputError, match=message):
        evidence_of(analysis(0.0), arm, size)


PAIR = Description(
    "arm", "classification", ("neg", "pos|x"), "glove", "imdb", "d" * 64, TextPreparation(max_tokens=400),
    tuple(ReplicateInfo(0, n, f"c{n}" * 10, f"d{n}" * 10, n, n, 200) for n in range(2)), versions={"numpy": "2.4"},
)  # fmt: skip


def facts(**changes):
    rows = [{"seconds": 1.5, "energy_j": 20.0, "trained_weights": 306.0}] * 2
    made = Facts(evidence_of(analysis(0.0), None, None), rows, (Finding("a-rule", "<b>found</b>"),), "the study x", "")
    return replace(made, **changes)


def test_a_card_has_evidence_draws_cost_findings_and_limits():
    text = card(PAIR, facts(together="why not"))
    for part in (
        "# glove on imdb", "An ensemble of 2 replicates", "each trained on 200 examples", "Mean test/accuracy",
        "The score of the ensemble was not measured: why not.", "| 1 | 200 | 1 | 1 |",
        "Data set: imdb, with the digest `data` dddddddddddddddd.",
        "In the study: training 3.0 s for all replicates; energy 40 J; 306 trained weights in each replicate.",
        "a-rule", "cut to 400 tokens", 'pip install "seedbed==', "numpy 2.4",
    ):  # fmt: skip
        assert part in text
    assert "<b>" not in text
    assert "model.onnx" not in text


def test_a_card_says_what_a_size_counts_and_a_refit_counts_examples():
    evidence = replace(facts().evidence, size_unit=MENTIONS, n_train=20)
    pair = replace(PAIR, replicates=tuple(replace(one, n_train=20) for one in PAIR.replicates))
    text = card(pair, facts(evidence=evidence))
    assert "each trained on 20 mentions of each type." in text
    assert "From the study x, at 20 mentions of each type." in text
    assert "each trained on 20 examples." in card(pair, facts(evidence=evidence, refit=True))


def test_the_unit_is_that_of_the_sampling_of_the_arms():
    settings = {arm: {"sampling.strategy": "k_per_type"} for arm in ("random", "glove")}
    of_mentions = analyse(make_cells(replicates=8), inputs=ReportInputs(settings=settings))
    assert evidence_of(of_mentions, None, None).size == "200 mentions of each type"
    assert evidence_of(analysis(0.0), None, None).size == "200 examples"


def test_a_card_says_what_the_ensemble_scores_and_that_a_refit_was_not_measured():
    together = EnsembleScore("test/accuracy", 120, 500, 0.7, 0.75, 0.74)
    text = card(PAIR, facts(together=together, refit=True, onnx=True))
    said = (
        "The ensemble of all replicates has test/accuracy 75.00 by the mean of the probabilities and 74.00 by vote, on "
        "those 120 of 500 test examples that all replicates share; a single replicate has 70.00 there on average."
    )
    assert said in text
    assert "Their score is not measured" in text
    assert "`model.onnx`" in text
    assert "`[texts, labels]`" in text
