"""Hierarchies from a column of parents: every other way in ends here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NoReturn

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .._validation import check_names, check_paired_rows, refuse_hidden, series_index
from ..models import Model
from ._hierarchy import Hierarchy
from ._nodes import frozen
from ._order import in_order
from .kernels.preorder import preorder


def from_parents(
    parent: ArrayLike, length: ArrayLike | None = None, *, names: Sequence[Any] | None = None
) -> Hierarchy:
    """Hierarchy of nodes given by their parents; node i is row i of the user's table.

    Parameters
    ----------
    parent : array-like of shape (n,), int
        Number of each node's parent, in any order; -1 for the one root.
    length : array-like of shape (n,), float, optional
        Length of the edge to the parent, finite and >= 0, 1 by default; that of the root is not looked at.
    names : sequence of length n, or data frame with n rows, optional
        Names of the nodes, of a data frame its index. By default the index of `parent` if that is a pandas series,
        else the numbers of the nodes. A missing name (None, NaN) is an empty one.

    Returns
    -------
    Hierarchy
        Its nodes stand in depth-first order, with children by their numbers; ``row`` has the numbers given here.

    Raises
    ------
    TypeError
        `names` is a string, or an array is masked or on a graph of gradients.
    ValueError
        There is no root, or two; a parent is no node; a node is its own ancestor; a length is negative or not finite;
        the sizes differ; or two series of pandas name other rows. The message names the first such node.

    Examples
    --------
    >>> from hyperkit import hierarchy
    >>> tree = hierarchy.from_parents([2, 2, -1, 0], [1.0, 2.0, 0.0, 0.5], names=["T", "B", "stem", "CD8"])
    >>> tree.names.tolist()
    ['stem', 'T', 'CD8', 'B']
    >>> tree.parent.tolist(), tree.row.tolist()
    ([-1, 0, 1, 0], [2, 0, 3, 1])
    """
    refuse_hidden("parent", parent)
    refuse_hidden("length", length)
    check_paired_rows({"parent": series_index(parent), "length": series_index(length)}, same=True)
    if names is None and hasattr(parent, "iloc"):  # a series of pandas, which is no type mypy is told of
        names = parent.index  # type: ignore[union-attr, assignment]
    above = _parents(np.asarray(parent))
    labels = np.array(check_names("names", names, len(above), "nodes"), dtype=object)
    branches = np.ones(len(above)) if length is None else np.array(length, dtype=np.float64)
    if branches.shape != above.shape:
        raise ValueError(f"length has shape {branches.shape}; parent has {len(above)} entries")
    branches[above < 0] = 0.0
    check_lengths(branches, "length")
    return in_preorder(above, branches, np.arange(len(above)), labels)


def check_lengths(lengths: NDArray[np.float64], name: str) -> None:
    """Raise ValueError unless all `lengths` are finite and at least 0."""
    bad = np.flatnonzero(~(np.isfinite(lengths) & (lengths >= 0)))
    if len(bad):
        raise ValueError(
            f"{name}[{bad[0]}] is {lengths[bad[0]]}: lengths must be finite and at least 0 ({len(bad)} are not); set "
            "them to 0 first, if they are small and negative"
        )


def _parents(table: NDArray[Any]) -> NDArray[np.int64]:
    """The column of parents, if it is a tree."""
    if table.ndim != 1 or len(table) == 0:
        raise ValueError(f"parent has shape {table.shape}; give one number a node, of at least one node")
    if table.dtype.kind not in "iuf" or not np.array_equal(table, np.floor(table)):
        whole = [isinstance(value, int | float | np.number) and value == np.floor(value) for value in table.tolist()]
        first = whole.index(False) if False in whole else 0
        raise ValueError(f"parent[{first}]={table[first]!r} must be the number of a node, or -1 for the root")
    outside = np.flatnonzero((table < -1) | (table >= len(table)))
    if len(outside):
        raise ValueError(
            f"parent[{outside[0]}]={table[outside[0]]} is no node: give 0 to {len(table) - 1}, or -1 for the root"
        )
    parent = np.asarray(table, dtype=np.int64)
    roots = np.flatnonzero(parent < 0)
    if len(roots) > 1:
        raise ValueError(
            f"{len(roots)} nodes are roots (the first are {roots[:3].tolist()}); put a node above "
            "them, or give one parent -1 only"
        )
    if len(roots) == 0:
        _refuse_cycle(parent, 0)
    reached = preorder(frozen(parent), int(roots[0]))
    if len(reached) < len(parent):
        _refuse_cycle(parent, int(np.setdiff1d(np.arange(len(parent)), reached)[0]))
    return parent


def _refuse_cycle(parent: NDArray[np.int64], node: int) -> NoReturn:
    """Raise ValueError with the cycle that is above `node`."""
    seen: set[int] = set()
    while node not in seen:
        seen.add(node)
        node = int(parent[node])
    cycle = [node, int(parent[node])]
    while cycle[-1] != node:
        cycle.append(int(parent[cycle[-1]]))
    way = " -> ".join(map(str, cycle[:6])) + (" -> ..." if len(cycle) > 6 else "")
    none = "no node is a root (parent -1), and " if not np.any(parent < 0) else ""
    raise ValueError(f"parent: {none}node {node} is its own ancestor: {way}")


def in_preorder(
    parent: NDArray[np.int64],
    length: NDArray[np.float64],
    row: NDArray[np.int64],
    names: NDArray[np.object_],
    *,
    support: NDArray[np.float64] | None = None,
    points: NDArray[np.float64] | None = None,
    model: Model | None = None,
    curvature: float = -1.0,
    columns: tuple[str, ...] | None = None,
) -> Hierarchy:
    """The hierarchy of nodes in any order, -1 the parent of the one root: its nodes are brought into depth-first order.

    Children of a node stay in the order of their numbers.
    """
    arrays = {"parent": parent, "length": length, "row": row, "names": names, "support": support, "points": points}
    return Hierarchy(**in_order(arrays), model=model, curvature=curvature, columns=columns)
