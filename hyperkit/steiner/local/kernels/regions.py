"""Parts of a full tree that are searched by themselves."""

from __future__ import annotations

import numpy as np

from ...._compilation import njit
from ...kernels.full_tree import walk_outwards


@njit
def cut(near, most):
    """Cut a full tree into regions of at most `most` nodes; gives the region of each node, -1 for those cut out.

    From the leaves inwards, a Steiner node with more than `most` nodes behind it that are yet in one part is cut out.
    So all regions that share a node share it as a leaf, there are at most ``2 size / most + 1``, and which they are the
    topology decides alone.
    """
    size = len(near)
    order, parent = np.empty(size, np.int64), np.empty(size, np.int64)
    count, region = np.empty(size, np.int64), np.zeros(size, np.int64)
    walk_outwards(near, order, parent)
    for at in range(size - 1, -1, -1):
        v = order[at]
        count[v] = 1
        for k in range(3):
            w = near[v, k]
            if w >= 0 and w != parent[v] and region[w] >= 0:
                count[v] += count[w]
        if count[v] > most and near[v, 2] >= 0:
            region[v] = -1
    found = 0
    for v in order:
        p = parent[v]
        if region[v] < 0:
            continue
        if p < 0 or region[p] < 0:
            region[v] = found
            found += 1
        else:
            region[v] = region[p]
    return region
