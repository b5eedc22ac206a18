"""Newick readers of other packages, each as a function from a text to its nodes: number of the parent, name, length.

Nodes come in the order of the text, a parent before its children.
"""

import io

import numpy as np
import pytest


def _scikit_bio(text):
    tree = pytest.importorskip("skbio").TreeNode.read(io.StringIO(text), format="newick")
    return [(node, node.parent, node.name, node.length) for node in tree.preorder()]


def _dendropy(text):
    tree = pytest.importorskip("dendropy").Tree.get(data=text, schema="newick")
    return [
        (node, node.parent_node, node.taxon.label if node.taxon else node.label, node.edge_length)
        for node in tree.preorder_node_iter()
    ]


def _treeswift(text):
    tree = pytest.importorskip("treeswift").read_tree_newick(text)
    return [(node, node.parent, node.label, node.edge_length) for node in tree.traverse_preorder()]


def _ete4(text):
    tree = pytest.importorskip("ete4").Tree(text, parser=1)
    return [(node, node.up, node.name, node.dist) for node in tree.traverse("preorder")]


def _biopython(text):
    tree = pytest.importorskip("Bio.Phylo").read(io.StringIO(text), "newick")
    nodes = list(tree.find_clades(order="preorder"))
    parent = {id(child): node for node in nodes for child in node.clades}
    return [(node, parent.get(id(node)), node.name, node.branch_length) for node in nodes]


def _read(nodes):
    number = {id(node): place for place, (node, *_) in enumerate(nodes)}
    return [
        (-1 if above is None else number[id(above)], name or "", float(length or 0.0))
        for _, above, name, length in nodes
    ]


READERS = {
    "scikit-bio": lambda text: _read(_scikit_bio(text)),
    "DendroPy": lambda text: _read(_dendropy(text)),
    "treeswift": lambda text: _read(_treeswift(text)),
    "ete4": lambda text: _read(_ete4(text)),
    "Biopython": lambda text: _read(_biopython(text)),
}


def tips(nodes):
    """Names of the tips and their distances from the root, in the order of the names."""
    distance = []
    for above, _, length in nodes:
        distance.append((distance[above] if above >= 0 else 0.0) + length)
    inner = {above for above, _, _ in nodes}
    found = sorted((name, distance[place]) for place, (_, name, _) in enumerate(nodes) if place not in inner)
    return [name for name, _ in found], np.array([each for _, each in found])
