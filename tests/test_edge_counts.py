"""Null moments against all relabellings of small graphs, p-values against draws and against each other."""

from __future__ import annotations

import itertools
from dataclasses import asdict
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom, chi2

from hyperkit.geometry import random_wrapped_normal
from hyperkit.models import to_ball
from hyperkit.similarity import HyperDGA
from hyperkit.similarity._settings import Settings
from hyperkit.similarity.graph._edge_counts import Counts, count_edges
from hyperkit.similarity.graph._members import member_graph
from hyperkit.similarity.graph._rows import RowGraph, count_rows, row_graph
from hyperkit.similarity.significance import _nulls
from hyperkit.similarity.significance._nulls import free_null, paired_null
from hyperkit.similarity.significance._permutation import drawn_counts, permutation_p_values


@st.composite
def row_graphs(draw, sizes):
    """Rows at up to 7 points of a graph, some of them at one point, with both labels."""
    n = draw(sizes)
    points = np.array(draw(st.lists(st.integers(0, 6), min_size=n, max_size=n)))
    points = np.unique(points, return_inverse=True)[1]
    pairs = list(itertools.combinations(range(int(points.max()) + 1), 2))
    edges = draw(st.lists(st.sampled_from(pairs), unique=True)) if pairs else []
    edges = np.array(sorted(edges), dtype=np.int64).reshape(-1, 2)
    return RowGraph(edges, points, np.arange(n) >= draw(st.integers(1, n - 1)))


def row_edges(rows) -> np.ndarray:
    """All edges between rows, by the definition."""
    joined = {*map(tuple, rows.edges.tolist())}
    pairs = itertools.combinations(range(len(rows.points)), 2)
    ends = [(i, j, *sorted((rows.points[i], rows.points[j]))) for i, j in pairs]
    return np.array([(i, j) for i, j, p, q in ends if p == q or (p, q) in joined], dtype=np.int64).reshape(-1, 2)


def free_labellings(in_b):
    n = len(in_b)
    return [np.isin(np.arange(n), rows) for rows in itertools.combinations(range(n), int(in_b.sum()))]


