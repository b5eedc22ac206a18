"""HyperDGA against a count by hand and brute force, the set distances against closed forms and enumeration."""

from __future__ import annotations

import itertools
import sys
import warnings
from dataclasses import FrozenInstanceError, asdict, replace
from fractions import Fraction
from math import gcd

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import energy_distance as energy_distance_on_a_line
from scipy.stats import wasserstein_distance

from hyperkit.geometry import pairwise_distances
from hyperkit.models import convert
from hyperkit.similarity import (
    DGAResult,
    HyperDGA,
    assignment_cost,
    chamfer,
    compare_sets,
    energy_distance,
    hausdorff,
    hyperdga,
    mixing_curve,
    mmd,
    pairwise_hyperdga,
    wasserstein,
)
from hyperkit.similarity.distances import _distribution_distances
from hyperkit.similarity.graph import _edge_counts, _members

BALL_MODELS = ["poincare", "klein", "hyperboloid", "halfspace"]


def disk(n: int, seed: int, radius: float = 0.9, d: int = 2) -> np.ndarray:
    """n Poincare points of norm at most radius."""
    rng = np.random.default_rng(seed)
    directions = rng.normal(size=(n, d))
    return directions / np.linalg.norm(directions, axis=1, keepdims=True) * radius * rng.random((n, 1)) ** (1 / d)


def compare(A, B) -> DGAResult:
    return HyperDGA().fit(A).compare(B)


def exact_edges(points: np.ndarray) -> set[tuple[int, int]]:
    """Hyperbolic Delaunay edges of a few distinct plane points in general position, by the definition.

    Two points are neighbours iff an empty disk through both lies in the unit disk. The centres of the disks through p
    and q are m + t n; emptiness bounds t by rationals, and between the bounds an inner disk is searched at 50 digits.
    """
    rational = [(Fraction(x), Fraction(y)) for x, y in points.tolist()]
    edges = set()
    for i, j in itertools.combinations(range(len(points)), 2):
        (px, py), (qx, qy) = rational[i], rational[j]
        mx, my, nx, ny = (px + qx) / 2, (py + qy) / 2, py - qy, qx - px
        low, high = Fraction(-(10**9)), Fraction(10**9)
        for k, (x, y) in enumerate(rational):
            if k in (i, j):
                continue
            # |c - r|^2 >= |c - p|^2 with c = m + t n, linear in t
            slope = 2 * (nx * (px - x) + ny * (py - y))
            offset = 2 * (mx * (px - x) + my * (py - y)) + x * x + y * y - px * px - py * py
            if slope > 0:
                low = max(low, -offset / slope)
            elif slope < 0:
                high = min(high, -offset / slope)
            elif offset < 0:
                low, high = Fraction(1), Fraction(0)
        if low <= high and _some_disk_is_inside((mx, my), (nx, ny), (px, py), low, high):
            edges.add((i, j))
    return edges


def _some_disk_is_inside(m, n, p, low: Fraction, high: Fraction) -> bool:
    """Whether |c| + |c - p| < 1 for some c = m + t n, low <= t <= high: a convex function of t, so a ternary search."""
    with mpmath.workdps(50):

        def reach(t):
            cx, cy = (mpmath.mpf(a.numerator) / a.denominator for a in m)
            cx += t * mpmath.mpf(n[0].numerator) / n[0].denominator
            cy += t * mpmath.mpf(n[1].numerator) / n[1].denominator
            px, py = (mpmath.mpf(a.numerator) / a.denominator for a in p)
            return mpmath.hypot(cx, cy) + mpmath.hypot(cx - px, cy - py)

        a, b = (mpmath.mpf(t.numerator) / t.denominator for t in (low, high))
        for _ in range(200):
            if min(reach(a), reach(b)) < 1:
                return True
            left, right = a + (b - a) / 3, b - (b - a) / 3
            a, b = (a, right) if reach(left) < reach(right) else (left, b)
        return bool(reach(a) < 1)


@pytest.mark.parametrize("seed", range(4))
def test_counts_equal_a_count_by_the_definition(seed):
    union = disk(14, seed, radius=0.97)
    a = 6
    edges = exact_edges(union)
    n_ab = sum(i < a <= j for i, j in edges)
    n_aa = sum(j < a for i, j in edges)
    result = compare(union[:a], union[a:])
    assert (result.n_edges, result.n_aa, result.n_bb, result.n_ab) == (len(edges), n_aa, len(edges) - n_aa - n_ab, n_ab)
    assert result.similarity == n_ab / len(edges)
    assert result.distance == 1 - result.similarity
    assert (result.n_shared, result.n_repeated) == (0, 0)


