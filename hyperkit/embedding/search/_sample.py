"""Random objects that stand for all.

In: a target. Out: objects in an order in which the first some hundred are a sample, and so are those that follow. The
one idea: in the order of a dendrogram objects that are alike are near each other, so one from each stretch of it gives
every branch its share. Minima for such samples were nearer to those for all: of a tree of 1,275 objects ten seeds ended
up to 10 % above the best, with plain random samples up to 16 %.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.hierarchy import leaves_list, linkage
from scipy.spatial.distance import squareform

from ._target import Target


def nested_samples(target: Target, sizes: Sequence[int], rng: np.random.RandomState) -> NDArray[np.intp]:
    """All objects, at least two, so that the first are a sample of each of the sizes, which rise.

    By average linkage: O(n^2) time and memory.
    """
    rest = leaves_list(linkage(squareform(target.lengths, checks=False), "average")).astype(np.intp)
    parts, n_chosen = [], 0
    for size in sizes:
        places = stratified(len(rest), size - n_chosen, rng)
        parts.append(rest[places])
        rest, n_chosen = np.delete(rest, places), size
    return np.concatenate([*parts, rest])


def stratified(n: int, m: int, rng: np.random.RandomState) -> NDArray[np.intp]:
    """One random number of each of m stretches, as even as can be, of those below n; ascending."""
    ends = (np.arange(m + 1) * n) // m
    return ends[:-1] + (rng.random_sample(m) * np.diff(ends)).astype(np.intp)
