"""Warnings of the comparisons."""

from __future__ import annotations

from .._warn import warn_caller


def warn_of_missed_edges(recall: float, d: int) -> None:
    """Say which share of the edges is counted, if it is not all of them."""
    if recall < 1:
        warn_caller(
            f"HyperDGA counts over an estimated {recall:.1%} of the Delaunay edges, those that rays have found in {d} "
            "dimensions"
        )
