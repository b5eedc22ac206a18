"""Profiles of whole groups: scales against single comparisons, all of them together against a recount by matrices."""

from __future__ import annotations

from itertools import combinations, product

import cohorts
import networkx as nx
import numpy as np
import pytest
from scipy.stats import norm

from hyperkit import HyperbolicDelaunay, HyperDGA, mixing_profile
from hyperkit.similarity.significance import _scales

pytestmark = pytest.mark.filterwarnings("ignore:groups. no p-value can be below", "ignore:hops=. joins")


def donors(sizes, seed, shift=0.0, effect=0.7):
    """Rows of donors, and the name of the donor of each: those of another seed have others."""
    rows, numbers = cohorts.donors(sizes, seed, shift, effect)
    return rows, np.array([f"{seed}-{k}" for k in range(len(sizes))])[numbers]


def rounded(sizes, seed):
    """Donors whose rows coincide, within donors and between them."""
    rows, names = donors(sizes, seed, effect=0.2)
    return rows.round(1) + 0.0, names  # no -0.0, which `np.unique` tells from 0.0


def steps_between(X):
    """Steps between rows, 1 for those at one point, by networkx."""
    # Of all rows in their order: which diagonals points on one circle get depends on it.
    graph = nx.Graph(HyperbolicDelaunay(X).edges.tolist())
    lengths = dict(nx.all_pairs_shortest_path_length(graph))
    first = [int(np.flatnonzero((row == X).all(axis=1))[0]) for row in X]
    return np.array([[max(lengths[i][j], 1) for j in first] for i in first])


def recounted(X, of_rows, labellings, max_hops):
    """p-value of the largest statistic over all scales, of labellings of which the first is the observed one."""
    sizes = np.bincount(of_rows)
    member = np.equal.outer(of_rows, np.arange(len(sizes))).astype(float)
    steps = steps_between(X)
    hops = min(max_hops, steps.max())
    between, difference = np.zeros((2, hops, len(labellings)))
    for h in range(1, hops + 1):
        densities = member.T @ (steps <= h) @ member / np.outer(sizes, sizes)
        np.fill_diagonal(densities, 0)
        for k, labels in enumerate(labellings):
            a, b = ~labels, labels
            between[h - 1, k] = densities[np.ix_(a, b)].sum()
            difference[h - 1, k] = (densities[np.ix_(a, a)].sum() - densities[np.ix_(b, b)].sum()) / 2
    far = np.zeros(len(labellings))
    for k, labels in enumerate(labellings):
        of = labels[of_rows]
        nearest = np.where(of[:, None] != of[None, :], steps, hops + 1).min(axis=1)
        far[k] = np.minimum(nearest, hops + 1) ** 4 @ (1 / sizes[of_rows])

    def standardized(values):
        spread = values.std(axis=-1, keepdims=True)
        return np.where(spread > 1e-9, (values - values.mean(axis=-1, keepdims=True)) / np.maximum(spread, 1e-9), 0)

    def over_scales(values):
        return standardized(np.arange(1, hops + 1) @ standardized(values))

    within = norm.isf(np.minimum(2 * norm.sf(abs(over_scales(difference))), 1 - 1e-12))
    largest = np.max(
        [
            _scales._BETWEEN_AHEAD - over_scales(between),
            _scales._WITHIN_AHEAD + within,
            standardized(np.log(far)),
        ],
        axis=0,
    )
    return np.mean(largest >= largest[0] - 1e-9)


def choices(n, n_b):
    """The last `n_b` groups in B, then all other choices."""
    every = [np.isin(np.arange(n), chosen) for chosen in combinations(range(n), n_b)]
    return every[::-1]


def swaps(k):
    return [np.array([*coins, *(not coin for coin in coins)]) for coins in product([False, True], repeat=k)]


CASES = [
    (donors([6, 6, 6, 6], 0), donors([6, 6, 6, 6], 1, 0.6)),
    (donors([3, 8, 5], 2), donors([12, 4, 1, 6], 3, 0.5)),
    (rounded([8, 12, 5], 4), rounded([6, 9, 14, 3], 5)),
]


@pytest.mark.parametrize(("A", "B"), CASES, ids=["even", "uneven", "rounded"])
def test_a_profile_of_groups_is_that_of_all_their_labellings(A, B):
    (a, of_a), (b, of_b) = A, B
    profile = mixing_profile(a, b, groups=(of_a, of_b), max_hops=3)
    _check_scales(profile, a, b, (of_a, of_b))
    of_rows = np.unique(np.r_[of_a, of_b], return_inverse=True)[1]
    k, k_b = len(np.unique(of_rows)), len(np.unique(of_b))
    labellings = choices(k, k_b)
    assert profile.p_value == pytest.approx(recounted(np.concatenate([a, b]), of_rows, labellings, 3), abs=1e-12)
    assert (profile.n_groups_a, profile.n_groups_b, profile.n_groups_shared) == (k - k_b, k_b, 0)
    assert (profile.n_labellings, profile.n_permutations) == (len(labellings), 0)


