"""Similarity at every scale: how well two sets mix among direct neighbours, neighbours of these, and so on.

In come two sets, out comes a `MixingProfile` with a row a scale. The one idea: the pairs within h hops of the Delaunay
graph are counted for each h as HyperDGA counts edges, against what chance gives there, so that sets which mix locally
but not globally look different from the opposite. Who is within how many hops is the work of `graph._shells`, the
p-value over all scales that of `significance._scales`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np
from numpy.random import RandomState
from numpy.typing import ArrayLike, NDArray

from ..._repr import KeyFigures
from ..._validation import check_count, check_paired_rows
from ...delaunay import ball_delaunay, check_exact
from ...models import BallPoints, Model
from .._settings import Settings, check_settings
from ..graph import Counts, Float, RowGraph, Shells, count_members, rows_at_points, share, shells, stacked
from ..significance import (
    Labellings,
    ScaleTest,
    density_sums,
    expected_similarity,
    free_null,
    group_labellings,
    half_sample_interval,
    least_p_value,
    paired_null,
    random_labellings,
    scale_test,
    scale_test_of_groups,
)
from ._comparison import (
    NEARLY_ALL,
    expected_of_rows,
    is_dense,
    numbers_of_groups,
    warn_of_all_joined,
    warn_of_few_permutations,
    warn_of_missed_edges,
)
from ._group_rows import pair_of_groups, warn_of_few_groups
from ._sets import two_balls

if TYPE_CHECKING:
    import pandas as pd

# Nearly all pairs joined so soon, as in four dimensions, leave hardly a profile. That 50 + 50 points of the plane are
# joined within 6 hops is no news.
_FEW_SCALES = 3


@dataclass(frozen=True, eq=False, repr=False)
class MixingProfile(KeyFigures):
    """How well two sets A and B mix at each scale, and whether they differ at any.

    Attributes
    ----------
    hops : ndarray of shape (k,), int64
        The scales 1, 2, ..., k: pairs that at most so many steps in the Delaunay graph join. 1 is HyperDGA. The last is
        `max_hops`, or the first at which all pairs are joined.
    n_edges, n_ab : ndarray of shape (k,), int64
        Such pairs, and those of them that join A to B, counted as `HyperDGA` counts edges.
    similarity : ndarray of shape (k,), float64
        ``n_ab / n_edges``, in [0, 1].
    expected_similarity : ndarray of shape (k,), float64
        What chance gives: the mean over all relabellings of the rows, or of whole groups, or over swaps inside pairs.
    relative_similarity : ndarray of shape (k,), float64
        ``similarity / expected_similarity``: 1 is as mixed as chance, near 0 is apart, above 1 is more mixed. Where all
        pairs are joined it is 1, whatever the sets.
    interval_low, interval_high : ndarray of shape (k,), float64, or None
        Ends of confidence intervals for the relative similarity, each scale by itself, if they were asked for. NaN
        where more than a quarter of all pairs are joined: half-samples then vary too little (of 50 + 50 points
        intervals of 95 % held the mean in .99 to .96 of cases at 1 to 3 hops, in .88 at 5 and .49 at 7).
    z_score : ndarray of shape (k,), float64
        As in `DGAResult`, at each scale.
    p_values, p_values_generalized : ndarray of shape (k,), float64
        Share of the labellings with as few pairs A-B or fewer, and with a generalised statistic as large, at each scale
        by itself: not corrected for their number. With groups those of `HyperDGA.compare` at so many hops, from the
        labellings counted here.
    p_value : float
        Chance of a largest statistic over all scales as large, if the sets differ nowhere: one p-value for all scales.
    n_a, n_b : int
        Rows of A and of B.
    paired : bool
        Whether rows of A and B were taken as pairs.
    n_permutations : int
        Labellings drawn for the p-values, which are at least ``1 / (n_permutations + 1)``; 0 if all labellings of
        groups were counted.
    n_groups_a, n_groups_b, n_groups_shared, n_labellings : int or None
        Groups in A, in B and in both, and their labellings that were counted, as in `DGAResult`.
    least_p_value : float or None
        The smallest p-value that they can give, at one scale as for all.
    """

    hops: NDArray[np.int64]
    n_edges: NDArray[np.int64]
    n_ab: NDArray[np.int64]
    similarity: NDArray[np.float64]
    expected_similarity: NDArray[np.float64]
    relative_similarity: NDArray[np.float64]
    z_score: NDArray[np.float64]
    p_values: NDArray[np.float64]
    p_values_generalized: NDArray[np.float64]
    p_value: float
    n_a: int
    n_b: int
    paired: bool
    n_permutations: int
    interval_low: NDArray[np.float64] | None = None
    interval_high: NDArray[np.float64] | None = None
    n_groups_a: int | None = None
    n_groups_b: int | None = None
    n_groups_shared: int | None = None
    n_labellings: int | None = None
    least_p_value: float | None = None

    def _key_figures(self) -> dict[str, object]:
        return {
            "relative_similarity": ", ".join(f"{value:.3g}" for value in self.relative_similarity),
            "p_value": self.p_value,
            "n_groups_shared": self.n_groups_shared or None,
            "n_groups_a": None if self.n_groups_shared else self.n_groups_a,
            "n_groups_b": None if self.n_groups_shared else self.n_groups_b,
            "least_p_value": self.least_p_value,
            "n_a": self.n_a,
            "n_b": self.n_b,
        }

    def to_frame(self) -> pd.DataFrame:
        """One row a scale.

        Returns
        -------
        pandas.DataFrame
            Indexed by `hops`: `n_edges`, `n_ab`, `similarity`, `expected_similarity`, `relative_similarity`,
            `interval_low` and `interval_high` if they were asked for, `z_score`, `p_value` and `p_value_generalized` of
            the scale by itself.
        """
        import pandas as pd

        columns = {
            "n_edges": self.n_edges,
            "n_ab": self.n_ab,
            "similarity": self.similarity,
            "expected_similarity": self.expected_similarity,
            "relative_similarity": self.relative_similarity,
            "interval_low": self.interval_low,
            "interval_high": self.interval_high,
            "z_score": self.z_score,
            "p_value": self.p_values,
            "p_value_generalized": self.p_values_generalized,
        }
        there = {name: values for name, values in columns.items() if values is not None}
        return pd.DataFrame(there, index=pd.Index(self.hops, name="hops"))


def mixing_profile(
    A: ArrayLike,
    B: ArrayLike,
    *,
    model: Model = "poincare",
    curvature: float = -1.0,
    max_hops: int = 7,
    paired: bool = False,
    groups: tuple[ArrayLike, ArrayLike] | None = None,
    n_permutations: int = 999,
    interval: float | None = None,
    method: Literal["auto", "exact", "rays"] = "auto",
    n_rays: int = 16384,
    random_state: int | RandomState | None = 0,
    n_jobs: int | None = None,
    verbose: bool = False,
) -> MixingProfile:
    """Similarity of two sets relative to chance at each scale, and one p-value for all scales.

    Parameters
    ----------
    A, B : array-like of shape (n, d) and (m, d); ``model="hyperboloid"``: d + 1 columns
        The two sets, in `model` coordinates.
    model : {"poincare", "klein", "hyperboloid", "halfspace", "tangent"}, default="poincare"
        Coordinates of both sets.
    curvature : float < 0, default=-1.0
        Curvature of the space the coordinates live in. Counts and p-values have no unit.
    max_hops : int >= 1, default=7
        The coarsest scale. The profile ends sooner where a scale joins all pairs, as all further ones do.
    paired : bool, default=False
        Row i of A and row i of B belong together: expectation and p-values are those of swaps inside pairs.
    groups : pair of array-likes of shape (n,) and (m,), optional
        The group of each row of A and of B, such as its donor, where rows of one group depend on each other:
        expectation and p-values are those of labels that go with whole groups, as in `HyperDGA.compare`.
    n_permutations : int >= 1, default=999
        Labellings to draw for the p-values; of `groups` all, if they are at most so many, as of 6 + 6.
    interval : float in (0, 1), optional
        Confidence level of intervals for the relative similarity at each scale, as in `HyperDGA.compare`; not with
        `groups`, of which there are too few to draw halves of.
    method, n_rays, random_state
        As in `HyperDGA`.
    n_jobs : int or None, default=None
        Jobs of rays, permutations and half-samples, as in joblib; every number gives the same bits.
    verbose : bool, default=False
        Show progress bars on stderr.

    Returns
    -------
    MixingProfile

    Raises
    ------
    ValueError
        A set has no rows, the sets differ in columns, or a row is not in the model; a parameter is out of its range;
        `groups` do not fit, or come with `paired` or `interval`; or so many pairs are joined that they do not fit into
        half of the memory of the machine.

    Warns
    -----
    UserWarning
        As in `HyperDGA.compare`: so if 2 or 3 hops join nearly all pairs, or groups are too few for a p-value of 0.05.

    Notes
    -----
    The p-value is that of the largest of three statistics, whose distribution is that over the same random labellings;
    so it assumes what the p-values of `DGAResult` assume, and no more. They are, each standardised over the labellings:
    the few pairs A-B of all scales together, h hops with weight h; the difference of the pairs within A and within B,
    which is the other part of the generalised statistic, summed likewise; and the hops from each row to the nearest of
    the other set (the mean of their fourth powers). Which they are was found by trial, see ``docs/evidence.md``: the
    first sees shifts, the second spread, the third regions that one set lacks. With `groups` the densities of pairs of
    groups (`DGAResult`) are in the place of pairs of rows, and in the third statistic each group counts alike.

    Time and memory grow with the pairs: in the plane some 200 a point within 7 hops, in four dimensions or more nearly
    all pairs within 3.

    Examples
    --------
    >>> from hyperkit import random_wrapped_normal
    >>> A = random_wrapped_normal(60, random_state=0)
    >>> B = random_wrapped_normal(60, [0.5, 0.0], random_state=1)
    >>> profile = mixing_profile(A, B, max_hops=3)
    >>> profile.to_frame()["relative_similarity"].round(2).to_dict()
    {1: 0.62, 2: 0.68, 3: 0.73}
    >>> profile.p_value
    0.001
    """
    check_count("max_hops", max_hops)
    check_count("n_permutations", n_permutations)
    if paired is True:
        check_paired_rows({"A": A, "B": B})
    settings = Settings(
        method=method,
        n_rays=n_rays,
        random_state=random_state,
        n_jobs=n_jobs,
        verbose=verbose,
        paired=paired,
        n_permutations=n_permutations,
        interval=interval,
        hops=max_hops,
    )
    sets = two_balls(A, B, model, curvature)
    sizes = map(len, sets)
    settings = settings._replace(groups=pair_of_groups(groups, tuple(zip("AB", (A, B), sizes, strict=True))))
    check_settings(settings, *map(len, sets))
    for name, points in zip("AB", sets, strict=True):
        check_exact(points, settings.method, name)
    return _profile([points.taken_as_exact() for points in sets], settings)


class _Scales(NamedTuple):
    """The points of two sets, and who is around whom."""

    around: Shells
    rows: RowGraph
    """The graph of direct neighbours."""
    recall: float

    @property
    def n_members(self) -> int:
        """Distinct points of A and of B."""
        return sum(len(np.unique(self.rows.points[side])) for side in (self.rows.in_b, ~self.rows.in_b))

    def at(self, hops: int) -> RowGraph:
        """The graph of the pairs within so many hops."""
        return self.rows._replace(edges=self.around.pairs(hops))


def _scales(sets: Sequence[BallPoints], settings: Settings) -> _Scales:
    ball, row_sets = stacked(sets)
    delaunay = ball_delaunay(ball, **settings.delaunay())
    rows = rows_at_points(delaunay.edges, delaunay.inverse, row_sets == 1)
    return _Scales(shells(rows.edges, len(rows.sizes), settings.hops), rows, delaunay.recall_estimate)


def _similarities(sets: Sequence[BallPoints], settings: Settings) -> tuple[Float, float]:
    """Similarity at each scale, and the recall of the graph."""
    scales = _scales(sets, settings)
    counts = [count_members(scales.at(hops)) for hops in range(1, settings.hops + 1)]
    return share([c.ab for c in counts], [sum(c) for c in counts]), scales.recall


def _profile(sets: Sequence[BallPoints], settings: Settings) -> MixingProfile:
    scales = _scales(sets, settings)
    settings = settings._replace(hops=scales.around.hops)
    labellings, groups = _labellings(scales.rows, settings), settings.groups
    members, chances, tested = _tested(scales, settings, labellings)
    n_edges, n_ab = np.array([sum(c) for c in members]), np.array([c.ab for c in members])
    similarity = share(n_ab, n_edges)
    recall, low, high = scales.recall, None, None
    if settings.interval is not None:
        interval, of_halves = half_sample_interval(sets, similarity, settings.interval, settings, _similarities)
        dense = is_dense(n_edges, scales.n_members)
        low, high = (np.where(dense, np.nan, share(end, chances)) for end in interval)
        recall = min(recall, of_halves)
    warn_of_missed_edges(recall, sets[0].d)
    warn_of_few_groups([groups])
    if not labellings.complete:
        warn_of_few_permutations(settings._replace(groups=None))
    of_groups: dict[str, Any] = {}
    if groups is not None:
        of_groups = numbers_of_groups(groups) | {
            "n_labellings": labellings.n_counted,
            "least_p_value": least_p_value(groups, labellings),
        }
    n = scales.n_members
    first = int(np.searchsorted(n_edges, NEARLY_ALL * n * (n - 1) / 2, side="right"))
    if first < min(_FEW_SCALES, settings.hops):
        warn_of_all_joined(int(n_edges[first]), n, first + 1, f"take max_hops={first}")
    return MixingProfile(
        hops=np.arange(1, settings.hops + 1),
        n_edges=n_edges,
        n_ab=n_ab,
        similarity=similarity,
        expected_similarity=chances,
        relative_similarity=share(similarity, chances),
        z_score=tested.z_scores,
        p_values=tested.one_sided,
        p_values_generalized=tested.generalized,
        p_value=tested.p_value,
        n_a=len(sets[0]),
        n_b=len(sets[1]),
        paired=settings.paired,
        n_permutations=0 if labellings.complete else labellings.number,
        interval_low=low,
        interval_high=high,
        **of_groups,
    )


def _tested(scales: _Scales, settings: Settings, labellings: Labellings) -> tuple[list[Counts], Float, ScaleTest]:
    """At each scale the members that are joined and the expected similarity; and the test of all scales."""
    groups = settings.groups
    members, expected, n_edges, nulls, sums = [], [], [], [], []
    for hops in range(1, settings.hops + 1):
        rows = scales.at(hops)
        members.append(count_members(rows))
        if groups is None:
            null = (paired_null if settings.paired else free_null)(rows, skewed=False)
            nulls.append(null)
            n_edges.append(rows.n_edges)
            expected.append(expected_of_rows(rows, settings.paired, null))
        else:
            sums.append(density_sums(rows, groups, labellings))
            expected.append(expected_similarity(rows, False, 1.0, groups))
    jobs: dict[str, Any] = {"n_jobs": settings.n_jobs, "verbose": settings.verbose}
    test = (
        scale_test(scales.around, scales.rows, n_edges, nulls, labellings, **jobs)
        if groups is None
        else scale_test_of_groups(scales.around, scales.rows, sums, groups, labellings, **jobs)
    )
    return members, np.array(expected), test


def _labellings(rows: RowGraph, settings: Settings) -> Labellings:
    """Labellings of groups, all where they are few, or of rows."""
    number = int(settings.n_permutations)
    if settings.groups is not None:
        return group_labellings(settings.groups, number, settings.random_state)
    return random_labellings(rows.in_b, settings.paired, number, settings.random_state)
