"""Nodes taken out of a tree: what hangs below them hangs on what is left above."""

from __future__ import annotations

import numpy as np

from ..._compilation import njit


@njit
def lifted(parent, length, support, stays):
    """Nearest ancestor that stays, length of the way to it and highest support on it; nodes in depth-first order."""
    above, way, best = parent.copy(), length.copy(), support.copy()
    for node in range(1, len(parent)):
        top = parent[node]
        if not stays[top]:
            above[node] = above[top]
            way[node] += way[top]
            best[node] = np.fmax(best[node], best[top])
    return above, way, best
