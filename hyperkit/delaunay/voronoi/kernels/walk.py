"""Nearest sites by walking the Delaunay graph.

A point that is not in the cell of a site lies beyond one of its walls, and the neighbour across that wall is nearer. So
a walk from neighbour to nearer neighbour ends at the nearest site, whatever the dimension and the start.
"""

from __future__ import annotations

import numpy as np

from ...._compilation import njit, subkernel
from ....geometry.kernels.metric import squared_half_chord_to


@njit
def walk_to_nearest(queries, order, sites, gap, start, heads):
    """Nearest site of each of `queries` (m, d) in the ball, the lowest of those equally near.

    Parameters
    ----------
    queries : (m, d) array; order : (m,) integer array
        Each walk begins where the one before it in `order` has ended, so `order` should leap little.
    sites : (n, d) array; gap : (n,) array
    start : (n + 1,) integer array; heads : integer array
        Neighbours of site i are ``heads[start[i]:start[i + 1]]``. The graph has all hyperbolic Delaunay edges.
    """
    # The gap of a query, a factor of all its half-chords, is left out.
    nearest = np.empty(len(queries), np.int64)
    here = 0
    for q in order:
        query = queries[q]
        distance = squared_half_chord_to(sites, gap, here, query, 1.0)
        while True:
            following = here
            tied = False
            for h in range(start[here], start[here + 1]):
                other = squared_half_chord_to(sites, gap, heads[h], query, 1.0)
                if other < distance:
                    following, distance, tied = heads[h], other, False
                elif other == distance:
                    tied = True
            if following == here:
                break
            here = following
        nearest[q] = _lowest_tied(query, here, distance, sites, gap, start, heads) if tied else here
    return nearest


@subkernel
def _lowest_tied(query, site, distance, sites, gap, start, heads):
    """Lowest of the sites as near as `site`: they share a face of the diagram, so that edges between them join them."""
    tied = [site]
    done = 0
    while done < len(tied):
        for h in range(start[tied[done]], start[tied[done] + 1]):
            k = heads[h]
            if k not in tied and squared_half_chord_to(sites, gap, k, query, 1.0) == distance:
                tied.append(k)
        done += 1
    return min(tied)
