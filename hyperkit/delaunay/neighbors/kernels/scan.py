"""A search of all points, for dimensions where a tree passes none over.

Squared half chords come in as lower bounds, from a product of matrices (`neighbors._scan`); the few that may be among
the k smallest are computed from the differences of the coordinates, to the same bits as in a search of the tree.
"""

from __future__ import annotations

from ...._compilation import njit
from ....geometry.kernels.metric import squared_half_chord_to
from .heap import keep

# Relative rounding of half chords, far above (d + 3) 2^-53.
_SAFE = 1 + 1e-12


@njit
def scan(at_least, first, z, gap, queries, query_gap, own, keys, found):
    """Let the rows from `first` on compete for the places in `found`, those of equal `keys` by row.

    `at_least` holds lower bounds of the squared half chords times the gap of the query, shape (m, rows). `keys` and
    `found`, shape (m, k), hold the heaps of what was seen before, inf and n where there was nothing. Row `own` of a
    query does not count.
    """
    for i in range(len(queries)):
        w, w_gap, bounds, best, rows = queries[i], query_gap[i], at_least[i], keys[i], found[i]
        limit = best[0] * w_gap * _SAFE
        for s in range(len(bounds)):
            if bounds[s] > limit:
                continue
            row = first + s
            if row == own[i]:
                continue
            key = squared_half_chord_to(z, gap, row, w, w_gap)
            if key < best[0] or (key == best[0] and row < rows[0]):
                keep(best, rows, key, row)
                limit = best[0] * w_gap * _SAFE
