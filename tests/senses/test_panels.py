import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.senses.panels import MOST_LABELLED, Box, build_panel, fit_to_box, place_labels, spread_coincident

BOX = Box(width=300, height=200, margin=(20, 30), point=8, text=10, snippet=30, fan=15)
planes = st.integers(0, 1000).map(lambda seed: np.random.default_rng(seed).normal(size=(seed % 9 + 2, 2)) * (5, 1))


@given(planes)
def test_both_axes_have_one_scale_and_all_points_are_inside(plane):
    points, middle = fit_to_box(plane, BOX)
    apart, drawn = np.linalg.norm(plane[0] - plane, axis=1)[1:], np.linalg.norm(points[0] - points, axis=1)[1:]
    assert drawn / apart == pytest.approx(np.full(len(apart), drawn[0] / apart[0]))
    assert (points >= np.array(BOX.margin) - 1e-9).all()
    assert (points <= np.array([280, 170]) + 1e-9).all()
    assert points[0] - middle == pytest.approx(plane[0] * (1, -1) * drawn[0] / apart[0])


def test_a_plane_without_extent_is_the_middle():
    points, middle = fit_to_box(np.zeros((3, 2)), BOX)
    assert points.tolist() == [[150, 100]] * 3
    assert middle == (150, 100)


@given(st.integers(2, 300))
def test_points_that_coincide_are_spread_and_others_stay(number):
    plane = np.concatenate([np.zeros((number, 2)), [[1.0, 0.0]]])
    at, _ = fit_to_box(plane, BOX)
    points = spread_coincident(at, plane, BOX)
    assert points[-1].tolist() == at[-1].tolist()
    assert len(np.unique(points.round(3), axis=0)) == number + 1
    assert np.linalg.norm(points[:-1] - at[0], axis=1).max() <= BOX.fan


@given(planes)
def test_labels_cover_no_point_no_label_and_stay_inside(plane):
    points, _ = fit_to_box(plane, BOX)
    labels = place_labels(points, [(n, "a few words") for n in range(len(points))], BOX, BOX.measure)
    wide, high = BOX.measure("a few words"), 12.5
    areas = []
    for label in labels:
        left = label.x - {"start": 0, "middle": 0.5, "end": 1}[label.anchor] * wide
        areas.append((left, label.y - high / 2, left + wide, label.y + high / 2))
    for n, (left, top, right, bottom) in enumerate(areas):
        assert left >= -1e-6
        assert top >= -1e-6
        assert right <= BOX.width + 1e-6
        assert bottom <= BOX.height + 1e-6
        inside = (points > (left, top)).all(axis=1) & (points < (right, bottom)).all(axis=1)
        assert not inside.any()
        for other in areas[:n]:
            assert (
                min(right, other[2]) - max(left, other[0]) < 1e-6 or min(bottom, other[3]) - max(top, other[1]) < 1e-6
            )


def test_few_points_have_their_snippets(document):
    panel = build_panel(document, document.contextual_layers[0], Box(330, 300, (30, 34), 9, 8.5, 34, 24))
    assert sorted(label.text for label in panel.labels) == [
        "My sister likes working at Google", "This amazing work was done in the …",
        "Tiya works really hard for exams …", "… of people work in this building",
        "… this beautiful work by Vincent Van …",
    ]  # fmt: skip


def test_the_control_names_its_forms_once(document):
    panel = build_panel(document, document.layers[0], BOX)
    assert sorted(label.text for label in panel.labels) == ["work × 3", "working", "works"]


def test_many_points_have_none(explored):
    many = explored([("", f"work n{n}") for n in range(MOST_LABELLED + 1)])
    assert build_panel(many, many.contextual_layers[0], BOX).labels == ()


def test_that_points_stand_beside_their_place_is_said(document, explored):
    assert build_panel(document, document.layers[0], BOX).note.startswith("Equal tokens have equal vectors; ")
    assert build_panel(document, document.layers[1], BOX).note == ""
    twice = explored([("", "work a"), ("", "work a"), ("", "work b")])
    assert build_panel(twice, twice.layers[1], BOX).note.startswith("Some points are equal; ")
