import re
import warnings
import xml.etree.ElementTree as ET

import pytest
from tests.report.searches import SPACES, cells_of, make_trials

from seedbed.report.analysis.analysis import analyse
from seedbed.report.analysis.inputs import ReportInputs
from seedbed.report.analysis.tuning import Tuning
from seedbed.report.pages.html import LARGEST_INLINE_SVG
from seedbed.report.pictures.rendering import PAPER, drawing
from seedbed.report.pictures.search import NAMES, search_pictures
from seedbed.report.sections.tuning_tables import tuning_tables

SVG = "{http://www.w3.org/2000/svg}"
ARMS = ("random", "glove", "elmo")


def drawn(arms=ARMS, metric="validation/accuracy", edit=None, **options):
    trials = make_trials(arms, metric=metric, **options)
    trials = trials if edit is None else edit(trials)
    tuning = Tuning(trials, dict.fromkeys(arms, SPACES), "random", 8, metric, metric.endswith("loss"))
    analysis = analyse(cells_of(make_trials(arms, **options)), inputs=ReportInputs(tuning=tuning))
    with drawing(), warnings.catch_warnings():
        warnings.simplefilter("error")
        return analysis, {picture.name: picture for picture in search_pictures(analysis)}


def titles(picture):
    return [found.text or "" for found in ET.fromstring(picture.svg).iter(f"{SVG}title")]


@pytest.fixture(scope="module")
def search():
    return drawn(audit=True, budget=6)


@pytest.mark.slow
def test_a_search_has_budget_curves_slices_and_parallel_coordinates(search):
    _, pictures = search
    assert tuple(pictures) == NAMES
    for picture in pictures.values():
        assert picture.png.startswith(b"\x89PNG")
        assert picture.section == "Tuning"
        assert len(picture.alt) > 20
        ET.fromstring(picture.inline_svg())


def test_points_of_the_budget_curves_say_score_interval_and_cost(search):
    analysis, pictures = search
    shown = titles(pictures["budget"])
    curve = next(curve for curve in analysis.budget_curves if (curve.arm, curve.n_train) == ("glove", 200))
    mean, low, high = (100 * values[3] for values in (curve.mean, curve.low, curve.high))
    expected = f"glove, best of four trials: {mean:.2f} ({low:.2f} to {high:.2f}), "
    assert any(title.startswith(expected) and title.endswith(" J") for title in shown)
    assert len(shown) == 3 * 2 * 3 * 4  # panels, sizes, arms; after 1, 2, 4 and 6 trials


def test_the_slices_have_a_point_a_trial_with_its_settings(search):
    analysis, pictures = search
    shown = titles(pictures["slices"])
    trials = analysis.inputs.tuning.trials
    trials = trials[trials["n_train"] == 200]
    assert len(shown) == 4 * len(trials) - (trials["arm"] == "random").sum()
    assert sum("diverged" in title for title in shown) >= (trials["status"] == "failed").sum() > 0
    assert all("training.learning_rate=" in title for title in shown)
    assert sum(", chosen;" in title for title in shown) == 4 * 18 - 6


def test_lines_of_parallel_coordinates_are_reached_without_a_pointer_and_say_their_settings(search):
    _, pictures = search
    root = ET.fromstring(pictures["parallel-0"].svg)
    lines = [group for group in root.iter(f"{SVG}g") if group.get("class") == "trial"]
    assert len(lines) > 10
    for group in lines:
        assert group.get("tabindex") == "0"
        title, texts = group.find(f"{SVG}title").text, [text.text for text in group.findall(f"{SVG}text")]
        assert " ".join(texts) == title
        assert "training.learning_rate=" in title
        assert [path.get("class") for path in group.findall(f"{SVG}path")] == ["hit", None]
    assert 'role="group"' in pictures["parallel-0"].inline_svg()
    assert 'role="img"' in pictures["budget"].inline_svg()


@pytest.mark.slow
def test_large_searches_have_pictures_that_fit_the_page():
    _, pictures = drawn(tuple("abcdefg"), replicates=10, budget=32)
    for name, picture in pictures.items():
        assert len(picture.inline_svg()) < 1.05 * LARGEST_INLINE_SVG, name
    chosen = sum(", chosen;" in title for title in titles(pictures["slices"]))
    assert chosen == 7 * 10 * 4 - 10  # one arm lacks a key
    assert len([t for t in titles(pictures["parallel-0"]) if t]) <= 40


def test_budget_curves_of_one_size_are_below_one_another_and_narrow():
    def box(picture):
        return [float(number) for number in ET.fromstring(picture.svg).get("viewBox").split()[2:]]

    trials = make_trials(ARMS)
    several = box(drawn()[1]["budget"])
    one = trials[trials["n_train"] == 200]
    tuning = Tuning(one, dict.fromkeys(ARMS, SPACES), "random", 8, "validation/accuracy", False)
    with drawing():
        pictures = search_pictures(analyse(cells_of(one), inputs=ReportInputs(tuning=tuning)))
    (width, height) = box(next(picture for picture in pictures if picture.name == "budget"))
    assert width < 360 < several[0]  # points: a phone is 390 pixels wide
    assert height > width


