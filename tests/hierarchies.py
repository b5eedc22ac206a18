"""Trees for the tests of hierarchies, and slow ways to ask them."""

import networkx as nx
import numpy as np
from hypothesis import strategies as st

from hyperkit.hierarchy._parents import in_preorder


def random_tree(n, seed, *, inner_rows=0.0, zeros=0.1, support=False, chain=0.3):
    """A tree of n nodes in any order: leaves and a share of the inner nodes are rows, named by their numbers."""
    rng = np.random.default_rng(seed)
    parent = np.array([-1, *(i - 1 if rng.random() < chain else rng.integers(i) for i in range(1, n))])
    length = rng.exponential(size=n) * (rng.random(n) > zeros)
    is_row = np.bincount(parent[1:], minlength=n) == 0
    is_row |= rng.random(n) < inner_rows
    row = np.full(n, -1)
    row[is_row] = rng.permutation(is_row.sum())
    names = np.array([f"row {k}" if k >= 0 else "" for k in row], dtype=object)
    return in_preorder(parent, length, row, names, support=rng.random(n) if support else None)


@st.composite
def trees(draw, least=2, most=25, **options):
    n = draw(st.integers(least, most))
    return random_tree(n, draw(st.integers(0, 2**32 - 1)), inner_rows=draw(st.sampled_from([0.0, 0.4])), **options)


def chain(n):
    lengths = np.random.default_rng(0).random(n)
    return in_preorder(np.arange(-1, n - 1), lengths, np.arange(n), np.array([str(i) for i in range(n)], dtype=object))


def star(n):
    """A root that is no row with n - 1 leaves."""
    parent = np.zeros(n, dtype=np.int64)
    parent[0] = -1
    row = np.arange(-1, n - 1)
    names = np.array(["", *(str(i) for i in range(n - 1))], dtype=object)
    return in_preorder(parent, 1 + np.random.default_rng(0).random(n), row, names)


def graph(tree):
    made = nx.Graph()
    made.add_nodes_from(range(len(tree)))
    made.add_weighted_edges_from(
        (node, int(tree.parent[node]), float(tree.length[node])) for node in range(1, len(tree))
    )
    return made


def path_lengths(tree):
    """Distances of all pairs of nodes, by networkx."""
    found = dict(nx.all_pairs_dijkstra_path_length(graph(tree)))
    return np.array([[found[a][b] for b in range(len(tree))] for a in range(len(tree))])


def row_distances(tree):
    """Distances of all pairs of rows."""
    return path_lengths(tree)[np.ix_(tree.node_of_rows, tree.node_of_rows)]


def splits(tree):
    """Support of each edge by the rows that it parts from the first row; of several edges the highest."""
    found = {}
    for node in range(1, len(tree)):
        below = tree.row[node : node + tree.size[node]]
        side = frozenset(below[below >= 0].tolist())
        if tree.rows[0] in side:
            side = frozenset(tree.rows.tolist()) - side
        value = np.nan if tree.support is None else tree.support[node]
        found[side] = float(np.fmax(found.get(side, np.nan), value))
    return found


def check_order(tree):
    """The arrays of a tree are those of one, in depth-first order."""
    assert tree.parent[0] == -1
    assert tree.length[0] == 0
    assert (tree.length >= 0).all()
    assert len(tree.parent) == len(tree.length) == len(tree.row) == len(tree.names)
    open_nodes = [0]
    for node in range(1, len(tree)):
        while open_nodes[-1] != tree.parent[node]:
            open_nodes.pop()
        open_nodes.append(node)
