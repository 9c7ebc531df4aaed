"""The verdict on published scores: intervals against scipy, words against brute force, and what is not comparable."""

import json
import math
from dataclasses import asdict, replace

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats
from tests.report.searches import cells_of, make_trials

from seedbed.errors import InputError
from seedbed.report.analysis.analysis import analyse
from seedbed.report.analysis.inputs import ReportInputs
from seedbed.report.analysis.published_scores import Figures, Published, Row, Table, from_record
from seedbed.report.analysis.published_verdicts import figures_of, position_in_spread, welch_interval
from seedbed.report.pages.html import render_page
from seedbed.report.pages.markdown import render_markdown
from seedbed.report.sections.contents import contents
from seedbed.report.sections.published import note_lines, paired_lines, verdict_lines, verdict_tables

BASIC = [73.2, 73.6, 52.4, 47.6, 63.6, 52.6, 77.6, 70.4, 73.0, 68.0]
ELMO = [78.0, 75.4, 75.4, 77.8, 75.6, 72.6, 76.8, 75.2, 75.4, 74.0]
SCORES = st.lists(st.floats(0, 100, width=32), min_size=2, max_size=12)


def table_of(rows=None, **more):
    rows = {"theirs": Row(arm="glove", mean=60.0, sd=2.0, seeds=10)} if rows is None else rows
    keys = {"title": "t", "source": "s", "protocol": "p", "dataset": "imdb", "metric": "test/accuracy", "n_train": 200}
    return Table(rows=rows, **keys | more)


@pytest.fixture
def verdict(cells):
    """The verdict on one row, beside two arms on 200 examples."""

    def made(row=None, cells_=None, departures=None, **more):
        table = cells(sizes=(200,), replicates=8) if cells_ is None else cells_
        published = table_of(None if row is None else {"theirs": row}, **more)
        (found,) = analyse(table, inputs=ReportInputs(published=Published(published, "", departures or {}))).verdicts
        return found

    return made


@pytest.fixture
def scores(cells):
    """The accuracies of the arm glove there."""
    table = cells(sizes=(200,), replicates=8)
    return table[table["arm"] == "glove"]["test/accuracy"].to_numpy()


@given(SCORES, SCORES)
def test_the_interval_is_scipys_of_welch(ours, published):
    assume(min(np.std(ours), np.std(published)) > 1e-3)
    low, high = welch_interval(figures_of(ours), figures_of(published))
    expected = stats.ttest_ind(ours, published, equal_var=False).confidence_interval(0.95)
    assert (low, high) == pytest.approx((expected.low, expected.high), rel=1e-6, abs=1e-6)


@given(st.floats(0.1, 10), st.floats(0, 10), st.integers(2, 20), st.integers(2, 20))
def test_a_true_difference_at_an_end_of_the_interval_has_p_of_5_percent(sd, other_sd, number, other):
    ours, published = Figures(number, 57.0, sd, 50, 60), Figures(other, 65.0, other_sd, 60, 70)
    for end in welch_interval(ours, published):
        moved = stats.ttest_ind_from_stats(57.0 - end, sd, number, 65.0, other_sd, other, equal_var=False)
        assert moved.pvalue == pytest.approx(0.05, rel=1e-6)


def test_welchs_interval_covers_the_truth_where_variances_differ():
    rng = np.random.default_rng(5)
    covered = 0
    for _ in range(2_000):
        low, high = welch_interval(figures_of(rng.normal(3, 5, 10)), figures_of(rng.normal(0, 1, 5)))
        covered += low <= 3 <= high
    assert covered / 2_000 == pytest.approx(0.95, abs=0.02)


@given(SCORES, st.floats(0, 100))
def test_inside_is_between_the_smallest_and_the_largest_published_value(values, mean):
    word = position_in_spread(mean, figures_of(values))
    assert word == (
        "below" if all(mean < v for v in values) else "above" if all(mean > v for v in values) else "inside"
    )


@pytest.mark.parametrize(
    ("mean", "word"), [(55.9, "below"), (56.0, "inside"), (60, "inside"), (64.0, "inside"), (64.1, "above")]
)
def test_without_single_values_the_spread_is_two_sd_to_each_side(mean, word):
    assert position_in_spread(mean, Row(mean=60.0, sd=2.0, seeds=10).figures) == word


