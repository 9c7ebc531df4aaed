import pytest

from seedbed.report.analysis.analysis import analyse
from seedbed.report.sections.answers import answers
from seedbed.report.sections.caveats import warnings_of

BASE = [0.50, 0.52, 0.51, 0.53, 0.50, 0.52, 0.51, 0.53]


def shifted(*amounts: float) -> list[float]:
    return [score + amount for score, amount in zip(BASE, amounts, strict=False)]


def test_a_clear_difference_is_reported_with_its_evidence(bare):
    table = bare({"random": BASE, "glove": shifted(0.06, 0.05, 0.07, 0.06, 0.05, 0.07, 0.06, 0.06)})
    (answer,) = answers(analyse(table))
    assert answer.verdict == "clear"
    assert answer.text.startswith("glove beats random by 6.0 points of accuracy at 200 examples, 95 % interval 5.")
    assert answer.text.endswith("p = 0.0078, eight paired replicates.")


def test_percentages_give_the_same_sentence_as_fractions(bare):
    arms = {"random": BASE, "glove": shifted(0.06, 0.05, 0.07, 0.06, 0.05, 0.07, 0.06, 0.06)}
    in_percent = {arm: [score * 100 for score in scores] for arm, scores in arms.items()}
    assert answers(analyse(bare(in_percent))) == answers(analyse(bare(arms)))


def test_the_arm_that_is_ahead_is_named_first_whichever_is_the_baseline(bare):
    table = bare({"glove": shifted(*[0.05, 0.06] * 4), "random": BASE})
    (answer,) = answers(analyse(table))
    assert answer.text.startswith("glove beats random by 5.5 points of accuracy at 200 examples, 95 % interval 5.")


def test_an_interval_over_zero_is_no_clear_difference(bare):
    table = bare({"random": BASE, "glove": shifted(0.06, -0.05, 0.01, -0.02, 0.03, -0.01, 0.0, 0.0)})
    (answer,) = answers(analyse(table))
    assert answer.verdict == "no clear difference"
    assert "No clear difference between glove and random at 200 examples" in answer.text
    assert "interval −" in answer.text


def test_equal_arms_have_equal_means(bare):
    (answer,) = answers(analyse(bare({"a": BASE, "b": BASE})))
    assert "the means are equal in accuracy, 95 % interval 0.0 to 0.0, p = 1," in answer.text


def test_five_pairs_are_too_few_to_be_significant(bare):
    analysis = analyse(bare({"random": BASE[:5], "glove": shifted(0.06, 0.05, 0.07, 0.06, 0.05)}))
    (answer,) = answers(analysis)
    assert answer.verdict == "unsettled"
    assert (
        "no 95 % interval but a 93.75 % one, 5.0 to 7.0, p = 0.0625, five paired replicates. 80 % power needs about "
        in answer.text
    )
    assert any("Five pairs cannot go below p = 0.0625" in warning for warning in warnings_of(analysis))


def test_six_pairs_can_be_significant(bare):
    analysis = analyse(bare({"random": BASE[:6], "glove": shifted(0.06, 0.05, 0.07, 0.06, 0.05, 0.06)}))
    assert answers(analysis)[0].verdict == "clear"
    assert warnings_of(analysis) == []


def test_several_comparisons_are_answered_with_holms_p(cells):
    analysis = analyse(cells(replicates=8))
    assert answers(analysis)[0].text.endswith("p = 0.0156 after Holm, eight paired replicates.")


def test_six_pairs_are_too_few_for_two_comparisons(cells):
    analysis = analyse(cells(replicates=6))
    assert {answer.verdict for answer in answers(analysis)} == {"unsettled"}
    assert any(
        "Six pairs cannot go below p = 0.0625 after Holm's correction for two comparisons" in warning
        for warning in warnings_of(analysis)
    )