def test_labels_of_groups_in_both_sets_swap_inside_them():
    (a, of_a), (b, _) = donors([3, 8, 5, 4], 6), donors([7, 1, 4, 6], 7, 0.6)
    of_b = np.repeat(np.unique(of_a), [7, 1, 4, 6])
    profile = mixing_profile(a, b, groups=(of_a, of_b), max_hops=4)
    _check_scales(profile, a, b, (of_a, of_b))
    numbers_a, numbers_b = (np.unique(names, return_inverse=True)[1] for names in (of_a, of_b))
    labellings = [np.arange(8) >= 4, *(labels for labels in swaps(4) if labels[:4].any())]
    expected = recounted(np.concatenate([a, b]), np.r_[numbers_a, 4 + numbers_b], labellings, 4)
    assert profile.p_value == pytest.approx(expected, abs=1e-12)
    assert (profile.n_groups_shared, profile.n_labellings, profile.least_p_value) == (4, 16, 2 / 16)


def _check_scales(profile, a, b, groups):
    """Each scale is the comparison at so many hops."""
    for place, hops in enumerate(profile.hops.tolist()):
        single = HyperDGA(hops=hops).fit(a).compare(b, groups=groups)
        row = profile.to_frame().loc[hops]
        assert row["p_value"] == pytest.approx(single.p_value, abs=1e-12)
        assert row["p_value_generalized"] == pytest.approx(single.p_value_generalized, abs=1e-12)
        for name in ("z_score", "expected_similarity", "similarity", "relative_similarity", "n_edges", "n_ab"):
            assert getattr(profile, name)[place] == pytest.approx(getattr(single, name), rel=1e-9, abs=1e-9)
        for name in ("n_groups_a", "n_groups_b", "n_groups_shared", "n_labellings", "least_p_value"):
            assert getattr(profile, name) == getattr(single, name)


@pytest.mark.parametrize("n_b", [2, 3])
def test_no_level_is_exceeded_over_all_labellings_of_one_data_set(n_b):
    """Each labelling in turn is the observed one: of all, at most a share p has a p-value of p or less."""
    X, of_rows = donors([5, 3, 9, 4, 6, 7], 8)
    p = []
    for labels in choices(6, n_b):
        in_b = labels[np.unique(of_rows, return_inverse=True)[1]]
        groups = of_rows[~in_b], of_rows[in_b]
        p.append(mixing_profile(X[~in_b], X[in_b], groups=groups, max_hops=3).p_value)
    assert all(np.mean(np.array(p) <= level) <= level + 1e-12 for level in p)
    assert min(p) >= (2 if n_b == 3 else 1) / len(p)


def test_of_many_groups_labellings_are_drawn_and_the_bits_are_those_of_any_jobs():
    (a, of_a), (b, of_b) = donors([3] * 8, 9), donors([3] * 8, 10, 0.3)
    options = {"groups": (of_a, of_b), "max_hops": 2}
    one, two = (mixing_profile(a, b, n_jobs=n_jobs, **options) for n_jobs in (None, 2))
    assert one.to_frame().equals(two.to_frame())
    assert one.p_value == two.p_value
    assert (one.n_permutations, one.n_labellings, one.least_p_value) == (999, 1000, 0.001)
    every = mixing_profile(a, b, n_permutations=12_870, **options)
    assert (every.n_permutations, every.n_labellings) == (0, 12_870)
    assert every.p_value == pytest.approx(one.p_value, abs=0.05)
    with pytest.warns(UserWarning, match=r"n_permutations=9: no p-value from 10 labellings"):
        mixing_profile(a, b, n_permutations=9, **options)


def test_a_profile_of_groups_that_makes_no_sense_says_why():
    (a, of_a), (b, of_b) = donors([3] * 4, 11), donors([3] * 4, 12)
    with pytest.raises(ValueError, match=r"interval=0\.9 draws halves of independent rows"):
        mixing_profile(a, b, groups=(of_a, of_b), interval=0.9)
    with pytest.raises(ValueError, match="paired=True swaps single pairs of rows"):
        mixing_profile(a, b, groups=(of_a, of_b), paired=True)
    with pytest.raises(ValueError, match="groups must be a pair: one label for each row of A"):
        mixing_profile(a, b, groups=of_a)
    with pytest.raises(ValueError, match=r"groups\[1\] has shape \(11,\); B has 12 rows"):
        mixing_profile(a, b, groups=(of_a, of_b[1:]))
    with pytest.warns(UserWarning, match=r"below 0\.1 \(20 labellings of 3 \+ 3\)") as said:
        mixing_profile(a[:9], b[:9], groups=(of_a[:9], of_b[:9]), max_hops=2)
    assert said[0].filename == __file__


def test_rows_of_one_donor_deceive_the_profile_of_rows_and_not_that_of_groups():
    by_rows, by_groups = [], []
    for seed in range(40):
        (a, of_a), (b, of_b) = (donors([12] * 5, 2 * seed + k, effect=1.0) for k in (0, 1))
        by_rows.append(mixing_profile(a, b, n_permutations=99, max_hops=3).p_value)
        by_groups.append(mixing_profile(a, b, groups=(of_a, of_b), max_hops=3).p_value)
    assert np.mean(np.array(by_rows) <= 0.05) > 0.6
    assert np.mean(np.array(by_groups) <= 0.05) <= 0.15  # 6 of 40: the 99.9 % point of the binomial distribution
