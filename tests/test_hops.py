"""Pairs within several hops against searches by networkx, the tests over all scales against all relabellings."""

from __future__ import annotations

import itertools

import networkx as nx
import numpy as np
import pytest
from scipy.stats import binom

import hyperkit as hk
from hyperkit.models import to_ball
from hyperkit.similarity import compare_sets
from hyperkit.similarity._settings import Settings
from hyperkit.similarity.graph import RowGraph, _shells, member_graph, row_graph, shells
from hyperkit.similarity.significance import _nulls, _scales, free_null, paired_null
from hyperkit.similarity.significance.kernels.scales import sums_over_scales


def two_sets(n, m, seed=0, d=2, shift=0.0):
    rng = np.random.RandomState(seed)
    mean = np.r_[shift, np.zeros(d - 1)]
    return (hk.random_wrapped_normal(k, c, random_state=rng) for k, c in ((n, np.zeros(d)), (m, mean)))


def rounded_sets(seed=0):
    rng = np.random.default_rng(seed)
    return tuple(np.clip(rng.normal(size=(k, 2)) * 0.2, -0.6, 0.6).round(1) for k in (60, 50))


def hops_of(points, edges) -> np.ndarray:
    """Steps between all points of a graph, by networkx."""
    graph = nx.Graph(edges.tolist())
    graph.add_nodes_from(range(points))
    steps = np.full((points, points), np.inf)
    for i, lengths in nx.all_pairs_shortest_path_length(graph):
        for j, length in lengths.items():
            steps[i, j] = length
    return steps


@pytest.mark.parametrize("block", [20, 2**22])
def test_shells_are_the_vertices_by_their_steps(block, monkeypatch):
    monkeypatch.setattr(_shells, "_BLOCK", block)
    graph = nx.gnm_random_graph(60, 90, seed=1)  # of several components
    edges = np.array(sorted(map(sorted, graph.edges)))
    steps = hops_of(60, edges)
    found = shells(edges, 60, 4)
    for i, h in itertools.product(range(60), range(1, 5)):
        around = found.heads[found.ends[i, 0] : found.ends[i, h]]
        assert sorted(around) == np.flatnonzero((steps[i] <= h) & (steps[i] > 0)).tolist()
    for h in range(1, 5):
        expected = [(i, j) for i, j in itertools.combinations(range(60), 2) if steps[i, j] <= h]
        assert found.pairs(h).tolist() == [list(pair) for pair in expected]
    some = shells(edges, 60, 4, np.array([3, 50]))
    for k, i in enumerate((3, 50)):
        for h in range(5):
            np.testing.assert_array_equal(
                some.heads[some.ends[k, 0] : some.ends[k, h]], found.heads[found.ends[i, 0] : found.ends[i, h]]
            )


@pytest.mark.parametrize("hops", [1, 2, 4])
@pytest.mark.parametrize("sets", [tuple(two_sets(40, 30)), rounded_sets()], ids=["apart", "rounded"])
def test_counts_are_those_of_members_within_so_many_hops(sets, hops):
    graph = member_graph([to_ball(points) for points in sets], Settings())
    steps = hops_of(len(graph.sets), graph.edges)
    result = hk.HyperDGA(hops=hops).fit(sets[0]).compare(sets[1])
    a, b = graph.sets == 0, graph.sets == 1
    joined = (steps <= hops) & (steps > 0)
    counts = joined[np.ix_(a, a)].sum() // 2, joined[np.ix_(b, b)].sum() // 2, joined[np.ix_(a, b)].sum()
    assert (result.n_aa, result.n_bb, result.n_ab) == counts
    assert result.hops == hops
    profile = hk.mixing_profile(*sets, max_hops=4, n_permutations=9)
    assert (profile.n_edges[hops - 1], profile.n_ab[hops - 1]) == (sum(counts), counts[2])
    for name in ("similarity", "expected_similarity", "relative_similarity", "z_score"):
        assert getattr(profile, name)[hops - 1] == pytest.approx(getattr(result, name), rel=1e-12)
    assert profile.to_frame().loc[hops, "n_ab"] == counts[2]


