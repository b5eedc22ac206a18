"""Pairs within several hops against searches by networkx, the tests over all scales against all relabellings."""

from __future__ import annotations

import itertools
import re

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

import hyperkit as hk
from hyperkit.models import to_ball
from hyperkit.similarity import DGAResult, compare_sets
from hyperkit.similarity._settings import Settings
from hyperkit.similarity.graph import Counts, RowGraph, _shells, count_rows, member_graph, row_graph, shells
from hyperkit.similarity.scores import _profile
from hyperkit.similarity.significance import Labellings, _nulls, free_null, paired_null
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


@pytest.mark.parametrize("first", [1, 3, 16])
def test_hops_beyond_the_diameter_cost_nothing(first, monkeypatch):
    monkeypatch.setattr(_shells, "_STEPS", first)
    path = np.column_stack([np.arange(29), np.arange(1, 30)])
    within = [shells(path, 30, hops) for hops in (7, 29, 10**7, 10**30)]
    assert [found.ends.shape for found in within] == [(30, 8), (30, 30), (30, 30), (30, 30)]
    assert [len(found.pairs(10**9)) for found in within] == [7 * 30 - 28, 435, 435, 435]
    assert shells(np.empty((0, 2), dtype=np.int64), 5, 10**9).ends.tolist() == [[0, 0]] * 5
    A, B = two_sets(50, 40)
    with pytest.warns(UserWarning, match="100% of all pairs"):
        assert compare_sets(A, B, hops=10**30, scan=True).n_edges == 90 * 89 // 2


def test_a_profile_ends_where_all_pairs_are_joined():
    A, B = two_sets(50, 40)
    profile = hk.mixing_profile(A, B, max_hops=10**30, n_permutations=99, interval=0.9)
    k = len(profile.hops)
    assert (profile.n_edges == 90 * 89 // 2).tolist() == [False] * (k - 1) + [True]
    shorter = hk.mixing_profile(A, B, max_hops=k - 1, n_permutations=99, interval=0.9)
    pd.testing.assert_frame_equal(profile.to_frame().iloc[:-1], shorter.to_frame())
    assert hk.mixing_profile(A[:1], A[:1], n_permutations=19).hops.tolist() == [1]


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
    profile = hk.mixing_profile(*sets, max_hops=4, n_permutations=19)
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
    weights = rng.random(n)
    at = np.bincount(rows.points, weights)
    inner, across, far = sums_over_scales(around.heads, around.ends, rows.sizes, at, at_points.astype(np.int32))
    for h in range(1, 7):
        near = (steps <= h).astype(float)  # each row with itself
        numbers = near @ labels
        np.testing.assert_array_equal(inner[h - 1], (np.einsum("np,np->p", labels, numbers) - labels.sum(axis=0)) / 2)
        np.testing.assert_array_equal(across[h - 1], np.einsum("np,np->p", 1 - labels, numbers))
    for column, found in zip(labels.T.astype(bool), far, strict=True):
        nearest = [steps[row, column != column[row]].min() for row in range(n)]
        assert found == pytest.approx(np.clip(nearest, 1, 7) ** 4 @ weights, rel=1e-12)


@pytest.mark.filterwarnings("ignore:hops=3 joins 96%", "ignore:n_permutations=16")
@pytest.mark.parametrize("paired", [False, True])
def test_p_values_of_scales_are_those_over_all_relabellings(paired, monkeypatch):
    """Every labelling of 4 + 4 rows, put in place of the drawn ones: shares of all, and a drawn p-value near them."""
    A, B = two_sets(4, 4, 3, shift=0.4)
    scales = _profile._scales([to_ball(A), to_ball(B)], Settings(hops=3))
    in_b = np.arange(8) >= 4
    swaps = [in_b ^ np.tile(swap, 2) for swap in itertools.product([False, True], repeat=4)]
    chosen = [np.isin(np.arange(8), rows) for rows in itertools.combinations(range(8), 4)]
    every = np.array(swaps if paired else chosen)
    drawn = hk.mixing_profile(A, B, max_hops=3, paired=paired, n_permutations=20_000)
    in_place = Labellings(len(every), lambda number, size: every[64 * number : 64 * number + size].T)
    monkeypatch.setattr(_profile, "random_labellings", lambda *_: in_place)
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
            [float(null.generalized(Counts(*c))) for c in zip(aa.tolist(), bb.tolist(), ab.tolist(), strict=True)]
        )
        large = (statistics >= statistics[seen] - 1e-9).sum()
        assert exact.p_values_generalized[h - 1] == (1 + large) / (1 + len(every))
        assert drawn.p_values[h - 1] == pytest.approx(few / len(every), abs=0.02)
    assert drawn.p_value == pytest.approx(exact.p_value, abs=0.03)


