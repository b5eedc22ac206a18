"""Scans: tails by exact sums, p-values by all labellings, regions by a second search; and what must not change them."""

from __future__ import annotations

import pickle
from dataclasses import asdict, replace
from fractions import Fraction
from functools import partial
from itertools import combinations, product
from math import comb, exp

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom, hypergeom

from hyperkit import (
    HyperbolicDelaunay,
    HyperDGA,
    convert,
    mixing_curve,
    pairwise_distances,
    random_wrapped_normal,
    translate,
)
from hyperkit.models import to_ball
from hyperkit.similarity import compare_sets
from hyperkit.similarity._settings import Settings
from hyperkit.similarity.graph import member_graph, near_rows
from hyperkit.similarity.scan import _neighborhoods, _regions, scan_rows
from hyperkit.similarity.scan._tails import free_tails, paired_tails
from hyperkit.similarity.significance import Labellings, random_labellings

SCAN = ["scan_steps", "n_around", "n_b_around", "scan_z_score", "p_value_scan"]


def two_sets(n=40, m=30, seed=0, shift=0.8):
    rng = np.random.RandomState(seed)
    return random_wrapped_normal(n, random_state=rng), random_wrapped_normal(m, [shift / 2, 0.0], random_state=rng)


def with_hole(n=60, seed=1):
    """B has no points on one side, where A has a third of its own."""
    A, B = (random_wrapped_normal(n, scale=1.5, random_state=seed + k) for k in (0, 1))
    return A, np.concatenate([B[B[:, 0] < 0.2], B[B[:, 0] < 0.2] * 0.98])


def dealt_anew(rows, number, kept):
    """Random labellings of the rows that are kept."""
    return random_labellings(rows.in_b[kept], False, number, 0)


def rows_of(A, B):
    return near_rows(member_graph([to_ball(A, "poincare"), to_ball(B, "poincare")], Settings()))


# --- tails and p-values


@pytest.mark.parametrize(("n_a", "n_b"), [(7, 5), (6, 6), (30, 2)])
def test_tails_are_sums_of_the_hypergeometric_distribution(n_a, n_b):
    sizes = np.array([[1, 3], [4, n_a + n_b], [6, 6]])
    tails = free_tails(sizes, n_a, n_b)
    for place, size in np.ndenumerate(sizes):
        size = int(size)
        possible = range(max(0, size - n_a), min(size, n_b) + 1)
        chances = {k: Fraction(comb(n_b, k) * comb(n_a, size - k), comb(n_a + n_b, size)) for k in possible}
        for k in possible:
            expected = min(sum(p for j, p in chances.items() if j <= k), sum(p for j, p in chances.items() if j >= k))
            assert exp(tails.logarithms[tails.starts[place] + k]) == pytest.approx(float(expected), rel=1e-12)
        mean = sum(k * p for k, p in chances.items())
        assert tails.mean[place] == pytest.approx(float(mean))
        assert tails.variance[place] == pytest.approx(float(sum((k - mean) ** 2 * p for k, p in chances.items())))


def test_tails_of_pairs_are_binomial_beside_the_pairs_that_are_there_with_both_rows():
    tails = paired_tails(np.array([[0, 5]]), np.array([[2, 3]]))
    assert np.exp(tails.logarithms[tails.starts[0, 0] + 2]) == 1
    for k in range(6):
        expected = min(binom.cdf(k, 5, 0.5), binom.sf(k - 1, 5, 0.5))
        assert np.exp(tails.logarithms[tails.starts[0, 1] + 3 + k]) == pytest.approx(expected, rel=1e-12)
    assert tails.mean.tolist() == [[2.0, 5.5]]
    assert tails.variance.tolist() == [[0.0, 1.25]]