def test_score_is_the_similarity_of_compare_and_of_the_function():
    A, B = disk(30, 1), disk(20, 2)
    dga = HyperDGA().fit(A)
    result = dga.compare(B)
    assert isinstance(result, DGAResult)
    assert isinstance(dga.score(B), float)
    assert dga.score(B) == result.similarity == hyperdga(A, B)
    assert list(asdict(result))[:6] == ["n_edges", "n_aa", "n_bb", "n_ab", "similarity", "distance"]
    with pytest.raises(FrozenInstanceError):
        result.n_ab = 3


def test_comparing_and_scoring_leave_the_estimator_as_it_was():
    A = disk(30, 1)
    dga = HyperDGA().fit(A)
    before = {name: np.copy(value) for name, value in vars(dga).items()}
    first = dga.compare(disk(20, 2))
    dga.score(disk(5, 3))
    assert set(vars(dga)) == set(before)
    for name, value in before.items():
        np.testing.assert_array_equal(vars(dga)[name], value)
    assert dga.compare(disk(20, 2)) == first


def test_writing_into_the_reference_array_after_fit_changes_nothing():
    A, B = disk(30, 1), disk(20, 2)
    dga = HyperDGA().fit(A)
    before = dga.compare(B)
    A[:] = 0
    assert dga.compare(B) == before


def test_far_apart_populations_score_less_than_mixed_ones():
    A, B = disk(200, 1, radius=0.5), disk(200, 2, radius=0.5)
    apart = compare(A * 0.5 - [0.6, 0], B * 0.5 + [0.6, 0])
    mixed = compare(A, B)
    assert apart.similarity < 0.05 < 0.4 < mixed.similarity < 0.6


def test_a_shared_point_counts_as_one_member_of_each_set():
    # Line A1 - S - B1: the edges A1-S and S-B1, S in both sets.
    result = compare([[-0.5, 0.0], [0.0, 0.0]], [[0.0, 0.0], [0.5, 0.0]])
    # A1-S gives A-A and A-B, S-B1 gives A-B and B-B, S itself A-B.
    assert (result.n_aa, result.n_bb, result.n_ab, result.n_edges) == (1, 1, 3, 5)
    assert (result.n_shared, result.n_repeated) == (1, 0)


def test_an_edge_between_shared_points_counts_all_four_ways():
    points = [[-0.5, 0.0], [0.0, 0.0]]
    result = compare(points, points)
    assert (result.n_aa, result.n_bb, result.n_ab, result.n_shared) == (1, 1, 2 + 2, 2)


@pytest.mark.parametrize("n", [1, 3])
def test_one_distinct_point_in_all_scores_one(n):
    result = compare([[0.3, 0.4]] * n, [[0.3, 0.4]])
    assert (result.n_edges, result.similarity, result.distance) == (1, 1.0, 0.0)
    assert (result.n_shared, result.n_repeated) == (1, n - 1)


@pytest.mark.parametrize("d", [1, 2, 3])
@pytest.mark.parametrize("options", [{}, {"method": "rays"}, {"hops": 3}, {"max_points": 20}])
def test_the_score_of_sets_that_share_and_repeat_points_is_that_of_compare(d, options):
    A, B = disk(40, 1, d=d), disk(30, 2, d=d)
    A, B = np.concatenate([A, A[:9], B[:5]]), np.concatenate([B[20:], B, A[10:14], A[:2]])
    expected = compare_sets(A, B, **options)
    assert (expected.n_shared, expected.n_repeated) == (11, 19)
    assert hyperdga(A, B, **options) == expected.similarity
    if "max_points" not in options:
        assert HyperDGA(**options).fit(A).score(B) == expected.similarity


def test_repeated_rows_of_one_set_count_once_and_are_reported():
    A, B = disk(20, 1), disk(15, 2)
    plain = compare(A, B)
    repeated = compare(np.concatenate([A, A[3:7], A[3:4]]), np.concatenate([B[:1], B]))
    assert repeated.n_repeated == 6
    for name in ("n_edges", "n_aa", "n_bb", "n_ab", "similarity", "distance", "n_a", "n_b", "n_shared"):
        assert getattr(repeated, name) == getattr(plain, name)


