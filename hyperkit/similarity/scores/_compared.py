"""Two sets of points of one space, compared: the graph of both, its figures, an interval, a scan."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ...delaunay import check_exact
from ...models import BallPoints
from .._settings import Settings, check_settings
from ..graph import count_edges, count_member_edges, share, whole_or_sampled_graph
from ..scan import scan_graph
from ..significance import half_sample_interval, similarity_of_graph
from ._comparison import (
    comparison_figures,
    is_dense,
    warn_of_all_joined,
    warn_of_few_permutations,
    warn_of_missed_edges,
)
from ._group_rows import warn_of_few_groups
from ._result import DGAResult

if TYPE_CHECKING:
    import pandas as pd


def compare_points(
    a: tuple[str, BallPoints], b: tuple[str, BallPoints], settings: Settings, index: pd.Index | None = None
) -> DGAResult:
    """Compare two sets of points of one space, each with its name in errors, and warn of missed edges."""
    one, other = _checked(a, b, settings)
    result, recall = compared(one, other, settings, index)
    warn_of_missed_edges(recall, one.d)
    warn_of_few_groups([settings.groups])
    warn_of_few_permutations(settings)
    warn_of_all_joined(result.n_edges, result.n_a + result.n_b, settings.hops)
    return result


def score_points(a: tuple[str, BallPoints], b: tuple[str, BallPoints], settings: Settings) -> float:
    """The similarity that `compare_points` gives, without all that a result holds beside it."""
    sets = _checked(a, b, settings)
    n_members = 0
    if settings.hops == 1 and settings.max_points is None:
        counts, recall = count_member_edges(sets, settings)
    else:
        graph, _ = whole_or_sampled_graph(sets, settings)
        counts, recall, n_members = count_edges(graph.edges, graph.sets == 1), graph.recall, len(graph.ball)
    warn_of_missed_edges(recall, sets[0].d)
    warn_of_all_joined(sum(counts), n_members, settings.hops)
    return float(share(counts.ab, sum(counts)))


def _checked(a: tuple[str, BallPoints], b: tuple[str, BallPoints], settings: Settings) -> tuple[BallPoints, BallPoints]:
    """The points of both sets, taken as exact, if settings and points make sense."""
    check_settings(settings, len(a[1]), len(b[1]))
    for name, points in (a, b):
        check_exact(points, settings.method, name)
    return a[1].taken_as_exact(), b[1].taken_as_exact()


def compared(
    a: BallPoints, b: BallPoints, settings: Settings, index: pd.Index | None = None
) -> tuple[DGAResult, float]:
    """Compare two sets of points, taken as exact, by checked settings; also the least recall of the graphs it took."""
    sets = [a, b]
    graph, error = whole_or_sampled_graph(sets, settings)
    figures, recall = comparison_figures(graph, settings), graph.recall
    if settings.interval is not None:
        _check_interval(settings, figures)
        similarity = np.array(figures["similarity"])
        interval, of_halves = half_sample_interval(sets, similarity, settings.interval, settings, similarity_of_graph)
        figures["interval_low"], figures["interval_high"] = map(float, interval)
        recall = min(recall, of_halves)
    scan = scan_graph(graph, settings) if settings.scan else None
    if scan is not None:
        figures |= scan.figures()
    return DGAResult(**figures, standard_error=error, graph=graph, index=index, scan=scan), recall


def _check_interval(settings: Settings, figures: dict[str, Any]) -> None:
    """Raise ValueError where several hops join too many pairs for half-samples, whose graphs are smaller."""
    n = figures["n_a"] + figures["n_b"]
    if settings.hops > 1 and is_dense(figures["n_edges"], n):
        raise ValueError(
            f"interval={settings.interval}: hops={settings.hops} join {figures['n_edges'] / (n * (n - 1) / 2):.0%} of "
            "all pairs, and half-samples, which they join sooner, vary too little (intervals of 95 % held the mean in "
            "76 %); take fewer hops, or leave out interval"
        )
