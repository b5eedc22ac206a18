"""Whole groups relabelled: every p-value against a recount of all labellings, and what may be labelled how."""

from __future__ import annotations

import itertools
import warnings
from dataclasses import asdict
from fractions import Fraction
from math import comb

import numpy as np
import pandas as pd
import pytest
from cohorts import donors

from hyperkit import HyperbolicDelaunay, HyperDGA, convert, latents, mixing_curve, pairwise_hyperdga
from hyperkit.geometry import random_wrapped_normal
from hyperkit.similarity import compare_sets
from hyperkit.similarity._groups import Groups
from hyperkit.similarity.scores._group_rows import pair_of_groups
from hyperkit.similarity.significance import BLOCK, group_labellings, with_rows

P_VALUES = ("p_value", "p_value_two_sided", "p_value_generalized")


def joined_rows(X, hops=1):
    """Pairs of rows at one point or within so many steps, by the definition."""
    points, at = np.unique(X, axis=0, return_inverse=True)
    near = np.eye(len(points), dtype=bool)
    step = HyperbolicDelaunay(points).adjacency().toarray().astype(bool) | near
    for _ in range(hops):
        near = near @ step
    at = at.ravel()
    return [(i, j) for i, j in itertools.combinations(range(len(X)), 2) if near[at[i], at[j]]]


def recounted(X, of_rows, in_b, labellings, hops=1):
    """The three p-values and the z-score, in fractions, of groups numbered from 0; one that is in both sets is two."""
    sizes = np.bincount(of_rows).tolist()
    pairs = [(of_rows[i], of_rows[j]) for i, j in joined_rows(X, hops)]
    found = []
    for labels in [in_b, *labellings]:
        sums = {(False, False): Fraction(0), (True, True): Fraction(0), (False, True): Fraction(0)}
        for g, h in pairs:
            if g != h:
                sums[tuple(sorted((bool(labels[g]), bool(labels[h]))))] += Fraction(1, sizes[g] * sizes[h])
        found.append((sums[False, True], sums[False, False] - sums[True, True]))
    n = len(found) - 1
    mean = [sum(column, Fraction(0)) / n for column in zip(*found[1:], strict=True)]
    u, v = zip(*[(ab - mean[0], difference - mean[1]) for ab, difference in found], strict=True)
    uu, vv, uv = (
        sum(a * b for a, b in zip(*both, strict=True)) / n for both in ((u[1:], u[1:]), (v[1:], v[1:]), (u[1:], v[1:]))
    )
    det = uu * vv - uv * uv
    if det:
        statistics = [(vv * a * a - 2 * uv * a * b + uu * b * b) / det for a, b in zip(u, v, strict=True)]
    else:
        statistics = [a * a / uu if uu else b * b / vv if vv else Fraction(0) for a, b in zip(u, v, strict=True)]
    extreme = (
        [a <= u[0] for a in u[1:]],
        [abs(a) >= abs(u[0]) for a in u[1:]],
        [s >= statistics[0] for s in statistics[1:]],
    )
    z = float(u[0]) / float(uu) ** 0.5 if uu else 0.0
    return [sum(each) / n for each in extreme], z, float(statistics[0])


def choices(n, n_b):
    return [np.isin(np.arange(n), chosen) for chosen in itertools.combinations(range(n), n_b)]


def swaps(k):
    return [np.array([*coins, *(not coin for coin in coins)]) for coins in itertools.product([False, True], repeat=k)]


