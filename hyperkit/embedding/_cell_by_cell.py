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
from .search import A_FEW_STEPS, Search, Target, place_rows_near, refine_cell

Float = NDArray[np.float64]

# A cell with this many times the objects of an average one is divided further: by more centres, a few times and while
# they leave clearly less in such cells, then at random. Around a hub each centre is a cell by itself and no more.
_LARGE, _MOST_DIVISIONS, _CLEARLY = 5, 5, 0.75
# Objects of a cell that are placed at once. All 16,000 that one had were 2 GB.
_ROWS_AT_ONCE = 512


class Size(NamedTuple):
    """How large the cells of a round are, and what of them is refined."""

    objects: int
    """Objects of a cell, on average."""
    one_in: int
    """One in so many objects is refined by all pairs of such; these place the others."""


class Division(NamedTuple):
    """Cells of all objects."""

    size: Size
    cells: list[NDArray[np.intp]]
    """Objects of each, mixed, in the order of the target."""
    towards: NDArray[np.integer]
    """For each object of the source the next on the way to the centre of its cell."""
    is_split: bool
    """Whether large cells were left, which were split at random."""


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

    def divided(self, size: Size, rng: np.random.RandomState) -> Division:
        """What is nearest to one of some random objects, of which there are more in large cells, is a cell."""
        n, most = self.source.n, _LARGE * size.objects
        centres = np.sort(rng.choice(n, max(1, n // size.objects), replace=False))
        cell, towards = self.source.cells(centres)
        before = np.inf
        for _ in range(_MOST_DIVISIONS):
            large = np.flatnonzero((np.bincount(cell) > most)[cell])
            if not 0 < len(large) < _CLEARLY * before:
                break
            before = len(large)
            centres = np.union1d(centres, rng.choice(large, len(large) // size.objects, replace=False))
            cell, towards = self.source.cells(centres)
        cell = cell[self.order]
        by_cell = np.argsort(cell, kind="stable")
        whole = np.split(by_cell, np.flatnonzero(np.diff(cell[by_cell])) + 1)
        cells = [part for rows in whole for part in np.array_split(rng.permutation(rows), -(-len(rows) // most))]
        return Division(size, cells, towards, len(cells) > len(whole))

    def refined(self, points: BallPoints, division: Division, rng: np.random.RandomState) -> BallPoints:
        """The points after each cell has been refined by itself."""
        seeds = rng.randint(2**31 - 1, size=len(division.cells))
        tasks = [
            delayed(self._cell)(points, rows, division, seed) for rows, seed in zip(division.cells, seeds, strict=True)
        ]
        first, *others = run(tasks, self.asked.n_jobs, False, "cells")
        back = np.argsort(np.concatenate(division.cells), kind="stable")
        return first.joined(*others).take(back)

    def _cell(self, points: BallPoints, rows: NDArray[np.intp], division: Division, seed: int) -> BallPoints:
        if len(rows) < 2:
            return points.take(rows)
        m = max(2, len(rows) // division.size.one_in)
        outside = np.setdiff1d(np.arange(len(self.anchors.lengths)), rows)
        landmarks = points.take(outside)
        objects = self.order[rows]
        among = self.source.among(objects, m, _on_the_way(objects, division.towards)) / self.unit
        lengths = np.hstack([among[:, :m], self.anchors.lengths[np.ix_(outside, rows[:m])].T])
        target = Target.of(np.ascontiguousarray(lengths), self.asked.power)
        with one_blas_thread():
            refined = refine_cell(points.take(rows[:m]), landmarks, self.scale, target, seed)
            if m == len(rows):
                return refined
            known = refined.joined(landmarks)
            between = ball_distance_matrix(known, known)
            parts = []
            for i in range(m, len(rows), _ROWS_AT_ONCE):
                others = rows[i : i + _ROWS_AT_ONCE]
                to_inside, to_outside = among[:, i : i + len(others)], self.anchors.lengths[np.ix_(outside, others)]
                to_known = np.vstack([to_inside, to_outside]).T
                weights = self.anchors.weights(to_known)
                near = points.take(others)
                parts.append(place_rows_near(near, known, between, self.scale * to_known, weights, A_FEW_STEPS))
            return refined.joined(*parts)


def _on_the_way(objects: NDArray[np.intp], towards: NDArray[np.integer]) -> NDArray[np.integer]:
    """Others on the way from some objects of a cell to its centre: none from all of them."""
    found = new = np.setdiff1d(towards[objects], objects)
    while len(new):
        new = np.setdiff1d(towards[new], np.concatenate([objects, found]))
        found = np.concatenate([found, new])
    return found