@pytest.mark.parametrize("sets", [tuple(two_sets(40, 30)), rounded_sets()], ids=["apart", "rounded"])
def test_sums_over_scales_are_those_of_dense_matrices(sets):
    """By matrices of all rows: those within h hops, and those at the same point."""
    rows = row_graph(member_graph([to_ball(points) for points in sets], Settings()))
    n, n_points = len(rows.points), len(rows.sizes)
    steps = hops_of(n_points, rows.edges)[np.ix_(rows.points, rows.points)]
    rng = np.random.default_rng(0)
    labels = np.array([rng.permutation(rows.in_b) for _ in range(5)]).T.astype(float)
    at_points = np.array([np.bincount(rows.points, column, n_points) for column in labels.T]).T
    around = shells(rows.edges, n_points, 6)
    inner, local = sums_over_scales(around.heads, around.ends, rows.sizes, at_points.astype(np.int32), 4)
    for h in range(1, 7):
        near = (steps <= h).astype(float)  # each row with itself
        numbers, size = near @ labels, near.sum(axis=1, keepdims=True)
        np.testing.assert_array_equal(inner[h - 1], (np.einsum("np,np->p", labels, numbers) - labels.sum(axis=0)) / 2)
        chance = rows.in_b.mean()
        variance = size * chance * (1 - chance) * (n - size) / (n - 1)
        square = np.where(size < n, (numbers - size * chance) ** 2 / np.maximum(variance, 1e-9), 0)
        if h <= 4:
            np.testing.assert_allclose(local[h - 1], np.exp(square / 2).sum(axis=0), rtol=1e-12)


@pytest.mark.parametrize("paired", [False, True])
def test_p_values_of_scales_are_those_over_all_relabellings(paired, monkeypatch):
    """Every labelling of 4 + 4 rows, put in place of the drawn ones: shares of all, and a drawn p-value near them."""
    A, B = two_sets(4, 4, 3, shift=0.4)
    scales = hk.similarity.scores._profile._scales([to_ball(A), to_ball(B)], Settings(hops=3))
    in_b = np.arange(8) >= 4
    swaps = [in_b ^ np.tile(swap, 2) for swap in itertools.product([False, True], repeat=4)]
    chosen = [np.isin(np.arange(8), rows) for rows in itertools.combinations(range(8), 4)]
    every = np.array(swaps if paired else chosen)
    drawn = hk.mixing_profile(A, B, max_hops=3, paired=paired, n_permutations=20_000)
    monkeypatch.setattr(_scales, "BLOCK", len(every))
    monkeypatch.setattr(_scales, "labellings", lambda *_: every.T.astype(np.float32))
    exact = hk.mixing_profile(A, B, max_hops=3, paired=paired, n_permutations=len(every))
    for h in (1, 2, 3):
        rows = scales.at(h)
        ends = every[:, rows.edges]
        ab, aa, bb = (ends[..., 0] != ends[..., 1]).sum(1), (~ends).all(2).sum(1), ends.all(2).sum(1)
        seen = int(np.flatnonzero((every == in_b).all(axis=1))[0])
        few = (ab <= ab[seen]).sum()
        assert exact.p_values[h - 1] == (1 + few) / (1 + len(every))
        null = (paired_null if paired else free_null)(rows)
        statistics = np.array(
            [
                float(null.generalized(hk.similarity.graph.Counts(*c)))
                for c in zip(aa.tolist(), bb.tolist(), ab.tolist(), strict=True)
            ]
        )
        large = (statistics >= statistics[seen] - 1e-9).sum()
        assert exact.p_values_generalized[h - 1] == (1 + large) / (1 + len(every))
        assert drawn.p_values[h - 1] == pytest.approx(few / len(every), abs=0.02)
    assert drawn.p_value == pytest.approx(exact.p_value, abs=0.03)


def patches(n, seed, mixed_within: bool):
    """Crowds along a circle: each of them mixed, but more of A on one side; or each pure, and A and B everywhere alike."""
    rng = np.random.default_rng(seed)
    angles = 2 * np.pi * np.arange(24) / 24
    crowd = rng.integers(24, size=n)
    share_of_b = np.where(angles < np.pi, 0.15, 0.85) if mixed_within else (np.arange(24) % 2).astype(float)
    in_b = rng.random(n) < share_of_b[crowd]
    centres = 2.5 * np.c_[np.cos(angles), np.sin(angles)][crowd]
    points = hk.convert(centres + 0.12 * rng.normal(size=(n, 2)), "tangent", "poincare")
    return points[~in_b], points[in_b]


@pytest.mark.parametrize("seed", range(3))
def test_sets_that_mix_locally_and_not_globally_look_different_from_the_opposite(seed):
    within = hk.mixing_profile(*patches(700, seed, True), max_hops=6, n_permutations=99)
    apart = hk.mixing_profile(*patches(700, seed, False), max_hops=6, n_permutations=99)
    assert within.p_value == apart.p_value == 0.01
    assert within.relative_similarity[0] > 2 * apart.relative_similarity[0]  # neighbours: of both sets, or of one
    assert within.relative_similarity[4] < 0.85 < 0.95 < apart.relative_similarity[4]  # five steps: to other crowds
