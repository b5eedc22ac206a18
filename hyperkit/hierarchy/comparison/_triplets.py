"""Triplets: of three names, which two are closer kin? The rooted trees answer, or leave it open.

All triplets are counted up to 20,000 names, in a second; above, and between groups, a sample of them is.
"""

from __future__ import annotations

import numpy as np
from numpy.random import RandomState

from ._score import SHUFFLED, Score, Scores, missing, ratio
from ._tip_tree import Int, LeastBetween, TipTree

TRIPLETS = ("triplets_right", "triplets_wrong", "triplets_unresolved")
_ALL = 20_000
_SAMPLE = 500_000


def triplet_scores(truth: TipTree, inferred: TipTree, groups: Int | None, rng: RandomState) -> Scores:
    """Shares of the triplets that the truth resolves which the inferred tree resolves alike, otherwise, or not."""
    n_groups = 0 if groups is None else len(np.unique(groups))
    if groups is not None and n_groups < 3:
        return missing(TRIPLETS, f"triplets are of three groups, and there are {n_groups}")
    if groups is None and truth.n_tips <= _ALL:
        resolved, (right, wrong) = n_resolved(truth), shared_triplets(truth, inferred)
        drawn, how = 0, f"all {resolved:,} triplets that the truth resolves"
    else:
        taxa = _between_groups(groups, rng) if groups is not None else _random_triplets(truth.n_tips, rng)
        wanted, found = (odd_one_out(tree, taxa) for tree in (truth, inferred))
        resolved = drawn = int(np.count_nonzero(wanted >= 0))
        right = int(np.count_nonzero((wanted >= 0) & (wanted == found)))
        wrong = int(np.count_nonzero((wanted >= 0) & (found >= 0))) - right
        of = f"of three groups, all threes of {n_groups} groups alike; " if groups is not None else ""
        how = f"{of}sample of {resolved:,} triplets that the truth resolves"
    if not resolved:
        return missing(TRIPLETS, "the truth resolves no triplet: it is a star")
    n = truth.n_tips
    # With names shuffled the inferred tree answers at random: it resolves as many as it does of all triplets.
    answered = n_resolved(inferred) / (n * (n - 1) * (n - 2) // 6)
    shares = right / resolved, wrong / resolved, (resolved - right - wrong) / resolved
    baselines = answered / 3, answered * 2 / 3, 1 - answered
    return {
        name: Score(share, baseline, SHUFFLED, float(np.sqrt(ratio(share * (1 - share), drawn))), note=how)
        for name, share, baseline in zip(TRIPLETS, shares, baselines, strict=True)
    }


def n_resolved(tree: TipTree) -> int:
    """Number of triplets that the tree resolves: two tips in a clade, and the third one step up."""
    first, last, first_up, last_up = _clades(tree).T
    size = last - first
    return int((size * (size - 1) // 2 * (last_up - first_up - size)).sum())


def shared_triplets(one: TipTree, other: TipTree) -> tuple[int, int]:
    """Number of triplets that both trees resolve, alike and differently."""
    from .kernels.triplet_counts import count_triplets

    right, wrong = count_triplets(_clades(one), _clades(other), one.place[other.taxa])
    return int(right), int(wrong)


def odd_one_out(tree: TipTree, taxa: Int) -> Int:
    """Of triplets of taxa, shape (m, 3): the one that is not of the closer kin, -1 where the tree leaves it open."""
    places = np.sort(tree.place[taxa], axis=1)
    least = LeastBetween(tree.meeting_depths)
    left, right = least(places[:, 0], places[:, 1]), least(places[:, 1], places[:, 2])
    odd = np.where(left > right, places[:, 2], places[:, 0])
    return np.where(left == right, -1, tree.taxa[odd])


def _clades(tree: TipTree) -> Int:
    """Intervals of all clades but that of all tips, each with that of the clade one step up."""
    nodes, above = tree.clades, tree.parent[tree.clades]
    return np.column_stack([tree.first[nodes], tree.last[nodes], tree.first[above], tree.last[above]])


def _random_triplets(n: int, rng: RandomState) -> Int:
    """Triplets of different numbers below n."""
    return np.column_stack(_three_of(np.full(_SAMPLE, n), rng))


def _three_of(n: Int, rng: RandomState) -> tuple[Int, Int, Int]:
    """Three different numbers below each n: each is drawn among those that are left, and counted past the others."""
    first, second, third = (_below(n - taken, rng) for taken in range(3))
    second += second >= first
    low, high = np.minimum(first, second), np.maximum(first, second)
    third += third >= low
    third += third >= high
    return first, second, third


def _between_groups(groups: Int, rng: RandomState) -> Int:
    """Triplets of three different groups, all threes of groups alike and all members of a group alike."""
    _, codes, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    by_group = np.argsort(codes, kind="stable")
    start = np.cumsum(sizes) - sizes
    drawn = _three_of(np.full(_SAMPLE, len(sizes)), rng)
    return np.column_stack([by_group[start[group] + _below(sizes[group], rng)] for group in drawn])


def _below(n: Int, rng: RandomState) -> Int:
    """A random whole number from 0 to n - 1, for each n."""
    return rng.randint(0, n, dtype=np.int64)
