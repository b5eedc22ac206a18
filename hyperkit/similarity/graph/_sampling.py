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
from ...delaunay import ball_ray_neighbors, first_identical_row
from ...models import BallPoints
from .._settings import Settings
from ._members import Int, MemberGraph, member_graph, merged_graph

# In so many dimensions the whole graph takes less time than the neighbours of a hundred points.
_ALWAYS_WHOLE = 3


def whole_or_sampled_graph(sets: Sequence[BallPoints], settings: Settings) -> tuple[MemberGraph, float]:
    """The graph of the sets, or of more than ``settings.max_points`` a sample; the standard error of its similarity."""
    if settings.max_points is None or sets[0].d <= _ALWAYS_WHOLE:
        return member_graph(sets, settings), 0.0
    ball = sets[0].joined(*sets[1:])
    inverse = first_identical_row(ball.z)
    points = np.flatnonzero(inverse == np.arange(len(ball)))
    if len(points) <= settings.max_points:
        return member_graph(sets, settings), 0.0
    if settings.interval is not None:
        raise ValueError(
            f"interval={settings.interval} needs the whole graph, and there are {len(points)} points, more than "
            f"max_points={settings.max_points}; leave one of the two out"
        )
    if settings.method == "exact":
        raise ValueError(
            f"method='exact' finds the whole graph, and max_points={settings.max_points} asks for the neighbours of a "
            f"sample of the {len(points)} points, which rays find; leave one of the two out"
        )
    if settings.hops > 1:
        raise ValueError(
            f"hops={settings.hops} takes the edges at all points, and max_points={settings.max_points} asks for those at "
            f"a sample of the {len(points)} points; leave one of the two out"
        )
    if settings.scan:
        raise ValueError(
            f"scan=True looks at the neighbours of all {len(points)} points, and max_points={settings.max_points} asks "
            "for those of a sample; leave one of the two out"
        )
    row_sets = np.repeat(np.arange(len(sets)), [len(rows) for rows in sets])
    return _sampled_graph(ball, row_sets, inverse, points, settings)


def _sampled_graph(
    ball: BallPoints, row_sets: Int, inverse: Int, points: Int, settings: Settings
) -> tuple[MemberGraph, float]:
    """Edges at ``settings.max_points`` random points of the sets, and the standard error of their share between sets.

    An edge is found from either of its ends, so all edges are as likely to be among those found, and their share
    between the sets is a ratio of unbiased estimates [1]_. Labels have no part in the draw, so that tests on the edges
    found are as exact as on all. Time O(max_points n d).

    References
    ----------
    .. [1] Cochran, "Sampling Techniques", 3rd edition, 1977, sections 2.11 and 6.4.
    """
    rng = check_random_state(settings.random_state)
    n, n_sites = len(points), int(settings.max_points or 0)
    sites = np.sort(rng.choice(points, n_sites, replace=False))
    found = ball_ray_neighbors(ball, sites, n_rays=settings.n_rays, n_jobs=settings.n_jobs, verbose=settings.verbose)
    if not found.settled.all():
        warn_caller(
            f"HyperDGA may miss edges at {np.count_nonzero(~found.settled)} of the {n_sites} sampled points: raise "
            f"n_rays={settings.n_rays} to settle them"
        )
    edges = np.unique(np.sort(found.pairs, axis=1), axis=0)
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
