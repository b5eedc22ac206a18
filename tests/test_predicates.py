from fractions import Fraction

import numpy as np
import reference
from hypothesis import given, settings
from hypothesis import strategies as st

from hyperkit.models import ball_gap, tangent_to_ball
from hyperkit.predicates import circumcircle_tests, exact_circumcircle_test


def circumcircle_is_inside(corners):
    """By the definition: centre and radius of the Euclidean circumcircle, in fractions."""
    (ax, ay), (bx, by), (cx, cy) = ([Fraction(float(v)) for v in corner] for corner in corners)
    bx, by, cx, cy = bx - ax, by - ay, cx - ax, cy - ay
    double_area = 2 * (bx * cy - by * cx)
    if double_area == 0:
        return False
    ux = (cy * (bx**2 + by**2) - by * (cx**2 + cy**2)) / double_area
    uy = (bx * (cx**2 + cy**2) - cx * (bx**2 + by**2)) / double_area
    radius2, centre2 = ux**2 + uy**2, (ux + ax) ** 2 + (uy + ay) ** 2
    # |c| + r < 1  iff  1 + r^2 - |c|^2 > 2 r  with r < 1: squares keep it rational.
    left = 1 + radius2 - centre2
    return radius2 < 1 and left > 0 and left**2 > 4 * radius2


@given(st.integers(0, 2**32 - 1), st.floats(0, 30), st.floats(-12, 1))
@settings(max_examples=300, deadline=None)
def test_circumcircle_test_equals_the_definition_in_fractions(seed, radius, log_size):
    rng = np.random.default_rng(seed)
    v = np.array([radius, 0.0]) + 10.0**log_size * rng.normal(size=(3, 2))
    z = tangent_to_ball(v).z
    if len(np.unique(z, axis=0)) < 3 or (ball_gap(z) <= 0).any():
        return
    _, inside = circumcircle_tests(z, ball_gap(z), np.array([[0, 1, 2]]))
    assert bool(inside[0]) == circumcircle_is_inside(z)
    assert exact_circumcircle_test(z)[1] == circumcircle_is_inside(z)


def test_points_on_a_horocycle_are_decided_exactly_and_count_as_outside():
    # The circle about (1/2, 0) of radius 1/2 touches the rim; these points lie on it exactly in doubles.
    z = np.array([[0.5, 0.5], [0.5, -0.5], [0.0, 0.0]])
    longest, inside = circumcircle_tests(z, ball_gap(z), np.array([[0, 1, 2]]))
    assert not inside[0]
    assert longest[0] == 0
    nudged = z.copy()
    nudged[2, 0] = np.nextafter(0.0, 1.0)
    assert circumcircle_tests(nudged, ball_gap(nudged), np.array([[0, 1, 2]]))[1][0] == circumcircle_is_inside(nudged)


def test_longest_side_is_exact_when_two_sides_differ_by_an_ulp():
    z = np.array([[0.0, 0.0], [0.5, 0.0], [np.nextafter(0.5, 1), 0.0]])
    longest, inside = circumcircle_tests(z, ball_gap(z), np.array([[0, 1, 2], [1, 2, 0], [0, 2, 1]]))
    assert not inside.any()
    assert longest.tolist() == [2, 1, 0]  # always the side from the origin to the outermost point


def test_the_oracle_knows_the_worked_cases():
    nine = [[x, 0.0] for x in np.linspace(-0.4, 0.4, 9)]
    assert len(reference.delaunay_edges(nine)) == 8
    assert reference.delaunay_edges([[0.9, -0.3], [0.94, 0.0], [0.9, 0.3]]) == {(0, 1), (1, 2)}