def patches(n, seed, mixed_within: bool):
    """Crowds along a circle: each mixed, but more of A on one side; or each pure, and A and B everywhere alike."""
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


def test_a_profile_has_the_same_bits_for_any_number_of_jobs_and_depends_on_the_seed():
    A, B = two_sets(40, 50, 1, shift=0.1)
    options = {"max_hops": 3, "interval": 0.9, "n_permutations": 200}
    one, two, other = (
        hk.mixing_profile(A, B, n_jobs=n_jobs, random_state=seed, **options)
        for n_jobs, seed in ((None, 0), (2, 0), (None, 1))
    )
    assert one.to_frame().equals(two.to_frame())
    assert one.p_value == two.p_value != other.p_value
    given = ~np.isnan(one.interval_low)  # three hops join over a quarter of all pairs
    assert given.tolist() == [True, True, False]
    assert (one.interval_low < one.relative_similarity)[given].all()
    assert (one.interval_high > one.relative_similarity)[given].all()


def test_where_all_pairs_are_joined_a_scale_says_nothing():
    A, B = two_sets(15, 12, 2, d=5, shift=0.7)
    with pytest.warns(UserWarning, match="hops=3 joins 100% of all pairs, .*: take max_hops=2"):
        profile = hk.mixing_profile(A, B, max_hops=6, n_permutations=99)
    assert profile.n_edges[-1] == 27 * 26 // 2
    assert (profile.relative_similarity[-1], profile.z_score[-1]) == (pytest.approx(1), 0)
    assert profile.p_values[-1] == profile.p_values_generalized[-1] == 1
    assert profile.p_value < 0.05


@pytest.mark.parametrize("paired", [False, True])
def test_the_p_value_over_scales_keeps_its_size(paired):
    """Null draws; binomial(200, 0.05) is larger than 22 with a chance of 0.01 %."""
    found = []
    for seed in range(200):
        rng = np.random.RandomState(seed)
        A, B = (hk.random_wrapped_normal(25, random_state=rng) for _ in range(2))
        if paired:
            B = hk.convert(hk.convert(A, "poincare", "tangent") + 0.2 * rng.normal(size=A.shape), "tangent", "poincare")
            swap = rng.random(25) < 0.5
            A[swap], B[swap] = B[swap], A[swap]
        found.append(hk.mixing_profile(A, B, paired=paired, max_hops=4, n_permutations=99).p_value)
    assert np.sum(np.array(found) <= 0.05) <= 22


@pytest.mark.parametrize(
    ("n", "m", "d", "hops", "permuted"),
    [
        (60, 60, 2, 1, False),
        (60, 60, 2, 2, False),  # 15 % of all pairs
        (60, 60, 2, 4, True),  # 45 %
        (60, 19, 2, 2, True),
        (60, 60, 5, 1, False),
        (60, 60, 5, 2, True),
    ],
)
def test_p_values_come_from_permutations_where_the_curve_does_not_hold(n, m, d, hops, permuted):
    A, B = two_sets(n, m, 0, d)
    result = compare_sets(A, B, hops=hops)
    assert (result.permuted, result.n_permutations) == (permuted, 999 * permuted)
    if permuted:
        assert result.p_value == result.p_value_permutation
        assert result.p_value_two_sided == result.p_value_two_sided_permutation
        assert result.p_value_generalized == result.p_value_generalized_permutation
        assert compare_sets(A, B, hops=hops, n_permutations=50).n_permutations == 50


