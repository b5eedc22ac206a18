"""The graph around a random sample of points, where the whole graph would take too long.

A sample of the points themselves would have a score of its own: two sets that touch along a border share more of their
edges the fewer points they have. So all points stay, the sample says whose neighbours are looked for, and the share
among the edges found estimates that of the whole graph.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from sklearn.utils import check_random_state

from ..._warn import warn_caller
from ...delaunay import ball_delaunay, ball_ray_neighbors, first_identical_row
from ...models import BallPoints
from .._settings import Settings
from ._members import Int, MemberGraph, member_graph, members_within, merged_graph, stacked
from ._shells import TooManyPairs, shells

# In so many dimensions the whole graph takes less time than the neighbours of a hundred points.
_ALWAYS_WHOLE = 3
# Points in a sample that memory asks for: the standard error is then about 0.002.
_SITES = 10_000


def whole_or_sampled_graph(sets: Sequence[BallPoints], settings: Settings) -> tuple[MemberGraph, float]:
    """The graph of the sets, or a sample of it; the standard error of its similarity.

    A sample is taken of more than ``settings.max_points`` points, and where there are more pairs than memory holds.
    """
    if settings.hops > 1:
        return _graph_of_hops(sets, settings)
    if settings.max_points is None or sets[0].d <= _ALWAYS_WHOLE:
        return member_graph(sets, settings), 0.0
    ball, row_sets = stacked(sets)
    inverse = first_identical_row(ball.z)
    points = np.flatnonzero(inverse == np.arange(len(ball)))
    if len(points) <= settings.max_points:
        return member_graph(sets, settings), 0.0
    _check_sampled(settings, len(points))
    if settings.method == "exact":
        raise ValueError(
            f"method='exact' finds the whole graph, and max_points={settings.max_points} asks for the neighbours of a "
            f"sample of the {len(points)} points, which rays find; leave one of the two out"
        )
    rng = check_random_state(settings.random_state)
    n_sites = int(settings.max_points)
    sites = np.sort(rng.choice(points, n_sites, replace=False))
    found = ball_ray_neighbors(ball, sites, n_rays=settings.n_rays, n_jobs=settings.n_jobs, verbose=settings.verbose)
    if not found.settled.all():
        warn_caller(
            f"HyperDGA may miss edges at {np.count_nonzero(~found.settled)} of the {n_sites} sampled points: raise "
            f"n_rays={settings.n_rays} to settle them"
        )
    return _sampled_graph(ball, row_sets, found.pairs, inverse, points, sites, rng)


def _check_sampled(settings: Settings, n: int) -> None:
    """Raise ValueError if an interval or a scan is asked for of a sample of the points."""
    if settings.scan:
        raise ValueError(
            f"scan=True looks at the neighbours of all {n} points, and max_points={settings.max_points} asks for those "
            "of a sample; leave one of the two out"
        )
    if settings.interval is not None:
        raise ValueError(
            f"interval={settings.interval} needs the whole graph, and there are {n} points, more than "
            f"max_points={settings.max_points}; leave one of the two out"
        )


def _graph_of_hops(sets: Sequence[BallPoints], settings: Settings) -> tuple[MemberGraph, float]:
    """Pairs within several hops of the whole Delaunay graph: all of them, or those at a sample of the points."""
    ball, row_sets = stacked(sets)
    most = settings.max_points
    if most is not None and ball.d > _ALWAYS_WHOLE:
        n = np.count_nonzero(first_identical_row(ball.z) == np.arange(len(ball)))
        if n > most:
            raise ValueError(
                f"hops={settings.hops} goes on from the neighbours of all points, and max_points={most} asks for those "
                f"of a sample of the {n} points; leave one of the two out"
            )
    delaunay = ball_delaunay(ball, **settings.delaunay())
    points = np.flatnonzero(delaunay.inverse == np.arange(len(ball)))
    if most is None or len(points) <= most:
        try:
            graph = members_within(ball, row_sets, delaunay.edges, delaunay.inverse, settings.hops)
            return graph._replace(recall=delaunay.recall_estimate), 0.0
        except TooManyPairs as error:
            if settings.interval is not None or settings.scan:
                raise
            most = min(_SITES, error.n_sites)
            warn_caller(
                f"HyperDGA counts the pairs at {most:,} random points: all pairs within hops={settings.hops} would "
                "take more than half of the memory of this machine, so similarity is an estimate with a standard_error"
            )
    _check_sampled(settings, len(points))
    rng = check_random_state(settings.random_state)
    sites = np.sort(rng.choice(points, most, replace=False))
    around = shells(delaunay.edges, len(ball), settings.hops, sites)
    pairs = np.column_stack([np.repeat(sites, around.ends[:, -1] - around.ends[:, 0]), around.heads])
    graph, error_of_share = _sampled_graph(ball, row_sets, pairs, delaunay.inverse, points, sites, rng)
    return graph._replace(recall=delaunay.recall_estimate), error_of_share


def _sampled_graph(
    ball: BallPoints,
    row_sets: Int,
    pairs: Int,
    inverse: Int,
    points: Int,
    sites: Int,
    rng: np.random.RandomState,
) -> tuple[MemberGraph, float]:
    """Edges at random points of the sets, the `sites`, and the standard error of their share between sets.

    An edge is found from either of its ends, so all edges are as likely to be among those found, and their share
    between the sets is a ratio of unbiased estimates [1]_. Labels have no part in the draw, so that tests on the edges
    found are as exact as on all.

    References
    ----------
    .. [1] Cochran, "Sampling Techniques", 3rd edition, 1977, sections 2.11 and 6.4.
    """
    n, n_sites = len(points), len(sites)
    edges = np.unique(np.sort(pairs, axis=1), axis=0)
    missed = (n - n_sites) * (n - n_sites - 1) / (n * (n - 1))  # chance that neither end of an edge is a site
    graph = merged_graph(ball, row_sets, edges, inverse, rng.random_sample(len(ball)) >= missed)._replace(
        share=1 - missed
    )

    crossing = graph.sets[graph.edges[:, 0]] != graph.sets[graph.edges[:, 1]]
    ab = np.bincount(graph.points[graph.edges[crossing]].ravel(), minlength=len(ball))[sites]
    degrees = np.bincount(graph.points[graph.edges].ravel(), minlength=len(ball))[sites]
    residuals = ab - degrees * (np.count_nonzero(crossing) / len(graph.edges))
    variance = (1 - n_sites / n) * n_sites / (n_sites - 1) * np.square(residuals).sum() / degrees.sum() ** 2
    return graph, float(np.sqrt(variance))