def test_without_an_sd_or_with_one_value_no_spread_is_published():
    assert position_in_spread(1.0, Row(mean=60.0, seeds=10).figures) == "no spread published"
    assert position_in_spread(1.0, Row(values=[60.0]).figures) == "no spread published"


@pytest.mark.parametrize(
    ("ours", "published"),
    [
        (Figures(1, 60.0, math.nan, 60, 60), Figures(10, 60.0, 2.0, 56, 64)),
        (Figures(10, 60.0, 2.0, 56, 64), Figures(0, 60.0, 2.0, 56, 64)),
        (Figures(10, 60.0, 0.0, 60, 60), Figures(10, 60.0, 0.0, 60, 60)),
    ],
)
def test_there_is_no_interval_without_two_spreads_and_numbers(ours, published):
    assert all(map(math.isnan, welch_interval(ours, published)))


def test_a_published_percentage_stands_against_a_fraction_and_a_percentage(verdict, scores, cells):
    assert verdict().difference == pytest.approx(scores.mean() - 0.6)
    percent = cells(sizes=(200,), replicates=8)
    percent[["test/accuracy", "test/macro_f1"]] *= 100
    assert verdict(cells_=percent).difference == pytest.approx(100 * scores.mean() - 60)
    fraction = verdict(Row(arm="glove", mean=0.6, sd=0.02, seeds=10), unit="fraction")
    assert fraction.difference == pytest.approx(verdict().difference)
    assert (fraction.low, fraction.high) == pytest.approx((verdict().low, verdict().high))
    assert fraction.scale.show(fraction.published.mean) == "60.00"


def test_after_a_search_the_arms_as_they_are_stand_against_published_scores():
    table, inputs = cells_of(make_trials()), ReportInputs(published=Published(table_of()))
    analysis = analyse(table, inputs=inputs)
    default, tuned = (table[(table["setting"] == name) & (table["arm"] == "glove") & (table["n_train"] == 200)]
                      for name in ("default", "tuned"))  # fmt: skip
    mean = default["test/accuracy"].mean()
    assert analysis.verdicts[0].observed.mean == pytest.approx(mean)
    assert mean != pytest.approx(tuned["test/accuracy"].mean())
    assert analysis.verdicts[0].observed.number == 6
    assert verdict_lines(analysis)[1].endswith("with the defaults of the arms, not with the tuned ones.")
    assert "not with the tuned ones" in verdict_tables(analysis)[0].note
    plain = analyse(table[table["setting"] == "default"].drop(columns="setting"), inputs=inputs)
    assert plain.verdicts == analysis.verdicts
    assert len(verdict_lines(plain)) == 1


def test_a_loss_has_no_unit(verdict, cells):
    table = cells(sizes=(200,), replicates=8)
    losses = table[table["arm"] == "glove"]["test/log_loss"]
    found = verdict(Row(arm="glove", mean=0.5, sd=0.1, seeds=3, metric="test/log_loss"))
    assert found.difference == pytest.approx(losses.mean() - 0.5)


def test_only_finished_cells_with_a_score_count(verdict, cells):
    table = cells(sizes=(200,), replicates=8)
    table.loc[(table["arm"] == "glove") & (table["replicate"] > 4), "status"] = "failed"
    table.loc[(table["arm"] == "glove") & (table["replicate"] == 0), "test/accuracy"] = math.nan
    assert verdict(cells_=table).observed.number == 4
    table["status"] = "failed"
    found = verdict(cells_=table)
    assert (found.word, found.observed.number) == ("not compared", 0)


@pytest.mark.parametrize(
    ("row", "more", "why"),
    [
        (Row(arm="muse", mean=1.0), {}, "no arm muse here"),
        (Row(arm="glove", mean=1.0), {"dataset": "sst2"}, "another data set: imdb, published on sst2"),
        (Row(arm="glove", mean=1.0, n_train=50), {}, "another training size: 200, published with 50"),
        (Row(arm="glove", mean=1.0, metric="test/f1"), {}, "no score test/f1 here"),
        (Row(mean=1.0, note="another model"), {}, "another model"),
    ],
)
def test_what_is_not_comparable_gets_a_word_and_no_verdict(verdict, row, more, why):
    found = verdict(row, **more)
    assert (found.word, found.why) == ("not compared", why)
    assert math.isnan(found.difference)


