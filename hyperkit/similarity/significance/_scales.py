"""One p-value over all scales of a graph, and the counts of every scale under the same random labellings.

In come the shells around the points, out come counts and p-values a scale, and one p-value for all of them together.
The one idea: all scales are counted in one walk over the shells, for a block of labellings at a time, so that the
largest of many statistics has an honest distribution: that over the same labellings. Blocks have seeds of their own.
"""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

import numpy as np
from numpy.random import RandomState
from numpy.typing import NDArray
from scipy.stats import norm
from sklearn.utils.parallel import delayed

from ..._jobs import run
from ..graph import Float, Int, Null, RowGraph, Shells
from ._labellings import Labellings, random_labellings
from ._permutation import at_points

# What the statistics between and within the sets have before the third when the largest is sought: that one sees what
# it is for in nearly all draws. By trial, as the statistics, on other seeds than those of the study (docs/evidence.md).
_BETWEEN_AHEAD = 0.3
_WITHIN_AHEAD = 0.4
_ROUNDING = 1e-9  # labellings that are alike have statistics that differ by less


class ScaleTest(NamedTuple):
    """Shares of the labellings, the observed one among them, that are as extreme as it."""

    p_value: float
    """By the largest of the statistics over all scales."""
    one_sided: Float
    """At each scale: as few pairs A-B or fewer."""
    generalized: Float
    """At each scale: a generalised statistic as large."""


class _Drawn(NamedTuple):
    """What labellings have, a column each, the observed one first."""

    bb: Int
    """Pairs of rows of B at each scale, shape (scales, labellings)."""
    ab: Int
    """Pairs of one of A and one of B."""
    far: Int
    """Sum over the rows of the fourth power of the hops to the nearest row of the other set, shape (labellings,)."""


def scale_test(
    shells: Shells,
    rows: RowGraph,
    degrees: Int,
    nulls: list[Null],
    paired: bool,
    n_permutations: int,
    *,
    random_state: int | RandomState | None,
    n_jobs: int | None,
    verbose: bool,
) -> ScaleTest:
    """Test all scales by `n_permutations` labellings of the rows.

    `degrees` are those of the rows at each point, shape (scales, points), and `nulls` have the moments at each scale.
    Time O(n_permutations x pairs), memory O(n) a job. Under the null hypothesis each p-value is at most u with a chance
    of at most u, whatever the statistics are: they treat the observed labelling as any other.
    """
    drawn = _draw(shells, rows, degrees, paired, n_permutations, random_state, n_jobs, verbose)
    n_edges = degrees @ rows.sizes // 2
    aa = n_edges[:, None] - drawn.bb - drawn.ab
    return ScaleTest(
        p_value=_share_as_large(_largest(drawn, aa)),
        one_sided=np.array([_share_as_large(-few) for few in drawn.ab]),
        generalized=np.array(
            [_share_as_large(_generalized(null, *parts)) for null, *parts in zip(nulls, aa, drawn.bb, strict=True)]
        ),
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


def _largest(drawn: _Drawn, aa: Int) -> Float:
    """The largest of three statistics for each labelling: between the sets, within them, and far from one of them.

    Few pairs A-B, at all scales together, see a shift; the difference of the pairs within A and within B, the other
    part of the generalised statistic, sees that one set is spread; and the hops from each row to the nearest of the
    other set see regions that one set lacks. All are standardised over the labellings.
    """
    between = -_over_scales(drawn.ab)
    within = norm.isf(np.minimum(2 * norm.sf(abs(_over_scales(aa - drawn.bb))), 1 - 1e-12))
    away = _standardized(np.log(drawn.far))
    return np.max([between + _BETWEEN_AHEAD, within + _WITHIN_AHEAD, away], axis=0)


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


def _draw(
    shells: Shells,
    rows: RowGraph,
    degrees: Int,
    paired: bool,
    n_permutations: int,
    random_state: int | RandomState | None,
    n_jobs: int | None,
    verbose: bool,
) -> _Drawn:
    """Counts of the observed labelling and of random ones."""
    labellings = random_labellings(rows.in_b, paired, n_permutations, random_state)
    observed = Labellings(1, partial(_observed, rows.in_b))
    count = delayed(_count_block)
    tasks = [
        count(shells, rows, degrees, source, *block) for source in (observed, labellings) for block in source.blocks()
    ]
    found = run(tasks, n_jobs, verbose, "permuting labels")
    return _Drawn(*(np.concatenate(parts, axis=-1) for parts in zip(*found, strict=True)))


def _observed(in_b: NDArray[np.bool_], number: int, size: int) -> NDArray[np.bool_]:
    return in_b[:, None]


def _count_block(
    shells: Shells, rows: RowGraph, degrees: Int, labellings: Labellings, number: int, size: int
) -> _Drawn:
    """Counts of the labellings of a block."""
    from .kernels.scales import sums_over_scales

    in_b = at_points(rows, labellings.block(number, size).astype(np.float32))
    counts = np.ascontiguousarray(in_b.astype(np.int32))
    bb, far = sums_over_scales(shells.heads, shells.ends, rows.sizes, counts)
    at_b = np.rint(degrees.astype(np.float64) @ in_b).astype(np.int64)
    return _Drawn(bb, at_b - 2 * bb, far)
