"""The component scores of the HyperDGA paper: clusters of the union, and how far each belongs to both sets.

In comes the graph of members, out comes `ComponentScores`. The clusters are those of HDBSCAN on the dense matrix of
hyperbolic distances, which bounds the number of points; the noise is one component more.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..._repr import KeyFigures
from ...geometry import ball_distance_matrix
from ...models import BallPoints
from ..graph import Int, MemberGraph, share

if TYPE_CHECKING:
    import pandas as pd

# The matrix takes 8 n^2 bytes and HDBSCAN a second one: 6.4 GB.
_MOST_MEMBERS = 20_000
_MIN_CLUSTER_SIZE = 5
# The library of the paper's authors counts 5 neighbours without the point itself, scikit-learn counts it.
_MIN_SAMPLES = 6
_CONSISTENT = 0.5
_OF_QUALITY = 0.3


@dataclass(frozen=True, eq=False, repr=False)
class ComponentScores(KeyFigures):
    """Scores of the components of two sets, as in the HyperDGA experiments.

    Attributes
    ----------
    table : pandas.DataFrame
        One row a component, indexed by its number; -1 is the noise. Columns `n_a`, `n_b`: its points of A and B;
        `n_edges`, `n_ab`: its inner edges, and those of them that join A to B; `consistency`:
        ``1 - |n_a - n_b| / (n_a + n_b)``; `quality`: ``n_ab / n_edges``, 0 without edges; `fundamental`: whether
        consistency exceeds 0.5 and quality 0.3.
    precision, recall : float
        Share of the points of B (of A) in fundamental components.
    consistency : float
        Mean of the components' consistencies, weighted by their points.
    components_a, components_b : ndarray of int64
        Component of each row of A and of B.
    """

    table: pd.DataFrame
    precision: float
    recall: float
    consistency: float
    components_a: NDArray[np.int64]
    components_b: NDArray[np.int64]

    def _key_figures(self) -> dict[str, object]:
        return {
            "precision": self.precision,
            "recall": self.recall,
            "consistency": self.consistency,
            "n_components": len(self.table),
            "n_fundamental": int(self.table["fundamental"].sum()),
        }


def component_scores(graph: MemberGraph) -> ComponentScores:
    """Cluster the members and score each cluster."""
    import pandas as pd

    if graph.share < 1:
        raise ValueError(
            "component_scores needs all edges within the clusters, and max_points left only those at a sample of the "
            "points: compare without max_points"
        )
    labels = _clusters(graph.ball)
    numbers, component = np.unique(labels, return_inverse=True)
    k = len(numbers)
    n_a, n_b = (np.bincount(component[graph.sets == side], minlength=k) for side in (0, 1))
    i, j = graph.edges.T
    inner = component[i] == component[j]
    crossing = graph.sets[i] != graph.sets[j]
    n_edges = np.bincount(component[i][inner], minlength=k)
    n_ab = np.bincount(component[i][inner & crossing], minlength=k)
    consistency = 1 - np.abs(n_a - n_b) / (n_a + n_b)
    quality = share(n_ab, n_edges)
    fundamental = (consistency > _CONSISTENT) & (quality > _OF_QUALITY)
    columns = {
        "n_a": n_a,
        "n_b": n_b,
        "n_edges": n_edges,
        "n_ab": n_ab,
        "consistency": consistency,
        "quality": quality,
        "fundamental": fundamental,
    }
    rows = labels[graph.members]
    return ComponentScores(
        table=pd.DataFrame(columns, index=pd.Index(numbers, name="component")),
        precision=float(n_b[fundamental].sum() / n_b.sum()),
        recall=float(n_a[fundamental].sum() / n_a.sum()),
        consistency=float(np.average(consistency, weights=n_a + n_b)),
        components_a=rows[graph.row_sets == 0],
        components_b=rows[graph.row_sets == 1],
    )


def _clusters(ball: BallPoints) -> Int:
    """Cluster of each point, -1 for noise."""
    from sklearn.cluster import HDBSCAN  # takes a second to import, and few need it

    n = len(ball)
    if n > _MOST_MEMBERS:
        raise ValueError(
            f"A and B have {n} distinct points, and HDBSCAN on their matrix of distances takes at most "
            f"{_MOST_MEMBERS} (two matrices of 8 n^2 bytes): draw fewer rows, or use label_scores with clusters of "
            "your own"
        )
    if n < _MIN_SAMPLES:
        return np.full(n, -1, dtype=np.int64)
    clustering = HDBSCAN(
        min_cluster_size=_MIN_CLUSTER_SIZE,
        min_samples=_MIN_SAMPLES,
        metric="precomputed",
        cluster_selection_method="eom",
        allow_single_cluster=True,
        copy=False,
    )
    return np.asarray(clustering.fit_predict(ball_distance_matrix(ball, ball)), dtype=np.int64)