def test_equal_tails_have_one_rank_and_others_go_by_their_size():
    sizes = np.arange(1, 40)[:, None]
    tails = free_tails(sizes, 500, 500)
    for (size,), (start,) in zip(sizes, tails.starts, strict=True):
        ranks = tails.ranks[start : start + size + 1]
        assert ranks.tolist() == ranks[::-1].tolist()  # as many rows in A as in B
        assert (np.diff(ranks[: size // 2 + 1]) > 0).all()
    order = np.argsort(tails.ranks, kind="stable")
    assert (np.diff(tails.logarithms[order]) > -1e-7).all()


def all_labellings(in_b, paired, kept):
    """Every labelling of the rows, once."""
    labels = in_b[kept]
    n = len(labels)
    if paired:
        swaps = np.array(list(product([False, True], repeat=n // 2)))
        every = labels ^ np.concatenate([swaps, swaps], axis=1)
    else:
        every = np.array([np.isin(np.arange(n), chosen) for chosen in combinations(range(n), int(labels.sum()))])
    return Labellings(len(every), lambda number, size: every[64 * number : 64 * number + size].T.copy(), complete=True)


def exact_scan(rows, paired, hops=2):
    relabel = partial(all_labellings, rows.in_b, paired)
    return scan_rows(rows, relabel, paired=paired, hops=hops, n_jobs=None, verbose=False)


def by_force(A, B, paired, hops=2):
    """p-value of each row: its smallest tail among those of all labellings, in fractions."""
    X = np.concatenate([A, B])
    n, n_b = len(X), len(B)
    near = (pairwise_distances(X) < 1e-9) | HyperbolicDelaunay(X).adjacency().toarray().astype(bool)
    for i, j in combinations(range(n), 2):  # of rows at one point only the first has edges
        if pairwise_distances(X[[i]], X[[j]])[0, 0] < 1e-9:
            near[j] |= near[i]
            near[:, j] |= near[:, i]
    scales = [np.linalg.matrix_power(near.astype(int), h) > 0 for h in range(1, hops + 1)]

    def tail(inside, labels):
        k = int(labels[inside].sum())
        if paired:
            one, other = np.split(inside, 2)
            both, size = int((one & other).sum()), int((one ^ other).sum())
            weights = {both + j: comb(size, j) for j in range(size + 1)}
        else:
            size = int(inside.sum())
            weights = {j: comb(n_b, j) * comb(n - n_b, size - j) for j in range(size + 1)}
        total = sum(weights.values())
        return min(Fraction(sum(w for j, w in weights.items() if (j <= k if low else j >= k)), total) for low in (0, 1))

    observed = np.arange(n) >= len(A)
    found = [min(tail(scale[i], observed) for scale in scales) for i in range(n)]
    every = all_labellings(observed, paired, np.ones(n, dtype=bool))
    drawn = [every.block(number, 64) for number in range(-(-every.number // 64))]
    least = [
        min(tail(scale[i], labels) for scale in scales for i in range(n)) for labels in np.concatenate(drawn, axis=1).T
    ]
    return [Fraction(sum(one <= p for one in least), len(least)) for p in found]


@pytest.mark.parametrize("paired", [False, True])
@pytest.mark.parametrize("repeated", [False, True])
def test_p_values_are_shares_of_all_labellings(paired, repeated):
    A, B = two_sets(5, 5, seed=4)
    if repeated:
        A = np.concatenate([A[:3], A[:1], B[:1]])
        B = np.concatenate([B[:4], B[:1]])
    scan = exact_scan(rows_of(A, B), paired)
    assert scan.p_values[scan.rows.points].tolist() == [float(p) for p in by_force(A, B, paired)]


@pytest.mark.parametrize("paired", [False, True])
def test_whatever_labels_are_dealt_findings_are_no_more_frequent_than_their_level(paired):
    rows = rows_of(*two_sets(5, 5, seed=2))
    every = all_labellings(rows.in_b, paired, np.ones(10, dtype=bool))
    labels = np.concatenate([every.block(number, 64) for number in range(-(-every.number // 64))], axis=1).T
    least = np.array([exact_scan(rows._replace(in_b=in_b), paired).p_values.min() for in_b in labels])
    assert len(least) == (32 if paired else 252)
    for level in np.unique(least):
        assert np.mean(least <= level) <= level


def test_drawn_p_values_come_near_those_of_all_labellings():
    A, B = two_sets(6, 6, seed=5, shift=1.5)
    expected = exact_scan(rows_of(A, B), False, hops=3).p_values
    found = compare_sets(A, B, scan=True, n_permutations=20_000).to_frame()["p_value_scan"]
    np.testing.assert_allclose(found, expected, atol=4 * np.sqrt(0.25 / 20_000))


def test_the_chance_of_a_finding_is_kept():
    """Of 200 null sets at most 18 are findings at 5 %, but in one case of 1,000."""
    found = []
    for seed in range(200):
        rows = rows_of(*two_sets(20, 25, seed, shift=0.0))
        relabel = partial(dealt_anew, rows, 99)
        found.append(scan_rows(rows, relabel, paired=False, hops=3, n_jobs=None, verbose=False).p_values.min())
    assert np.count_nonzero(np.array(found) <= 0.05) <= binom.ppf(0.999, 200, 0.05)


# --- what must not change it


def test_neighbourhoods_are_those_of_a_second_search():
    A, B = two_sets()
    table = HyperDGA(hops=4).fit(A).compare(B, scan=True, n_permutations=19).to_frame()
    near = np.eye(70, dtype=int) + HyperbolicDelaunay(np.concatenate([A, B])).adjacency().toarray()
    for row, steps, size, n_b, z in table[["scan_steps", "n_around", "n_b_around", "scan_z_score"]].itertuples():
        inside = np.linalg.matrix_power(near, steps)[row] > 0
        assert (size, n_b) == (inside.sum(), inside[40:].sum())
        law = hypergeom(70, 30, size)
        assert z == pytest.approx((n_b - law.mean()) / law.std() if size < 70 else 0.0)


def test_an_isometry_changes_nothing_and_the_order_of_rows_only_the_draws():
    A, B = two_sets()
    table = compare_sets(A, B, scan=True).to_frame()
    moved = compare_sets(translate(A, [0.3, 0.5]), translate(B, [0.3, 0.5]), scan=True).to_frame()
    pd.testing.assert_frame_equal(moved, table)
    shuffled = compare_sets(A[::-1], B, scan=True).to_frame().iloc[[*range(39, -1, -1), *range(40, 70)]]
    np.testing.assert_allclose(shuffled[SCAN[:-1]], table[SCAN[:-1]])
    np.testing.assert_allclose(shuffled["p_value_scan"], table["p_value_scan"], atol=4 * np.sqrt(0.5 / 1000))


def test_with_a_and_b_exchanged_the_other_set_is_crowded():
    A, B = with_hole()
    one, other = (compare_sets(*sets, scan=True, n_permutations=199) for sets in ((A, B), (B, A)))
    table, turned = one.to_frame(), other.to_frame().iloc[[*range(len(B), len(A) + len(B)), *range(len(B))]]
    np.testing.assert_allclose(turned["scan_z_score"], -table["scan_z_score"])
    assert one.regions()["crowded"][0] == "A"
    assert other.regions()["crowded"][0] == "B"


@pytest.mark.parametrize("paired", [False, True])
def test_any_number_of_jobs_gives_the_same_bits(paired):
    A, B = two_sets(30, 30)
    one, two = (
        compare_sets(A, B, scan=True, n_permutations=150, paired=paired, n_jobs=jobs, random_state=3) for jobs in (1, 2)
    )
    assert one == two
    pd.testing.assert_frame_equal(one.to_frame(), two.to_frame())
    assert one != compare_sets(A, B, scan=True, n_permutations=150, paired=paired, random_state=4)


def test_rows_at_one_point_are_rows():
    A, B = two_sets()
    repeated = np.concatenate([np.repeat(A[:1], 300, axis=0), A[1:]])
    table = compare_sets(repeated, B, scan=True, n_permutations=99).to_frame()
    assert len(table[SCAN].iloc[:300].drop_duplicates()) == 1
    assert table["n_around"][0] > 300
    assert (table["n_around"] >= table["n_b_around"]).all()


def test_steps_are_three_or_the_hops_if_they_are_more():
    A, B = two_sets()
    results = {hops: HyperDGA(hops=hops).fit(A).compare(B, scan=True, n_permutations=19) for hops in (1, 2, 3, 5)}
    assert {hops: result.scan_hops for hops, result in results.items()} == {1: 3, 2: 3, 3: 3, 5: 5}
    for hops in (2, 3):
        pd.testing.assert_frame_equal(results[hops].to_frame()[SCAN], results[1].to_frame()[SCAN])
    assert results[1].n_permutations_scan == results[1].n_permutations == 19
    alone = HyperDGA().fit(A).compare(B, scan=True)
    assert (alone.n_permutations, alone.p_value_permutation, alone.n_permutations_scan) == (0, None, 999)
    assert alone.p_value_scan == alone.to_frame()["p_value_scan"].min()


def test_the_other_numbers_are_those_without_a_scan():
    A, B = two_sets()
    result, scanned = (HyperDGA().fit(A).compare(B, scan=scan) for scan in (False, True))
    assert replace(scanned, p_value_scan=None, n_permutations_scan=0, scan_hops=0) == result
    assert asdict(result)["p_value_scan"] is None
    assert set(result.to_frame()) == set(scanned.to_frame()) - set(SCAN)
    curve = mixing_curve(A, [B], scan=True)
    assert curve["n_permutations_scan"].tolist() == [999]


# --- regions


def test_regions_join_neighbours_that_stand_out_in_one_direction():
    A, B = with_hole()
    result = compare_sets(A, B, scan=True)
    table, regions = result.to_frame(), result.regions(level=0.2)
    X = np.concatenate([A, B])
    graph = HyperbolicDelaunay(X).adjacency().toarray()
    stands_out = (table["p_value_scan"] <= 0.2).to_numpy()
    rest = set(np.flatnonzero(stands_out).tolist())
    for region in regions.itertuples():
        rows = region.rows.tolist()
        b_crowded = table["scan_z_score"][rows] > 0
        assert (region.crowded == "B") == b_crowded.all() == b_crowded.any()
        reached, before = {rows[0]}, set()
        while reached != before:
            before = set(reached)
            reached |= {int(j) for i in before for j in np.flatnonzero(graph[i] & stands_out)}
            reached = {i for i in reached if (table["scan_z_score"][i] > 0) == (region.crowded == "B")}
        assert reached == set(rows)
        rest -= reached
        in_b = table["set"][rows] == "B"
        assert (region.n_rows, region.n_a, region.n_b) == (len(rows), (~in_b).sum(), in_b.sum())
        assert region.p_value == table["p_value_scan"][rows].min()
        near = np.eye(len(X), dtype=int) + graph
        around = {int(j) for i in rows for j in np.flatnonzero(np.linalg.matrix_power(near, table["scan_steps"][i])[i])}
        assert region.n_a_around == sum(i < len(A) for i in around)
        assert region.n_b_around == sum(i >= len(A) for i in around)
        sums = pairwise_distances(X[rows]).sum(axis=1)
        assert sums[rows.index(region.medoid)] == pytest.approx(sums.min())
    assert not rest
    assert regions["p_value"].is_monotonic_increasing


def branches(n, rng, weights):
    """Points along rays to the right, up, left and down, chosen by their weights."""
    angles = np.pi / 2 * rng.choice(4, size=n, p=weights)
    ends = 4 * rng.uniform(size=n)[:, None] * np.c_[np.cos(angles), np.sin(angles)]
    return convert(ends + 0.3 * rng.normal(size=(n, 2)), "tangent", "poincare")


def test_two_lost_branches_are_found_and_no_other_is_crowded_if_regions_are_found_one_by_one():
    rng = np.random.RandomState(0)
    A, B = branches(150, rng, [0.25] * 4), branches(150, rng, [0.0, 0.5, 0.0, 0.5])
    result = compare_sets(A, B, scan=True)
    together, one_by_one = result.regions(), result.regions(sequential=True)
    pd.testing.assert_frame_equal(one_by_one.iloc[:1], together.iloc[:1])
    assert set(together["crowded"]) == {"A", "B"}  # by composition
    assert one_by_one["crowded"].tolist() == ["A", "A"]
    found = [np.concatenate([A, B])[rows] for rows in one_by_one["rows"]]
    assert sorted(np.sign(points[:, 0].mean()) for points in found) == [-1, 1]
    assert all((np.abs(points[:, 0]) > np.abs(points[:, 1])).mean() > 0.9 for points in found)


def test_of_rows_set_aside_none_counts_any_more():
    rows = rows_of(*with_hole())
    relabel = partial(dealt_anew, rows, 19)
    scan = scan_rows(rows, relabel, paired=False, hops=2, n_jobs=None, verbose=False)
    kept = np.arange(len(rows.in_b)) % 3 > 0
    rest = scan.again(kept)
    assert (rest.p_values[~kept] == 1).all()
    near = np.eye(len(kept), dtype=int)
    i, j = rows.edges.T
    near[i, j] = near[j, i] = 1
    for point in np.flatnonzero(kept):
        inside = (np.linalg.matrix_power(near, rest.steps[point])[point] > 0) & kept
        assert (rest.sizes[point], rest.n_b[point]) == (inside.sum(), (inside & rows.in_b).sum())


@pytest.mark.parametrize("paired", [False, True])
def test_regions_one_by_one_share_no_row_and_of_pairs_both_go(paired):
    A, B = two_sets(80, 80, shift=1.2)
    regions = compare_sets(A, B, scan=True, paired=paired, n_permutations=199).regions(sequential=True)
    rows = np.concatenate(regions["rows"].tolist())
    assert len(regions) >= 1
    assert len(set(rows.tolist())) == len(rows)


def test_a_narrow_screen_shows_all_of_a_region_but_its_rows():
    result = compare_sets(*two_sets(150, 150, shift=1.5), scan=True)
    with pd.option_context("display.width", 80, "display.max_columns", 0):
        heading = repr(result.regions()).splitlines()[0].split()
    assert heading == ["crowded", "p_value", "n_a", "n_b", "...", "n_rows", "n_a_around", "n_b_around", "medoid"]


def test_no_region_is_surer_than_one_found_before_it():
    later_is_surer = 0
    for seed in range(6):
        rng = np.random.RandomState(seed)
        A, B = branches(60, rng, [0.25] * 4), branches(60, rng, [0.0, 0.5, 0.0, 0.5])
        result = compare_sets(A, B, scan=True, n_permutations=199, random_state=seed)
        found = result.regions(level=0.5, sequential=True)["p_value"]
        assert found.is_monotonic_increasing
        assert found[0] == result.p_value_scan
        own = [
            scan.p_values[points].min()
            for scan, points in _regions._one_by_one(result._scan, 0.5, _regions._joined(result._scan))
        ]
        np.testing.assert_array_equal(found, np.maximum.accumulate(own))
        later_is_surer += (np.diff(own) < 0).any()
    assert later_is_surer


def test_without_a_finding_there_is_no_region():
    regions = compare_sets(*two_sets(shift=0.0), scan=True).regions(level=0.001)
    assert len(regions) == 0
    assert "medoid" in regions


def test_a_scan_is_kept_where_a_result_is_pickled_and_where_tables_have_an_index():
    A, B = with_hole()
    result = compare_sets(pd.DataFrame(A).add_prefix("x"), pd.DataFrame(B).add_prefix("x"), scan=True)
    twin = pickle.loads(pickle.dumps(result))
    pd.testing.assert_frame_equal(twin.to_frame(), result.to_frame())
    pd.testing.assert_frame_equal(twin.regions(sequential=True), result.regions(sequential=True))
    assert result.to_frame().iloc[result.regions()["medoid"][0]]["p_value_scan"] <= 0.05


# --- what is refused


def test_a_scan_that_makes_no_sense_says_why():
    A, B = (random_wrapped_normal(30, np.zeros(4), random_state=seed) for seed in (0, 1))
    with pytest.raises(ValueError, match=r"scan=True looks at the neighbours of all 60 points, and max_points=20"):
        HyperDGA().fit(A).compare(B, scan=True, max_points=20)
    result = HyperDGA().fit(A).compare(B)
    with pytest.raises(ValueError, match="made without a scan"):
        result.regions()
    scanned = HyperDGA().fit(A).compare(B, scan=True, n_permutations=19)
    with pytest.raises(ValueError, match="level=5 must be a number between 0 and 1"):
        scanned.regions(level=5)
    with pytest.raises(ValueError, match="sequential=1 must be True or False"):
        scanned.regions(sequential=1)
    with pytest.raises(ValueError, match="numbers and no graph"):
        replace(scanned, n_a=3).regions()


def test_a_scan_that_memory_has_no_room_for_stops_earlier_and_says_so(monkeypatch):
    A, B = two_sets(300, 300)
    monkeypatch.setattr(_neighborhoods, "_MOST_ENTRIES", 10_000)
    with pytest.warns(
        UserWarning, match=r"the scan stops at 1 of 3 steps: neighbourhoods of 2 steps around 600 points"
    ):
        assert compare_sets(A, B, scan=True, n_permutations=19).scan_hops == 1
