r"""Local search over full binary topologies: prune and regraft a subtree, or cut an edge and join the parts elsewhere.

Both moves take an edge x y out of the tree and put it back. Regrafting leaves y where it is and looks for a new place
for x along the branches around; reconnecting (tree bisection and reconnection) looks for new places for both, near
terminals that are close to each other. Places are ranked with all other nodes held fast; the best few are tried: the
nodes around are relaxed, and the move stays if the tree, measured again, has become shorter.

Regrafting, of the branch that hangs on x through y; a b is the edge that x leaves behind, u v the one it goes to:

    a                             a             u
     \                            |              \
      x - y        u      ->      |               x - y
     /             |              |              /
    b              v              b             v

Reconnecting; p q is an edge about terminal i of the part of x, u v one about terminal j of the part of y:

    a             s               a     p - x - q     s
     \           /                |         |         |
      x - - - - y         ->      |         |         |
     /           \                |         |         |
    b             t               b     u - y - v     t
"""

from __future__ import annotations

import math

import numpy as np

from ...._compilation import bare_njit, bare_subkernel
from ....geometry.kernels.metric import copy_row, distance, side_length, squared_half_chord
from ...kernels.fermat import fermat_distances, join_to_edge
from ...kernels.full_tree import dissolve, insert, slot
from .patch import GAIN, Close, accept_move, add_new_place, add_place, add_to_patch

# Where a tree is bushy, so many nodes are reached long before the depth is.
_MOST_BRANCHES = 400
# Places are ranked by lengths to about the square of this.
_ROUGH_STEP = 1e-3


@bare_njit
def local_search(tree, n, close, waiting, depth, largest, most, work):
    """Make moves until no node is waiting, or `most` nodes were looked at; gives how many were.

    Parameters
    ----------
    tree : TreeArrays
        Changed in place.
    n : int
    close : (n, k) integer array
        Terminals close to each terminal.
    waiting : (2n-2,) boolean array
        Nodes whose edges are to be looked at.
    depth : int
        Regrafting looks at branches within so many nodes.
    largest : int
        Reconnecting cuts edges with a side of no more than this many terminals; 0: no reconnecting.
    most : int
    work : Workspace
    """
    near = tree.near
    least = work.least
    for i in range(n):
        for c in range(least.shape[1]):
            least[i, c] = -np.inf
    pairs = Close(close, least)
    looked = 0
    going = True
    while going:
        going = False
        for y in range(len(near)):
            if not waiting[y]:
                continue
            if looked >= most:
                return looked
            looked += 1
            going = True
            waiting[y] = False
            for k in range(3):
                x = near[y, k]
                # Where both ends wait, the edge's turn comes with the second.
                if x < 0 or waiting[x]:
                    continue
                moved = x >= n and _regraft(tree, n, x, y, depth, waiting, pairs, work)
                if not moved and y >= n:
                    moved = _regraft(tree, n, y, x, depth, waiting, pairs, work)
                if not moved and x >= n and y >= n and largest > 0:
                    moved = _reconnect(tree, n, x, y, pairs, largest, waiting, work)
                if moved:
                    waiting[y] = True
                    break
    return looked


@bare_subkernel
def _regraft(tree, n, x, y, depth, waiting, close, work):
    """Move x, with all that hangs on it through y, to the best edge within `depth`; True if the tree became shorter."""
    near, lengths, z, gap = tree
    patch, places, walk = work.patch, work.places, work.walk
    size = lengths[x, 0] + lengths[x, 1] + lengths[x, 2]
    own = lengths[x, slot(near, x, y)]
    a, b, pruned = dissolve(tree, x, y)
    gain = own - pruned
    found = 0
    if gain > GAIN * size:
        found = branches(tree, y, a, b, gain, depth, places, walk)
    add_to_patch(tree, n, patch, 0, x)
    for t in range(found):
        u, v = places.nodes[t, 0], places.nodes[t, 1]
        join_to_edge(z, gap, x, y, u, v)
        change = pruned + insert(tree, x, y, u, v)
        count = 1
        for node in (y, u, v, a, b):
            count = add_to_patch(tree, n, patch, count, node)
        if accept_move(tree, n, patch, 1, count, change, size, waiting, close):
            waiting[a] = waiting[b] = True
            return True
        dissolve(tree, x, y)
        lengths[x, slot(near, x, y)] = lengths[y, slot(near, y, x)] = own
    copy_row(patch.z, patch.gap, 0, z, gap, x)
    insert(tree, x, y, a, b)
    return False


