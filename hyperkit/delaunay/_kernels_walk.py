"""Nearest sites by walking the Delaunay graph.

A point that is not in the cell of a site lies beyond one of its walls, and the neighbour across that wall is nearer. So
a walk from neighbour to nearer neighbour ends at the nearest site, whatever the dimension and the start.
"""

from __future__ import annotations

import numpy as np

from .._compilation import njit, subkernel


@njit
def walk_to_nearest(queries, order, sites, gap, start, target):
    """Nearest site of each of `queries` (m, d) in the ball, the lowest of those equally near.

    Parameters
    ----------
    queries : (m, d) array; order : (m,) integer array
        Each walk begins where the one before it in `order` has ended, so `order` should leap little.
    sites : (n, d) array; gap : (n,) array
    start : (n + 1,) integer array; target : integer array
        Neighbours of site i are ``target[start[i]:start[i + 1]]``. The graph has all hyperbolic Delaunay edges.
    """
    nearest = np.empty(len(queries), np.int64)
    here = 0
    for q in order:
        query = queries[q]
        distance = _squared_half_chord(query, sites[here], gap[here])
        while True:
            following = here
            tied = False
            for h in range(start[here], start[here + 1]):
                other = _squared_half_chord(query, sites[target[h]], gap[target[h]])
                if other < distance:
                    following, distance, tied = target[h], other, False
                elif other == distance:
                    tied = True
            if following == here:
                break
            here = following
        nearest[q] = _lowest_tied(query, here, distance, sites, gap, start, target) if tied else here
    return nearest


@subkernel
def _squared_half_chord(query, site, gap):
    """sinh(d/2)^2 up to the factor of the query's gap."""
    squared = 0.0
    for c in range(len(query)):
        squared += (query[c] - site[c]) ** 2
    return squared / gap


@subkernel
def _lowest_tied(query, site, distance, sites, gap, start, target):
    """Lowest of the sites as near as `site`: they share a face of the diagram, so that edges between them join them."""
    tied = [site]
    done = 0
    while done < len(tied):
        for h in range(start[tied[done]], start[tied[done] + 1]):
            k = target[h]
            if k not in tied and _squared_half_chord(query, sites[k], gap[k]) == distance:
                tied.append(k)
        done += 1
    return min(tied)
