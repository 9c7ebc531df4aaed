import itertools
import math
import re
import xml.etree.ElementTree as ET

import matplotlib
import numpy as np
import pytest

from seedbed.report.analysis.analysis import analyse
from seedbed.report.pictures.palette import arm_styles
from seedbed.report.pictures.rendering import ANSWER
from seedbed.report.pictures.scores import pictures_of

NASTY = '<b>$x_1$</b> & "quotes"\n\x07 a name that is far too long'


def drawn(table):
    return {picture.name: picture for picture in pictures_of(analyse(table))}


@pytest.mark.slow
def test_pictures_depend_on_sizes_arms_and_replicates(cells):
    assert list(drawn(cells())) == ["dots", "box", "curve", "paired", "cost"]
    assert list(drawn(cells(sizes=(50,)))) == ["dots", "box", "paired", "cost"]
    assert list(drawn(cells(("a",)))) == ["dots", "box", "curve", "cost"]
    assert list(drawn(cells(sizes=(50,), replicates=1))) == ["dots", "box", "paired", "cost"]
    assert drawn(cells().assign(**{"test/accuracy": np.nan})) == {}


def test_each_picture_is_a_png_and_a_well_formed_svg(cells):
    for picture in drawn(cells((NASTY, "b"))).values():
        assert picture.png.startswith(b"\x89PNG")
        assert ET.fromstring(picture.svg).tag.endswith("svg")
        assert "<b>$x_1$</b>" in "".join(ET.fromstring(picture.svg).itertext())


@pytest.mark.slow
def test_the_same_table_gives_the_same_bytes(cells):
    assert drawn(cells()) == drawn(cells())
    assert b"dc:date" not in drawn(cells())["box"].svg


def test_scores_are_drawn_in_per_cent(cells):
    texts = "".join(ET.fromstring(drawn(cells())["box"].svg).itertext()).split()
    numbers = [float(text) for text in texts if re.fullmatch(r"\d+(\.\d+)?", text)]
    assert any(50 < number < 70 for number in numbers)
    assert "(%)" in " ".join(texts)


def frame(picture):
    """The width of a picture and the height of its axes, in points: the axes are the second patch of the SVG."""
    patch = re.search(r'<g id="patch_2">\s*<path d="([^"]+)"', picture.svg.decode())[1]
    heights = [float(y) for _, y in re.findall(r"[ML] ([\d.]+) ([\d.]+)", patch)]
    return float(re.search(r'viewBox="0 0 ([\d.]+)', picture.svg.decode())[1]), max(heights) - min(heights)


def test_a_long_legend_takes_no_height_from_the_axes_of_costs(cells):
    few, many = (
        drawn(cells(arms))["cost"] for arms in (("a", "b"), [f"an arm with a long name {n}" for n in range(9)])
    )
    assert frame(many)[1] > 0.9 * frame(few)[1]


@pytest.mark.parametrize("sizes", [(50,), (50, 200)])
def test_the_text_of_the_answer_can_be_read_on_a_phone(cells, sizes):
    for picture in drawn(cells(sizes=sizes)).values():
        if picture.section == ANSWER:
            shown = 358 / frame(picture)[0]  # of a page that is 390 pixels wide
            assert 10 * shown > 9  # pixels of a text of 10 points, in which the figure is drawn


@pytest.mark.slow
@pytest.mark.parametrize(("number", "sizes"), [(6, (50,)), (5, (50, 200)), (9, (50,)), (14, (50,)), (14, (50, 200))])
def test_rotated_names_of_arms_do_not_overlap(cells, number, sizes):
    arms = tuple(f"embedding {n}" for n in range(number))
    drawing = drawn(cells(arms, sizes=sizes))["paired"].inline_svg()
    labels = re.findall(r'transform="rotate\(-([\d.]+) ([\d.]+) [\d.]+\)">embedding', drawing)
    assert len(labels) == number * len(sizes)
    for (angle, x), (_, following) in itertools.pairwise(labels[:number]):
        assert (float(following) - float(x)) * math.sin(math.radians(float(angle))) > 10  # points of the text


def test_the_alt_text_has_the_scores(bare):
    box = drawn(bare({"a": [0.5, 0.6, 0.7], "b": [0.7, 0.8, 0.6]}))
    assert box["box"].alt == "Box plot of accuracy. a at 200 examples: median 60.0; b at 200 examples: median 70.0."
    assert "200 examples: 2 of 3 replicates are higher in the last arm" in box["paired"].alt


def test_an_inline_picture_has_the_color_of_the_page_and_unique_ids(cells):
    pictures = drawn(cells())
    inline = pictures["box"].inline_svg()
    assert "currentColor" in inline
    assert all(name.startswith("box-") for name in re.findall(r'\bid="([^"]+)', inline))
    assert set(re.findall(r'(?:url\(#|href="#)([^")]+)', inline)) <= set(re.findall(r'\bid="([^"]+)', inline))
    ET.fromstring(inline)


def test_drawing_restores_the_settings_of_matplotlib(cells):
    before = dict(matplotlib.rcParams)
    drawn(cells())
    assert dict(matplotlib.rcParams) == before


@pytest.mark.parametrize("name", ["弹性", "🌱 seed", "عربي"])
def test_characters_missing_from_the_font_raise_no_warning(cells, name):
    assert drawn(cells((name, "b"), (50,), 2))


def test_many_arms_have_different_styles():
    styles = arm_styles([str(arm) for arm in range(21)])
    assert len(set(styles.values())) == 21


@pytest.mark.parametrize(("replicates", "name"), [(5, "its 93.75 % interval"), (6, "its 95 % interval")])
def test_the_learning_curve_names_its_bars_by_their_level(cells, replicates, name):
    (curve,) = [picture for picture in pictures_of(analyse(cells(replicates=replicates))) if picture.name == "curve"]
    assert name in curve.title
