"""Distribution of edge counts if the labels A and B meant nothing.

In comes the graph of the rows (`graph._rows`), out come the moments of its counts. The one idea, of Friedman and
Rafsky: the graph stays and the labels are dealt out anew, so that a moment of a count is a sum over the shapes that two
or three edges can form. It is computed in whole numbers and fractions, where nothing cancels. Two null hypotheses are
here: all labels are exchangeable (`free_null`), and labels are exchangeable inside pairs of rows (`paired_null`).
"""

from __future__ import annotations

from fractions import Fraction
from math import comb, exp, lgamma, perm

import numpy as np
from scipy.sparse import coo_array, csr_array, eye_array, triu

from ..graph import Int, Null, RowGraph

# Triangles are left out where they make less than this of the skewness, however many they are. They make half of it in
# Delaunay graphs, which moves p = 0.01 by less than 5 %; to count them in millions of points takes as long as their
# edges. So it is from 15,000 points of the plane on, and from 140,000 at three hops.
_LITTLE_SKEWNESS = 0.05
# Steps of a count of triangles, some seconds; with more, the third moment is not known, and p-values come from draws.
_MOST_STEPS = 2_000_000_000
# Edges whose walks are counted at a time.
_AT_ONCE = 2**20
# Products of two signs a pair up to which they are written out: six times as fast where few rows coincide.
_ENTRIES = 100


