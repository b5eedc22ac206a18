"""The point of a Voronoi face nearest to its site: certificates of optimality, and all sets of equalities by force."""

from fractions import Fraction
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kernels import compiled

from hyperkit.delaunay.kernels.face import OPTIMAL, OUTSIDE, nearest_face_point

FAR = 1e6
compiled_nearest_face_point = compiled(nearest_face_point)


def random_rows(seed, m, d):
    rng = np.random.default_rng(seed)
    normals = rng.normal(size=(m, d))
    return normals / np.linalg.norm(normals, axis=1)[:, None], rng.uniform(-0.3, 1.0, m)


def fractions(array):
    return np.array([Fraction(float(x)) for x in array.ravel()] + [None])[:-1].reshape(array.shape)


def least_squared_norm(normals, offsets, equality):
    """Least squared norm of the face in fractions, by all sets of up to d equalities; None if the face is empty."""
    m, d = normals.shape
    best = None
    others = [k for k in range(m) if k != equality]
    for size in range(d):
        for chosen in combinations(others, size):
            y = flat_point(normals[[equality, *chosen]], offsets[[equality, *chosen]])
            if y is not None and all(normals[k] @ y <= offsets[k] for k in others):
                squared = y @ y
                best = squared if best is None else min(best, squared)
    return best


def flat_point(normals, offsets):
    """Least-norm point with equality in all rows, by Gauss and Jordan on the Gram matrix; None if it is singular."""
    table = np.column_stack([normals @ normals.T, offsets])
    for c in range(len(table)):
        pivot = next((r for r in range(c, len(table)) if table[r, c] != 0), None)
        if pivot is None:
            return None
        table[[c, pivot]] = table[[pivot, c]]
        table[c] = table[c] / table[c, c]
        for r in range(len(table)):
            if r != c:
                table[r] = table[r] - table[r, c] * table[c]
    return table[:, -1] @ normals


def certify(normals, offsets, equality, result, tolerance):
    """Feasible, and held in place by nonnegative multipliers on rows that hold with equality: optimal by duality."""
    _, y, active, multipliers = result
    slacks = offsets - normals @ y
    assert all(-tolerance <= slack for slack in slacks)
    assert abs(slacks[equality]) <= tolerance
    assert active[0] == equality
    assert len(set(active.tolist())) == len(active) <= normals.shape[1]
    assert all(abs(slacks[k]) <= tolerance for k in active)
    assert all(weight >= 0 for weight in multipliers[1:])
    assert all(
        abs(difference) <= tolerance * (1 + sum(abs(multipliers))) for difference in y + multipliers @ normals[active]
    )


@given(st.integers(0, 2**32 - 1), st.integers(2, 5), st.integers(1, 60))
@settings(max_examples=200, deadline=None)
def test_optimal_points_come_with_a_certificate(seed, d, m):
    normals, offsets = random_rows(seed, m, d)
    result = compiled_nearest_face_point(normals, offsets, 0, FAR, 1e-28)
    if result[0] == OPTIMAL:
        certify(normals, offsets, 0, result, 1e-9)


@given(st.integers(0, 2**32 - 1), st.integers(2, 3), st.integers(1, 7))
@settings(max_examples=60, deadline=None)
def test_fractions_equal_brute_force_and_floats_follow(seed, d, m):
    normals, offsets = random_rows(seed, m, d)
    exact = fractions(normals), fractions(offsets)
    expected = least_squared_norm(*exact, 0)
    result = nearest_face_point(*exact, 0, Fraction(int(FAR)), Fraction(0))
    if expected is None or expected > FAR:
        assert result[0] == OUTSIDE
    else:
        assert result[0] == OPTIMAL
        assert result[1] @ result[1] == expected
        certify(*exact, 0, result, 0)
    in_floats = compiled_nearest_face_point(normals, offsets, 0, FAR, 1e-28)
    assert in_floats[0] == result[0]
    if result[0] == OPTIMAL:
        np.testing.assert_allclose(in_floats[1], result[1].astype(float), atol=1e-8 * (1 + float(expected) ** 0.5))


@given(st.integers(0, 2**32 - 1), st.integers(2, 3))
@settings(max_examples=60, deadline=None)
def test_dependent_and_repeated_rows_are_decided_in_fractions(seed, d):
    rng = np.random.default_rng(seed)
    normals = rng.integers(-1, 2, (8, d))
    normals[0, 0] = 1
    offsets = rng.integers(-1, 3, 8)
    exact = fractions(normals), fractions(offsets)
    status, y, *_ = nearest_face_point(*exact, 0, Fraction(100), Fraction(0))
    expected = least_squared_norm(*exact, 0)
    if expected is None:
        assert status == OUTSIDE
    else:
        assert status == OPTIMAL
        assert y @ y == expected


@pytest.mark.parametrize("limit", [0.5, 1.0, 2.0])
def test_search_stops_beyond_the_limit_with_multipliers_that_prove_it(limit):
    stopped = 0
    for seed in range(100):
        normals, offsets = random_rows(seed, 30, 4)
        status, _, active, multipliers = compiled_nearest_face_point(normals, offsets, 0, limit, 1e-28)
        if status == OUTSIDE and len(active) > 0:
            total = multipliers @ normals[active]
            if -2 * multipliers @ offsets[active] - total @ total > limit:
                stopped += 1
    assert stopped > 20


def test_a_single_bisector_is_met_at_its_foot():
    normals, offsets = np.array([[0.6, 0.8]]), np.array([0.5])
    status, y, active, multipliers = compiled_nearest_face_point(normals, offsets, 0, 1.0, 1e-28)
    assert status == OPTIMAL
    np.testing.assert_allclose(y, [0.3, 0.4])
    assert active.tolist() == [0]
    np.testing.assert_allclose(multipliers, [-0.5])