def paired_labellings(in_b):
    swaps = itertools.product([False, True], repeat=len(in_b) // 2)
    return [in_b ^ np.tile(swapped, 2) for swapped in swaps]


def all_counts(edges, labellings) -> list[Counts]:
    return [count_edges(edges, np.array(labels)) for labels in labellings]


def moments(values) -> tuple[Fraction, Fraction]:
    mean = Fraction(sum(values), len(values))
    return mean, sum((v - mean) ** 2 for v in values) / len(values)


def check_moments(null, counts):
    assert (null.mean_ab, null.var_ab) == moments([c.ab for c in counts])
    assert null.third_ab == sum((c.ab - null.mean_ab) ** 3 for c in counts) / len(counts)
    within = [null.weight_a * c.aa + null.weight_b * c.bb for c in counts]
    difference = [c.aa - c.bb for c in counts]
    assert (null.mean_within, null.var_within) == moments(within)
    assert (null.mean_difference, null.var_difference) == moments(difference)
    products = [w * d for w, d in zip(within, difference, strict=True)]
    assert moments(products)[0] == null.mean_within * null.mean_difference  # uncorrelated


@settings(max_examples=80, deadline=None)
@given(row_graphs(st.integers(2, 9)))
def test_free_moments_are_exactly_those_over_all_relabellings(rows):
    edges = row_edges(rows)
    assert rows.n_edges == len(edges)
    assert count_rows(rows) == count_edges(edges, rows.in_b)
    check_moments(free_null(rows), all_counts(edges, free_labellings(rows.in_b)))


@settings(max_examples=80, deadline=None)
@given(row_graphs(st.sampled_from([2, 4, 6, 8, 12])))
def test_paired_moments_are_exactly_those_over_all_swaps(rows):
    rows = rows._replace(in_b=np.arange(len(rows.points)) >= len(rows.points) // 2)
    counts = all_counts(row_edges(rows), paired_labellings(rows.in_b))
    for entries in (0, 100):  # over points and over pairs
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(_nulls, "_ENTRIES", entries)
            check_moments(paired_null(rows), counts)


@pytest.mark.parametrize("paired", [False, True])
def test_drawn_counts_are_those_of_relabelled_rows(paired):
    points = np.array([0, 0, 0, 1, 2, 2, 0, 1, 2, 3])
    rows = RowGraph(np.array([[0, 1], [1, 2], [2, 3]]), points, np.arange(10) >= 5)
    labellings = paired_labellings(rows.in_b) if paired else free_labellings(rows.in_b)
    possible = {tuple(c) for c in all_counts(row_edges(rows), labellings)}
    drawn = drawn_counts(rows, paired, 2000, 0, None, False)
    assert {*map(tuple, drawn.tolist())} == possible


def test_a_hundred_thousand_rows_at_few_points_do_not_overflow():
    small, large = (RowGraph(np.array([[0, 1]]), np.repeat([0, 1], n), np.arange(2 * n) % 2 == 0) for n in (3, 49_999))
    for rows in (small, large):  # one clique: all labellings have the same count
        null = free_null(rows)
        assert (null.var_ab, null.third_ab, null.var_within, null.var_difference) == (0, 0, 0, 0)


def two_sets(n, m, seed, d=2, shift=0.0):
    rng = np.random.RandomState(seed)
    mean = np.r_[shift, np.zeros(d - 1)]
    return (random_wrapped_normal(k, c, random_state=rng) for k, c in ((n, np.zeros(d)), (m, mean)))


@pytest.mark.parametrize("paired", [False, True])
def test_moments_of_a_delaunay_graph_are_those_of_many_draws(paired):
    A, B = two_sets(60, 60 if paired else 90, 0)
    graph = member_graph([to_ball(A), to_ball(B)], Settings())
    rows = row_graph(graph)
    null = paired_null(rows) if paired else free_null(rows)
    drawn = drawn_counts(rows, paired, 20_000, 0, None, False)
    aa, bb, ab = drawn.T
    np.testing.assert_array_equal(aa + bb + ab, len(graph.edges))
    error = np.sqrt(float(null.var_ab) / 20_000)
    assert abs(ab.mean() - float(null.mean_ab)) < 4 * error
    assert ab.var() == pytest.approx(float(null.var_ab), rel=4 * np.sqrt(2 / 20_000))
    assert (aa - bb).var() == pytest.approx(float(null.var_difference), rel=4 * np.sqrt(2 / 20_000))
    # Two uncorrelated standardised counts: the mean of their sum of squares is 2.
    statistics = [float(null.generalized(Counts(*kind))) for kind in drawn.tolist()]
    assert np.mean(statistics) == pytest.approx(2, rel=0.06)
    # Drawn counts are those of the labellings.
    assert {*ab} <= set(range(len(graph.edges)))


@pytest.mark.parametrize("paired", [False, True])
@pytest.mark.parametrize(("n", "tolerance"), [(20, 0.02), (100, 0.012)])  # 3.5 standard errors of the draws: 0.012
@pytest.mark.parametrize("shift", [0.0, 0.3])
def test_closed_form_p_values_are_near_those_of_permutations(n, tolerance, paired, shift):
    A, B = two_sets(n, n, 1, shift=shift)
    result = HyperDGA().fit(A).compare(B, paired=paired, n_permutations=20_000)
    assert result.p_value == pytest.approx(result.p_value_permutation, abs=tolerance)
    assert result.p_value_two_sided == pytest.approx(result.p_value_two_sided_permutation, abs=tolerance)
    assert result.p_value_generalized == pytest.approx(result.p_value_generalized_permutation, abs=0.03)


def test_permutation_p_value_is_near_the_one_of_all_relabellings():
    A, B = two_sets(5, 4, 3, shift=0.3)
    graph = member_graph([to_ball(A), to_ball(B)], Settings())
    labellings = [np.isin(np.arange(9), rows) for rows in itertools.combinations(range(9), 4)]
    everything = np.array([c.ab for c in all_counts(graph.edges, labellings)])
    result = HyperDGA().fit(A).compare(B, n_permutations=50_000)
    exact = np.mean(everything <= result.n_ab)
    assert result.p_value_permutation == pytest.approx(exact, abs=4 * np.sqrt(exact / 50_000))
    two_sided = np.mean(abs(everything - everything.mean()) >= abs(result.n_ab - everything.mean()) - 1e-9)
    assert result.p_value_two_sided_permutation == pytest.approx(two_sided, abs=4 * np.sqrt(two_sided / 50_000))


def star(n):
    return [(0, i) for i in range(1, n)]


def path(n):
    return [(i, i + 1) for i in range(n - 1)]


def complete(n):
    return list(itertools.combinations(range(n), 2))


DISTINCT, IN_TWOS, AT_ONE, AT_TWO = (range(8), np.arange(8) // 2, np.zeros(8, int), np.r_[[0] * 7, 1])
TINY = {
    "complete": (complete(8), DISTINCT),
    "star": (star(8), DISTINCT),
    "star, last": ([(i, 7) for i in range(7)], DISTINCT),
    "path": (path(8), DISTINCT),
    "ring": (sorted([*path(8), (0, 7)]), DISTINCT),
    "no edges": ([], DISTINCT),
    "one point": ([], AT_ONE),
    "seven at a point": (path(2), AT_TWO),
    "path of twos": (path(4), IN_TWOS),
    "star of twos": (star(4), IN_TWOS),
    "complete of twos": (complete(4), IN_TWOS),
    "twos apart": ([], IN_TWOS),
}


def generalized_of_all(counts) -> list[Fraction]:
    """(x - mean)' C^+ (x - mean) for x = (aa, bb), from the covariance matrix over all labellings."""
    mean_a, mean_b = moments([c.aa for c in counts])[0], moments([c.bb for c in counts])[0]
    off = [(c.aa - mean_a, c.bb - mean_b) for c in counts]
    aa, bb, ab = (sum(x[i] * x[j] for x in off) / len(off) for i, j in ((0, 0), (1, 1), (0, 1)))
    determinant = aa * bb - ab**2
    if determinant:
        return [(x * x * bb - 2 * x * y * ab + y * y * aa) / determinant for x, y in off]
    return [x * x / aa if aa else y * y / bb if bb else Fraction(0) for x, y in off]


@pytest.mark.parametrize("kind", TINY)
@pytest.mark.parametrize("in_a", [1, 2, 4, 7, "paired"])
def test_figures_of_tiny_sets_are_those_of_all_relabellings(kind, in_a):
    """Moments, z and the generalised statistic exactly, p-values of 4000 draws as a binomial count of them."""
    edges, points = TINY[kind]
    paired = in_a == "paired"
    in_b = np.arange(8) >= (4 if paired else in_a)
    rows = RowGraph(np.array(edges, dtype=np.int64).reshape(-1, 2), np.array(points), in_b)
    null, seen = paired_null(rows) if paired else free_null(rows), count_rows(rows)
    every = all_counts(row_edges(rows), paired_labellings(in_b) if paired else free_labellings(in_b))
    check_moments(null, every)

    mean, variance = moments([c.ab for c in every])
    z = float(seen.ab - mean) / float(variance) ** 0.5 if variance else 0.0
    assert null.z_score(seen) == pytest.approx(z, rel=1e-14)
    statistics = generalized_of_all(every)
    assert [null.generalized(c) for c in every] == statistics

    statistic = statistics[every.index(seen)]
    as_extreme = (
        [c.ab <= seen.ab for c in every],
        [abs(c.ab - mean) >= abs(seen.ab - mean) for c in every],
        [s >= statistic for s in statistics],
    )
    n = 4000
    found = permutation_p_values(rows, paired, null, seen, n, random_state=0, n_jobs=None, verbose=False)
    for p, hits in zip(found, as_extreme, strict=True):
        chance = np.mean(hits)
        draws = binom(n, chance)
        assert draws.ppf(1e-6) <= p * (n + 1) - 1 <= draws.ppf(1 - 1e-6)  # all of them if the chance is 1
    closed = (*null.p_values(seen), null.generalized_p_value(seen))
    assert all(0 < p <= 1 for p in closed)
    if len({*every}) == 1:
        assert (*closed, *found) == (1,) * 6


NORMAL = np.random.default_rng(0).normal(size=(30, 20)) * 0.05  # each point neighbours all others


@pytest.mark.parametrize(
    ("A", "B", "paired"),
    [
        (NORMAL[:15], NORMAL[15:], False),
        (NORMAL[:15], NORMAL[15:], True),
        (np.full((50, 3), 0.2), np.full((50, 3), 0.2), False),
        (np.full((50, 3), 0.2), np.full((50, 3), 0.2), True),
        ([[0.1, 0.2]], [[0.3, 0.4]], False),
        ([[0.1, 0.2]], [[0.3, 0.4]], True),
        ([[0.1, 0.2]], [[0.3, 0.4], [0.2, 0.5]], False),
    ],
)
def test_where_all_labellings_are_alike_every_p_value_is_one(A, B, paired):
    result = HyperDGA().fit(A).compare(B, paired=paired, n_permutations=99, scan=True)
    assert (result.z_score, result.generalized_statistic) == (0, 0)
    assert {value for name, value in asdict(result).items() if name.startswith("p_value")} == {1}


def test_permutations_do_not_depend_on_the_jobs_and_do_on_the_seed():
    A, B = two_sets(40, 50, 1, shift=0.3)
    results = [HyperDGA(n_jobs=n_jobs).fit(A).compare(B, n_permutations=300) for n_jobs in (None, 2)]
    assert results[0] == results[1]
    other = HyperDGA(random_state=1).fit(A).compare(B, n_permutations=300)
    assert other.n_ab == results[0].n_ab
    assert other.p_value_permutation != results[0].p_value_permutation


def test_expected_similarity_is_the_chance_that_two_members_are_of_different_sets():
    A, B = two_sets(30, 20, 1)
    result = HyperDGA().fit(A).compare(B)
    assert result.expected_similarity == pytest.approx(2 * 30 * 20 / (50 * 49), rel=1e-14)
    assert result.relative_similarity == pytest.approx(result.similarity / result.expected_similarity, rel=1e-14)


def test_sets_far_apart_are_significant_and_mixed_ones_are_not():
    A, B = two_sets(80, 80, 2)
    near = HyperDGA().fit(A).compare(B)
    A, B = two_sets(80, 80, 2, shift=0.9)
    far = HyperDGA().fit(A).compare(B)
    assert far.p_value < 1e-10 < 0.01 < near.p_value
    assert far.z_score < -8 < near.z_score < 3


def test_the_generalised_statistic_sees_a_crowd_amid_a_spread_set():
    """In many dimensions the spread points have the crowd as neighbours: n_ab stays, aa and bb do not."""
    rng = np.random.RandomState(0)
    A = random_wrapped_normal(120, np.zeros(4), scale=0.4, random_state=rng)
    B = random_wrapped_normal(120, np.zeros(4), scale=1.0, random_state=rng)
    result = HyperDGA().fit(A).compare(B)
    assert result.p_value_generalized < 1e-6
    assert result.p_value_generalized < result.p_value_two_sided


def test_copies_mix_more_than_chance_and_only_pairing_knows_better():
    rng = np.random.RandomState(0)
    A = random_wrapped_normal(200, random_state=rng)
    B = np.clip(A + 1e-3 * rng.normal(size=A.shape), -0.7, 0.7)
    free = HyperDGA().fit(A).compare(B)
    paired = HyperDGA().fit(A).compare(B, paired=True)
    assert free.p_value > 0.999 > 1e-6 > free.p_value_two_sided
    assert paired.p_value_two_sided > 0.01
    assert paired.expected_similarity > free.expected_similarity + 0.05


GRID = np.array([[0.0, 0.0], [0.4, 0.1], [-0.3, 0.5], [-0.2, -0.6], [0.5, -0.4]])


@settings(max_examples=15, deadline=None)
@given(st.lists(st.integers(0, 4), min_size=6, max_size=6), st.booleans())
def test_expected_similarity_is_that_over_all_relabellings_of_rows_that_coincide(places, paired):
    """The counts of the members over all labellings, each with a graph of its own."""
    points = GRID[places]
    in_b = np.arange(6) >= (3 if paired else 2)
    labellings = paired_labellings(in_b) if paired else free_labellings(in_b)
    results = [HyperDGA().fit(points[~b]).compare(points[b]) for b in labellings]
    expected = sum(r.n_ab for r in results) / sum(r.n_edges for r in results)
    result = HyperDGA().fit(points[~in_b]).compare(points[in_b], paired=paired)
    assert result.expected_similarity == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(("n", "m", "paired"), [(100, 100, False), (150, 40, False), (100, 100, True)])
def test_p_values_of_rounded_points_are_calibrated(n, m, paired):
    """Members of shared points, relabelled freely, gave z-scores of 1.5 +- 0.4 here."""
    rng = np.random.default_rng(0)
    found = []
    for _ in range(100):
        centres = rng.normal(size=(max(n, m), 2)) * (0.2 if paired else 0)
        spread = 0.05 if paired else 0.25
        A, B = (np.round(np.clip(centres[:k] + spread * rng.normal(size=(k, 2)), -0.6, 0.6), 1) for k in (n, m))
        result = HyperDGA().fit(A).compare(B, paired=paired)
        found.append((result.p_value, result.p_value_two_sided, result.p_value_generalized, result.z_score))
    found = np.array(found)
    # binomial(100, 0.05) is larger than 13 with probability 0.05 %.
    assert (found[:, :3] < 0.05).sum(axis=0).max() <= 13
    assert abs(found[:, 3].mean()) < 0.4  # four standard errors
    assert 0.7 < found[:, 3].std() < 1.3


def test_rows_of_one_set_that_repeat_count_in_the_test_and_not_in_the_score():
    A, B = two_sets(30, 30, 1)
    once, twice = (HyperDGA().fit(A).compare(X) for X in (B, np.concatenate([B, B])))
    assert (once.n_aa, once.n_bb, once.n_ab) == (twice.n_aa, twice.n_bb, twice.n_ab)
    assert twice.p_value < once.p_value / 2  # draws of one population repeat rows of both sets, not of one


def test_two_points_have_one_count_and_so_no_significance():
    result = HyperDGA().fit([[0.0, 0.0]]).compare([[0.5, 0.0]], n_permutations=19)
    assert (result.z_score, result.p_value, result.p_value_two_sided, result.p_value_generalized) == (0, 1, 1, 1)
    assert (result.expected_similarity, result.relative_similarity, result.generalized_statistic) == (1, 1, 0)
    assert result.p_value_permutation == 1


def test_a_ring_has_no_variance_of_degrees_and_keeps_one_degree_of_freedom():
    edges = np.array(sorted(sorted([i, (i + 1) % 12]) for i in range(12)))
    rows = RowGraph(edges, np.arange(12), np.arange(12) % 3 == 0)
    null, counts = free_null(rows), count_rows(rows)
    assert null.var_difference == 0
    assert float(null.generalized(counts)) == pytest.approx(null.z_score(counts) ** 2)
    assert null.generalized_p_value(counts) == pytest.approx(chi2.sf(null.z_score(counts) ** 2, 1))


def test_arguments_that_make_no_sense_are_named():
    dga = HyperDGA().fit([[0.0, 0.0], [0.1, 0.1]])
    with pytest.raises(ValueError, match="A has 2 rows and B has 1"):
        dga.compare([[0.5, 0.0]], paired=True)
    for wrong in (-1, 2.5, True):
        with pytest.raises(ValueError, match=f"n_permutations={wrong}"):
            dga.compare([[0.5, 0.0]], n_permutations=wrong)
