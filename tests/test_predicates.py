from fractions import Fraction

import numpy as np
import reference
from hypothesis import given, settings
from hypothesis import strategies as st
from kernels import compiled

from hyperkit.models import ball_gap, tangent_to_ball
from hyperkit.predicates import exact_circumcircle_test, exact_sum, rim_sides, unit_exponent
from hyperkit.predicates.kernels import expansions, planar

orientation, in_circle = compiled(planar.orientation), compiled(planar.in_circle)
difference, sign = compiled(expansions.difference), compiled(expansions.sign)
add, multiply = compiled(expansions.add), compiled(expansions.multiply)


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
    longest, is_inside = exact_circumcircle_test(z)
    assert is_inside == circumcircle_is_inside(z)
    assert rim_sides(z, ball_gap(z), np.array([[0, 1, 2]])).tolist() == [-1 if is_inside else longest]


def test_points_on_a_horocycle_are_decided_exactly_and_count_as_outside():
    # The circle about (1/2, 0) of radius 1/2 touches the rim; these points lie on it exactly in doubles.
    z = np.array([[0.5, 0.5], [0.5, -0.5], [0.0, 0.0]])
    assert rim_sides(z, ball_gap(z), np.array([[0, 1, 2]])).tolist() == [0]
    nudged = z.copy()
    nudged[2, 0] = np.nextafter(0.0, 1.0)
    assert (rim_sides(nudged, ball_gap(nudged), np.array([[0, 1, 2]]))[0] < 0) == circumcircle_is_inside(nudged)


def test_longest_side_is_exact_when_two_sides_differ_by_an_ulp():
    z = np.array([[0.0, 0.0], [0.5, 0.0], [np.nextafter(0.5, 1), 0.0]])
    sides = rim_sides(z, ball_gap(z), np.array([[0, 1, 2], [1, 2, 0], [0, 2, 1]]))
    assert sides.tolist() == [2, 1, 0]  # always the side from the origin to the outermost point


def test_the_oracle_knows_the_worked_cases():
    nine = [[x, 0.0] for x in np.linspace(-0.4, 0.4, 9)]
    assert len(reference.delaunay_edges(nine)) == 8
    assert reference.delaunay_edges([[0.9, -0.3], [0.94, 0.0], [0.9, 0.3]]) == {(0, 1), (1, 2)}


doubles = st.floats(-1, 1).filter(lambda x: x == 0 or abs(x) > 1e-60)
near_ties = st.integers(-3, 3).map(lambda k: k * 2.0**-53)


def as_expansion(values):
    """Sum of doubles as the kernels hold it."""
    total = np.empty(0)
    for value in values:
        total = add(total, np.array([value]))
    return total


def exactly(values):
    return sum((Fraction(value) for value in values.tolist()), Fraction(0))


@given(st.lists(doubles, max_size=6), st.lists(doubles, max_size=6))
@settings(deadline=None)
def test_expansions_add_and_multiply_without_error(a, b):
    e, f = as_expansion(a), as_expansion(b)
    assert exactly(e) == sum(map(Fraction, a))
    assert exactly(add(e, f)) == exactly(e) + exactly(f)
    assert exactly(multiply(e, f)) == exactly(e) * exactly(f)
    assert sign(e) == np.sign(float(exactly(e)))
    if a and b:
        assert exactly(difference(a[0], b[0])) == Fraction(a[0]) - Fraction(b[0])


def turn(a, b, c):
    (ax, ay), (bx, by), (cx, cy) = (tuple(map(Fraction, p)) for p in (a, b, c))
    return (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)


def lifted(a, b, c, p):
    """In-circle determinant by the definition: centre and radius of the circle."""
    (ax, ay), (bx, by), (cx, cy), (px, py) = (tuple(map(Fraction, q)) for q in (a, b, c, p))
    twice = 2 * turn(a, b, c)
    b2, c2 = (bx - ax) ** 2 + (by - ay) ** 2, (cx - ax) ** 2 + (cy - ay) ** 2
    ux = ((cy - ay) * b2 - (by - ay) * c2) / twice
    uy = ((bx - ax) * c2 - (cx - ax) * b2) / twice
    return ux**2 + uy**2 - (px - ax - ux) ** 2 - (py - ay - uy) ** 2


@settings(deadline=None)
@given(doubles, doubles, st.integers(1, 9), near_ties, near_ties)
def test_orientation_of_nearly_collinear_points_is_exact(x, y, steps, dx, dy):
    a, b = (0.5, 0.25), (0.5 + x / 16, 0.25 + y / 16)
    c = (0.5 + x / 16 * steps / 3 + dx, 0.25 + y / 16 * steps / 3 + dy)
    assert np.sign(orientation(*a, *b, *c)) == np.sign(turn(a, b, c))


@settings(deadline=None)
@given(st.permutations([(3, 4), (-3, 4), (4, -3), (0, 5), (-5, 0), (-4, -3)]), doubles, doubles, near_ties, near_ties)
def test_in_circle_sign_of_nearly_cocircular_points_is_exact(points, x, y, dx, dy):
    # Integer points of the circle of radius 5, shrunk, and shifted so that the sums round.
    a, b, c, p = ((u / 64 + x / 8, v / 64 + y / 8) for u, v in points[:4])
    p = (p[0] + dx, p[1] + dy)
    if turn(a, b, c) < 0:
        a, b = b, a
    assert np.sign(in_circle(*a, *b, *c, *p, exact_sum(np.array([a, b, c, p]), 4))) == np.sign(lifted(a, b, c, p))


@given(st.lists(st.floats(-1, 1), min_size=1, max_size=5))
def test_unit_divides_all_numbers_and_twice_the_unit_does_not(values):
    exponent = unit_exponent(np.array(values))
    multiples = [Fraction(value) / Fraction(2) ** exponent for value in values]
    assert all(multiple.denominator == 1 for multiple in multiples)
    assert exponent == 0 or any(multiple.numerator % 2 for multiple in multiples)
