"""Edge counts between two sets, and the scores and p-values that the moments of their distribution give.

The moments under relabelling are those of `significance._nulls`; p-values by drawing labels are in
`significance._permutation`.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import ceil, floor, sqrt
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import chi2, pearson3

from ...delaunay import ball_delaunay
from ...models import BallPoints
from .._settings import Settings
from ._members import Int, member_graph


class Counts(NamedTuple):
    """Edges within A, within B and between them."""

    aa: int
    bb: int
    ab: int


class Null(NamedTuple):
    """Distribution of the counts under relabelling, as far as their moments tell it.

    `third_ab` is the third central moment, None if it is not known: then the curve of `p_values` cannot be taken.

    The generalised statistic is a sum of squares of two uncorrelated counts: one of the edges within the sets,
    ``weight_a aa + weight_b bb``, and their difference ``aa - bb``.
    """

    mean_ab: Fraction
    var_ab: Fraction
    third_ab: Fraction | None
    weight_a: int
    weight_b: int
    mean_within: Fraction
    var_within: Fraction
    mean_difference: Fraction
    var_difference: Fraction
    least: float
    """Chance of one labelling, below which there is no p-value."""

    def z_score(self, counts: Counts) -> float:
        """Standardised count A-B; 0 if all labellings have the same count."""
        return float(counts.ab - self.mean_ab) / sqrt(self.var_ab) if self.var_ab else 0.0

    def p_values(self, counts: Counts) -> tuple[float, float]:
        """One-sided (as few edges A-B or fewer) and two-sided, by Pearson's type III curve with the three moments [1]_.

        The count is skew by 0.1 to 0.5 for sets of some hundred points: a normal curve gives 0.005 where 0.01 is true.

        References
        ----------
        .. [1] Mielke and Berry, "Permutation Methods: A Distance Function Approach", 2nd edition, 2007, chapter 2.
        """
        if not self.var_ab:
            return 1.0, 1.0
        if self.third_ab is None:
            raise ValueError("the curve takes three moments, and the third is not known")
        scale = sqrt(self.var_ab)
        skewness = float(self.third_ab) / scale**3
        # Counts are whole numbers: a tail begins half a count nearer to the mean.
        half = Fraction(1, 2)
        low, high = self.tails(counts.ab)
        upto, lower, upper = (
            float(tail - self.mean_ab) / scale for tail in (counts.ab + half, low + half, high - half)
        )
        one_sided = pearson3.cdf(upto, skewness)
        two_sided = pearson3.cdf(lower, skewness) + pearson3.sf(upper, skewness)
        return max(self.least, float(one_sided)), min(1.0, max(self.least, float(two_sided)))

    def tails(self, ab: int) -> tuple[int, int]:
        """Last count below the mean and first above it that are as far from it as `ab` is."""
        excess = abs(ab - self.mean_ab)
        return floor(self.mean_ab - excess), ceil(self.mean_ab + excess)

    def generalized(self, counts: Counts) -> Fraction:
        """The generalised edge-count statistic, in which ties are ties: 0 if all labellings have the same counts."""
        within = self.weight_a * counts.aa + self.weight_b * counts.bb - self.mean_within
        difference = counts.aa - counts.bb - self.mean_difference
        parts = ((within, self.var_within), (difference, self.var_difference))
        return sum((excess * excess / variance for excess, variance in parts if variance), Fraction(0))

    def generalized_p_value(self, counts: Counts) -> float:
        """Chi-squared with one degree of freedom for each of the two counts that varies."""
        freedom = bool(self.var_within) + bool(self.var_difference)
        return float(chi2.sf(float(self.generalized(counts)), freedom)) if freedom else 1.0


def count_edges(edges: Int, in_b: NDArray[np.bool_]) -> Counts:
    """Edges by the labels of their ends."""
    ends = in_b[edges[:, 0]].astype(np.int8) + in_b[edges[:, 1]]
    aa, ab, bb = np.bincount(ends, minlength=3).tolist()
    return Counts(aa, bb, ab)


def count_member_edges(sets: Sequence[BallPoints], settings: Settings) -> tuple[Counts, float]:
    """Edges of the `member_graph` of two sets by the sets of their ends, and its recall."""
    if settings.hops > 1:
        graph = member_graph(sets, settings)
        return count_edges(graph.edges, graph.sets == 1), graph.recall
    ball = sets[0].joined(*sets[1:])
    delaunay = ball_delaunay(ball, **settings.delaunay())
    # Who holds the point of a row: 0 nobody, as it repeats another row; 1 A; 2 B; 3 both.
    holders = np.zeros(len(ball), dtype=np.int8)
    for holder, points in enumerate(np.split(delaunay.inverse, [len(sets[0])]), start=1):
        holders[points] |= holder
    holds = np.array([[0, 1, 0, 1], [0, 0, 1, 1]])
    (aa, ab), (ba, bb) = (holds @ delaunay.complex.count_labels(holders, len(holds[0])) @ holds.T).tolist()
    return Counts(aa, bb, ab + ba + np.count_nonzero(holders == 3)), delaunay.recall_estimate


def share(part: ArrayLike, whole: ArrayLike) -> Any:
    """Part of the whole, numbers or arrays; 0 of nothing."""
    whole = np.asarray(whole, dtype=np.float64)
    return np.divide(part, whole, out=np.zeros_like(whole), where=whole > 0)[()]
