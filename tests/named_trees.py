"""Random trees with names for the tests of comparisons, and slow ways to ask them."""

import itertools
import warnings

import networkx as nx
import numpy as np

from hyperkit.hierarchy import compare, from_newick, from_parents

N = 9
KINDS = ("binary", "polytomies", "inner")
SEEDS = range(4)


def random_tree(seed, kind="binary", n=N):
    """A tree with the names t0, ..., t{n - 1} at its tips or anywhere, with single children and dead ends."""
    rng = np.random.default_rng([seed, KINDS.index(kind)])
    parent, tips = [-1], [0]
    while len(tips) < (n if kind != "inner" else n // 2):
        above = tips.pop(rng.integers(len(tips)))
        for _ in range(2 if kind == "binary" else rng.integers(1, 5)):
            tips.append(len(parent))
            parent.append(above)
    names = [""] * len(parent)
    places = tips[:n] if kind != "inner" else rng.permutation(len(parent))
    for place, taxon in zip(places, rng.permutation(n), strict=False):
        names[place] = f"t{taxon}"
    while names.count("") + n > len(names):  # an inner tree may have fewer nodes than names
        parent.append(int(rng.integers(len(parent))))
        names.append(next(name for name in (f"t{i}" for i in range(n)) if name not in names))
    return from_parents(parent, rng.uniform(0.1, 2, len(parent)), names=names)


def table_of(*args, **options):
    """The comparison of trees that may have leaves without a name, of which it would warn."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return compare(*args, **options)


def measured(*args, **options):
    return table_of(*args, **options)["value"]


def tips_below(tree):
    """Names in the subtree of each node, by the slices of the depth-first order."""
    return [frozenset(name for name in tree.names[i : i + tree.size[i]] if name) for i in range(len(tree))]


def clusters(tree):
    """Clades of the tree in which every name hangs as a tip."""
    names = {frozenset([name]) for name in tree.names if name}
    return names | {clade for clade in tips_below(tree) if clade}


def splits(tree):
    everything = max(clusters(tree), key=len)
    sides = {frozenset([clade, everything - clade]) for clade in clusters(tree)}
    return {split for split in sides if min(map(len, split)) > 1}


def kin(tree, triplet):
    """The two of three names that a clade holds without the third; None if there is no such clade."""
    pairs = [set(pair) for pair in itertools.combinations(triplet, 2)]
    found = [pair for pair in pairs if any(clade & set(triplet) == pair for clade in clusters(tree))]
    return frozenset(found[0]) if found else None


def ancestor_pairs(tree):
    return {
        (tree.names[i], name)
        for i in range(len(tree))
        for name in tree.names[i + 1 : i + tree.size[i]]
        if name and tree.names[i]
    }


def path_lengths(tree):
    graph = nx.Graph()
    graph.add_node(0)
    graph.add_weighted_edges_from(zip(range(1, len(tree)), tree.parent[1:], tree.length[1:], strict=True))
    paths = dict(nx.all_pairs_dijkstra_path_length(graph))
    node = {name: i for i, name in enumerate(tree.names) if name}
    return [paths[node[a]][node[b]] for a, b in itertools.combinations(sorted(node), 2)]


def newick(tree):
    """Every name as a tip."""
    children = {i: np.flatnonzero(tree.parent == i) for i in range(len(tree))}

    def text(node):
        inside = [text(child) for child in children[node]]
        name, length = tree.names[node], f":{tree.length[node]}" if node else ""
        if inside:
            return f"({','.join([f'{name}:0'] * bool(name) + [part for part in inside if part])}){length}"
        return f"{name}{length}" if name else ""

    return text(0) + ";"


def quietly(text):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return from_newick(text)
