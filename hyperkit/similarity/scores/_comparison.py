"""From the graph of two sets to the figures of a `DGAResult`: counts, moments, p-values.

The one place where the parts meet, for a single pair as for many.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ..._warn import warn_caller
from .._groups import Groups
from .._settings import Settings
from ..graph import MemberGraph, Null, RowGraph, count_edges, count_rows, row_graph, share
from ..significance import expected_similarity, free_null, group_test, paired_null, permutation_p_values

# At several hops p-values come from permutations, and from so many if none are asked for, where more than this share of
# all pairs are joined, or a set has fewer rows than this.
_DRAWN = 999
_DENSE = 0.25
_FEW = 20
NEARLY_ALL = 0.95
_LEAST_DRAWN = 19  # these and the observed labelling give p = 0.05


def comparison_figures(graph: MemberGraph, settings: Settings) -> dict[str, Any]:
    """The fields of a `DGAResult`, by name: counts of members, and tests of rows or groups."""
    n_a, n_b = graph.sizes.tolist()
    counts = count_edges(graph.edges, graph.sets == 1)
    n_edges = len(graph.edges)
    similarity = float(share(counts.ab, n_edges))
    rows = row_graph(graph)
    groups, kept = settings.groups, graph.share
    tests = _tests_of_rows(rows, settings, kept) if groups is None else _tests_of_groups(rows, groups, settings, kept)
    return {
        "n_edges": n_edges,
        "n_aa": counts.aa,
        "n_bb": counts.bb,
        "n_ab": counts.ab,
        "similarity": similarity,
        "distance": 1.0 - similarity,
        "n_a": n_a,
        "n_b": n_b,
        "n_shared": int(np.count_nonzero(np.bincount(graph.points) > 1)),
        "n_repeated": len(graph.members) - n_a - n_b,
        "relative_similarity": float(share(similarity, tests["expected_similarity"])),
        "paired": settings.paired,
        "hops": int(settings.hops),
    } | tests


def _tests_of_rows(rows: RowGraph, settings: Settings, kept: float) -> dict[str, Any]:
    """What relabelling rows, or swapping them inside pairs, gives by moments and by draws."""
    skewed = settings.hops == 1 or _curve_may_hold(rows, kept)
    null = paired_null(rows, skewed) if settings.paired else free_null(rows, skewed)
    counts = count_rows(rows)
    by_curve = null.third_ab is not None
    n_permutations = int(settings.n_permutations) or (0 if by_curve else _DRAWN)
    figures = {
        "expected_similarity": expected_of_rows(rows, settings.paired, null, kept),
        "z_score": null.z_score(counts),
        "generalized_statistic": float(null.generalized(counts)),
        "n_permutations": n_permutations,
        "permuted": not by_curve,
    }
    if n_permutations:
        drawn = permutation_p_values(
            rows,
            settings.paired,
            null,
            counts,
            n_permutations,
            random_state=settings.random_state,
            n_jobs=settings.n_jobs,
            verbose=settings.verbose,
        )
        figures |= {
            "p_value_permutation": drawn.one_sided,
            "p_value_two_sided_permutation": drawn.two_sided,
            "p_value_generalized_permutation": drawn.generalized,
        }
    one_sided, two_sided, generalized = (
        (*null.p_values(counts), null.generalized_p_value(counts)) if by_curve else drawn
    )
    return figures | {"p_value": one_sided, "p_value_two_sided": two_sided, "p_value_generalized": generalized}


def expected_of_rows(rows: RowGraph, paired: bool, null: Null, kept: float = 1.0) -> float:
    """Mean share of edges A-B over the labellings of rows: by the moments, unless rows coincide."""
    if len(rows.sizes) < len(rows.points):
        return expected_similarity(rows, paired, kept)
    return float(share(float(null.mean_ab), rows.n_edges))


def _curve_may_hold(rows: RowGraph, share_of_edges: float) -> bool:
    """Whether curves may give p-values at several hops, by what was measured (`DGAResult`)."""
    n = len(rows.points)
    n_b = int(np.count_nonzero(rows.in_b))
    return not is_dense(rows.n_edges, n, share_of_edges) and min(n_b, n - n_b) >= _FEW


def is_dense(n_edges: ArrayLike, n: int, share_of_edges: float = 1.0) -> Any:
    """Whether of n rows or members more pairs are joined than curves and half-samples bear."""
    return np.asarray(n_edges) > _DENSE * share_of_edges * n * (n - 1) / 2


def _tests_of_groups(rows: RowGraph, groups: Groups, settings: Settings, kept: float) -> dict[str, Any]:
    """What relabelling whole groups gives."""
    test = group_test(rows, groups, int(settings.n_permutations), settings.random_state)
    expected = {"expected_similarity": expected_similarity(rows, False, kept, groups)}
    return test._asdict() | numbers_of_groups(groups) | expected


def numbers_of_groups(groups: Groups) -> dict[str, Any]:
    """Fields of a result: groups in each set, and in both."""
    n_b = int(np.count_nonzero(groups.in_b))
    return {
        "n_groups_a": len(groups.in_b) - n_b,
        "n_groups_b": n_b,
        "n_groups_shared": n_b if groups.paired else 0,
    }


def warn_of_all_joined(n_edges: int, n: int, hops: int, way_out: str = "take fewer hops") -> None:
    """Say so if several hops join nearly all of n members, so that the counts are what the sizes of the sets give."""
    joined = float(share(n_edges, n * (n - 1) / 2))
    if hops > 1 and joined > NEARLY_ALL:
        warn_caller(
            f"hops={hops} joins {joined:.0%} of all pairs, whose counts hardly depend on where the points lie: "
            f"{way_out}"
        )


def warn_of_few_permutations(settings: Settings) -> None:
    """Say so if so few labellings are to be drawn that no p-value can reach the usual level."""
    n = int(settings.n_permutations)
    of_rows = settings.groups is None or settings.scan  # labellings of groups may be all counted
    if of_rows and 0 < n < _LEAST_DRAWN:
        warn_caller(
            f"n_permutations={n}: no p-value from {n + 1} labellings, the observed one among them, can be below "
            f"{1 / (n + 1):.2g}; take 999"
        )


def warn_of_missed_edges(recall: float, d: int) -> None:
    """Say which share of the edges is counted, if it is not all of them."""
    if recall < 1:
        warn_caller(
            f"HyperDGA counts over an estimated {recall:.1%} of the Delaunay edges, those that rays have found in {d} "
            "dimensions"
        )