def test_a_set_held_against_itself_follows_from_its_edges():
    A = disk(300, 5)
    alone = compare(A, A)
    assert alone.n_aa == alone.n_bb
    assert alone.n_ab == 2 * alone.n_aa + len(A)
    assert 7 / 13 < alone.similarity < 3 / 5


@st.composite
def sets_on_a_coarse_grid(draw):
    """Two small sets with many coincidences; the grid is skew, so that no four points are cocircular by symmetry."""
    grid = disk(9, 0)
    rows = st.lists(st.integers(0, 8), min_size=1, max_size=8)
    return grid[draw(rows)], grid[draw(rows)]


@settings(max_examples=60, deadline=None)
@given(sets_on_a_coarse_grid())
def test_the_rule_for_coincidences_treats_both_sets_alike_and_always_gives_a_score(sets):
    A, B = sets
    forth, back = compare(A, B), compare(B, A)
    assert (forth.n_aa, forth.n_bb, forth.n_ab) == (back.n_bb, back.n_aa, back.n_ab)
    assert forth.n_edges == forth.n_aa + forth.n_bb + forth.n_ab
    assert forth.n_ab >= 1
    assert 0 < forth.similarity <= 1
    turned, expected = (
        {name: value for name, value in asdict(result).items() if value is not None}
        for result in (compare(A[::-1], B[::-1]), forth)
    )
    assert turned == pytest.approx(expected, rel=1e-12, abs=1e-12)


@pytest.mark.parametrize("d", [1, 2, 3, 5])
def test_complete_graphs_do_not_warn(d):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert 0 < HyperDGA().fit(disk(30, 1, d=d)).score(disk(20, 2, d=d)) < 1


def estimate_recall(monkeypatch, recall):
    """Let Delaunay graphs estimate so much of themselves, by their number of points."""
    whole = _members.ball_delaunay
    for module in (_members, _edge_counts):
        monkeypatch.setattr(
            module, "ball_delaunay", lambda ball, **o: replace(whole(ball, **o), recall_estimate=recall(len(ball)))
        )


def test_edges_that_rays_may_have_missed_are_named(monkeypatch):
    estimate_recall(monkeypatch, lambda n: 0.9)
    with pytest.warns(UserWarning, match=r"an estimated 90.0% of the Delaunay edges, .* in 7 dimensions") as caught:
        HyperDGA().fit(disk(30, 1, d=7)).score(disk(20, 2, d=7))
    assert [w.filename for w in caught] == [__file__]


def test_a_call_warns_once_of_missed_edges_with_the_least_share_and_at_its_line(monkeypatch):
    estimate_recall(monkeypatch, lambda n: n / 100)
    A, B, C = (disk(n, n) for n in (30, 20, 10))
    calls = [
        ("50.0%", lambda: HyperDGA().fit(A).score(B)),
        ("50.0%", lambda: hyperdga(A, B)),
        ("25.0%", lambda: HyperDGA().fit(A).compare(B, interval=0.9)),
        ("30.0%", lambda: pairwise_hyperdga([A, B, C])),
        ("60.0%", lambda: pairwise_hyperdga([A, B, C], joint=True)),
        ("40.0%", lambda: mixing_curve(A, [B, C])),
    ]
    for share, call in calls:
        with pytest.warns(UserWarning, match="HyperDGA counts over") as caught:
            call()
        assert [w.filename for w in caught] == [__file__]
        assert f"estimated {share}" in str(caught[0].message)


def test_on_a_line_neighbours_in_order_are_counted():
    result = compare([[-0.9], [-0.1], [0.3]], [[0.2], [-0.5]])  # A B A B A in order
    assert (result.n_edges, result.n_ab) == (4, 4)


def test_an_empty_set_is_an_error():
    with pytest.raises(ValueError, match="0 sample"):
        HyperDGA().fit(np.empty((0, 2)))
    with pytest.raises(ValueError, match="0 sample"):
        HyperDGA().fit([[0.0, 0.0]]).score(np.empty((0, 2)))


def test_sets_of_different_dimension_are_an_error():
    with pytest.raises(ValueError, match="features"):
        HyperDGA().fit(disk(5, 1)).score(disk(5, 1, d=3))


# --- distances between sets


SET_DISTANCES = [chamfer, hausdorff, wasserstein, assignment_cost, energy_distance, mmd]


