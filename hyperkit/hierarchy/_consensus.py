"""Consensus of several hierarchies over the same rows, and the support that they give the splits of one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from .._validation import check_number
from ._hierarchy import Hierarchy
from ._parents import in_preorder
from ._split_keys import Splits, rows_aside, splits


def consensus(hierarchies: Sequence[Hierarchy], *, threshold: float = 0.5) -> Hierarchy:
    """Majority consensus: the tree of the splits that more than a share of the hierarchies have [1]_.

    Parameters
    ----------
    hierarchies : sequence of Hierarchy
        Over rows of the same names, in any order. Where they are rooted does not matter.
    threshold : float in [0.5, 1), default=0.5
        Share of the hierarchies that a split must be in more than.

    Returns
    -------
    Hierarchy
        `support` is the share that have the split, NaN for single rows; `length` is its mean length over those. A row
        that is a leaf in no majority is an inner node, if it is the only such row there. Row numbers are those of
        the first hierarchy. `curvature` is that of the hierarchies, -1 where they differ. Rooted next to the first row;
        see `Hierarchy.root_at`.

    Raises
    ------
    ValueError
        There are no hierarchies, one has no rows, names repeat, or one hierarchy lacks a name of another.

    Notes
    -----
    Time O(n) a tree, and the number of rows in all its splits for the consensus.

    References
    ----------
    .. [1] Margush, McMorris, "Consensus n-trees", Bulletin of Mathematical Biology 43, 1981.

    Examples
    --------
    >>> from hyperkit.hierarchy import consensus, from_parents
    >>> one = from_parents([-1, 0, 0, 1, 1, 2, 2])
    >>> consensus([one, one]).support.round(1).tolist()
    [nan, 1.0, nan, nan, 1.0, nan, nan]
    """
    check_number("threshold", threshold, "a share in [0.5, 1)", lambda share: 0.5 <= share < 1)
    if not len(hierarchies):
        raise ValueError("hierarchies is empty; a consensus takes at least one")
    for k, tree in enumerate(hierarchies):
        if tree.n_rows == 0:
            raise ValueError(f"hierarchies[{k}] has no rows; a consensus is of the splits of rows")
    first = hierarchies[0]
    nodes = np.flatnonzero(first.row >= 0)
    nodes = nodes[np.argsort(first.row[nodes], kind="stable")]
    names = first.names[nodes]
    rows = [_rows_by_name(tree, names, k) for k, tree in enumerate(hierarchies)]
    tree = majority(hierarchies, rows, names, threshold)
    row = np.append(first.row[nodes], -1)[tree.row]
    return replace(tree, row=row)


def _rows_by_name(tree: Hierarchy, names: NDArray[np.object_], k: int) -> NDArray[np.int64]:
    """Place among `names` of each node that is a row; else -1."""
    place = {name: row for row, name in enumerate(names.tolist())}
    if len(place) < len(names):
        twice = next(name for row, name in enumerate(names.tolist()) if place[name] != row)
        raise ValueError(f"hierarchies[0]: several rows are named {twice!r}; trees are matched by names")
    nodes = np.flatnonzero(tree.row >= 0)
    found = np.array([place.get(name, -1) for name in tree.names[nodes].tolist()], dtype=np.int64)
    if (found < 0).any():
        name = tree.names[nodes[int(np.argmax(found < 0))]]
        raise ValueError(
            f"hierarchies[{k}] has a row {name!r}, which hierarchies[0] has not; give trees of the same rows"
        )
    count = np.bincount(found, minlength=len(names))
    if (count != 1).any():
        name = names[int(np.argmax(count != 1))]
        raise ValueError(
            f"hierarchies[{k}] has {count[count != 1][0]} rows named {name!r}; give trees of the same rows"
        )
    row = np.full(len(tree), -1)
    row[nodes] = found
    return row


def majority(
    trees: Sequence[Hierarchy], rows: Sequence[NDArray[np.int64]], names: NDArray[np.object_], threshold: float = 0.5
) -> Hierarchy:
    """Consensus of trees whose nodes are these rows; row 0 is the root, or hangs on it."""
    n, found = len(names), [splits(tree, row, len(names)) for tree, row in zip(trees, rows, strict=True)]
    key, at, kind = np.unique(np.concatenate([part.key for part in found]), return_index=True, return_inverse=True)
    count = np.bincount(kind, minlength=len(key))
    length = np.bincount(kind, np.concatenate([part.length for part in found]), minlength=len(key)) / np.maximum(
        count, 1
    )
    share = count / len(trees)
    start = np.cumsum([0, *(len(part.key) for part in found)])
    sets = []
    for split in np.flatnonzero(share > threshold):
        k = int(np.searchsorted(start, at[split], side="right")) - 1
        sets.append((rows_aside(trees[k], rows[k], int(found[k].node[at[split] - start[k]])), split))
    sets.sort(key=lambda rows_and_split: (-len(rows_and_split[0]), rows_and_split[0].min()))
    parent, node_of_row = _nested([rows_inside for rows_inside, _ in sets], n)
    chosen = np.array([split for _, split in sets], dtype=np.int64)
    support = np.full(len(parent), np.nan)
    lengths = np.zeros(len(parent))
    lengths[1 : len(sets) + 1] = length[chosen]
    n_aside = np.array([len(rows_inside) for rows_inside, _ in sets], dtype=np.int64)
    is_split = (n_aside > 1) & (n_aside < n - 1)
    support[1 : len(sets) + 1][is_split] = share[chosen][is_split]
    row = np.full(len(parent), -1)
    row[node_of_row] = np.arange(n)
    if n > 1 and n_aside[:1].sum() == n - 1:  # row 0 is a tip: it hangs on what all others are in
        parent[:2], lengths[:2] = (1, -1), (lengths[1], 0.0)
    labels = np.append(names, "")[row]
    spaces = {tree.curvature for tree in trees}
    curvature = spaces.pop() if len(spaces) == 1 else -1.0
    return in_preorder(parent, lengths, row, labels, support=support, curvature=curvature)


def _nested(sets: Sequence[NDArray[np.int64]], n: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Tree of sets of rows, of which any two are disjoint or one holds the other; larger ones come first.

    Node 0 holds all rows, node k + 1 is set k. Rows that are left to a node hang on it by nodes of their own, but for
    one that is alone there: it is the node.

    Returns
    -------
    parent : ndarray
    node_of_row : ndarray of shape (n,)
    """
    parent = np.full(len(sets) + 1, -1)
    inmost = np.zeros(n, dtype=np.int64)
    for k, rows in enumerate(sets):
        parent[k + 1] = inmost[rows[0]]
        inmost[rows] = k + 1
    crowded = np.flatnonzero(np.bincount(inmost, minlength=len(parent))[inmost] > 1)
    parent = np.append(parent, inmost[crowded])
    inmost[crowded] = len(sets) + 1 + np.arange(len(crowded))
    return parent, inmost


def with_support(tree: Hierarchy, row: NDArray[np.int64], others: Sequence[Splits], n: int) -> Hierarchy:
    """The tree with the share of the others that have each split; NaN where an edge parts fewer than two rows."""
    own = splits(tree, row, n)
    count = np.zeros(len(own.key))
    for other in others:
        count += np.isin(own.key, other.key)
    share = np.where((own.n_aside > 1) & (own.n_aside < n - 1), count / len(others), np.nan)
    return replace(tree, support=np.append(share, np.nan)[own.of_node])  # -1, no split, is the last