def quietly(function, *args, **kwargs):
    """Without what is said of few groups, and of numbers for names."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "groups: (no p-value|0)")
        return function(*args, **kwargs)


@pytest.mark.parametrize("hops", [1, 2])
@pytest.mark.parametrize(
    ("sizes_a", "sizes_b"),
    [([6, 6, 6], [6, 6, 6, 6]), ([3, 8, 5], [12, 4, 1, 6]), ([9], [4, 7, 2]), ([5, 1, 1], [2, 1, 1, 10, 3])],
)
def test_p_values_are_those_of_a_recount_of_all_choices_of_groups(sizes_a, sizes_b, hops):
    A, of_a = donors(sizes_a, 0)
    B, of_b = donors(sizes_b, 1, 0.5)
    result = quietly(HyperDGA(hops=hops).fit(A).compare, B, groups=(of_a, 100 + of_b))
    k = len(sizes_a) + len(sizes_b)
    in_b = np.arange(k) >= len(sizes_a)
    of_rows = np.r_[of_a, len(sizes_a) + of_b]
    p, z, statistic = recounted(np.concatenate([A, B]), of_rows, in_b, choices(k, len(sizes_b)), hops)
    assert [getattr(result, name) for name in P_VALUES] == pytest.approx(p, abs=1e-15)
    assert (result.z_score, result.generalized_statistic) == pytest.approx((z, statistic), abs=1e-9)
    assert (result.n_groups_a, result.n_groups_b, result.n_groups_shared) == (len(sizes_a), len(sizes_b), 0)
    assert (result.n_labellings, result.n_permutations) == (comb(k, len(sizes_b)), 0)


def test_with_as_many_rows_in_all_groups_the_count_of_edges_decides():
    A, of_a = donors([7] * 4, 2)
    B, of_b = donors([7] * 4, 3, 0.8)
    result = compare_sets(A, B, groups=(of_a, 4 + of_b))
    edges, of_rows = HyperbolicDelaunay(np.concatenate([A, B])).edges, np.r_[of_a, 4 + of_b]
    counts = [np.count_nonzero(np.diff(labels[of_rows[edges]], axis=1)) for labels in choices(8, 4)]
    assert result.p_value == np.mean(np.array(counts) <= result.n_ab)
    assert result.z_score == pytest.approx((result.n_ab - np.mean(counts)) / np.std(counts))
    assert result.expected_similarity == pytest.approx(np.mean(counts) / result.n_edges)


@pytest.mark.parametrize(("before", "after"), [([6, 6, 6, 6], [6, 6, 6, 6]), ([3, 8, 5], [7, 1, 4]), ([4], [5])])
def test_labels_swap_inside_groups_that_are_in_both_sets(before, after):
    A, of_a = donors(before, 4)
    B, of_b = donors(after, 4, 0.4)
    result = quietly(compare_sets, A, B, groups=(of_a, of_b))
    k = len(before)
    p, z, statistic = recounted(np.concatenate([A, B]), np.r_[of_a, k + of_b], np.arange(2 * k) >= k, swaps(k))
    assert [getattr(result, name) for name in P_VALUES] == pytest.approx(p, abs=1e-15)
    assert (result.z_score, result.generalized_statistic) == pytest.approx((z, statistic), abs=1e-9)
    assert (result.n_groups_a, result.n_groups_b, result.n_groups_shared) == (k, k, k)
    assert (result.n_labellings, result.least_p_value) == (2**k, 2 / 2**k)


def coinciding(sizes, seed):
    """Rows of donors at five places each, of fifteen: many coincide, within donors and between them."""
    places, rng = donors([15], 30)[0], np.random.RandomState(seed)
    rows = [places[rng.choice(rng.permutation(15)[:5], size)] for size in sizes]
    return np.concatenate(rows), np.repeat(np.arange(len(sizes)), sizes)


def test_where_rows_coincide_edges_are_counted_between_rows():
    (A, of_a), (B, of_b) = coinciding([8, 12, 5], 0), coinciding([6, 9, 14], 1)
    result = quietly(compare_sets, A, B, groups=(of_a, 3 + of_b))
    p, z, statistic = recounted(np.concatenate([A, B]), np.r_[of_a, 3 + of_b], np.arange(6) >= 3, choices(6, 3))
    assert result.n_shared > 3
    assert [getattr(result, name) for name in P_VALUES] == pytest.approx(p, abs=1e-15)
    assert (result.z_score, result.generalized_statistic) == pytest.approx((z, statistic), abs=1e-9)


@pytest.mark.parametrize("shared", [False, True])
def test_expected_similarity_is_the_ratio_of_means_over_all_labellings(shared):
    (A, of_a), (B, of_b) = coinciding([8, 12, 5], 0), coinciding([6, 9, 14], 1)
    X = np.concatenate([A, B])
    of_rows = np.r_[of_a, 3 + of_b]
    result = quietly(compare_sets, A, B, groups=(of_a, of_b if shared else 3 + of_b))
    relabelled = [
        compare_sets(X[~labels[of_rows]], X[labels[of_rows]]) for labels in (swaps(3) if shared else choices(6, 3))
    ]
    expected = sum(one.n_ab for one in relabelled) / sum(one.n_edges for one in relabelled)
    assert result.expected_similarity == pytest.approx(expected, rel=1e-12)
    assert result.relative_similarity == pytest.approx(result.similarity / expected)


def test_no_level_is_exceeded_over_all_labellings_of_one_data_set():
    """Each labelling in turn is the observed one: of all, at most a share p has a p-value of p or less."""
    X, of_rows = donors([5, 3, 9, 4, 6, 7], 5)
    results = []
    for labels in choices(6, 2):
        rows = labels[of_rows]
        results.append(quietly(compare_sets, X[~rows], X[rows], groups=(of_rows[~rows], of_rows[rows])))
    for name in P_VALUES:
        p = np.array([getattr(result, name) for result in results])
        assert all(np.mean(p <= level) <= level + 1e-12 for level in p)
        assert p.min() >= 1 / 15


def test_the_smallest_p_value_is_reached_and_told():
    A, of_a = donors([10] * 4, 6, -2.0, 0.1)
    B, of_b = donors([10] * 4, 7, 2.0, 0.1)
    result = compare_sets(A, B, groups=(of_a, 4 + of_b))
    assert [result.p_value, result.p_value_two_sided, result.least_p_value] == [2 / 70] * 3
    assert result.n_labellings == 70
    assert compare_sets(A[of_a < 3], B, groups=(of_a[of_a < 3], 4 + of_b)).p_value == 1 / 35
    with pytest.warns(UserWarning, match=r"groups: no p-value can be below 0\.1 \(20 labellings of 3 \+ 3\)") as said:
        few = compare_sets(A[of_a < 3], B[of_b < 3], groups=(of_a[of_a < 3], 4 + of_b[of_b < 3]))
    assert len(said) == 1
    assert said[0].filename == __file__
    assert (few.p_value, few.least_p_value) == (0.1, 0.1)
    with pytest.warns(UserWarning, match=r"below 0\.062 \(32 labellings of 5 in both sets\)"):
        compare_sets(np.tile(A, (2, 1))[:50], np.tile(B, (2, 1))[:50], groups=[(np.arange(50) % 5).astype(str)] * 2)
    twenty = np.arange(80) % 20  # 1 + 19 groups reach 1 / 20
    rows = twenty == 0
    X = np.concatenate([A, B])
    assert compare_sets(X[rows], X[~rows], groups=(twenty[rows], twenty[~rows])).least_p_value == 0.05


def test_one_group_in_each_set_says_nothing():
    A, B = donors([12], 8)[0], donors([9], 9, 1.0)[0]
    with pytest.warns(UserWarning, match=r"below 1 \(2 labellings of 1 \+ 1\)"):
        result = compare_sets(A, B, groups=(["a"] * 12, ["b"] * 9))
    assert [getattr(result, name) for name in P_VALUES] == [1, 1, 1]
    assert (result.z_score, result.generalized_statistic, result.relative_similarity) == (0, 0, 1)


def test_a_group_may_have_all_its_rows_at_one_point():
    A, of_a = donors([6] * 4, 10)
    B, of_b = donors([6] * 4, 11)
    B[of_b == 2] = B[of_b == 2][0]
    A[of_a == 1] = B[of_b == 2][0]
    result = compare_sets(A, B, groups=(of_a, 4 + of_b))
    p, z, _ = recounted(np.concatenate([A, B]), np.r_[of_a, 4 + of_b], np.arange(8) >= 4, choices(8, 4))
    assert [getattr(result, name) for name in P_VALUES] == pytest.approx(p, abs=1e-15)
    assert result.z_score == pytest.approx(z)
    everything = compare_sets(
        np.full((8, 2), 0.3), np.full((8, 2), 0.3), groups=(np.arange(8) // 2, 4 + np.arange(8) // 2)
    )
    assert [getattr(everything, name) for name in P_VALUES] == [1, 1, 1]


def test_groups_of_one_row_each_are_the_test_of_rows():
    A, B = donors([8], 12)[0], donors([9], 13, 0.5)[0]
    rows = compare_sets(A, B)
    groups = compare_sets(A, B, groups=(np.arange(8), 8 + np.arange(9)))
    for name in ("z_score", "generalized_statistic", "expected_similarity"):
        assert getattr(groups, name) == pytest.approx(getattr(rows, name), rel=1e-9)
    pairs = compare_sets(A, B[:8], paired=True)
    shared = compare_sets(A, B[:8], groups=[np.arange(8).astype(str)] * 2)
    for name in ("z_score", "expected_similarity"):
        assert getattr(shared, name) == pytest.approx(getattr(pairs, name), rel=1e-9)


def test_order_of_rows_and_names_of_groups_do_not_matter():
    A, of_a = donors([3, 8, 5, 6], 14)
    B, of_b = donors([12, 4, 1, 6], 15, 0.5)
    result = compare_sets(A, B, groups=(of_a, 4 + of_b))
    one, other = np.random.RandomState(0).permutation(len(A)), np.random.RandomState(1).permutation(len(B))
    names_a, names_b = np.array(["p", "s", "q", "b"])[of_a], np.array(["z", "a", "x", "d"])[of_b]
    for again in (
        compare_sets(A[one], B[other], groups=(of_a[one], 4 + of_b[other])),
        compare_sets(A, B, groups=(names_a, names_b)),
        compare_sets(A, B, groups=(pd.Categorical(names_a), pd.Series(names_b, dtype="string"))),
        compare_sets(A, B, groups=(pd.Series(names_a, dtype="category"), names_b.tolist())),
        compare_sets(A, B, groups=(of_a.astype(float), (4 + of_b).astype(np.uint8))),
    ):
        pd.testing.assert_series_equal(pd.Series(asdict(again)), pd.Series(asdict(result)), rtol=1e-9)
    swapped = compare_sets(B, A, groups=(4 + of_b, of_a))
    for name in (*P_VALUES, "z_score", "generalized_statistic"):
        assert getattr(swapped, name) == pytest.approx(getattr(result, name))


def test_of_many_groups_labellings_are_drawn():
    A, of_a = donors([3] * 11, 16)
    B, of_b = donors([3] * 11, 17, 0.3)
    dga = HyperDGA().fit(A)
    groups = (of_a, 11 + of_b)
    drawn = dga.compare(B, groups=groups)
    assert (drawn.n_permutations, drawn.n_labellings, drawn.least_p_value) == (9_999, 10_000, 1e-4)
    assert HyperDGA(n_jobs=2).fit(A).compare(B, groups=groups) == drawn
    fewer = dga.compare(B, groups=groups, n_permutations=199)
    assert (fewer.n_permutations, fewer.n_labellings, fewer.least_p_value) == (199, 200, 1 / 200)
    counted = dga.compare(B, groups=groups, n_permutations=705_432)
    assert (counted.n_permutations, counted.n_labellings) == (0, comb(22, 11))
    for name in P_VALUES:
        exact = getattr(counted, name)
        assert abs(getattr(drawn, name) - exact) < 5 * (exact * (1 - exact) / 10_000) ** 0.5
    assert drawn.z_score == pytest.approx(counted.z_score, abs=0.05)
    assert drawn.expected_similarity == counted.expected_similarity
    assert drawn.p_value_permutation is None
    both = compare_sets(A[:30], B[:30], groups=[np.arange(30).astype(str)] * 2)
    assert (both.n_groups_shared, both.n_permutations) == (30, 9_999)


@pytest.mark.parametrize(("in_b", "paired"), [([0, 1, 1, 0, 1], False), ([0, 0, 0, 1, 1, 1], True)])
def test_blocks_hold_every_labelling_once_and_expand_to_rows(in_b, paired):
    groups = Groups(np.array([0, 4, 4, 1, 2, 3, 0]), np.array(in_b, dtype=bool), paired)
    labellings = group_labellings(groups, 10, 0)
    labels = labellings.block(0, labellings.number)
    every = swaps(3) if paired else choices(5, 3)
    assert (labellings.complete, labellings.number) == (True, len(every))
    assert {tuple(column) for column in labels.T.tolist()} == {tuple(column.tolist()) for column in every}
    np.testing.assert_array_equal(with_rows(labellings, groups.of_rows).block(0, len(every)), labels[groups.of_rows])
    assert not group_labellings(groups, 7, 0).complete


def test_blocks_are_parts_of_all_labellings():
    groups = Groups(np.arange(9), np.arange(9) < 4, paired=False)
    labellings = group_labellings(groups, 1, 0, few=200)
    labels = np.concatenate([labellings.block(0, BLOCK), labellings.block(1, BLOCK - 2)], axis=1)
    assert len({tuple(column) for column in labels.T.tolist()}) == labellings.number == 126


def test_groups_that_only_some_share_are_named():
    A, of_a = donors([5] * 3, 18)
    with pytest.raises(ValueError, match=r"groups: 's1', 's2' are in both A and B, and 's0', 's3' are in one of them"):
        compare_sets(A, A * 0.9, groups=([f"s{g}" for g in of_a], [f"s{g + 1}" for g in of_a]))
    with pytest.raises(ValueError, match=r"0 is in both the reference set and X, and 1, 2, 3, 4, 5 and 9 more are in"):
        HyperDGA().fit(A).compare(A * 0.9, groups=(np.arange(15), [0] * 15))


@pytest.mark.parametrize(
    ("groups", "message"),
    [
        ("ab", r"groups must be a pair: one label for each row of A, and one for each row of B, as in groups=\(donors"),
        ({"A": list("abab"), "B": list("cdc")}, r"groups must be a pair: .*as in groups=\(donors_a, donors_b\)"),
        (["a", "b", "c"], "groups must be a pair: one label for each row of A"),
        (7, "groups must be a pair"),
        ((["a", "b", "a"], ["c", "d", "c"]), r"groups\[0\] has shape \(3,\); A has 4 rows, and each needs one label"),
        ((["a", "b", "a", "b"], ["c", None, "c"]), r"groups\[1\]: row 1 is missing \(None\); leave out the row"),
        (([0, 1, np.nan, 1], [2, 3, 2]), r"groups\[0\]: row 2 is missing \(nan\)"),
        (([1, 2, 1, 2], ["2", "3", "3"]), r"groups: 2 in A and '2' in B read alike and are not equal"),
        ((pd.Series(list("abab"), index=list("wxyz")), list("cdc")), r"row 0 is 'z' in A and 'w' in groups\[0\]"),
    ],
)
def test_labels_that_do_not_fit_are_refused(groups, message):
    A = pd.DataFrame(donors([4], 19)[0], index=list("zyxw"))
    B = donors([3], 20)[0]
    with pytest.raises(ValueError, match=message):
        compare_sets(A, B, groups=groups)


def test_numbers_that_both_sets_may_have_counted_from_0_are_told():
    A, of_a = donors([5] * 6, 34)
    B, of_b = donors([5] * 6, 35)
    for call in (
        lambda: compare_sets(A, B, groups=(of_a, pd.Categorical(of_b))),
        lambda: mixing_curve(A, [B, B], groups=(of_a, [of_b, of_b])),
        lambda: pairwise_hyperdga([A, B, A], groups=[of_a, of_b, 6 + of_a]),
    ):
        with pytest.warns(
            UserWarning, match=r"groups: 0, 1, 2, \.\.\. are read as the same 6 .* names that differ"
        ) as said:
            call()
        assert (len(said), said[0].filename) == (1, __file__)
    for name in (str, float, lambda number: 1 + number, lambda number: 2 * number):
        names = [list(map(name, of.tolist())) for of in (of_a, of_b)]
        assert compare_sets(A, B, groups=names).n_groups_shared == 6
    labels = ["a"] * 30 + ["b"] * 30  # one column of groups for all rows: they were numbered together
    pairwise_hyperdga(np.concatenate([A, B]), labels, groups=np.r_[of_a, of_b])


def test_what_needs_independent_rows_is_refused_with_groups():
    A, of_a = donors([5] * 4, 21)
    with pytest.raises(ValueError, match="paired=True swaps single pairs of rows, and whole groups are relabelled"):
        compare_sets(A, A * 0.9, groups=[of_a.astype(str)] * 2, paired=True)
    with pytest.raises(ValueError, match=r"interval=0\.9 draws halves of independent rows"):
        compare_sets(A, A * 0.9, groups=(of_a, 4 + of_a), interval=0.9)


def test_a_sample_of_points_has_p_values_of_groups_too():
    rng = np.random.RandomState(22)
    A, B = (
        random_wrapped_normal(120, np.zeros(4), random_state=rng),
        random_wrapped_normal(120, np.zeros(4), random_state=rng),
    )
    of_rows = np.arange(120) // 30
    result = compare_sets(A, B, groups=(of_rows, 4 + of_rows), max_points=60)
    assert result.standard_error > 0
    assert result.n_labellings == 70


@pytest.mark.parametrize("joint", [False, True])
def test_every_pair_of_sets_has_its_groups(joint):
    parts = [donors([6] * 4, 23 + i, 0.3 * i) for i in range(3)]
    sets = [X for X, _ in parts]
    groups = [4 * i + of_rows for i, (_, of_rows) in enumerate(parts)]
    result = pairwise_hyperdga(sets, groups=groups, correction="bh", joint=joint)
    stacked = pairwise_hyperdga(
        np.concatenate(sets), np.repeat(list("abc"), 24), groups=np.concatenate(groups), correction="bh", joint=joint
    )
    named = pairwise_hyperdga(
        dict(zip("cab", sets, strict=True)),
        groups=dict(zip("bac", groups[::-1], strict=True)) | dict(zip("cab", groups, strict=True)),
        correction="bh",
        joint=joint,
    )
    for other in (stacked, named):
        np.testing.assert_array_equal(other.p_value, result.p_value)
    assert result.to_frame()["least_p_value"].tolist() == [2 / 70] * 3
    if not joint:
        for i, j in itertools.combinations(range(3), 2):
            assert result.p_value[i, j] == compare_sets(sets[i], sets[j], groups=(groups[i], groups[j])).p_value
    with pytest.warns(UserWarning, match=r"no p-value can be below 0\.086 \(corrected for 3 pair\(s\)\)"):
        pairwise_hyperdga(sets, groups=groups, joint=joint)


def test_groups_of_many_sets_come_in_the_form_of_the_sets():
    sets = [donors([4], i)[0] for i in range(2)]
    with pytest.raises(ValueError, match="groups must be a list of 2, as X is"):
        pairwise_hyperdga(sets, groups=["a", "b", "c"])
    with pytest.raises(ValueError, match="groups must be a mapping with the keys of X"):
        pairwise_hyperdga(dict(zip("ab", sets, strict=True)), groups=[list("abcd")] * 2)
    with pytest.raises(ValueError, match=r"groups must have the keys of X, .*: 'b' only in X, 'c' only in groups"):
        pairwise_hyperdga(dict(zip("ab", sets, strict=True)), groups={"a": list("abcd"), "c": list("efgh")})
    for pair in (["a"] * 4, ["b"] * 3), (["a"] * 4, ["b"] * 4):
        with pytest.raises(ValueError, match=r"groups h.*; X has 8 rows, and .*each"):
            pairwise_hyperdga(np.concatenate(sets), list("xxxxyyyy"), groups=pair)
    with pytest.raises(ValueError, match=r"groups\[1\]: row 3 is missing"):
        pairwise_hyperdga(sets, groups=[list("abcd"), ["e", "f", "g", None]])
    with pytest.raises(ValueError, match="'a', 'b' are in both x and y, and 'c' is in one of them"):
        pairwise_hyperdga(np.concatenate(sets), list("xxxxyyyy"), groups=list("aabbaabc"))
    with pytest.raises(ValueError, match=r"groups: row 7 is missing"):
        pairwise_hyperdga(np.concatenate(sets), list("xxxxyyyy"), groups=[*"aabbccd", None])


def test_a_curve_compares_whole_groups_at_every_level():
    A, of_a = donors([5] * 6, 26)
    of_a = of_a.astype(str)
    series = [A * 0.9, donors([4] * 6, 27)[0]]
    groups = [of_a, np.repeat(np.arange(6).astype(str), 4)]
    table = mixing_curve(A, series, groups=(of_a, groups))
    for row, B, of_b in zip(table.to_dict("records"), series, groups, strict=True):
        alone = compare_sets(A, B, groups=(of_a, of_b))
        assert (row["p_value"], row["n_groups_shared"], row["n_labellings"]) == (alone.p_value, 6, 64)
    with pytest.raises(ValueError, match=r"groups\[1\] has 1 entries and series 2 sets"):
        mixing_curve(A, series, groups=(of_a, groups[:1]))
    with pytest.raises(ValueError, match="groups must be a pair: one label for each row of A, and a list"):
        mixing_curve(A, series, groups=of_a)


def scanned_by_force(X, of_rows, in_b, labellings, hops):
    """p-values of the rows, from the largest standardised count of any neighbourhood under each labelling."""
    columns = np.array([labels[of_rows] for labels in labellings]).T
    near = np.eye(len(X), dtype=bool)
    step = HyperbolicDelaunay(X).adjacency().toarray().astype(bool) | near
    squares, observed = [], []
    for _ in range(hops):
        near = near @ step
        counts = near @ columns.astype(float)
        mean = counts.mean(axis=1, keepdims=True)
        independent = near.sum(axis=1, keepdims=True) * in_b.mean() * (1 - in_b.mean())
        here = np.c_[near @ in_b[of_rows].astype(float), counts] - mean
        found = here**2 / (counts.var(axis=1, keepdims=True) + independent)
        observed.append(found[:, 0])
        squares.append(found[:, 1:])
    largest = np.max(squares, axis=(0, 1))
    return np.mean(largest >= np.max(observed, axis=0)[:, None] - 1e-9, axis=1)


@pytest.mark.parametrize("shared", [False, True])
def test_a_scan_relabels_whole_groups(shared):
    A, of_a = donors([5, 8, 6, 4], 31)
    B, of_b = donors([7, 3, 6, 5], 32 - shared, 1.0)
    result = quietly(compare_sets, A, B, groups=(of_a, of_b if shared else 4 + of_b), scan=True)
    labellings = swaps(4) if shared else choices(8, 4)
    of_rows = np.r_[of_a, 4 + of_b]
    p = scanned_by_force(np.concatenate([A, B]), of_rows, np.arange(8) >= 4, labellings, result.scan_hops)
    table = result.to_frame()
    np.testing.assert_allclose(table["p_value_scan"], p, rtol=1e-12)
    assert result.p_value_scan == p.min()
    assert result.n_permutations_scan == len(labellings)


def test_a_scan_finds_where_donors_agree_and_not_where_one_is_alone():
    rng = np.random.RandomState(33)
    of_a, of_b = np.repeat(np.arange(5), 20), np.repeat(np.arange(5, 10), 20)
    A = random_wrapped_normal(100, random_state=rng)
    B = random_wrapped_normal(100, random_state=rng)
    place = convert([2.0, 0.0], "tangent", "poincare")
    crowd = random_wrapped_normal(20, place, scale=0.2, random_state=rng)
    of_one, of_all = B.copy(), B.copy()
    of_one[:20] = crowd
    of_all[::5] = crowd
    by_rows = compare_sets(A, of_one, scan=True)
    assert by_rows.p_value_scan <= 0.01
    assert compare_sets(A, of_one, groups=(of_a, of_b), scan=True).p_value_scan > 0.05
    found = compare_sets(A, of_all, groups=(of_a, of_b), scan=True)
    assert found.p_value_scan <= 0.05
    assert found.regions()["crowded"][0] == "B"
    assert len(found.regions(sequential=True)) >= 1


def test_latents_take_groups():
    torch = pytest.importorskip("torch")
    pytest.importorskip("geoopt")
    A, of_a = donors([5] * 4, 28)
    B, of_b = donors([5] * 4, 29, 0.5)
    found = latents.compare(lambda rows: rows, torch.tensor(A), torch.tensor(B), -1.0, groups=(of_a, 4 + of_b))
    assert found.p_value == compare_sets(A, B, groups=(of_a, 4 + of_b)).p_value


def test_rows_of_one_donor_deceive_the_test_of_rows_and_not_that_of_groups():
    by_rows, by_groups = [], []
    for seed in range(40):
        A, of_a = donors([15] * 5, 2 * seed, 0.0, 1.0)
        B, of_b = donors([15] * 5, 2 * seed + 1, 0.0, 1.0)
        by_rows.append(compare_sets(A, B).p_value)
        by_groups.append(compare_sets(A, B, groups=(of_a, 5 + of_b)).p_value)
    assert np.mean(np.array(by_rows) <= 0.05) > 0.6
    assert np.mean(np.array(by_groups) <= 0.05) <= 0.15  # 6 of 40: the 99.9 % point of the binomial distribution


def test_checked_groups_are_none_where_none_are_given():
    assert pair_of_groups(None, [("A", None, 3), ("B", None, 3)]) is None
