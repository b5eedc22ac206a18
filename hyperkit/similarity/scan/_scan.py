"""Where two sets differ: every neighbourhood of the graph is tested, and its p-value corrected for looking everywhere.

In comes the graph of the rows, out comes for each point the neighbourhood around it that stands out most. The one idea,
of Westfall and Young: the smallest of all tails is drawn again under labellings that mean nothing, and a neighbourhood
is a finding if few labellings have so small a tail anywhere, at any scale and in either direction. So the chance of
any finding is kept, whatever the graph and however much neighbourhoods share. Labellings come from a source that the
caller gives, tails of single neighbourhoods from `_tails`; regions are made in `_regions`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.utils.parallel import delayed

from ..._jobs import run
from .._groups import Groups
from ..graph import Float, Int, RowGraph
from ..significance import Labellings
from ._group_tails import group_tails
from ._neighborhoods import Neighborhoods, neighborhoods
from ._tails import Tails, free_tails, paired_tails

Bools = NDArray[np.bool_]


class Scan(NamedTuple):
    """The neighbourhood around each point that stands out most."""

    rows: RowGraph
    kept: Bools
    """Rows that were looked at; the others are as if they were not there."""
    steps: Int
    """How far it reaches, shape (points,) as all that follow."""
    sizes: Int
    """Rows in it."""
    n_b: Int
    """Rows of B in it."""
    z_scores: Float
    """Rows of B less their mean under relabelling, in standard deviations: positive where B is crowded."""
    tails: Float
    """Chance of as many, or as few, in this neighbourhood alone, as a logarithm."""
    p_values: Float
    """Chance that any neighbourhood stands out as much; 1 for points without rows."""
    hops: int
    """Steps up to which it was looked."""
    n_labellings: int
    paired: bool
    again: Callable[[Bools], Scan]
    """The same of some of the rows only."""

    def figures(self) -> dict[str, Any]:
        """Fields of a `DGAResult`, by name."""
        return {
            "p_value_scan": float(self.p_values.min()),
            "n_permutations_scan": self.n_labellings,
            "scan_hops": self.hops,
        }

    def columns(self) -> dict[str, NDArray[Any]]:
        """Columns of the table of rows, by name."""
        values = {
            "scan_steps": self.steps,
            "n_around": self.sizes,
            "n_b_around": self.n_b,
            "scan_z_score": self.z_scores,
            "p_value_scan": self.p_values,
        }
        return {name: column[self.rows.points] for name, column in values.items()}


def scan_rows(
    rows: RowGraph,
    relabel: Callable[[Bools], Labellings],
    kept: Bools | None = None,
    *,
    paired: bool,
    hops: int,
    n_jobs: int | None,
    verbose: bool,
    groups: Groups | None = None,
) -> Scan:
    """Scan the neighbourhoods of 1 to `hops` steps. Time O(labellings x points in all neighbourhoods).

    `relabel` gives the labellings of the rows that are kept. With `paired` these are whole pairs of rows i and
    n / 2 + i, and labels are swapped inside them. With `groups` the labels are those of whole groups.
    """
    again = partial(scan_rows, rows, relabel, paired=paired, hops=hops, n_jobs=n_jobs, verbose=verbose, groups=groups)
    kept = np.ones(len(rows.in_b), dtype=bool) if kept is None else kept
    around = _around_kept(rows, kept, hops)
    n_points, centers = len(rows.sizes), around.centers
    tails, sizes = _tails(rows, kept, around, paired, groups)
    counts = around.sums(np.bincount(rows.points[kept & rows.in_b], minlength=n_points))
    places = tails.starts + counts
    best = tails.ranks[places].argmin(axis=1)
    chosen = np.arange(len(best)), best
    labellings = relabel(kept)
    drawn = _drawn_ranks(rows, kept, around, tails, labellings, n_jobs, verbose)
    excess = counts[chosen] - tails.mean[chosen]
    deviation = np.sqrt(tails.variance[chosen])

    def at_points(values: NDArray[Any], elsewhere: float) -> NDArray[Any]:
        out = np.full(n_points, elsewhere, dtype=values.dtype)
        out[centers] = values
        return out

    return Scan(
        rows=rows,
        kept=kept,
        steps=at_points(best + 1, 0),
        sizes=at_points(sizes[chosen], 0),
        n_b=at_points(counts[chosen], 0),
        z_scores=at_points(np.divide(excess, deviation, out=np.zeros(len(best)), where=deviation > 0), 0.0),
        tails=at_points(tails.logarithms[places[chosen]], 0.0),
        p_values=at_points(_share_as_small(tails.ranks[places[chosen]], drawn, labellings.complete), 1.0),
        hops=sizes.shape[1],
        n_labellings=labellings.number,
        paired=paired,
        again=again,
    )


def _around_kept(rows: RowGraph, kept: Bools, hops: int) -> Neighborhoods:
    """Neighbourhoods around the points with rows that are kept."""
    around = neighborhoods(rows, hops)
    centers = np.flatnonzero(np.bincount(rows.points[kept], minlength=len(rows.sizes)))
    return Neighborhoods(centers, around.shells._replace(ends=around.shells.ends[centers]))


def _tails(
    rows: RowGraph, kept: Bools, around: Neighborhoods, paired: bool, groups: Groups | None
) -> tuple[Tails, Int]:
    """Tails of the numbers of rows in B, and numbers of rows."""
    n_points = len(rows.sizes)
    sizes = around.sums(np.bincount(rows.points[kept], minlength=n_points))
    if groups is not None:
        return group_tails(rows, kept, around, sizes, groups), sizes
    if paired:
        one, other = np.split(rows.points[kept], 2)
        return paired_tails(*around.count_pairs(one, other, n_points)), sizes
    n_b = int(np.count_nonzero(rows.in_b & kept))
    return free_tails(sizes, int(np.count_nonzero(kept)) - n_b, n_b), sizes


def _drawn_ranks(
    rows: RowGraph,
    kept: Bools,
    around: Neighborhoods,
    tails: Tails,
    labellings: Labellings,
    n_jobs: int | None,
    verbose: bool,
) -> NDArray[np.int32]:
    """Rank of the smallest tail under each labelling."""
    least = delayed(_block_ranks)
    tasks = [least(rows, kept, around, tails, labellings, *block) for block in labellings.blocks()]
    return np.concatenate(run(tasks, n_jobs, verbose, "scanning relabelled rows"))


def _share_as_small(ranks: NDArray[np.int32], drawn: NDArray[np.int32], complete: bool) -> Float:
    """Share of the labellings, the observed one among them, whose smallest tail is at most a tail of each rank."""
    as_small = np.searchsorted(np.sort(drawn), ranks, side="right")
    return np.asarray(as_small / len(drawn) if complete else (1 + as_small) / (1 + len(drawn)))


def _block_ranks(
    rows: RowGraph, kept: Bools, around: Neighborhoods, tails: Tails, labellings: Labellings, number: int, size: int
) -> NDArray[np.int32]:
    from ..significance.kernels.neighborhoods import least_ranks

    in_b = _rows_in_b(rows, kept, labellings.block(number, size))
    heads, ends = around.shells
    return np.asarray(least_ranks(around.centers, heads, ends, tails.starts, tails.ranks, in_b))


def _rows_in_b(rows: RowGraph, kept: Bools, labels: Bools) -> NDArray[np.uint8] | NDArray[np.int32]:
    """Rows in B at each point, a column a labelling of the rows that are kept."""
    if not kept.all():
        of_all = np.zeros((len(kept), labels.shape[1]), dtype=bool)
        of_all[kept] = labels
        labels = of_all
    sizes = rows.sizes
    if len(sizes) == len(rows.points):  # then row i is at point i
        return labels.view(np.uint8)
    order = np.argsort(rows.points, kind="stable")
    narrow = np.uint8 if sizes.max() < 256 else np.int32
    return np.asarray(np.add.reduceat(labels[order], np.cumsum(sizes) - sizes, axis=0, dtype=narrow))