def test_set_distances_follow_their_definitions_on_the_matrix():
    A, B = disk(7, 1), disk(5, 2)
    D = pairwise_distances(A, B)
    assert chamfer(A, B) == pytest.approx((np.mean(D.min(1) ** 2) + np.mean(D.min(0) ** 2)) / 2, rel=1e-13)
    assert hausdorff(A, B) == pytest.approx(max(D.min(1).max(), D.min(0).max()), rel=1e-13)
    cost = min(sum(D[i, j] for j, i in enumerate(rows)) for rows in itertools.permutations(range(7), 5))
    assert assignment_cost(A, B) == pytest.approx(cost, rel=1e-13)
    assert assignment_cost(B, A) == pytest.approx(cost, rel=1e-13)


@pytest.mark.parametrize("n", [1, 2, 6])
def test_wasserstein_of_equal_sizes_is_the_best_permutation(n):
    A, B = disk(n, 1), disk(n, 2)
    D = pairwise_distances(A, B)
    best = min(np.mean(D[np.arange(n), list(rows)]) for rows in itertools.permutations(range(n)))
    assert wasserstein(A, B) == pytest.approx(best, rel=1e-13)


@pytest.mark.parametrize(("n", "m"), [(1, 4), (2, 3), (4, 6), (5, 3)])
def test_wasserstein_of_unequal_sizes_is_that_of_the_repeated_rows(n, m):
    A, B = disk(n, 1), disk(m, 2)
    copies = n * m // gcd(n, m)
    expected = assignment_cost(np.repeat(A, copies // n, axis=0), np.repeat(B, copies // m, axis=0)) / copies
    assert wasserstein(A, B) == pytest.approx(expected, rel=1e-12)
    assert wasserstein(B, A) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("size", [1e-12, 1e-9, 1e-3])
def test_wasserstein_of_unequal_sizes_is_right_at_any_scale(size):
    A, B = size * disk(20, 0), size * disk(30, 1)
    expected = wasserstein(np.repeat(A, 3, axis=0), np.repeat(B, 2, axis=0))
    assert wasserstein(A, B) == pytest.approx(expected, rel=1e-12)


@pytest.mark.filterwarnings("ignore:A and B stacked. row .* has length:UserWarning")
def test_hyperdga_treats_long_tangent_rows_of_both_sets_alike():
    rng = np.random.default_rng(0)
    A, B = 6 * rng.normal(size=(40, 2)), 15 * rng.normal(size=(40, 2))
    assert hyperdga(A, B, model="tangent") == hyperdga(B, A, model="tangent")


def test_wasserstein_on_a_line_is_that_of_scipy():
    rng = np.random.default_rng(0)
    u, v = rng.normal(size=40), rng.normal(size=25) + 1  # tangent coordinates measure length on a line
    assert wasserstein(u[:, None], v[:, None], model="tangent") == pytest.approx(wasserstein_distance(u, v), rel=1e-12)


def test_wasserstein_without_pot_is_that_with_it(monkeypatch):
    pytest.importorskip("ot")
    A, B = disk(40, 1), disk(25, 2)
    found = wasserstein(A, B)
    monkeypatch.setitem(sys.modules, "ot", None)
    assert wasserstein(A, B) == pytest.approx(found, rel=1e-13)


def test_unequal_sets_of_a_hundred_points_are_solved_to_the_last_digits():
    u, v = np.linspace(0, 2, 90) ** 1.1, np.linspace(0.1, 2.5, 77)
    expected = wasserstein_distance(u, v)
    assert wasserstein(u[:, None], v[:, None], model="tangent") == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("distance", SET_DISTANCES)
def test_set_distances_are_symmetric_and_vanish_on_equal_sets(distance):
    A, B = disk(9, 1), disk(6, 2)
    assert distance(A, B) == pytest.approx(distance(B, A), rel=1e-13)
    assert distance(A, A[::-1]) == pytest.approx(0.0, abs=1e-7 if distance in (energy_distance, mmd) else 0)  # a root
    assert isinstance(distance(A, B), float)


@pytest.mark.parametrize("distance", SET_DISTANCES)
@pytest.mark.parametrize("model", [*BALL_MODELS, "tangent"])
def test_set_distances_agree_among_models(distance, model):
    A, B = disk(9, 1), disk(6, 2)
    expected = distance(A, B)
    assert distance(convert(A, "poincare", model), convert(B, "poincare", model), model=model) == pytest.approx(
        expected, rel=1e-12
    )


@pytest.mark.parametrize(
    ("distance", "power"),
    [
        (chamfer, 2),
        (hausdorff, 1),
        (wasserstein, 1),
        (assignment_cost, 1),
        (energy_distance, 0.5),
        (mmd, 0),
    ],
)
def test_set_distances_scale_with_curvature(distance, power):
    A, B = disk(9, 1), disk(6, 2)
    K = -0.25
    scaled = distance(A * 2, B * 2, curvature=K)
    assert scaled == pytest.approx(distance(A, B) * 2**power, rel=1e-12)


@pytest.mark.parametrize("distance", SET_DISTANCES)
def test_set_distances_name_the_set_that_is_wrong(distance):
    good = [[0.0, 0.5]]
    with pytest.raises(ValueError, match=r"B: row 1 has norm 1\.5"):
        distance(good, [[0.0, 0.0], [1.5, 0.0]])
    with pytest.raises(ValueError, match="A: row 0 is not finite"):
        distance([[np.nan, 0.0]], good)
    with pytest.raises(ValueError, match="A has 2 coordinates a row and B has 3"):
        distance(good, [[0.0, 0.0, 0.0]])
    with pytest.raises(ValueError, match=r"B has shape \(0, 2\)"):
        distance(good, np.empty((0, 2)))
    with pytest.raises(ValueError, match=r"A has shape \(2,\)"):
        distance([0.0, 0.5], good)


def test_energy_distance_and_mmd_follow_their_definitions_on_the_matrices():
    A, B = disk(9, 1), disk(6, 2)
    D_aa, D_bb, D_ab = pairwise_distances(A), pairwise_distances(B), pairwise_distances(A, B)
    assert energy_distance(A, B) ** 2 == pytest.approx(2 * D_ab.mean() - D_aa.mean() - D_bb.mean(), rel=1e-12)
    squared = np.exp(-D_aa / 0.7).mean() + np.exp(-D_bb / 0.7).mean() - 2 * np.exp(-D_ab / 0.7).mean()
    assert mmd(A, B, bandwidth=0.7) ** 2 == pytest.approx(squared, rel=1e-12)
    union = pairwise_distances(np.concatenate([A, B]))
    assert mmd(A, B) == mmd(A, B, bandwidth=np.median(union[union > 0]))


def test_energy_distance_on_a_line_is_that_of_scipy():
    rng = np.random.default_rng(0)
    u, v = rng.normal(size=40), rng.normal(size=25) + 1
    found = energy_distance(u[:, None], v[:, None], model="tangent")
    assert found == pytest.approx(energy_distance_on_a_line(u, v), rel=1e-12)


@pytest.mark.parametrize("d", [1, 2, 5])
def test_the_laplace_kernel_is_positive_definite_and_distance_of_negative_type(d):
    D = pairwise_distances(disk(60, 3, radius=0.99, d=d))
    assert np.linalg.eigvalsh(np.exp(-D / 0.5)).min() > 0
    centring = np.eye(60) - 1 / 60
    assert np.linalg.eigvalsh(-centring @ D @ centring).min() > -1e-10


def test_mmd_names_a_wrong_bandwidth():
    for bandwidth in (0, -1.0, np.nan, np.inf, "median", [1.0], True):
        with pytest.raises(ValueError, match=r"bandwidth=.* must be a positive length"):
            mmd(disk(3, 1), disk(3, 2), bandwidth=bandwidth)
    assert mmd([[0.0, 0.0]], [[0.0, 0.0]]) == 0


def test_blocks_of_one_row_give_the_same_distances(monkeypatch):
    import sklearn

    A, B = disk(40, 1), disk(30, 2)
    whole = chamfer(A, B), hausdorff(A, B)
    energy, discrepancy = energy_distance(A, B), mmd(A, B)
    with sklearn.config_context(working_memory=1e-3), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # scikit-learn says that one row does not fit
        assert (chamfer(A, B), hausdorff(A, B)) == whole
    for at_once in (1, 70, 1200):
        monkeypatch.setattr(_distribution_distances, "_AT_ONCE", at_once)
        assert energy_distance(A, B) == pytest.approx(energy, rel=1e-12)
        assert mmd(A, B) == pytest.approx(discrepancy, rel=1e-12)


def test_points_at_the_rim_have_finite_distances():
    far = convert([[30.0, 0.0]], "tangent", "poincare")
    assert hausdorff(far, -far) == pytest.approx(60, rel=1e-3)
    assert wasserstein(far, [[0.0, 0.0]]) == pytest.approx(30, rel=1e-3)