def test_an_unsettled_answer_has_the_number_of_replicates_needed(bare):
    small = bare({"random": BASE, "glove": shifted(0.03, -0.01, 0.02, 0.01, 0.03, -0.01, 0.02, 0.0)})
    (answer,) = answers(analyse(small))
    assert answer.verdict == "no clear difference"
    assert " 80 % power needs about " in answer.text
    none = bare({"random": BASE, "glove": shifted(0.06, -0.06, 0.06, -0.06, 0.06, -0.06, 0.01, -0.005)})
    assert " 80 % power needs more than 200 replicates." in answers(analyse(none))[0].text


def test_lower_is_better_for_a_loss(bare):
    table = bare({"a": BASE, "b": shifted(*[0.1, 0.11] * 4)}, metric="test/log_loss")
    (answer,) = answers(analyse(table))
    assert answer.text.startswith("a beats b by 0.1050 in log loss at 200 examples, 95 % interval 0.10")


def test_one_pair_is_too_few(bare):
    analysis = analyse(bare({"a": [0.5], "b": [0.6]}))
    assert answers(analysis)[0].verdict == "too few"
    assert any("With one pair the spread is unknown" in warning for warning in warnings_of(analysis))


def test_the_closest_rival_of_the_best_arm_comes_first_at_each_size(cells):
    texts = [answer.text for answer in answers(analyse(cells(("a", "b", "c"), (50, 200), 8)))]
    pairs = [text.split(" by ")[0] for text in texts]
    assert pairs == ["c beats b", "c beats a"] * 2


def test_many_sizes_have_a_sentence_each(cells):
    analysis = analyse(cells(("a", "b", "c", "d"), tuple(range(10, 25)), 2))
    assert [answer.n_train for answer in answers(analysis)] == list(range(10, 25))


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (lambda table: table.assign(status=["failed", *["finished"] * 11]), "One cell failed: left out"),
        (
            lambda table: table.assign(**{"test/accuracy": [None, *[0.5] * 11]}),
            "One finished cell has no accuracy: left",
        ),
        (lambda table: table.drop(index=[0]), "One cell missing: the table has no row for it."),
        (lambda table: table.drop(index=[0]), "At 50 examples, b against a: replicate 0 not paired, as one of"),
        (lambda table: table.assign(draw=["x", *table["draw"][1:]]), "replicate 0 not paired, as the two arms were"),
    ],
)
def test_everything_left_out_has_a_warning(cells, change, text):
    warnings = warnings_of(analyse(change(cells(("a", "b"), (50,), 6))))
    assert any(text in warning for warning in warnings)


def test_a_score_without_values_has_a_warning(cells):
    analysis = analyse(cells(("a", "b"), (50,), 3).assign(**{"test/accuracy": float("nan")}), metric="accuracy")
    assert [answer.verdict for answer in answers(analysis)] in ([], ["too few"])
    assert "Six finished cells have no accuracy: left out of all statistics of it." in warnings_of(analysis)


def test_several_comparisons_have_a_warning(cells):
    assert warnings_of(analyse(cells(("a", "b", "c"), (50,))))[-1].startswith("Three comparisons in this report")


def test_each_arm_is_compared_with_a_named_baseline(cells):
    analysis = analyse(cells(("a", "b", "c"), (50,)), "b")
    assert [(row.arm, row.baseline) for row in analysis.main_comparisons().itertuples()] == [("a", "b"), ("c", "b")]
    assert len(answers(analysis)) == 2


def test_equal_differences_have_a_warning(bare):
    (warning, *_) = warnings_of(analyse(bare({"a": BASE, "b": [score + 0.1 for score in BASE]})))
    assert warning.startswith("b against a at 200 examples: the difference is the same in every pair,")


def test_the_number_of_pairs_needed_counts_all_comparisons(cells):
    warnings = " ".join(warnings_of(analyse(cells(("a", "b"), (50, 200), 4))))
    assert "Seven pairs can do it" in warnings
