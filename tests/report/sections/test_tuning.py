import re
from pathlib import Path

import pytest
from tests.report.searches import SPACES, cells_of, make_trials

from seedbed.report.analysis.analysis import analyse
from seedbed.report.analysis.budget_curves import Lead
from seedbed.report.analysis.inputs import ReportInputs
from seedbed.report.analysis.tuning import Tuning
from seedbed.report.pages.terminal import terminal_tables
from seedbed.report.pages.write import write_report
from seedbed.report.sections.budget import budget_tables
from seedbed.report.sections.contents import contents
from seedbed.report.sections.notices import notices
from seedbed.report.sections.page_table import table_texts
from seedbed.report.sections.ranking import ranked_table
from seedbed.report.sections.tuning import lead_sentence, tuning_sentences
from seedbed.report.sections.tuning_tables import gain_table, refit_table, tuning_tables

LEFT_OUT = {"random": ("encoder.dropout",)}


def analysed(refit=False, table=None, arms=("random", "glove", "elmo"), method="quasi", **options):
    trials = make_trials(arms, **options)
    tuning = Tuning(trials, dict.fromkeys(arms, SPACES), method, 8, "validation/accuracy", False, LEFT_OUT)
    table = cells_of(trials, refit) if table is None else table(cells_of(trials, refit))
    return analyse(table, inputs=ReportInputs(tuning=tuning))


def tables_of(analysis):
    (section,) = [section for section in contents(analysis) if section.title == "Tuning"]
    return {table.title: list(table_texts(table)) for table in section.tables}


def test_the_report_says_above_its_tables_that_scores_are_tuned():
    analysis = analysed(prune=True)
    how = "Accuracy (%), tuned (quasi-random search, 8 trials, validation accuracy)"
    assert ranked_table(analysis).title == f"{how} at 200 examples, best first"
    titles = [table.title for section in contents(analysis) for table in section.tables]
    assert sum(title.startswith(how) for title in titles) >= 4
    statuses = analysis.inputs.tuning.trials["status"]
    assert (statuses == "pruned").any()
    assert notices(analysis)[0] == (
        "Scores are tuned: in each replicate of each arm, the best of 8 trials (quasi-random search) by validation "
        f"accuracy; {int((statuses == 'pruned').sum())} of all {len(statuses)} trials were stopped early."
    )


def test_the_first_sentence_has_no_trials_stopped_early_where_there_are_none():
    trials = make_trials(("random", "glove")).assign(status="finished")
    tuning = Tuning(trials, {}, "quasi", 8, "validation/accuracy")
    assert notices(analyse(cells_of(trials, False), inputs=ReportInputs(tuning=tuning)))[0].endswith(
        "the best of 8 trials (quasi-random search) by validation accuracy."
    )


def test_the_number_of_trials_is_that_of_the_trials_and_not_the_budget():
    """A grid of a small space has fewer trials than the budget allows."""
    trials = make_trials(("random", "glove"))
    trials = trials[(trials["arm"] == "glove") | (trials["trial"] < 3) | trials["chosen"]]
    trials = trials[(trials["arm"] == "glove") | (trials["replicate"] < 2)]
    lengths = trials[trials["arm"] == "random"].groupby(["n_train", "replicate"]).size()
    tuning = Tuning(trials, {}, "grid", 32, "validation/accuracy")
    analysis = analyse(cells_of(trials), inputs=ReportInputs(tuning=tuning))
    each = f"{lengths.min()} to 8 trials"
    assert f"the best of {each} (grid search) by" in notices(analysis)[0]
    assert f", tuned (grid search, {each}, validation accuracy)" in ranked_table(analysis).title
    header, *rows = tables_of(analysis)["Trials"]
    short = tables_of(analysis)["Validation accuracy (%) of the best of n trials"]
    assert short[0][3:] == ["best of 1", "best of 2", "best of 4", "best of all"]
    for curve, row in zip(analysis.budget_curves, short[1:], strict=True):
        assert float(row[-1]) == pytest.approx(100 * curve.mean[-1], abs=0.005)
        assert (row[5] == "–") == (curve.budget < 4)
    found = {(row[0], row[1]): row[header.index("trials each")] for row in rows}
    for (size, arm), shown in found.items():
        of_arm = lengths[int(size)] if arm == "random" else [8]
        assert shown == " to ".join(dict.fromkeys(str(end) for end in (min(of_arm), max(of_arm))))


