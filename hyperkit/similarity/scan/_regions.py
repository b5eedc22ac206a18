"""Regions: rows that stand out, joined where they are neighbours and stand out in the same direction."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csgraph, csr_array

from ..._sparse import sparse_graph
from ...geometry import ball_distance_matrix
from ...models import BallPoints
from ._scan import Scan

if TYPE_CHECKING:
    import pandas as pd

# Rows of a region up to which the medoid has the least sum of distances to all; of more, to so many spread over them.
_MOST_SUMMED = 2000

Bools = NDArray[np.bool_]


def region_table(scan: Scan, ball: BallPoints, level: float, sequential: bool) -> pd.DataFrame:
    """One row a region, in the order found; `ball` has the places of all rows."""
    import pandas as pd

    joined = _joined(scan)
    regions = _one_by_one(scan, level, joined) if sequential else ((scan, points) for points in _regions(scan, level))
    found = [_figures(of, points, ball, joined) for of, points in regions]
    # On a narrow screen pandas leaves out the columns in the middle: the long one is there.
    columns = ["crowded", "p_value", "n_a", "n_b", "rows", "n_rows", "n_a_around", "n_b_around", "medoid"]
    table = pd.DataFrame(found, columns=columns, index=pd.RangeIndex(len(found), name="region"))
    # A region that is looked for only after another was found is no surer than that one.
    return table.assign(p_value=table["p_value"].astype(float).cummax())


def _one_by_one(scan: Scan, level: float, joined: csr_array) -> Iterator[tuple[Scan, Bools]]:
    """The strongest region, then the strongest of a scan of the rows away from it, and so on."""
    while regions := _regions(scan, level):
        yield scan, regions[0]
        rest = scan.kept & ~_around(scan, regions[0], joined)
        if scan.paired:  # a pair whose rows are not both there cannot be swapped
            rest &= np.tile(np.logical_and(*np.split(rest, 2)), 2)
        if not (rest & scan.rows.in_b).any() or not (rest & ~scan.rows.in_b).any():
            return
        scan = scan.again(rest)


def _regions(scan: Scan, level: float) -> list[Bools]:
    """The points of each region, the strongest first."""
    standing_out = scan.p_values <= level
    b_crowded = scan.z_scores > 0
    i, j = scan.rows.edges.T
    joined = standing_out[i] & standing_out[j] & (b_crowded[i] == b_crowded[j])
    n = len(standing_out)
    graph = sparse_graph(n, scan.rows.edges[joined])
    numbers = csgraph.connected_components(graph, directed=False)[1]
    strongest_first = np.flatnonzero(standing_out)[np.argsort(scan.tails[standing_out], kind="stable")]
    names, places = np.unique(numbers[strongest_first], return_index=True)
    return [numbers == name for name in names[np.argsort(places)]]


def _figures(scan: Scan, points: Bools, ball: BallPoints, joined: csr_array) -> dict[str, Any]:
    in_b = scan.rows.in_b
    rows = np.flatnonzero(points[scan.rows.points] & scan.kept)
    around = np.flatnonzero(_around(scan, points, joined))
    n_b, n_b_around = int(in_b[rows].sum()), int(in_b[around].sum())
    return {
        "crowded": "B" if scan.z_scores[points][0] > 0 else "A",
        "p_value": float(scan.p_values[points].min()),
        "n_a": len(rows) - n_b,
        "n_b": n_b,
        "n_a_around": len(around) - n_b_around,
        "n_b_around": n_b_around,
        "n_rows": len(rows),
        "medoid": int(rows[_medoid(ball.take(rows))]),
        "rows": rows,
    }


def _joined(scan: Scan) -> csr_array:
    """Neighbours as ones of a symmetric matrix."""
    upper = scan.rows.adjacency()
    return csr_array(upper + upper.T)


def _around(scan: Scan, points: Bools, joined: csr_array) -> Bools:
    """Whether each row is in a neighbourhood of `points`, as far as these reach where they stand out most."""
    reached = np.zeros(len(points), dtype=bool)
    for steps in range(scan.hops, 0, -1):
        reached |= points & (scan.steps == steps)
        reached |= joined @ reached.astype(np.int64) > 0
    return np.asarray(reached[scan.rows.points] & scan.kept)


def _medoid(ball: BallPoints) -> int:
    """The point with the least sum of distances to the others."""
    n = len(ball)
    summed = ball.take(np.unique(np.linspace(0, n - 1, min(n, _MOST_SUMMED)).astype(np.int64)))
    blocks = np.array_split(np.arange(n), -(-n // _MOST_SUMMED))
    return int(
        np.concatenate([ball_distance_matrix(ball.take(block), summed).sum(axis=1) for block in blocks]).argmin()
    )