def free_null(rows: RowGraph, skewed: bool = True) -> Null:
    """Moments when all n! / (n_a! n_b!) labellings of the rows are equally likely; the third if it is asked for.

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
    n_b = int(np.count_nonzero(rows.in_b))
    n_a = len(rows.in_b) - n_b
    n_edges = rows.n_edges
    touching = 2 * _stars(rows, 2)  # ordered pairs of edges with a common end
    apart = n_edges * (n_edges - 1) - touching

    def chance(in_a: int, in_b: int) -> Fraction:
        """That so many given rows are labelled A, and so many B."""
        return Fraction(perm(n_a, in_a) * perm(n_b, in_b), perm(n_a + n_b, in_a + in_b) or 1)

    mean_aa, mean_bb, mean_ab = n_edges * chance(2, 0), n_edges * chance(0, 2), 2 * n_edges * chance(1, 1)
    var_aa = mean_aa + touching * chance(3, 0) + apart * chance(4, 0) - mean_aa**2
    var_bb = mean_bb + touching * chance(0, 3) + apart * chance(0, 4) - mean_bb**2
    covariance = apart * chance(2, 2) - mean_aa * mean_bb
    var_ab = var_aa + var_bb + 2 * covariance  # ab = edges - aa - bb
    third = _third_moment(rows, {k: _mean_product(n_a, n_b, k) for k in (2, 4, 6)}, var_ab) if skewed else None
    a, b = n_b - 1, n_a - 1
    return Null(
        mean_ab=mean_ab,
        var_ab=var_ab,
        third_ab=None if third is None else third - 3 * mean_ab * var_ab - mean_ab**3,
        weight_a=a,
        weight_b=b,
        mean_within=a * mean_aa + b * mean_bb,
        var_within=a * a * var_aa + b * b * var_bb + 2 * a * b * covariance,
        mean_difference=mean_aa - mean_bb,
        var_difference=var_aa + var_bb - 2 * covariance,
        least=exp(lgamma(n_a + 1) + lgamma(n_b + 1) - lgamma(n_a + n_b + 1)),
    )


def _third_moment(rows: RowGraph, mean: dict[int, Fraction], variance: Fraction) -> Fraction | None:
    """Mean of the third power of the count A-B; None if its triangles are too many to count and make a difference.

    With labels 1 and -1 the count is half of ``edges - q``, where q sums the products over edges. In a product of edges
    the labels remain at which an odd number of edges meet; `mean` has the mean of a product of 2, 4 and 6 labels. The
    moment grows or falls in proportion to the triangles, of which there are at most a third of the pairs of edges with
    a common end: so it is known what they can make.
    """
    n, cherries, stars, walks = rows.n_edges, _stars(rows, 2), _stars(rows, 3), _walks(rows)

    def third(triangles: int) -> Fraction:
        paths = walks - 3 * triangles
        split = cherries * (n - 2) - 2 * paths - 3 * stars - 3 * triangles  # two edges meet, the third is apart
        apart = comb(n, 3) - triangles - stars - paths - split
        q = n * mean[2]
        q2 = n + 2 * cherries * mean[2] + 2 * (comb(n, 2) - cherries) * mean[4]
        distinct = triangles + paths * mean[2] + (stars + split) * mean[4] + apart * mean[6]
        q3 = (3 * n - 2) * q + 6 * distinct
        return (n**3 - 3 * n**2 * q + 3 * n * q2 - q3) / 8

    if float(abs(third(cherries // 3) - third(0))) < _LITTLE_SKEWNESS * float(variance) ** 1.5:
        return third(0)
    steps = np.bincount(rows.edges[:, 0], minlength=len(rows.sizes))[rows.edges[:, 1]].sum()
    return third(_count_triangles(rows)) if steps <= _MOST_STEPS else None


def _mean_product(n_a: int, n_b: int, k: int) -> Fraction:
    """Mean of the product of the labels, 1 for A and -1 for B, of k given rows; 0 if there are no k rows."""
    signed = sum((-1) ** j * comb(k, j) * perm(n_a, k - j) * perm(n_b, j) for j in range(k + 1))
    return Fraction(signed, perm(n_a + n_b, k) or 1)


def _stars(rows: RowGraph, k: int) -> int:
    """Sets of k edges with a common end."""
    numbers = np.bincount(rows.degrees, rows.sizes).tolist()
    return sum(comb(degree, k) * int(number) for degree, number in enumerate(numbers) if number)


def _walks(rows: RowGraph) -> int:
    """Edges with a further edge at either end; three times each triangle is among them."""
    sizes, further = rows.sizes, rows.degrees - 1
    total = _product_sum(sizes * (sizes - 1) // 2, further**2)
    for first in range(0, len(rows.edges), _AT_ONCE):
        i, j = rows.edges[first : first + _AT_ONCE].T
        total += _product_sum(sizes[i] * sizes[j], further[i] * further[j])
    return total


def _product_sum(many: Int, ways: Int) -> int:
    high, low = np.divmod(ways, 2**16)  # products of 100,000 rows at one point would not fit into 64 bits
    return (int(many @ high) << 16) + int(many @ low)


def _count_triangles(rows: RowGraph) -> int:
    """Triangles of rows at three points, at two and at one."""
    from .kernels.triangles import count_triangles

    sizes = rows.sizes
    first = np.concatenate([[0], np.cumsum(np.bincount(rows.edges[:, 0], minlength=len(sizes)))])
    one, other = sizes[rows.edges].T
    at_three = int(count_triangles(first, np.ascontiguousarray(rows.edges[:, 1]), sizes))
    at_two = int((one * other * (one + other - 2) // 2).sum())
    return at_three + at_two + sum(comb(size, 3) for size in sizes[sizes > 2].tolist())


def paired_null(rows: RowGraph, skewed: bool = True) -> Null:
    """Moments when the labels of each pair of rows i and n / 2 + i are swapped or not, by independent fair coins.

    With a sign s for each pair the count A-B is half of ``edges - q``, where ``2 q + n = s' C W C' s``: row i of C has
    the labels, 1 for A and -1 for B, of pair i at the points, and W joins each point to its neighbours and to itself.
    Products of two different signs are uncorrelated, and aa - bb is a sum of signs, uncorrelated with these. Hence
    closed forms without approximation.
    """
    labels = pair_labels(rows)
    upper = rows.adjacency()
    joined = (upper + upper.T + eye_array(upper.shape[0], dtype=np.int64)).tocsr()
    at_point = np.bincount(labels.indices, minlength=len(rows.sizes))
    k = labels.shape[0]
    # C W C' has as many entries as the rows that coincide have edges.
    few = int(at_point @ (joined @ at_point)) <= _ENTRIES * k
    fixed, squares, cycles = (_sums_over_pairs if few else _sums_over_points)(labels, joined, skewed)
    n_edges = rows.n_edges
    mean_ab = Fraction(2 * n_edges + len(rows.points) - fixed, 4)
    var_ab = Fraction(squares, 8)
    surplus = labels @ rows.degrees
    return Null(
        mean_ab=mean_ab,
        var_ab=var_ab,
        third_ab=None if cycles is None else -Fraction(cycles, 8),
        weight_a=1,
        weight_b=1,
        mean_within=n_edges - mean_ab,
        var_within=var_ab,
        mean_difference=Fraction(0),
        var_difference=Fraction(int(surplus @ surplus), 4),
        least=0.5**k,
    )


def pair_labels(rows: RowGraph) -> csr_array:
    """Labels, 1 for A and -1 for B, of each pair at each point; two rows of a pair at one point cancel."""
    n = len(rows.points)
    pairs = np.tile(np.arange(n // 2), 2)
    labels = coo_array((np.where(rows.in_b, -1, 1), (pairs, rows.points)), shape=(n // 2, len(rows.sizes))).tocsr()
    labels.eliminate_zeros()
    return labels


def _sums_over_pairs(labels: csr_array, joined: csr_array, skewed: bool) -> tuple[int, int, int | None]:
    """Trace of Q = C W C', and those of the second and third power of Q less its diagonal; None if that is not known.

    In the third power only the products around a triangle of pairs have a mean.
    """
    products = (labels @ joined @ labels.T).tocsr()
    upper = triu(products, 1, format="csr")
    squares = 2 * int(upper.data @ upper.data)
    around = None
    if skewed and _is_little(products, squares):
        around = 0
    elif skewed and float(np.square(np.diff(upper.indptr), dtype=float).sum()) <= _MOST_STEPS:
        around = 6 * int((upper @ upper).multiply(upper).sum())
    return int(products.diagonal().sum()), squares, around


def _sums_over_points(labels: csr_array, joined: csr_array, skewed: bool) -> tuple[int, int, int | None]:
    """The same from W C' C, as large as the number of points, whose powers have the traces of those of Q."""
    at_points = (labels @ joined).tocsr()
    between = (labels.T @ labels).tocsr()
    products = (joined @ between).tocsr()
    diagonal = np.asarray(at_points.multiply(labels).sum(axis=1)).ravel()
    squares = _trace(products, products) - int(diagonal @ diagonal)
    around = None
    if skewed and float(np.square(np.diff(products.indptr), dtype=float).sum()) <= _MOST_STEPS:
        of_square = np.asarray((at_points @ between).multiply(at_points).sum(axis=1)).ravel()
        around = _trace((products @ products).tocsr(), products)
        around += 2 * int((diagonal**3).sum()) - 3 * int(diagonal @ of_square)
    return int(diagonal.sum()), squares, around


def _is_little(products: csr_array, squares: int) -> bool:
    """Whether the triangles of Q make little of the skewness: they weigh at most all pairs of its entries in a row."""
    entries = abs(products)
    in_row = np.asarray(entries.sum(axis=1), dtype=float).ravel() - entries.diagonal()
    most = float(entries.max()) * float(in_row @ in_row)
    return 8 * most < _LITTLE_SKEWNESS * (2.0 * squares) ** 1.5


def _trace(one: csr_array, other: csr_array) -> int:
    """Trace of the product of two matrices."""
    return int(one.multiply(other.T).sum())