def test_a_list_of_which_validation_chooses_one_counts_as_one_trial():
    def with_lists(trials):
        rates = trials["training.learning_rate"].astype(object).where(trials["trial"] > 0, "[0.001, 0.01]")
        return trials.assign(**{"training.learning_rate": rates})

    trials = with_lists(make_trials(("glove",), (50,)))
    tuning = Tuning(trials, {"glove": SPACES}, "random", 8, "validation/accuracy")
    notes = [table.note for table in tuning_tables(analyse(cells_of(trials), inputs=ReportInputs(tuning=tuning)))]
    said = "A default that is a list of values (training.learning_rate), of which validation chooses one, counts as one"
    assert sum(said in note for note in notes) == 1
    assert not any("that is a list" in table.note for table in tuning_tables(analysed()))


def test_arms_that_are_not_tuned_are_named():
    def without_tuned_elmo(table):
        return table[~((table["arm"] == "elmo") & (table["setting"] == "tuned"))]

    def without_tuned_elmo_at_50(table):
        return table[~((table["arm"] == "elmo") & (table["setting"] == "tuned") & (table["n_train"] == 50))]

    assert notices(analysed(table=without_tuned_elmo))[0].endswith("; elmo is not tuned.")
    assert notices(analysed(table=without_tuned_elmo_at_50))[0].endswith("; elmo at 50 examples is not tuned.")


def test_tuned_stands_beside_default():
    analysis = analysed()
    header, *rows = tables_of(analysis)[gain_table(analysis).title]
    assert header[3:6] == ["tuned", "default", "gain"]
    assert len(rows) == 6
    for gain, row in zip(analysis.gains, rows, strict=True):
        assert row[:3] == [str(gain.n_train), gain.arm, "6"]
        assert float(row[3]) == pytest.approx(100 * gain.paired.mean_arm, abs=0.01)
        assert float(row[5].replace("−", "-")) == pytest.approx(100 * gain.paired.mean_difference, abs=0.01)
        assert row[-1] == f"{gain.worse} of 6"


def test_whether_the_order_changes_is_said_in_a_sentence():
    analysis = analysed()
    (_, large) = analysis.orders
    texts = tuning_sentences(analysis)
    assert texts[0].startswith(f"At 200 examples tuning changes the order of the arms: {', '.join(large.default)} by")
    assert texts[1].startswith("At 50 examples tuning changes the order of the arms: ")
    assert notices(analysis)[-1] == texts[0]


def test_an_order_that_stays_is_said_too():
    def same(table):
        table["test/accuracy"] = table["arm"].map({"random": 0.5, "glove": 0.6, "elmo": 0.7}) + table["replicate"] / 1e3
        return table

    texts = tuning_sentences(analysed(table=same))
    assert texts[0] == "At 200 examples tuning does not change the order of the arms: elmo, glove, random."


def test_whether_pairs_that_change_places_are_apart_is_said():
    def clear(table):
        table = table[table["arm"].isin(["random", "glove"])].copy()
        tuned = table["setting"] == "tuned"
        table["test/accuracy"] = 0.5 + table["replicate"] / 1e3 + 0.1 * (tuned == (table["arm"] == "random"))
        return table

    texts = tuning_sentences(analysed(table=clear))
    assert texts[0].endswith("One pair changes places (random and glove), which are clearly apart when tuned.")


def test_overtuning_is_counted():
    analysis = analysed()
    worse = sum(gain.worse for gain in analysis.gains)
    expected = f"In {worse} of 36 searches the chosen settings have a worse test score than the default (accuracy)."
    assert expected in tuning_sentences(analysis)


