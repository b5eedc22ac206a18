"""Other packages that know Newick: `READERS` from a text to its nodes, `WRITERS` from a text to the text of its tree.

A node is the number of its parent, its name and its length; nodes come in the order of the text.
"""

import io

import numpy as np
import pytest


def _scikit_bio(text):
    return pytest.importorskip("skbio").TreeNode.read(io.StringIO(text), format="newick")


def _dendropy(text):
    return pytest.importorskip("dendropy").Tree.get(data=text, schema="newick")


def _treeswift(text):
    return pytest.importorskip("treeswift").read_tree_newick(text)


def _ete4(text):
    return pytest.importorskip("ete4").Tree(text, parser=1)


def _biopython(text):
    return pytest.importorskip("Bio.Phylo").read(io.StringIO(text), "newick")


def _dendropy_nodes(text):
    for node in _dendropy(text).preorder_node_iter():
        yield node, node.parent_node, node.taxon.label if node.taxon else node.label, node.edge_length


def _biopython_nodes(text):
    nodes = list(_biopython(text).find_clades(order="preorder"))
    parent = {id(child): node for node in nodes for child in node.clades}
    return [(node, parent.get(id(node)), node.name, node.branch_length) for node in nodes]


def _read(nodes):
    number = {id(node): place for place, (node, *_) in enumerate(nodes)}
    return [
        (-1 if above is None else number[id(above)], name or "", float(length or 0.0))
        for _, above, name, length in nodes
    ]


READERS = {
    "scikit-bio": lambda text: _read([(n, n.parent, n.name, n.length) for n in _scikit_bio(text).preorder()]),
    "DendroPy": lambda text: _read(list(_dendropy_nodes(text))),
    "treeswift": lambda text: _read(
        [(n, n.parent, n.label, n.edge_length) for n in _treeswift(text).traverse_preorder()]
    ),
    "ete4": lambda text: _read([(n, n.up, n.name, n.dist) for n in _ete4(text).traverse("preorder")]),
    "Biopython": lambda text: _read(_biopython_nodes(text)),
}


def _into_a_file(write):
    file = io.StringIO()
    write(file)
    return file.getvalue()


def _ete4_text(text):
    # All digits; by default it writes six.
    parser = pytest.importorskip("ete4.parser.newick").make_parser(1, dist="%r")
    return _ete4(text).write(parser=parser)


def _biopython_text(text):
    tree, phylo = _biopython(text), pytest.importorskip("Bio.Phylo")
    return _into_a_file(lambda file: phylo.write(tree, file, "newick", format_branch_length="%r"))


WRITERS = {
    "scikit-bio": lambda text: _into_a_file(lambda file: _scikit_bio(text).write(file, format="newick")),
    "DendroPy": lambda text: _dendropy(text).as_string("newick"),
    "treeswift": lambda text: _treeswift(text).newick(),
    "ete4": _ete4_text,
    "Biopython": _biopython_text,
}


def tips(nodes):
    """Names of the tips and their distances from the root, in the order of the names."""
    distance = []
    for above, _, length in nodes:
        distance.append((distance[above] if above >= 0 else 0.0) + length)
    inner = {above for above, _, _ in nodes}
    found = sorted((name, distance[place]) for place, (_, name, _) in enumerate(nodes) if place not in inner)
    return [name for name, _ in found], np.array([each for _, each in found])
