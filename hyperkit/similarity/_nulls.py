"""Distribution of edge counts if the labels A and B meant nothing.

In comes a graph of members (`_members`), out come the moments of its counts. The one idea, of Friedman and Rafsky: the
graph stays and the labels are dealt out anew, so that a moment of a count is a sum over the shapes that two or three
edges can form. It is computed in whole numbers and fractions, where nothing cancels. Two null hypotheses are here: all
labels are exchangeable (`free_null`), and labels are exchangeable inside pairs of rows (`paired_null`).
"""

from __future__ import annotations

from fractions import Fraction
from math import comb, exp, lgamma, perm

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from ._edge_counts import Null
from ._members import Int, MemberGraph

# With more members the third moment is taken as 0: the skewness is then below 0.01 in the plane and 0.03 in five
# dimensions, which moves p = 0.01 by less than 5 %, and triangles of millions of points take as long as their edges.
_SKEW = 100_000


def free_null(n_a: int, n_b: int, edges: Int) -> Null:
    """Moments when all n! / (n_a! n_b!) labellings of the members are equally likely.

    The chance that one edge, two edges with a common end, and two without lie within A, and so on, is a ratio of
    falling factorials [1]_; the third moment is of the kind of [2]_, the two uncorrelated counts are those of [3]_ and
    [4]_.

    References
    ----------
    .. [1] Friedman and Rafsky, "Multivariate generalizations of the Wald-Wolfowitz and Smirnov two-sample tests",
       Annals of Statistics 7, 1979, section 4.
    .. [2] Chen and Zhang, "Graph-based change-point detection", Annals of Statistics 43, 2015, section 3.3.
    .. [3] Chen and Friedman, "A new graph-based two-sample test for multivariate and object data", Journal of the
       American Statistical Association 112, 2017, theorem 3.1.
    .. [4] Chen, Chen, Su, "A weighted edge-count two-sample test for multivariate and object data", same journal 113,
       2018.
    """
    degrees = np.bincount(edges.ravel(), minlength=n_a + n_b)
    n_edges = len(edges)
    touching = int((degrees * (degrees - 1)).sum())  # ordered pairs of edges with a common end
    apart = n_edges * (n_edges - 1) - touching

    def chance(in_a: int, in_b: int) -> Fraction:
        """That so many given members are labelled A, and so many B."""
        return Fraction(perm(n_a, in_a) * perm(n_b, in_b), perm(n_a + n_b, in_a + in_b) or 1)

    mean_aa, mean_bb, mean_ab = n_edges * chance(2, 0), n_edges * chance(0, 2), 2 * n_edges * chance(1, 1)
    var_aa = mean_aa + touching * chance(3, 0) + apart * chance(4, 0) - mean_aa**2
    var_bb = mean_bb + touching * chance(0, 3) + apart * chance(0, 4) - mean_bb**2
    covariance = apart * chance(2, 2) - mean_aa * mean_bb
    var_ab = var_aa + var_bb + 2 * covariance  # ab = edges - aa - bb
    third_ab = Fraction(0)
    if n_a + n_b <= _SKEW:
        third = _third_moment(edges, degrees, {k: _mean_product(n_a, n_b, k) for k in (2, 4, 6)})
        third_ab = third - 3 * mean_ab * var_ab - mean_ab**3
    a, b = n_b - 1, n_a - 1
    return Null(
        mean_ab=mean_ab,
        var_ab=var_ab,
        third_ab=third_ab,
        weight_a=a,
        weight_b=b,
        mean_within=a * mean_aa + b * mean_bb,
        var_within=a * a * var_aa + b * b * var_bb + 2 * a * b * covariance,
        mean_difference=mean_aa - mean_bb,
        var_difference=var_aa + var_bb - 2 * covariance,
        least=exp(lgamma(n_a + 1) + lgamma(n_b + 1) - lgamma(n_a + n_b + 1)),
    )


