"""Many objects cell by cell: large cells by some of their objects, and small ones by all of them.

In: objects placed by landmarks. Out: better places. The one idea: landmarks do not see what is between them. Of 98,298
objects with 400 landmarks each has 250 around it, whose branches lie on top of each other, and cells of sixty cannot
part two of which they hold one. Of the nearest 15, .29 were more than two edges of the true tree away after such cells
alone, .22 of them from another cell. So cells of 2,000 come first, in which one in 32 is refined by all pairs of these
and places the others; then cells of 250, one in four; then those of sixty, all pairs: .10 are left.

Tried at 98,298 rows of 50 features, share of the 15 nearest within two edges: cells of sixty alone .71; after cells of
500 (one in 8) .86; of 250 (one in 4) .86; of 2,000 and 250 .89. Small cells held by the objects of large ones beside
the anchors: .86 for .86, a quarter slower. L-BFGS of all rows before the small cells: .86 for .89. Small cells without
jumps .87, without sweeps .88.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.utils.parallel import delayed

from .._jobs import one_blas_thread, run
from ..geometry import ball_distance_matrix
from ..models import BallPoints
from ._sources import Source
from .search import A_FEW_STEPS, Search, Target, best_landmark, place_rows_from, refine_cell


class Size(NamedTuple):
    """How large the cells of a round are, and what of them is refined."""

    objects: int
    """Objects of a cell, on average: some have five times as many."""
    one_in: int
    """One in so many objects is refined by all pairs of such; the others are placed by these."""


@dataclass(frozen=True, eq=False)
class Cells:
    """What cells know of objects in the order of a target whose first ones, the anchors, hold the cells in place."""

    source: Source
    order: NDArray[np.intp]
    """Objects of the source in the order of the target."""
    unit: float
    """The dissimilarity that is 1 in the target."""
    anchors: Target
    scale: float
    asked: Search

    def refined(self, points: BallPoints, size: Size, rng: np.random.RandomState) -> BallPoints:
        """The points after each cell of a new division has been refined by itself."""
        n_cells = max(1, self.source.n // size.objects)
        cell = self.source.cells(np.sort(rng.choice(self.source.n, n_cells, replace=False)))[self.order]
        ends = np.cumsum(np.bincount(cell, minlength=n_cells))[:-1]
        by_cell = [rng.permutation(rows) for rows in np.split(np.argsort(cell, kind="stable"), ends)]
        seeds = rng.randint(2**31 - 1, size=n_cells)
        tasks = [delayed(self._cell)(points, rows, size, seed) for rows, seed in zip(by_cell, seeds, strict=True)]
        first, *others = run(tasks, self.asked.n_jobs, False, "cells")
        back = np.argsort(np.concatenate(by_cell), kind="stable")
        return first.joined(*others).take(back)

    def _cell(self, points: BallPoints, rows: NDArray[np.intp], size: Size, seed: int) -> BallPoints:
        if len(rows) < 2:
            return points.take(rows)
        m = max(2, len(rows) // size.one_in)
        outside = np.setdiff1d(np.arange(len(self.anchors.lengths)), rows)
        landmarks = points.take(outside)
        among = self.source.among(self.order[rows], m) / self.unit
        with one_blas_thread():
            lengths = np.hstack([among[:, :m], self.anchors.lengths[np.ix_(outside, rows[:m])].T])
            target = Target.of(np.ascontiguousarray(lengths), self.asked.power)
            refined = refine_cell(points.take(rows[:m]), landmarks, self.scale, target, seed)
            if m == len(rows):
                return refined
            to_rest = np.hstack([among[:, m:].T, self.anchors.lengths[np.ix_(outside, rows[m:])].T])
            return refined.joined(self._placed(to_rest, refined.joined(landmarks)))

    def _placed(self, lengths: NDArray[np.float64], landmarks: BallPoints) -> BallPoints:
        """Places by lengths to the landmarks."""
        weights = self.anchors.weights(lengths)
        lengths = self.scale * lengths
        start, _ = best_landmark(lengths, weights, ball_distance_matrix(landmarks, landmarks))
        return place_rows_from(landmarks.take(start), landmarks, lengths, weights, A_FEW_STEPS)