@pytest.mark.parametrize("paired", [False, True])
def test_the_curve_of_three_hops_is_near_permutations(paired):
    A, B = two_sets(150, 150, 1, shift=0.15)
    result = compare_sets(A, B, hops=3, paired=paired, n_permutations=20_000)
    assert not result.permuted
    assert result.p_value == pytest.approx(result.p_value_permutation, abs=0.012)
    assert result.p_value_two_sided == pytest.approx(result.p_value_two_sided_permutation, abs=0.012)


def test_triangles_are_left_out_only_where_they_make_little(monkeypatch):
    """Against the moment with all triangles, which brute force confirms on small graphs (test_edge_counts)."""
    points = np.concatenate([*two_sets(150, 150)])
    edges = hk.HyperbolicDelaunay(points).edges
    for hops in (1, 3):
        rows = RowGraph(shells(edges, 300, hops).pairs(), np.arange(300), np.arange(300) >= 150)
        exact = free_null(rows)
        monkeypatch.setattr(_nulls, "_LITTLE_SKEWNESS", np.inf)
        without = free_null(rows)
        monkeypatch.undo()
        made = float(exact.third_ab - without.third_ab) / float(exact.var_ab) ** 1.5
        bound = 0.75 * sum(k * (k - 1) for k in rows.degrees.tolist()) / 6 / float(exact.var_ab) ** 1.5
        assert 0.05 < abs(made) < 1.02 * bound
        for little, left_out in ((1.1 * bound, True), (0.9 * bound, False)):
            monkeypatch.setattr(_nulls, "_LITTLE_SKEWNESS", little)
            assert free_null(rows).third_ab == (without if left_out else exact).third_ab
        monkeypatch.undo()
        monkeypatch.setattr(_nulls, "_MOST_STEPS", 10)
        unknown = free_null(rows)
        monkeypatch.undo()
        assert unknown.third_ab is None
        assert unknown.z_score(count_rows(rows)) == exact.z_score(count_rows(rows))
        with pytest.raises(ValueError, match="the third is not known"):
            unknown.p_values(count_rows(rows))


@pytest.mark.parametrize("d", [2, 3])
def test_pairs_at_a_sample_of_points_estimate_the_share_of_all(d):
    A, B = two_sets(300, 200, 0, d, shift=0.4)
    whole = compare_sets(A, B, hops=3 if d == 2 else 2)
    off = []
    for seed in range(40):
        part = compare_sets(A, B, hops=whole.hops, max_points=60, random_state=seed)
        assert part.n_edges < whole.n_edges / 2
        off.append((part.similarity - whole.similarity) / part.standard_error)
    assert abs(np.mean(off)) < 4 / np.sqrt(40)
    assert 0.6 < np.std(off) < 1.5
    everything = compare_sets(A, B, hops=whole.hops, max_points=500)
    assert (everything.standard_error, everything.n_ab) == (0, whole.n_ab)


def test_hops_that_join_nearly_all_pairs_say_so():
    A, B = two_sets(60, 60, 0, 5)
    with pytest.warns(UserWarning, match=r"hops=3 joins \d+% of all pairs, .* take fewer hops"):
        assert compare_sets(A, B, hops=3).permuted


def test_too_many_pairs_for_the_memory_are_sampled_or_refused(monkeypatch):
    A, B = two_sets(300, 200, 0, shift=0.4)
    whole = compare_sets(A, B, hops=3)
    monkeypatch.setattr(_shells, "physical_memory", lambda: 2 * _shells._BYTES * 6000.0)
    with pytest.warns(UserWarning, match=r"counts the pairs at \d+ random points: all pairs within hops=3 would take"):
        part = compare_sets(A, B, hops=3)
    assert part.similarity == pytest.approx(whole.similarity, abs=4 * part.standard_error)
    assert 0 < part.standard_error < 0.05
    for call in (
        lambda: compare_sets(A, B, hops=3, interval=0.95),
        lambda: hk.mixing_profile(A, B),
        lambda: hk.pairwise_hyperdga([A, B], hops=3, joint=True),
    ):
        with pytest.raises(ValueError, match=r"hops join each point to \d+ others or more.*take fewer hops"):
            call()