def _third_moment(edges: Int, degrees: Int, mean: dict[int, Fraction]) -> Fraction:
    """Mean of the third power of the count A-B.

    With labels 1 and -1 the count is half of ``edges - q``, where q sums the products over edges. In a product of edges
    the labels remain at which an odd number of edges meet; `mean` has the mean of a product of 2, 4 and 6 labels.
    """
    n = len(edges)
    ends = degrees[edges]
    triangles = _count_triangles(edges, len(degrees))
    cherries = int((degrees * (degrees - 1)).sum()) // 2
    stars = sum(comb(k, 3) * many for k, many in enumerate(np.bincount(degrees).tolist()))
    paths = int(((ends[:, 0] - 1) * (ends[:, 1] - 1)).sum()) - 3 * triangles
    split = cherries * (n - 2) - 2 * paths - 3 * stars - 3 * triangles  # two edges meet, the third is apart
    apart = comb(n, 3) - triangles - stars - paths - split
    q = n * mean[2]
    q2 = n + 2 * cherries * mean[2] + 2 * (comb(n, 2) - cherries) * mean[4]
    distinct = triangles + paths * mean[2] + (stars + split) * mean[4] + apart * mean[6]
    q3 = (3 * n - 2) * q + 6 * distinct
    return (n**3 - 3 * n**2 * q + 3 * n * q2 - q3) / 8


def _mean_product(n_a: int, n_b: int, k: int) -> Fraction:
    """Mean of the product of the labels, 1 for A and -1 for B, of k given members; 0 if there are no k members."""
    signed = sum((-1) ** j * comb(k, j) * perm(n_a, k - j) * perm(n_b, j) for j in range(k + 1))
    return Fraction(signed, perm(n_a + n_b, k) or 1)


def _count_triangles(edges: Int, n: int) -> int:
    from ._kernels_triangles import count_triangles

    first = np.concatenate([[0], np.cumsum(np.bincount(edges[:, 0], minlength=n))])
    return int(count_triangles(first, np.ascontiguousarray(edges[:, 1])))


def paired_null(edges: Int, in_b: NDArray[np.bool_], groups: Int) -> Null:
    """Moments when the labels of each group of members are swapped or not, by independent fair coins.

    With a sign for each group the count A-B is a constant plus a sum of products of two different signs, which are
    uncorrelated, and aa - bb is a sum of signs, uncorrelated with these. Hence closed forms without approximation.
    """
    one, other = groups[edges].T
    within = one == other
    cross = in_b[edges[:, 0]] != in_b[edges[:, 1]]
    sign = np.where(cross, 1, -1)[~within]
    k = int(groups.max()) + 1
    ends = np.minimum(one, other)[~within], np.maximum(one, other)[~within]
    weights = coo_array((sign, ends), shape=(k, k)).tocsr()  # twice the factors of the products of two signs
    surplus = np.bincount(groups[edges].ravel(), np.where(in_b[edges], -1.0, 1.0).ravel(), minlength=k)
    n_edges, n_fixed = len(edges), int(np.count_nonzero(within & cross))
    mean_ab = n_fixed + Fraction(int(np.count_nonzero(~within)), 2)
    var_ab = Fraction(int(np.square(weights.data).sum()), 4)
    # Only the three products around a triangle have a mean together: each triangle counts six times.
    around = 6 * int((weights @ weights).multiply(weights).sum()) if k <= _SKEW else 0
    return Null(
        mean_ab=mean_ab,
        var_ab=var_ab,
        third_ab=Fraction(around, 8),
        weight_a=1,
        weight_b=1,
        mean_within=n_edges - mean_ab,
        var_within=var_ab,
        mean_difference=Fraction(0),
        var_difference=Fraction(int(np.square(surplus).sum()), 4),
        least=0.5**k,
    )


def pair_groups(graph: MemberGraph, n_pairs: int) -> Int:
    """Members that swap labels together: the two of a pair of rows, and pairs that share a member."""
    one, other = graph.members[:n_pairs], graph.members[n_pairs:]
    n = len(graph.z)
    pairs = coo_array((np.ones(n_pairs, dtype=bool), (one, other)), shape=(n, n))
    return np.asarray(connected_components(pairs, directed=False)[1], dtype=np.int64)
