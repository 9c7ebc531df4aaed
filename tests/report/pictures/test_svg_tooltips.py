import re
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.figure import Figure

from seedbed.report.analysis.analysis import analyse
from seedbed.report.pictures.rendering import Picture, drawing
from seedbed.report.pictures.scores import pictures_of
from seedbed.report.pictures.svg_tooltips import name_points
from seedbed.report.wording import sanitize


def drawn(draw):
    with drawing():
        figure = Figure()
        draw(figure.subplots())
        return Picture.of(figure, "x", "a title", "a description")


def titles(svg: bytes | str) -> list[str]:
    return [found.text or "" for found in ET.fromstring(svg).iter("{http://www.w3.org/2000/svg}title")]


@settings(max_examples=20, deadline=None)
@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=20), min_size=2, max_size=5))
def test_points_say_what_they_are_told_whatever_it_holds(texts):
    places = list(range(len(texts)))
    picture = drawn(lambda axes: name_points(axes.scatter(places, places), texts))
    assert titles(picture.svg) == [sanitize(text).replace("\ufffe", "").replace("\uffff", "") for text in texts]


def test_lines_with_markers_have_titles_too_and_several_artists_keep_theirs():
    def draw(axes):
        name_points(axes.plot([1, 2], [1, 2], marker="o")[0], ["a", "b"])
        axes.scatter([1], [2])
        name_points(axes.scatter([2, 1], [1, 2], s=40), ["c", "d"])

    assert sorted(titles(drawn(draw).svg)) == ["a", "b", "c", "d"]


def test_titles_that_do_not_fit_the_points_are_left_out_and_not_shifted():
    picture = drawn(lambda axes: name_points(axes.plot([1, 2, 3], [1, float("nan"), 3], marker="o")[0], list("abc")))
    assert titles(picture.svg) == []
    assert b"titles-" not in picture.svg


def test_every_score_of_box_and_paired_plot_can_be_read_at_its_point(cells):
    table = cells(("glove", "<b>"), (50, 200), 3)
    pictures = {picture.name: picture for picture in pictures_of(analyse(table))}
    expected = {
        f"{row.arm}, {row.n_train} examples, replicate {row.replicate}: {100 * row._asdict()['score']:.4g}"
        for row in table.rename(columns={"test/accuracy": "score"}).itertuples()
    }
    assert set(titles(pictures["box"].svg)) == expected == set(titles(pictures["paired"].svg))
    means = [title for title in titles(pictures["curve"].svg) if "mean" in title]
    assert len(means) == 4
    assert "<b>, 50 examples, mean" in "".join(means)


@pytest.mark.parametrize("name", ["box", "paired", "curve"])
def test_ids_stay_unique_in_a_page(cells, name):
    (picture,) = [picture for picture in pictures_of(analyse(cells())) if picture.name == name]
    ids = re.findall(r'\bid="([^"]+)', picture.inline_svg())
    assert len(ids) == len(set(ids))