def test_with_crossed_seeds_overtuning_is_counted_by_draw():
    def crossed(table):
        return table.assign(data_seed=table["replicate"] // 2, init_seed=table["replicate"] % 2)

    analysis = analysed(table=crossed)
    wide = analysis.cells.pivot(index=["arm", "n_train", "data_seed", "init_seed"], columns="setting")["test/accuracy"]
    differences = (wide["tuned"] - wide["default"]).groupby(["arm", "n_train", "data_seed"]).mean()
    worse = int((differences < 0).sum())
    assert f"In {worse} of 18 draws the chosen settings have a worse mean test score than the default (accuracy)." in (
        tuning_sentences(analysis)
    )
    assert "paired by draw;" in gain_table(analysis).note
    assert "paired by replicate;" in gain_table(analysed()).note


def test_trials_that_diverged_or_were_pruned_are_listed():
    analysis = analysed(prune=True)
    trials = analysis.inputs.tuning.trials
    rows = tables_of(analysis)["Trials that diverged or were pruned"][1:]
    assert len(rows) == trials["status"].isin(["failed", "pruned"]).sum() > 0
    failed = trials[trials["status"] == "failed"]
    assert [row[4] for row in rows].count("diverged") == len(failed)
    assert all("training.learning_rate=" in row[5] for row in rows)
    assert all("encoder.dropout" not in row[5] for row in rows if row[1] == "random")
    assert any(re.match(r"\w+ trials? diverged, and count", text) for text in tuning_sentences(analysis))


def test_keys_that_an_arm_lacks_are_named():
    assert "random has no encoder.dropout: left out of its space." in tuning_sentences(analysed())


@pytest.mark.slow
def test_with_an_audit_validation_is_compared_with_test():
    analysis = analysed(audit=True, budget=12)
    title = "Rank correlation of validation accuracy and test accuracy over trials"
    assert len(tables_of(analysis)[title]) == 7
    assert any("have a rank correlation of" in text for text in tuning_sentences(analysis))
    assert title not in tables_of(analysed())


def test_the_best_settings_can_be_pasted():
    rows = tables_of(analysed())["Best settings"]
    assert rows[0] == ["examples", "arm", "replicates", "best settings"]
    assert all(re.search(r"training\.learning_rate=[\d.e-]+ .*training\.optimizer=adamw?$", row[3]) for row in rows[1:])


def test_the_terminal_shows_what_tuning_gained():
    analysis = analysed()
    shown = terminal_tables(analysis)[-1]
    assert "beside the default" in shown.title.plain
    assert len(shown.rows) == 6


def test_refits_stand_beside_tuned_in_a_table_of_their_own():
    analysis = analysed(refit=True)
    tables = tables_of(analysis)
    header, *rows = tables[refit_table(analysis).title]
    assert header[3:6] == ["refit", "tuned", "gain"]
    assert [(row[0], row[1], row[5]) for row in rows] == [
        (str(gain.n_train), gain.arm, "+1.00") for gain in analysis.refits
    ]
    assert tables[gain_table(analysis).title] == tables_of(analysed())[gain_table(analysis).title]
    assert "in no other comparison" in refit_table(analysis).note
    texts = tuning_sentences(analysis)
    (large, small) = (text for text in texts if text.startswith("Refit against tuned"))
    assert re.match(r"Refit against tuned at 200 examples: random gained 1\.0+ points", large)
    assert " at 50 examples: " in small
    assert not [text for text in tuning_sentences(analysed()) if "efit" in text]
    assert [table.title.plain for table in terminal_tables(analysis)][-1].endswith("refit beside tuned")


def test_without_a_search_there_is_nothing(cells):
    analysis = analyse(cells())
    assert tuning_tables(analysis) == []
    assert tuning_sentences(analysis) == []
    assert not [text for text in notices(analysis) if "tun" in text]
    assert "Tuning" not in [section.title for section in contents(analysis)]


def sentence_of(ahead, by_means=False):
    return lead_sentence(analysed(), Lead(200, "glove", "elmo", ahead, by_means))


@pytest.mark.parametrize(
    ("ahead", "text"),
    [
        ((1, 1, -1, -1), "glove is ahead of elmo with up to two trials, elmo from three on."),
        ((1, 0, 0, -1), "glove is ahead of elmo with one trial, elmo with all 4; elsewhere neither is clearly ahead."),
        ((-1, -1, -1), "elmo is ahead of glove at every number of trials up to 3."),
        ((0, 1, 1, 0), "glove is ahead of elmo from two to three; elsewhere neither is clearly ahead."),
    ],
)
def test_who_is_ahead_after_how_many_trials_is_said_in_a_sentence(ahead, text):
    assert sentence_of(ahead) == f"At 200 examples {text}"


def test_an_unclear_lead_and_one_by_means_are_said():
    assert sentence_of((0, 0)) == (
        "At 200 examples neither glove nor elmo is clearly ahead at any number of trials up to 2."
    )
    assert sentence_of((1, 1), True).endswith("up to 2 (by the means: the replicates are too few for an interval).")


def test_expected_scores_stand_in_a_table():
    analysis = analysed(budget=6)
    header, *rows = tables_of(analysis)["Validation accuracy (%) of the best of n trials"]
    assert header[3:] == ["best of 1", "best of 2", "best of 4", "best of 6"]
    for curve, row in zip(analysis.budget_curves, rows, strict=True):
        assert row[:2] == [str(curve.n_train), curve.arm]
        assert [float(cell) for cell in row[3:]] == pytest.approx(100 * curve.mean[[0, 1, 3, 5]], abs=0.005)
    header, *rows = tables_of(analysis)["Every number of trials"]
    assert header[3:6] == ["best of them", "95 % interval", "plug-in"]
    assert len(rows) == 6 * 6


@pytest.mark.parametrize(
    ("method", "why"),
    [
        ("random", "trials that do not depend on each other."),
        ("tpe", "each other; those of TPE do, so that its curves are a rough guide."),
        ("quasi", "a Sobol sequence with points left out is no Sobol sequence, so that its curves are a rough guide"),
        ("grid", "a subset of a grid is not itself a grid, so that its curves are a rough guide."),
    ],
)
def test_curves_that_are_a_rough_guide_say_so(method, why):
    (table, *_) = budget_tables(analysed(arms=("glove",), sizes=(50,), method=method))
    assert "of the default, which is always the first, and of n − 1 others" in table.note
    assert why in table.note


def pruned_elmo(**options):
    """Trials of elmo at 50 examples are pruned, those of others are not."""
    trials = make_trials(("glove", "elmo"), budget=6, prune=True, **options)
    is_pruned = (trials["status"] == "pruned") & ~((trials["arm"] == "elmo") & (trials["n_train"] == 50))
    trials.loc[is_pruned, "status"] = "finished"
    tuning = Tuning(trials, dict.fromkeys(("glove", "elmo"), SPACES), "random", 6, "validation/accuracy")
    return analyse(cells_of(trials), inputs=ReportInputs(tuning=tuning))


PRUNED = (
    "trials were stopped early, so that their scores are not final. Only the best of all trials is exact; for curves, "
    "search with tune.prune=none."
)


def test_where_trials_were_pruned_a_sentence_says_why_there_is_no_curve():
    analysis = pruned_elmo()
    text = f"No budget curve and no importance of keys for elmo at 50 examples: {PRUNED}"
    assert text in tuning_sentences(analysis)
    assert not [line for line in tuning_sentences(analysis) if line.startswith("At 50") and "ahead" in line]
    short, every = budget_tables(analysis)
    assert text in short.note
    (row,) = [row for row in table_texts(short) if row[:2] == ["50", "elmo"]]
    assert row[3:6] == ["–"] * 3
    assert float(row[6]) == pytest.approx(100 * analysis.budget_curves[1].mean[-1], abs=0.005)
    assert [row[2] for row in table_texts(every) if row[:2] == ["50", "elmo"]] == ["6"]
    audited = tuning_sentences(pruned_elmo(audit=True))
    assert text.replace("curve and", "curve of validation or test scores and") in audited


def test_where_all_arms_have_pruned_trials_the_sentence_names_none():
    analysis = analysed(prune=True)
    assert f"No budget curve and no importance of keys: {PRUNED}" in tuning_sentences(analysis)
    assert "Importance of each key (%)" not in tables_of(analysis)
    assert not [line for line in tuning_sentences(analysed()) if "budget curve" in line]


def test_with_an_audit_the_test_score_of_the_best_is_shown():
    header = tables_of(analysed(budget=6, audit=True))["Every number of trials"][0]
    assert "its test score" in header
    assert "its test score" not in tables_of(analysed(budget=6))["Every number of trials"][0]


def test_importances_are_per_cent():
    header, *rows = tables_of(analysed(budget=12))["Importance of each key (%)"]
    assert header[3:] == list(SPACES)
    assert all(sum(int(cell) for cell in row[3:] if cell != "–") in range(98, 103) for row in rows)
    assert all(row[4] == "–" for row in rows if row[1] == "random")


@pytest.mark.parametrize(("seed", "again"), [(0, 1), (3, 4)])
def test_the_command_that_runs_the_best_settings_has_the_folder_and_another_seed(seed, again, tmp_path, monkeypatch):
    arms = ("random", "glove")
    trials = make_trials(arms, (50,), 3, budget=4)
    tuning = Tuning(trials, dict.fromkeys(arms, SPACES), "random", 4, "validation/accuracy", False)
    analysis = analyse(cells_of(trials), inputs=ReportInputs({"Settings": {"seed": seed}}, tuning=tuning))
    folder = tmp_path / "my study"
    for here, shown in ((tmp_path, "my study"), (Path(__file__).parent, folder)):
        monkeypatch.chdir(here)
        write_report(analysis, folder, title="t")
        page = " ".join((folder / "report" / "report.md").read_text("utf-8").replace("\\", "").split())
        assert f"seedbed compare --config-dir '{shown}' experiment=best_50 seed={again}." in page