@bare_subkernel
def branches(tree, y, a, b, gain, depth, places, walk):
    """The edges near a b that y can best be joined to, as rows of `places`, best first; gives their number."""
    near, lengths, z, gap = tree
    stack, far = walk
    found = 0
    stack[0, 0], stack[0, 1], far[0] = a, b, 0.0
    stack[1, 0], stack[1, 1], far[1] = b, a, 0.0
    done, end, level, last = 0, 2, 0, 2
    while done < end and done < _MOST_BRANCHES:
        if done == last:
            level, last = level + 1, end
        u, parent, from_u = stack[done, 0], stack[done, 1], far[done]
        done += 1
        measured = False
        for k in range(3):
            v = near[u, k]
            if v < 0 or v == parent:
                continue
            edge = lengths[u, k]
            from_v = from_u - edge
            if from_v < gain and not measured:
                from_u = max(from_u, _rough_length(squared_half_chord(z, gap, y, u)))
                measured = True
                from_v = from_u - edge
            if from_v < gain:
                square_u, square_v = squared_half_chord(z, gap, y, u), squared_half_chord(z, gap, y, v)
                from_v = _rough_length(square_v)
                # A tree on three points is at least half as long as the walk around them.
                if (side_length(square_u) + side_length(square_v) - edge) / 2 < gain:
                    i, j, w = fermat_distances(squared_half_chord(z, gap, u, v), square_v, square_u, _ROUGH_STEP)
                    found = add_place(places, found, gain - (i + j + w - edge), u, v, y, y)
            if level < depth:
                stack[end, 0], stack[end, 1], far[end] = v, u, from_v
                end += 1
    return found


@bare_subkernel
def _rough_length(square):
    """Little less than the length d with sinh^2(d / 2) = square, and no more."""
    root = math.sqrt(square)
    return 2 * root * (1 - square / 6) if square < 1.5 else 2 * math.log(2 * root)


@bare_subkernel
def _reconnect(tree, n, x, y, close, largest, waiting, work):
    """Cut the edge x y and join the two parts where terminals are close; True if the tree became shorter."""
    near, lengths, z, gap = tree
    patch, places, stack, sides = work.patch, work.places, work.walk.stack, work.sides
    terminals, least = close
    inside = _smaller_side(near, x, y, largest, stack, sides)
    if inside < 0:
        return False
    stamp = sides.stamp[0]
    if sides.last[y] == stamp:
        x, y = y, x
    # x is in the marked part.
    own = lengths[x, slot(near, x, y)]
    size = -own
    for k in range(3):
        size += lengths[x, k] + lengths[y, k]
    gain = own + _freed(tree, x, y) + _freed(tree, y, x)
    found = 0
    for m in range(inside):
        i = stack[m, 0]
        if i >= n:
            continue
        for c in range(terminals.shape[1]):
            j = terminals[i, c]
            if least[i, c] < gain and sides.last[j] != stamp:
                found, least[i, c] = _joints(tree, x, y, i, j, gain, work.ends, places, found)
                for k in range(terminals.shape[1]):
                    if terminals[j, k] == i:
                        least[j, k] = least[i, c]
    if found == 0:
        return False
    a, b, pruned = dissolve(tree, x, y)
    s, t, more = dissolve(tree, y, x)
    pruned += more
    add_to_patch(tree, n, patch, 0, x)
    add_to_patch(tree, n, patch, 1, y)
    for k in range(found):
        p, q, u, v = places.nodes[k, 0], places.nodes[k, 1], places.nodes[k, 2], places.nodes[k, 3]
        _place_pair(tree, x, y, p, q, u, v)
        change = pruned + insert(tree, x, y, p, q)
        change += insert(tree, y, x, u, v)
        count = 2
        for node in (p, q, u, v, a, b, s, t):
            count = add_to_patch(tree, n, patch, count, node)
        if accept_move(tree, n, patch, 2, count, change, size, waiting, close):
            waiting[a] = waiting[b] = waiting[s] = waiting[t] = True
            return True
        dissolve(tree, x, y)
        dissolve(tree, y, x)
        lengths[x, slot(near, x, y)] = lengths[y, slot(near, y, x)] = own
    for k in range(2):
        copy_row(patch.z, patch.gap, k, z, gap, patch.nodes[k])
    insert(tree, x, y, a, b)
    insert(tree, y, x, s, t)
    return False


@bare_subkernel
def _freed(tree, v, kept):
    """By how much the tree becomes shorter where Steiner node v is taken off the edge it sits on, but for its third."""
    near, lengths = tree.near, tree.lengths
    k = slot(near, v, kept)
    i, j = (k + 1) % 3, (k + 2) % 3
    return lengths[v, i] + lengths[v, j] - distance(tree.z, tree.gap, near[v, i], near[v, j])


