"""Hierarchies from trees of other kinds: Steiner trees and linkage matrices."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.cluster.hierarchy import is_valid_linkage

from .._validation import check_names, refuse_hidden
from .._walk import walk
from ..steiner import SteinerTree
from ._hierarchy import Hierarchy
from ._parents import in_preorder


def from_steiner(tree: SteinerTree, *, names: Sequence[Any] | None = None) -> Hierarchy:
    """Hierarchy of a Steiner tree, whose terminals are the rows.

    Parameters
    ----------
    tree : SteinerTree
        For example ``HyperSteiner().fit(X).tree_``.
    names : sequence of length n_terminals, or data frame with n_terminals rows, optional
        Names of the rows, of a data frame its index; by default the numbers of the rows. A missing name is an empty
        one, and Steiner points have none.

    Returns
    -------
    Hierarchy
        With the points, model, curvature and lengths of `tree`, rooted at the place with the least variance of the
        distances to the rows; `Hierarchy.root_at` roots it elsewhere.

    Raises
    ------
    TypeError
        `tree` is no Steiner tree, or `names` is a string.
    ValueError
        `names` has another length than there are terminals.

    Examples
    --------
    >>> from hyperkit import HyperSteiner, hierarchy
    >>> steiner = HyperSteiner().fit([[0.5, 0.0], [-0.25, 0.4], [-0.7, -0.6]])
    >>> hierarchy.from_steiner(steiner.tree_, names=["a", "b", "c"])
    <Hierarchy n_nodes=5 n_leaves=3 n_rows=3 height=... model=poincare>
    """
    if not isinstance(tree, SteinerTree):
        raise TypeError(f"tree is a {type(tree).__name__}; give a SteinerTree: HyperSteiner().fit(X).tree_")
    labels = check_names("names", names, tree.n_terminals, "terminals")
    n = len(tree.points)
    _, parent, length = walk(tree.edges, tree.lengths, 0)
    hanging = in_preorder(
        parent,
        length,
        np.where(np.arange(n) < tree.n_terminals, np.arange(n), -1),
        np.array(labels + [""] * (n - tree.n_terminals), dtype=object),
        points=tree.points,
        model=tree.model,
        curvature=tree.curvature,
        columns=tree.columns,
    )
    return hanging.root_at("min_variance")


def from_linkage(Z: ArrayLike, *, names: Sequence[Any] | None = None) -> Hierarchy:
    """Hierarchy of a linkage matrix of scipy, as ``scipy.cluster.hierarchy.linkage`` gives it.

    Parameters
    ----------
    Z : array-like of shape (n - 1, 4)
        Merges: two clusters, the height they merge at, and the number of rows in both.
    names : sequence of length n, or data frame with n rows, optional
        Names of the rows, of a data frame its index; by default the numbers of the rows.

    Returns
    -------
    Hierarchy
        Rows are the tips, merges the inner nodes, the last of them the root. Each node stands half the height of its
        merge above the tips, so that the path between two tips is as long as the height at which they merge.

    Raises
    ------
    TypeError, ValueError
        `Z` is no linkage matrix, or a merge is lower than one within it (``"centroid"`` and ``"median"`` linkage can
        give such); the message names the row.

    Examples
    --------
    >>> from hyperkit import hierarchy
    >>> hierarchy.from_linkage([[0, 1, 2.0, 2], [2, 3, 3.0, 3]], names=["a", "b", "c"]).to_newick()
    '(c:1.5,(a:1.0,b:1.0):0.5);'
    """
    refuse_hidden("Z", Z)
    merges = np.asarray(Z, dtype=np.float64)
    if merges.shape != (0, 4):  # a single row, which scipy does not know
        is_valid_linkage(merges, throw=True, name="Z")
    bad = np.flatnonzero(~((merges >= 0) & np.isfinite(merges)).all(axis=1))
    if len(bad):
        raise ValueError(f"Z[{bad[0]}]={merges[bad[0]].tolist()} must be finite and nowhere negative")
    n = len(merges) + 1
    height = np.concatenate([np.zeros(n), merges[:, 2]])
    parent = np.full(2 * n - 1, -1)
    pairs = merges[:, :2].astype(np.int64)
    parent[pairs] = np.arange(n, 2 * n - 1)[:, None]
    length = (height[parent] - height) / 2
    length[-1] = 0.0
    lower = np.flatnonzero((length < 0)[pairs].any(axis=1))
    if len(lower):
        raise ValueError(
            f"Z[{lower[0]}] merges at {merges[lower[0], 2]:g}, below a merge within it, which no lengths can show; "
            'link by another method, as "average"'
        )
    labels = np.array(check_names("names", names, n, "rows") + [""] * (n - 1), dtype=object)
    return in_preorder(parent, length, np.where(np.arange(2 * n - 1) < n, np.arange(2 * n - 1), -1), labels)