def test_arms_with_pruned_trials_have_no_budget_curve_and_no_medians():
    analysis, pictures = drawn(prune=True)
    assert "budget" not in pictures
    assert "medians" not in pictures["slices"].title
    assert {curve.is_whole for curve in analysis.budget_curves} == {False}
    assert "medians" in drawn()[1]["slices"].title


def test_a_loss_is_drawn_with_the_lowest_as_the_best():
    _, pictures = drawn(metric="validation/loss")
    shown = [title for title in titles(pictures["parallel-0"]) if title]
    losses = [float(re.search(r": ([\d.]+)", title)[1]) for title in shown]
    assert losses == sorted(losses, reverse=True)  # drawn last, and dark: the lowest
    assert "Validation loss" in pictures["budget"].title or "validation loss" in pictures["budget"].title


def test_axes_are_logarithmic_where_the_space_is(search):
    _, pictures = search
    texts = "".join(ET.fromstring(pictures["slices"].svg).itertext())
    assert "0.001" in texts
    assert "mathdefault" not in texts


@pytest.mark.slow
@pytest.mark.parametrize(
    "edit",
    [
        lambda trials: trials.drop(columns=["seconds", "energy_j", "epochs"]),
        lambda trials: trials.assign(status="finished"),
        lambda trials: trials[trials["trial"] == 0].assign(chosen=True),
        lambda trials: trials.assign(**{"training.learning_rate": 0.1, "encoder.dropout": None, "encoder.filters": 3}),
        lambda trials: trials.assign(chosen=False),
        lambda trials: trials.assign(
            **{
                "training.learning_rate": trials["training.learning_rate"]
                .astype(object)
                .where(trials["trial"] > 0, "[1]")
            }
        ),
        lambda trials: trials.assign(status="failed", **{"validation/accuracy": None}),
    ],
    ids=["no cost", "none diverged", "one trial", "nothing varies", "none chosen", "list", "all diverged"],
)
def test_odd_searches_have_pictures_or_none(edit):
    _, pictures = drawn(edit=edit, sizes=(50,), replicates=3)
    assert all(ET.fromstring(picture.svg) is not None for picture in pictures.values())


def with_list_default(trials):
    """Trial 0 is a list of values to choose from, as a probe's, and is chosen in every search."""
    key, first = "training.learning_rate", trials["trial"] == 0
    return trials.assign(**{key: trials[key].astype(object).mask(first, "[0.1, 0.2]")}, chosen=first)


def test_a_default_that_is_a_list_is_drawn_with_every_choice():
    _, pictures = drawn(("glove", "elmo"), edit=with_list_default, sizes=(50,), replicates=3)
    shown = titles(pictures["slices"])
    assert sum(", chosen;" in title for title in shown) == 2 * 3 * 4 - 3  # arms, searches, keys; one arm lacks a key
    assert "default: a list" in "".join(ET.fromstring(pictures["slices"].svg).itertext())
    root = ET.fromstring(pictures["parallel-0"].svg)
    assert "default: a list" in "".join(root.itertext())
    lines = [group for group in root.iter(f"{SVG}g") if group.get("class") == "trial"]
    starts = {round(float(re.match(r"M ([\d.]+)", group.findall(f"{SVG}path")[1].get("d"))[1]), 2) for group in lines}
    assert sum(", chosen;" in group.find(f"{SVG}title").text for group in lines) == 3
    assert len(starts) == 1  # every line begins at the first axis


def test_the_table_of_importance_says_which_trials_it_leaves_out():
    analysis, _ = drawn(("glove", "elmo"), edit=with_list_default, sizes=(50,), replicates=6)
    (table,) = [table for table in tuning_tables(analysis) if table.title.startswith("Importance")]
    assert {row.trials for row in analysis.importances} == {42}
    assert table.note.endswith("a list of values in place of a number, as a default may, are left out.")
    assert "are left out" not in tuning_tables(drawn(("glove",), sizes=(50,))[0])[4].note


def test_lines_do_not_cross_the_labels_of_axes(search):
    _, pictures = search
    svg = pictures["parallel-0"].svg.decode()
    assert svg.count(PAPER) >= 5
    assert PAPER not in pictures["parallel-0"].inline_svg()


@pytest.mark.slow
def test_the_same_search_has_the_same_bytes():
    assert drawn(sizes=(50,), replicates=2)[1] == drawn(sizes=(50,), replicates=2)[1]


def test_without_a_search_there_are_no_pictures_of_one(cells):
    assert search_pictures(analyse(cells())) == []
