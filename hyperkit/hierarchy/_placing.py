"""Where new points are on a hierarchy: the nearest point of the tree, on its edges and not only its nodes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .._repr import KeyFigures
from .._validation import column_names
from ..geometry import ball_distance
from ..models import BallPoints, check_points, checked_to_ball, curvature_radius, to_ball
from ..steiner import ball_nearest_on_tree
from ._nodes import Nodes

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False, repr=False)
class Placement(KeyFigures):
    """Nearest point of a hierarchy for each of some points; made by :meth:`Hierarchy.transform`.

    Attributes
    ----------
    node : ndarray of shape (m,), int64
        The edge that has it, by its lower node; 0 where the hierarchy is a single node.
    above : ndarray of shape (m,), float64
        Length of the edge between that node and the place: 0 at the node, the length of the edge at its parent.
    distance_from_root : ndarray of shape (m,), float64
        Of the place, along the tree.
    distance : ndarray of shape (m,), float64
        Hyperbolic distance from the point to the place.
    index : pandas.Index or None
        Labels of the points, where they came as a pandas table.
    """

    node: NDArray[np.int64]
    above: NDArray[np.float64]
    distance_from_root: NDArray[np.float64]
    distance: NDArray[np.float64]
    index: pd.Index | None = None

    def _key_figures(self) -> dict[str, object]:
        return {"n_points": len(self.node), "mean_distance": float(self.distance.mean())}

    def to_frame(self) -> pd.DataFrame:
        """One row for each point, with its label; columns node, above, distance_from_root, distance."""
        import pandas as pd

        columns = ["node", "above", "distance_from_root", "distance"]
        return pd.DataFrame({column: getattr(self, column) for column in columns}, index=self.index)


def placed(tree: Nodes, X: Any) -> Placement:
    """Nearest point of the tree for each row of X, points in the model of the tree."""
    if tree.points is None or tree.model is None:
        raise ValueError("transform needs the places of the nodes, and this hierarchy has no points")
    _check_columns(X, tree.columns)
    given = check_points(X, tree.model, curvature=tree.curvature)
    if given.ndim != 2 or given.shape[1] != tree.points.shape[1]:
        raise ValueError(f"X has shape {given.shape}; points of this hierarchy have {tree.points.shape[1]} columns")
    points = checked_to_ball(given, tree.model, curvature=tree.curvature)
    return nearest_places(tree, points, X.index if hasattr(X, "iloc") else None)


def _check_columns(X: Any, columns: tuple[str, ...] | None) -> None:
    """Raise ValueError if a data frame has other columns than the points were read from, or in another order."""
    given = column_names(X)
    if columns is None or given is None or given == columns:
        return
    way_out = "give these" if sorted(given) != sorted(columns) else "take X[list(hierarchy.columns)]"
    raise ValueError(
        f"X has the columns {', '.join(given)}, and the points of the hierarchy {', '.join(columns)}; columns go by "
        f"place: {way_out}, or drop the names with .to_numpy()"
    )


def nearest_places(tree: Nodes, points: BallPoints, index: pd.Index | None = None) -> Placement:
    """Nearest point of a tree with points for each of `points`."""
    nodes = node_points(tree)
    unit = curvature_radius(tree.curvature)
    if len(tree) == 1:
        distance = ball_distance(points, nodes) * unit
        return Placement(np.zeros(len(points), np.int64), np.zeros(len(points)), np.zeros(len(points)), distance, index)
    edges = np.column_stack([np.arange(1, len(tree)), tree.parent[1:]])
    edge, along, distance = ball_nearest_on_tree(points, nodes, edges)
    node = edge + 1
    # Lengths need not be those of the geodesics: edges of a collapsed tree are ways round.
    whole = ball_distance(nodes.take(node), nodes.take(tree.parent[node]))
    share = np.divide(along, whole, out=np.zeros_like(along), where=whole > 0)
    above = share * tree.length[node]
    return Placement(node, above, tree.distance_from_root[node] - above, distance * unit, index)


def node_points(tree: Nodes) -> BallPoints:
    """Places of the nodes of a tree that has them."""
    assert tree.points is not None
    assert tree.model is not None
    return to_ball(tree.points, tree.model, curvature=tree.curvature, name="points")
