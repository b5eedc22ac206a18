"""From the graph of two sets to the figures of a `DGAResult`: counts, moments, p-values.

The one place where the parts meet, for a single pair as for many.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ._edge_counts import count_edges
from ._members import MemberGraph
from ._nulls import free_null, pair_groups, paired_null
from ._permutation import permutation_p_values
from ._settings import Settings


def comparison_figures(graph: MemberGraph, settings: Settings) -> dict[str, Any]:
    """The fields of a `DGAResult`, by name."""
    in_b = graph.sets == 1
    n_a, n_b = graph.sizes.tolist()
    counts = count_edges(graph.edges, in_b)
    groups = pair_groups(graph, len(graph.row_sets) // 2) if settings.paired else None
    null = free_null(n_a, n_b, graph.edges) if groups is None else paired_null(graph.edges, in_b, groups)
    n_edges = len(graph.edges)
    similarity, expected = (share(number, n_edges) for number in (counts.ab, float(null.mean_ab)))
    p_value, p_value_two_sided = null.p_values(counts)
    figures = {
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
        "expected_similarity": expected,
        "relative_similarity": share(similarity, expected),
        "z_score": null.z_score(counts),
        "p_value": p_value,
        "p_value_two_sided": p_value_two_sided,
        "generalized_statistic": float(null.generalized(counts)),
        "p_value_generalized": null.generalized_p_value(counts),
        "paired": settings.paired,
        "n_permutations": int(settings.n_permutations),
    }
    if settings.n_permutations:
        drawn = permutation_p_values(
            graph.edges,
            in_b,
            groups,
            null,
            counts,
            int(settings.n_permutations),
            random_state=settings.random_state,
            n_jobs=settings.n_jobs,
            verbose=settings.verbose,
        )
        figures |= {
            "p_value_permutation": drawn.one_sided,
            "p_value_two_sided_permutation": drawn.two_sided,
            "p_value_generalized_permutation": drawn.generalized,
        }
    return figures


def share(part: float, whole: float) -> float:
    """Part of the whole; 0 of nothing."""
    return float(part / whole) if whole else 0.0