def test_several_sizes_need_a_published_one(verdict, cells):
    found = verdict(cells_=cells(sizes=(50, 200), replicates=3), n_train=None)
    assert found.why == "several training sizes: 50, 200, and the published one is not known"
    assert verdict(cells_=cells(sizes=(50, 200), replicates=3)).observed.number == 3


def test_another_setting_gives_figures_and_no_verdict(verdict):
    found = verdict(departures={"theirs": ["embedding.name is glove, published with muse"]})
    assert found.word == "not compared"
    assert math.isfinite(found.difference)
    assert math.isnan(found.low)


def test_crossed_seeds_give_no_interval(verdict, cells):
    table = cells(sizes=(200,), replicates=8)
    assert math.isfinite(verdict(cells_=table).low)
    crossed = verdict(cells_=table.assign(data_seed=table["replicate"] // 2, init_seed=table["replicate"] % 2))
    assert crossed.word in ("inside", "above", "below")
    assert math.isnan(crossed.low)


def twenty(bare, arms=("muse", "muse_elmo"), shift=0.0):
    rows = {"MUSE": Row(arm="muse", values=BASIC), "MUSE and ELMo": Row(arm="muse_elmo", values=ELMO)}
    published = table_of(rows, paired=["MUSE and ELMo", "MUSE"])
    cells = bare(dict(zip(arms, (np.array(BASIC) / 100, np.array(ELMO) / 100 + shift), strict=True)))
    return analyse(cells, inputs=ReportInputs(published=Published(published)))


def test_published_scores_against_themselves_are_inside_at_a_difference_of_zero(bare):
    found = twenty(bare).verdicts
    assert [one.label for one in found] == ["MUSE", "MUSE and ELMo", "MUSE and ELMo minus MUSE"]
    assert [one.word for one in found] == ["inside"] * 3
    assert [one.difference for one in found] == pytest.approx([0, 0, 0])
    assert not any(one.apart for one in found)
    assert found[2].observed.mean == pytest.approx(0.1042)
    assert found[2].observed.sd == pytest.approx(np.std(np.subtract(ELMO, BASIC), ddof=1) / 100)


def test_a_shift_of_one_arm_shifts_its_row_and_the_difference(bare):
    found = twenty(bare, shift=0.2).verdicts
    assert [one.word for one in found] == ["inside", "above", "above"]
    assert found[1].apart
    assert found[1].difference == pytest.approx(0.2)


def test_the_paired_difference_takes_pairs_on_one_draw_only(cells):
    table = cells(sizes=(200,), replicates=8)
    table.loc[(table["arm"] == "glove") & (table["replicate"] > 5), "draw"] = "another"
    row = Row(arm="glove", minus="random", mean=5.0, sd=1.0, seeds=10)
    (found,) = analyse(table, inputs=ReportInputs(published=Published(table_of({"d": row})))).verdicts
    wide = table[table["replicate"] < 6].pivot(index="replicate", columns="arm", values="test/accuracy")
    assert found.observed.number == 6
    assert found.observed.mean == pytest.approx((wide["glove"] - wide["random"]).mean())
    assert found.n_train == 200


@pytest.mark.parametrize("lost", ["glove", "random"])
def test_a_difference_with_an_arm_that_finished_nothing_is_not_compared(cells, lost):
    row = Row(arm="glove", minus="random", mean=5.0, sd=1.0, seeds=10)
    table = cells(sizes=(200,), replicates=3)
    table.loc[table["arm"] == lost, "status"] = "failed"
    (found,) = analyse(table, inputs=ReportInputs(published=Published(table_of({"theirs": row})))).verdicts
    assert (found.word, found.why) == ("not compared", "no finished pair of replicates")


def test_the_statistics_of_the_twenty_accuracies():
    rows = {"MUSE": Row(arm="muse", values=BASIC), "MUSE and ELMo": Row(arm="muse_elmo", values=ELMO)}
    said = "\n".join(paired_lines(table_of(rows, paired=["MUSE and ELMo", "MUSE"])))
    for text in ("ten pairs", "mean difference 10.42, median 5.40", "2.93 to 18.33", "5.16 to 17.82", "p = 0.00390625"):
        assert text in said


def test_differences_of_protocol_are_those_of_the_chosen_one():
    table = table_of(differences={"always": ["a"], "published": ["b"], "corrected": ["c"]})
    assert list(Published(table, "corrected").differences()) == ["a", "c"]
    assert list(Published(table, "").differences()) == ["a"]
    assert list(Published(table).differences()) == ["a", "With protocol=published: b", "With protocol=corrected: c"]


def test_a_record_gives_back_what_was_kept():
    rows = {"one": Row(arm="glove", values=BASIC, settings={"embedding.name": "muse"})}
    published = Published(table_of(rows, differences={"always": ["a"]}), "corrected", {"one": ["x"]})
    kept = {"table": asdict(published.table), "protocol": "corrected", "departures": {"one": ["x"]}}
    assert from_record(json.loads(json.dumps(kept)), "here") == published
    assert from_record(None, "here") is None
    for broken in ({}, {"table": 5}, kept | {"table": kept["table"] | {"rows": {"one": {"mena": 1}}}}):
        with pytest.raises(InputError, match="here: holds no table") if broken else pytest.raises(AssertionError):
            assert from_record(broken, "here") is not None


def test_page_markdown_and_note_say_the_verdict_and_escape_it(cells):
    table = cells(sizes=(200,), replicates=8)
    rows = {"<script>alert(1)</script>": Row(arm="glove", mean=60.0, sd=20.0, seeds=10), "two": Row(mean=1.0, note="n")}
    published = table_of(rows, title="<b>t</b>", differences={"always": ["it <i>differs</i>"]})
    analysis = analyse(table, inputs=ReportInputs(published=Published(published, "")))
    page, text = (
        render_page(analysis, contents(analysis), (), title="t"),
        render_markdown(analysis, contents(analysis), (), title="t"),
    )
    for shown in (page, text):
        assert "inside the published spread" in shown
        assert "Known difference: it" in shown
        assert "&lt;i&gt;differs" in shown
        assert not {"<script>alert", "<b>t", "<i>"} & {
            part for part in ("<script>alert", "<b>t", "<i>") if part in shown
        }
    assert len(verdict_lines(analysis)) == 1
    assert len(note_lines(analysis)) == 2
    assert len(verdict_tables(analysis)) == 2


def test_a_table_without_rows_says_why(cells):
    published = table_of({}, note="The run was interrupted.")
    analysis = analyse(cells(), inputs=ReportInputs(published=Published(published, "")))
    assert verdict_lines(analysis) == ["The run was interrupted."]
    assert "The run was interrupted." in render_page(analysis, contents(analysis), (), title="t")


def test_without_a_published_table_nothing_is_said(cells):
    analysis = analyse(cells())
    assert (analysis.verdicts, verdict_lines(analysis), verdict_tables(analysis)) == ((), [], [])
    assert "Published numbers" not in render_page(analysis, contents(analysis), (), title="t")


def test_a_study_without_scores_has_no_verdict(cells):
    table = cells(sizes=(200,), replicates=2).drop(columns=["test/accuracy", "test/macro_f1", "test/log_loss"])
    table["status"] = "failed"
    analysis = analyse(table, inputs=ReportInputs(published=Published(table_of())))
    assert [one.word for one in analysis.verdicts] == ["not compared"]
    assert render_page(analysis, contents(analysis), (), title="t")


def test_the_sentence_has_both_figures_the_word_and_the_interval(verdict, cells):
    table = cells(sizes=(200,), replicates=8)
    analysis = analyse(table, inputs=ReportInputs(published=Published(table_of(), "")))
    (said,) = verdict_lines(analysis)
    (found,) = analysis.verdicts
    mean, sd = 100 * found.observed.mean, 100 * found.observed.sd
    assert said.startswith(
        f"theirs: accuracy 60.0 (2.0) published, {mean:.1f} ({sd:.1f}) here (glove, eight replicates)"
    )
    assert f": {found.word} the published spread; difference +{mean - 60:.1f}, Welch's 95 % interval " in said
    assert said.endswith("more than the spread over replicates.") == found.apart
    assert replace(found, low=-1.0, high=1.0).apart is False
