"""Nearest neighbours by a look at all points, for dimensions where a k-d tree passes none over.

A product of matrices gives a lower bound of every half chord; the few points whose bound leaves them in question are
measured exactly (`kernels.scan`), so that what comes out is what a search of the tree gives, to the bit.

With z and w taken from their middle, ``|z - w|^2 / q_z`` is the product of the rows ``(w, |w|^2, 1)`` and
``(-2 z / q_z, 1 / q_z, |z|^2 / q_z)``. Rounding of the rows and of their product, in whatever order it is summed, errs
by at most ``(2 d + 9) 2^-53 (|z| + |w|)^2 / q_z``, so that with ``|z|^2`` and ``|w|^2`` made smaller by the share
``(4 d + 32) 2^-53`` the product is a lower bound. It bounds well what is farther apart than 1e-8 of the set's
Euclidean size; a set with many points nearer than that (clusters by the rim, far from each other) is measured exactly.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ...models import BallPoints
from .kernels.scan import scan

_QUERIES, _POINTS = 256, 2048  # of a product: 4 MB, of 1 to 20 all the same
_NO_SQUARE = 1e-300  # what squares lose by underflow, and more


class Scan(NamedTuple):
    """Points ready to be scanned."""

    z: NDArray[np.float64]
    """Poincaré coordinates, all times one power of two."""
    gap: NDArray[np.float64]
    middle: NDArray[np.float64]
    lifted: NDArray[np.float64]
    """The right-hand rows above, as columns: shape (d + 2, n)."""

    def nearest(
        self, queries: NDArray[np.float64], query_gap: NDArray[np.float64], own: NDArray[np.int64], k: int
    ) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """Squared half chords and rows of the k points nearest to each query, as `kernels.search_tree.nearest_rows`."""
        n, m = len(self.z), len(queries)
        keys, found = np.full((m, k), np.inf), np.full((m, k), n)
        at_least = np.empty(min(m, _QUERIES) * min(n, _POINTS))
        for start in range(0, m, _QUERIES):
            some = slice(start, min(start + _QUERIES, m))
            rows = _query_rows(queries[some] - self.middle)
            for first in range(0, n, _POINTS):
                columns = self.lifted[:, first : first + _POINTS]
                shape = len(rows), columns.shape[1]
                bounds = np.matmul(rows, columns, out=at_least[: shape[0] * shape[1]].reshape(shape))
                asked = queries[some], query_gap[some], own[some]
                scan(bounds, first, self.z, self.gap, *asked, keys[some], found[some])
        return keys, found


def ready_to_scan(points: BallPoints) -> Scan:
    """Lift points, in O(n d); as `_search_tree.scaled` gives them."""
    z, gap = points.z, points.gap
    middle = z.mean(axis=0)
    near = z - middle
    lifted = np.empty((z.shape[1] + 2, len(z)))
    lifted[:-2] = (-2 * near / gap[:, None]).T
    lifted[-2] = 1 / gap
    lifted[-1] = _squares(near) / gap
    return Scan(z, gap, middle, lifted)


def _query_rows(near: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.column_stack([near, _squares(near) - _NO_SQUARE, np.ones(len(near))])


def _squares(near: NDArray[np.float64]) -> NDArray[np.float64]:
    """Squared norms, less what rounding may add to a half chord."""
    share = 4 * (near.shape[1] + 8) * 2.0**-53
    return np.einsum("ij,ij->i", near, near) * (1 - share)