def test_options_that_contradict_hops_are_named():
    A, B = two_sets(30, 30, 0, d=4)
    with pytest.raises(ValueError, match="hops=2 goes on from the neighbours of all points, and max_points=20"):
        compare_sets(A, B, hops=2, max_points=20)
    A, B = two_sets(30, 30)
    with pytest.raises(ValueError, match=r"interval=0\.9 needs the whole graph, and there are 60 points"):
        compare_sets(A, B, hops=2, max_points=20, interval=0.9)


def test_pairs_of_sets_and_curves_count_hops_too():
    A, B = two_sets(40, 30)
    alone = compare_sets(A, B, hops=2)
    for joint in (False, True):
        row = hk.pairwise_hyperdga([A, B], hops=2, joint=joint).to_frame().iloc[0]
        assert (row["n_ab"], row["hops"], row["p_value"]) == (alone.n_ab, 2, pytest.approx(alone.p_value, abs=0.02))
    assert hk.mixing_curve(A, [B], hops=2)["n_ab"].tolist() == [alone.n_ab]
    assert hk.hyperdga(A, B, hops=2) == alone.similarity
    assert isinstance(alone, DGAResult)


def test_a_profile_is_drawn_with_its_band_and_the_line_of_chance():
    A, B = two_sets(20, 20, shift=0.3)
    profile = hk.mixing_profile(A, B, max_hops=3, n_permutations=19, interval=0.9)
    ax = hk.plot.plot_profile(profile, ax=Figure().add_subplot(), label="shifted")
    chance, curve = ax.get_lines()
    assert chance.get_ydata()[0] == 1
    np.testing.assert_array_equal(curve.get_xydata(), np.c_[profile.hops, profile.relative_similarity])
    band = ax.collections[0].get_paths()[0].vertices[:, 1]
    assert (band.min(), band.max()) == (np.nanmin(profile.interval_low), np.nanmax(profile.interval_high))
    hk.plot.plot_profile(hk.mixing_profile(A, B, max_hops=2, n_permutations=19), ax=ax, color="black")
    assert len(ax.get_lines()) == 4
    texts = [text.get_text() for text in ax.get_legend().get_texts()]
    assert texts[0] == f"shifted (p = {profile.p_value:.2g})"
    assert re.fullmatch(r"p = [\d.]+", texts[1])


def test_the_limits_of_a_profile_follow_the_curve_and_hold_the_line_of_chance():
    A, B = two_sets(30, 30)
    profile = hk.mixing_profile(A, B, max_hops=3, n_permutations=19)
    low, high = hk.plot.plot_profile(profile, ax=Figure().add_subplot()).get_ylim()
    values = [*profile.relative_similarity, 1.0]
    assert low < min(values) < max(values) < high
    assert high - low == pytest.approx(1.1 * np.ptp(values))  # matplotlib's own margins


def test_a_profile_is_what_is_drawn():
    with pytest.raises(TypeError, match=r"profile must be what hyperkit.mixing_profile gives; got dict"):
        hk.plot.plot_profile({})


def test_no_interval_is_given_where_half_samples_saturate():
    A, B = two_sets(30, 30)
    profile = hk.mixing_profile(A, B, max_hops=5, n_permutations=19, interval=0.9)
    dense = profile.n_edges > 0.25 * 60 * 59 / 2
    assert 0 < dense.sum() < len(dense)
    for ends in (profile.interval_low, profile.interval_high):
        assert (np.isnan(ends) == dense).all()
    low, high = hk.plot.plot_profile(profile, ax=Figure().add_subplot()).get_ylim()
    assert low < profile.relative_similarity.min()
    assert high > 1
    with pytest.raises(ValueError, match=r"interval=0\.9: hops=5 join \d\d% of all pairs, .* take fewer hops"):
        hk.HyperDGA(hops=5).fit(A).compare(B, interval=0.9)


def test_whether_half_samples_saturate_is_told_by_members():
    A, B = (np.repeat(points, 2, axis=0) for points in two_sets(30, 30))
    profile = hk.mixing_profile(A, B, max_hops=5, n_permutations=19, interval=0.9)
    dense = profile.n_edges > 0.25 * 60 * 59 / 2
    assert 0 < dense.sum() < len(dense)
    assert (np.isnan(profile.interval_low) == dense).all()
