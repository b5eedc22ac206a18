"""One p-value over all scales of a graph, and the counts of every scale under the same labellings.

In come the shells around the points, out come p-values a scale, and one p-value for all of them together.
The one idea: all scales are counted in one walk over the shells, for a block of labellings at a time, so that the
largest of many statistics has an honest distribution: that over the same labellings. Where whole groups are labelled,
the densities of `_group_test` are in the place of the pairs of rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm
from sklearn.utils.parallel import delayed

from ..._jobs import run
from .._groups import Groups
from ..graph import Counts, Float, Int, Null, RowGraph, Shells
from ._group_test import DensitySums, verdict
from ._labellings import Labellings, with_rows
from ._permutation import at_points

# What the statistics between and within the sets have before the third when the largest is sought: that one sees what
# it is for in nearly all draws. By trial, as the statistics, on other seeds than those of the study (docs/evidence.md).
_BETWEEN_AHEAD = 0.4
_WITHIN_AHEAD = 0.5
_ROUNDING = 1e-9  # labellings that are alike have statistics that differ by less


class ScaleTest(NamedTuple):
    """Shares of the labellings, the observed one among them, that are as extreme as it."""

    p_value: float
    """By the largest of the statistics over all scales."""
    z_scores: Float
    """At each scale: pairs A-B less their mean, in standard deviations."""
    one_sided: Float
    """At each scale: as few pairs A-B or fewer."""
    generalized: Float
    """At each scale: a generalised statistic as large."""


class _Counts(NamedTuple):
    """What labellings have, a column each, the observed one first."""

    bb: Int
    """Pairs of rows of B at each scale, shape (scales, labellings)."""
    ab: Int
    """Pairs of one of A and one of B."""
    far: Float
    """Sum over the rows of the fourth power of the hops to the nearest row of the other set, shape (labellings,)."""


def scale_test(
    shells: Shells,
    rows: RowGraph,
    n_edges: Sequence[int],
    nulls: Sequence[Null],
    labellings: Labellings,
    *,
    n_jobs: int | None,
    verbose: bool,
) -> ScaleTest:
    """Test all scales by labellings of the rows.

    At each scale there are `n_edges` between rows, and `nulls` have the moments.
    Time O(labellings x pairs), memory O(n) a job. Under the null hypothesis each p-value is at most u with a chance
    of at most u, whatever the statistics are: they treat the observed labelling as any other.
    """
    bb, ab, far = _counts(shells, rows, rows.sizes.astype(np.float64), labellings, n_jobs, verbose)
    aa = np.array(n_edges)[:, None] - bb - ab
    seen = [Counts(*each) for each in np.column_stack([aa[:, 0], bb[:, 0], ab[:, 0]]).tolist()]
    return ScaleTest(
        p_value=_share_as_large(_largest(ab, aa - bb, far)),
        z_scores=np.array([null.z_score(counts) for null, counts in zip(nulls, seen, strict=True)]),
        one_sided=np.array([_share_as_large(-few) for few in ab]),
        generalized=np.array(
            [_share_as_large(_generalized(null, *parts)) for null, *parts in zip(nulls, aa, bb, strict=True)]
        ),
    )


def scale_test_of_groups(
    shells: Shells,
    rows: RowGraph,
    sums: Sequence[DensitySums],
    groups: Groups,
    labellings: Labellings,
    *,
    n_jobs: int | None,
    verbose: bool,
) -> ScaleTest:
    """Test all scales by labellings of whole groups, which have these `sums` at each scale.

    Among the hops to the nearest row of the other set each group counts alike, too, whatever number of rows it has.
    """
    sizes = np.bincount(groups.of_rows)
    weights = np.bincount(rows.points, 1 / sizes[groups.of_rows]).astype(np.float64)
    far = _counts(shells, rows, weights, with_rows(labellings, groups.of_rows), n_jobs, verbose).far
    tests = [verdict(each, groups, labellings) for each in sums]
    # In shares of all densities, which of many rows are small numbers.
    between, difference = (
        np.array([part / (each.total or 1.0) for part, each in zip(parts, sums, strict=True)])
        for parts in ([each.between for each in sums], [each.difference for each in sums])
    )
    return ScaleTest(
        p_value=_share_as_large(_largest(between, difference, far)),
        z_scores=np.array([test.z_score for test in tests]),
        one_sided=np.array([test.p_value for test in tests]),
        generalized=np.array([test.p_value_generalized for test in tests]),
    )


def _generalized(null: Null, aa: Int, bb: Int) -> Float:
    """The generalised statistic of `Null.generalized`, of many labellings."""
    within = null.weight_a * aa.astype(float) + null.weight_b * bb.astype(float) - float(null.mean_within)
    difference = aa - bb - float(null.mean_difference)
    parts = ((within, null.var_within), (difference, null.var_difference))
    squares = np.zeros(len(aa))
    for excess, variance in parts:
        if variance:
            squares += excess**2 / float(variance)
    return squares


def _largest(between: Int | Float, difference: Int | Float, far: Float) -> Float:
    """The largest of three statistics for each labelling: between the sets, within them, and far from one of them.

    Few pairs A-B, at all scales together, see a shift; the difference of the pairs within A and within B, the other
    part of the generalised statistic, sees that one set is spread; and the hops from each row to the nearest of the
    other set see regions that one set lacks. All are standardised over the labellings.
    """
    few = -_over_scales(between)
    within = norm.isf(np.minimum(2 * norm.sf(abs(_over_scales(difference))), 1 - 1e-12))
    away = _standardized(np.log(far))
    return np.max([few + _BETWEEN_AHEAD, within + _WITHIN_AHEAD, away], axis=0)


def _over_scales(values: Int | Float) -> Float:
    """Sum over scales h of h times the values in standard deviations over the labellings, and that in its own."""
    return _standardized(np.arange(1, len(values) + 1) @ _standardized(values))


def _standardized(values: Int | Float) -> Float:
    """Values less their mean over the labellings, in standard deviations; 0 where all are alike."""
    centred = values - values.mean(axis=-1, keepdims=True)
    spread = np.sqrt(np.square(centred).mean(axis=-1, keepdims=True))
    return np.where(spread > _ROUNDING, centred / np.maximum(spread, _ROUNDING), 0.0)


def _share_as_large(values: Float) -> float:
    """Share of the labellings with a value as large as that of the first, which is the observed one."""
    return float(np.mean(values >= values[0] - _ROUNDING))


def _counts(
    shells: Shells, rows: RowGraph, weights: Float, labellings: Labellings, n_jobs: int | None, verbose: bool
) -> _Counts:
    """Counts of the labellings of the rows, after the observed one if that is not among them."""
    sources = [labellings] if labellings.complete else [Labellings(1, partial(_observed, rows.in_b)), labellings]
    count = delayed(_count_block)
    tasks = [count(shells, rows, weights, source, *block) for source in sources for block in source.blocks()]
    found = run(tasks, n_jobs, verbose, "permuting labels")
    return _Counts(*(np.concatenate(parts, axis=-1) for parts in zip(*found, strict=True)))


def _observed(in_b: NDArray[np.bool_], number: int, size: int) -> NDArray[np.bool_]:
    return in_b[:, None]


def _count_block(
    shells: Shells, rows: RowGraph, weights: Float, labellings: Labellings, number: int, size: int
) -> _Counts:
    """Counts of the labellings of a block."""
    from .kernels.scales import sums_over_scales

    in_b = at_points(rows, labellings.block(number, size).astype(np.float32))
    counts = np.ascontiguousarray(in_b.astype(np.int32))
    return _Counts(*sums_over_scales(shells.heads, shells.ends, rows.sizes, weights, counts))
