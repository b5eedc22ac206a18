"""Data whose hierarchy is known: noisy vectors at the nodes of complete trees.

In: the size of the tree, the noise, a seed. Out: a scikit-learn Bunch with the vectors and the tree. The one idea:
nodes are numbered in breadth-first order, so the parent of node i is (i - 1) // n_children and no tree object is
needed.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from sklearn.utils import Bunch, check_random_state

from .._validation import check_count, check_number

Seed = int | np.random.RandomState | None

_MOST_NODES = 2**24
_MOST_ROWS_AND_COLUMNS = 2**16  # of the binary tree's square table: 32 GiB


def make_binary_tree(depth: int = 5, *, noise: float = 0.1, random_state: Seed = None) -> Bunch:
    """Complete binary tree, each node the indicator of itself and its ancestors, plus Gaussian noise.

    The synthetic data of Nagano et al. [1]_, as HyperDGA's experiments [2]_ use them: the squared distance of two
    noiseless rows is the number of edges between the nodes.

    Parameters
    ----------
    depth : int >= 0, default=5
        Edges from the root to a leaf: 2^(depth + 1) - 1 nodes, at most 2^16. (The papers count levels, one more.)
    noise : float >= 0, default=0.1
        Standard deviation of the noise in every coordinate.
    random_state : int, RandomState instance or None, default=None
        Seed of the noise.

    Returns
    -------
    Bunch
        - data : ndarray (n_nodes, n_nodes), float64
        - parent : ndarray (n_nodes,), int64, -1 for the root, which is row 0; rows run breadth-first
        - depth : ndarray (n_nodes,), int64, edges to the root
        - edges : ndarray (n_nodes - 1, 2), int64, child and parent

    Raises
    ------
    ValueError
        A parameter is out of range, or the tree has too many nodes.

    References
    ----------
    .. [1] Nagano et al., "A wrapped normal distribution on hyperbolic space for gradient-based learning", ICML 2019.
    .. [2] Medbouhi et al., "Hyperbolic Delaunay geometric alignment", ECML PKDD 2024, arXiv:2404.08608.

    Examples
    --------
    >>> from hyperkit.datasets import make_binary_tree
    >>> make_binary_tree(depth=1, noise=0.0).data
    array([[1., 0., 0.],
           [1., 1., 0.],
           [1., 0., 1.]])
    """
    check_count("depth", depth, 0)
    _check_nonnegative("noise", noise)
    _check_number_of_nodes(depth, 2, _MOST_ROWS_AND_COLUMNS)
    tree = _complete_tree(depth, 2)
    n = len(tree.parent)
    data = np.eye(n)
    for row in range(1, n):  # a parent comes before its children
        data[row] += data[tree.parent[row]]
    data += noise * check_random_state(random_state).standard_normal((n, n))
    return Bunch(data=data, **tree)


def make_branching_diffusion(
    n_features: int = 50,
    *,
    depth: int = 5,
    n_children: int = 2,
    n_observations: int = 5,
    step: float = 1.0,
    noise: float = 0.447,
    random_state: Seed = None,
) -> Bunch:
    """Vectors that diffuse from parent to child along a complete tree, each node observed several times with noise.

    The branching diffusion process of Mathieu et al. [1]_: the root is 0, a child is its parent plus ``step`` times a
    standard normal vector, and an observation is its node plus ``noise`` times one.

    Parameters
    ----------
    n_features : int >= 1, default=50
        Length of the vectors.
    depth : int >= 0, default=5
        Edges from the root to a leaf.
    n_children : int >= 1, default=2
        Children of every node that is no leaf. The tree may have 2^24 nodes at most.
    n_observations : int >= 1, default=5
        Rows of `data` for every node.
    step : float >= 0, default=1.0
        Standard deviation of a coordinate from parent to child.
    noise : float >= 0, default=0.447
        Standard deviation of a coordinate from a node to an observation. The paper's variance is a fifth of the step's.
    random_state : int, RandomState instance or None, default=None
        Seed of the steps, drawn first, and the noise.

    Returns
    -------
    Bunch
        - data : ndarray (n_nodes * n_observations, n_features), float64, the observations, node by node
        - target : ndarray (n_nodes * n_observations,), int64, node of each row
        - nodes : ndarray (n_nodes, n_features), float64, the vectors without noise
        - parent : ndarray (n_nodes,), int64, -1 for the root, which is node 0; nodes run breadth-first
        - depth : ndarray (n_nodes,), int64, edges to the root
        - edges : ndarray (n_nodes - 1, 2), int64, child and parent

    Raises
    ------
    ValueError
        A parameter is out of range, or the tree has too many nodes.

    References
    ----------
    .. [1] Mathieu et al., "Continuous hierarchical representations with Poincaré variational auto-encoders", NeurIPS
       2019, section 5.1.

    Examples
    --------
    >>> from hyperkit.datasets import make_branching_diffusion
    >>> tree = make_branching_diffusion(n_features=3, depth=2, random_state=0)
    >>> tree.nodes.shape, tree.data.shape
    ((7, 3), (35, 3))
    """
    check_count("n_features", n_features, 1)
    check_count("depth", depth, 0)
    check_count("n_children", n_children, 1)
    check_count("n_observations", n_observations, 1)
    _check_nonnegative("step", step)
    _check_nonnegative("noise", noise)
    _check_number_of_nodes(depth, n_children, _MOST_NODES)
    tree = _complete_tree(depth, n_children)
    n = len(tree.parent)
    rng = check_random_state(random_state)
    nodes = step * rng.standard_normal((n, n_features))
    nodes[0] = 0.0
    for row in range(1, n):  # a parent comes before its children
        nodes[row] += nodes[tree.parent[row]]
    target = np.repeat(np.arange(n), n_observations)
    data = nodes[target] + noise * rng.standard_normal((len(target), n_features))
    return Bunch(data=data, target=target, nodes=nodes, **tree)


def _complete_tree(depth: int, n_children: int) -> Bunch:
    """Parents, depths and edges of a complete tree, nodes in breadth-first order."""
    sizes = n_children ** np.arange(depth + 1)
    depths: NDArray[np.int64] = np.repeat(np.arange(depth + 1), sizes)
    parent = (np.arange(len(depths)) - 1) // n_children
    edges = np.column_stack([np.arange(1, len(depths)), parent[1:]])
    return Bunch(parent=parent, depth=depths, edges=edges)


def _check_nonnegative(name: str, value: float) -> None:
    check_number(name, value, "a finite number of at least 0", lambda number: 0 <= number < np.inf)


def _check_number_of_nodes(depth: int, n_children: int, most: int) -> None:
    """Refuse trees that no memory holds, before int64 overflows; counted level by level, since depth may be huge."""
    depth, n_children = int(depth), int(n_children)
    nodes, level = (depth + 1, depth) if n_children == 1 else (1, 0)
    while level < depth and nodes < 10**30:
        nodes, level = 1 + n_children * nodes, level + 1
    if nodes > most:
        number = f"{nodes:,}" if level == depth and nodes < 10**40 else "more than 10^30"
        raise ValueError(
            f"depth={depth} with n_children={n_children} makes a tree of {number} nodes; it may have {most:,} at most"
        )