@bare_subkernel
def _smaller_side(near, x, y, largest, stack, sides):
    """Walk both sides of the edge x y in step; the nodes of the one that ends first are marked and in `stack`.

    Gives their number, or -1 if neither ends within `largest` terminals. The other side is written from the far end.
    """
    sides.stamp[0] += 1
    stamp = sides.stamp[0]
    far = len(stack) - 1
    stack[0, 0], stack[0, 1] = x, y
    stack[far, 0], stack[far, 1] = y, x
    done, end = 0, 1
    other_done, other_end = far, far - 1
    while True:
        if done == end:
            for m in range(end):
                sides.last[stack[m, 0]] = stamp
            return end
        if other_done == other_end:
            count = far - other_end
            # Both sides together have len(stack) - 2 nodes, so that neither is overwritten before it is read.
            for m in range(count):
                sides.last[stack[far - m, 0]] = stamp
            for m in range(count):
                stack[m, 0] = stack[far - m, 0]
            return count
        if end > 2 * largest:
            return -1
        end = _walk_on(near, stack, done, end, 1)
        other_end = _walk_on(near, stack, other_done, other_end, -1)
        done += 1
        other_done -= 1


@bare_subkernel
def _walk_on(near, stack, at, end, step):
    """Write the neighbours of the node at `at`, but for the one it was reached from, from `end` on."""
    v, parent = stack[at, 0], stack[at, 1]
    for k in range(3):
        w = near[v, k]
        if w >= 0 and w != parent:
            stack[end, 0], stack[end, 1] = w, v
            end += step
    return end


@bare_subkernel
def _joints(tree, x, y, i, j, gain, ends, places, found):
    """Note the joints of an edge about terminal i with one about terminal j that may be shorter than `gain`.

    Edges are those that are left when the edge x y is cut. Gives how many places there are now, and what no joint of
    edges about i and j is shorter than while the tree is whole.
    """
    near, z, gap = tree.near, tree.z, tree.gap
    nodes, lengths, between = ends
    reach, other_reach = _about(tree, i, nodes[0], lengths[0]), _about(tree, j, nodes[1], lengths[1])
    bound = distance(z, gap, i, j) - reach - other_reach
    if bound >= gain:
        return found, bound
    for k in range(4):
        for m in range(4):
            between[k, m] = distance(z, gap, nodes[0, k], nodes[1, m])
    bound = np.inf
    for k in range(1, 4):
        for m in range(1, 4):
            # Edges run from the terminal to its neighbour, and on from there.
            ki, mi = min(k - 1, 1), min(m - 1, 1)
            longest = max(between[ki, mi] + between[k, m], between[ki, m] + between[k, mi])
            # The edges' joint is no shorter than this, by the four-point condition of trees.
            least = (longest - lengths[0, k] - lengths[1, m]) / 2
            bound = min(bound, least)
            if least < gain:
                p, q, same = _left(near, x, y, nodes[0, ki], nodes[0, k])
                u, v, other_same = _left(near, y, x, nodes[1, mi], nodes[1, m])
                # Joined at both edges that were left behind the tree is the same.
                if p >= 0 and u >= 0 and (same or other_same):
                    found = add_new_place(places, found, gain - least, min(p, q), max(p, q), min(u, v), max(u, v))
    return found, bound


@bare_subkernel
def _left(near, x, y, p, q):
    """The edge that p q is part of when x is taken off the tree, with y; -1 if none, and whether it is the same."""
    if p != x and q != x:
        return p, q, True
    if p == y or q == y:
        return -1, -1, False
    k = slot(near, x, y)
    return near[x, (k + 1) % 3], near[x, (k + 2) % 3], False


@bare_subkernel
def _about(tree, i, nodes, lengths):
    """Leaf i, its neighbour, that one's two others, and the edges to them; gives how far these reach."""
    v = tree.near[i, 0]
    nodes[0], nodes[1], lengths[1] = i, v, tree.lengths[i, 0]
    k = slot(tree.near, v, i)
    for m in (1, 2):
        nodes[m + 1], lengths[m + 1] = tree.near[v, (k + m) % 3], tree.lengths[v, (k + m) % 3]
    return lengths[1] + max(lengths[2], lengths[3])


@bare_subkernel
def _place_pair(tree, x, y, p, q, u, v):
    """Place x between p and q, and y between u and v, so that the tree on these six nodes is short."""
    z, gap = tree.z, tree.gap
    to_u = distance(z, gap, p, u) + distance(z, gap, q, u)
    to_v = distance(z, gap, p, v) + distance(z, gap, q, v)
    nearest = u if to_u < to_v else v
    copy_row(z, gap, nearest, z, gap, y)
    for _ in range(3):
        join_to_edge(z, gap, x, y, p, q)
        join_to_edge(z, gap, y, x, u, v)
