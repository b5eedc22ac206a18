"""`Hierarchy`: the rooted tree people ask questions of."""

from __future__ import annotations

from dataclasses import dataclass

from ._editing import Editing
from ._writing import Writing


@dataclass(frozen=True, eq=False, repr=False)
class Hierarchy(Editing, Writing):
    """A rooted tree with lengths, in arrays over its nodes; made by `from_steiner`, `from_parents` and others.

    Nothing can write into the arrays; ``dataclasses.replace(hierarchy, length=...)`` makes another with other ones.
    What is no tree in this order is an error: `from_parents` takes nodes in any.

    Attributes
    ----------
    parent : ndarray of shape (n_nodes,), int64
        Parent of each node; -1 for the root, which is node 0. Nodes stand in depth-first order: a parent comes before
        its children, and the subtree of node i is ``i : i + size[i]``.
    length : ndarray of shape (n_nodes,), float64
        Length of the edge to the parent, >= 0, in the space of `curvature`; 0 at the root.
    row : ndarray of shape (n_nodes,), int64
        Row of the user's table that each node is, or -1. Leaves and inner nodes can be rows.
    names : ndarray of shape (n_nodes,), object
        Name of each node, a str; empty for a node without one.
    support : ndarray of shape (n_nodes,), float64, or None
        Support of the edge above each node, in [0, 1]; NaN where there is none.
    points : ndarray of shape (n_nodes, d), float64, or None
        Places of the nodes in `model` coordinates, where they have any.
    model : {"poincare", "klein", "hyperboloid", "halfspace", "tangent"} or None
    curvature : float < 0
        Curvature of the space the lengths and points live in.
    columns : tuple of str, or None
        Names of the columns of `points`, where those came as a data frame that has some.
    """
