"""The best edge to cut a cluster at, by sums over its nodes; clusters are what is left of a tree when edges are cut."""

from __future__ import annotations

from ..._compilation import njit


@njit
def best_cut(parent, length, size, is_tip, is_cut, top, min_size, below, whole):
    """Edge of the cluster hanging from `top` whose cut lessens its scatter most, and by how much; (-1, -1) for none.

    The scatter of m tips is the sum of their m (m - 1) / 2 distances, over m: half the sum of squares to the mean where
    tips are placed so that squared distances are those along the tree. With `min_size` tips left on either side.

    Parameters
    ----------
    is_cut : (n,) bool array
        Nodes whose edge to the parent is cut.
    below, whole : (n, 3) and (n,) arrays
        Working space. Of the tips of the cluster in the subtree of each node: number, sum of the distances from the
        node, sum of the distances of pairs; and the sum of the distances of all tips of the cluster from the node.
    """
    end = top + size[top]
    node = top
    while node < end:
        below[node, 0] = 1.0 if is_tip[node] else 0.0
        below[node, 1] = below[node, 2] = 0.0
        node += 1
    node = end - 1
    while node > top:
        # Nodes beyond a cut add up to their own top, and that adds to nothing.
        if not is_cut[node]:
            up = parent[node]
            count = below[node, 0]
            far = below[node, 1] + count * length[node]
            below[up, 2] += below[node, 2] + below[up, 0] * far + count * below[up, 1]
            below[up, 0] += count
            below[up, 1] += far
        node -= 1
    count, total = below[top, 0], below[top, 2]
    whole[top] = below[top, 1]
    best, gain = -1, -1.0
    node = top + 1
    while node < end:
        if is_cut[node]:
            node += size[node]
            continue
        inside = below[node, 0]
        outside = count - inside
        whole[node] = whole[parent[node]] + length[node] * (outside - inside)
        if inside >= min_size and outside >= min_size:
            across = outside * below[node, 1] + inside * (whole[node] - below[node, 1])
            rest = total - below[node, 2] - across
            less = total / count - below[node, 2] / inside - rest / outside
            if less > gain:
                best, gain = node, less
        node += 1
    return best, gain
