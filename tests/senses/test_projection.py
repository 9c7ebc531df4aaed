import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.senses.projection import distinct_vectors, project


def test_points_of_a_known_plane_keep_their_distances():
    rng = np.random.default_rng(0)
    flat = rng.normal(size=(20, 2)) * (3, 1)
    axes, _ = np.linalg.qr(rng.normal(size=(16, 2)))
    plane = project(flat @ axes.T + 5, [0] * 20)
    apart = np.linalg.norm(flat[:, None] - flat, axis=-1)
    assert np.linalg.norm(plane.points[:, None] - plane.points, axis=-1) == pytest.approx(apart)
    assert sum(plane.explained_variance) == pytest.approx(1)
    assert plane.explained_variance[0] > plane.explained_variance[1]


@given(st.integers(0, 1000), st.integers(3, 30), st.integers(2, 12))
def test_it_is_the_singular_value_decomposition(seed, number, width):
    vectors = np.random.default_rng(seed).normal(size=(number, width))
    plane = project(vectors.astype(np.float32), list(range(number)))
    centred = vectors.astype(np.float32).astype(float)
    centred -= centred.mean(axis=0)
    left, sizes, _ = np.linalg.svd(centred, full_matrices=False)
    assert np.abs(plane.points) == pytest.approx(np.abs(left[:, :2] * sizes[:2]), abs=1e-6)
    assert plane.explained_variance == pytest.approx((sizes**2 / (sizes**2).sum())[:2], abs=1e-9)


@given(st.integers(0, 1000))
def test_signs_do_not_depend_on_the_vectors_signs(seed):
    rng = np.random.default_rng(seed)
    vectors, groups = rng.normal(size=(12, 5)), [0, 1, 2] * 4
    turned = vectors @ np.diag(rng.choice([-1.0, 1.0], 5))
    assert project(vectors, groups).points == pytest.approx(project(turned, groups).points, abs=1e-9)


def test_later_groups_lie_higher():
    vectors = np.array([[3.0, 0], [2, 1], [-3, 0], [-2, -1]])
    points = project(vectors, [0, 0, 1, 1]).points
    assert points[2:, 0].min() > points[:2, 0].max()


def test_two_points_have_one_axis():
    plane = project(np.array([[0.0, 0, 0], [3, 4, 0]]), [0, 1])
    assert plane.points == pytest.approx(np.array([[-2.5, 0], [2.5, 0]]))
    assert plane.explained_variance == pytest.approx((1, 0))


@pytest.mark.parametrize("value", [0.0, 0.1, 1e6])
def test_equal_vectors_are_one_point(value):
    plane = project(np.full((4, 7), value, np.float32), [0, 1, 0, 1])
    assert not plane.points.any()
    assert plane.explained_variance == (0.0, 0.0)


def test_a_layer_of_one_number():
    assert project(np.array([[1.0], [3.0], [2.0]]), [0, 2, 1]).points[:, 0] == pytest.approx([-1, 1, 0])


def test_vectors_that_differ_by_rounding_are_equal():
    vectors = np.array([[1.0, 2.0], [1.0 + 1e-7, 2.0], [1.0, 2.5]], np.float32)
    assert distinct_vectors(vectors) == 2
    assert distinct_vectors(np.zeros((3, 2), np.float32)) == 1
