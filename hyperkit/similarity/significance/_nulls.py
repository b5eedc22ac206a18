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

from ..graph import Null, RowGraph

# With more rows the third moment is taken as 0: the skewness is then below 0.01 in the plane and 0.03 in five
# dimensions, which moves p = 0.01 by less than 5 %, and triangles of millions of points take as long as their edges.
_SKEW = 100_000
# Products of two signs a pair up to which they are written out: six times as fast where few rows coincide.
_ENTRIES = 100


def free_null(rows: RowGraph) -> Null:
    """Moments when all n! / (n_a! n_b!) labellings of the rows are equally likely.

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
    third_ab = Fraction(0)
    if n_a + n_b <= _SKEW:
        third = _third_moment(rows, {k: _mean_product(n_a, n_b, k) for k in (2, 4, 6)})
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


def _third_moment(rows: RowGraph, mean: dict[int, Fraction]) -> Fraction:
    """Mean of the third power of the count A-B.

    With labels 1 and -1 the count is half of ``edges - q``, where q sums the products over edges. In a product of edges
    the labels remain at which an odd number of edges meet; `mean` has the mean of a product of 2, 4 and 6 labels.
    """
    n = rows.n_edges
    triangles = _count_triangles(rows)
    cherries, stars = _stars(rows, 2), _stars(rows, 3)
    paths = _walks(rows) - 3 * triangles
    split = cherries * (n - 2) - 2 * paths - 3 * stars - 3 * triangles  # two edges meet, the third is apart
    apart = comb(n, 3) - triangles - stars - paths - split
    q = n * mean[2]
    q2 = n + 2 * cherries * mean[2] + 2 * (comb(n, 2) - cherries) * mean[4]
    distinct = triangles + paths * mean[2] + (stars + split) * mean[4] + apart * mean[6]
    q3 = (3 * n - 2) * q + 6 * distinct
    return (n**3 - 3 * n**2 * q + 3 * n * q2 - q3) / 8


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
    i, j = rows.edges.T
    many = np.concatenate([sizes[i] * sizes[j], sizes * (sizes - 1) // 2])
    ways = np.concatenate([further[i] * further[j], further**2])
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


def paired_null(rows: RowGraph) -> Null:
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
    fixed, squares, cycles = (_sums_over_pairs if few else _sums_over_points)(labels, joined)
    n_edges = rows.n_edges
    mean_ab = Fraction(2 * n_edges + len(rows.points) - fixed, 4)
    var_ab = Fraction(squares, 8)
    surplus = labels @ rows.degrees
    return Null(
        mean_ab=mean_ab,
        var_ab=var_ab,
        third_ab=-Fraction(cycles, 8),
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


def _sums_over_pairs(labels: csr_array, joined: csr_array) -> tuple[int, int, int]:
    """Trace of Q = C W C', and those of the second and third power of Q less its diagonal; 0 for the third if large.

    In the third power only the products around a triangle of pairs have a mean.
    """
    products = (labels @ joined @ labels.T).tocsr()
    upper = triu(products, 1, format="csr")
    around = 6 * int((upper @ upper).multiply(upper).sum()) if labels.shape[0] <= _SKEW else 0
    return int(products.diagonal().sum()), 2 * int(upper.data @ upper.data), around


def _sums_over_points(labels: csr_array, joined: csr_array) -> tuple[int, int, int]:
    """The same from W C' C, as large as the number of points, whose powers have the traces of those of Q."""
    at_points = (labels @ joined).tocsr()
    between = (labels.T @ labels).tocsr()
    products = (joined @ between).tocsr()
    diagonal = np.asarray(at_points.multiply(labels).sum(axis=1)).ravel()
    squares = _trace(products, products) - int(diagonal @ diagonal)
    around = 0
    if labels.shape[0] <= _SKEW:
        of_square = np.asarray((at_points @ between).multiply(at_points).sum(axis=1)).ravel()
        around = _trace((products @ products).tocsr(), products)
        around += 2 * int((diagonal**3).sum()) - 3 * int(diagonal @ of_square)
    return int(diagonal.sum()), squares, around


def _trace(one: csr_array, other: csr_array) -> int:
    """Trace of the product of two matrices."""
    return int(one.multiply(other.T).sum())
