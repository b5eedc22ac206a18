"""Warnings of the comparisons: one for each call of a user, at the line of that call."""

from __future__ import annotations

import sys
import warnings


def warn_of_missed_edges(recall: float, d: int) -> None:
    """Say which share of the edges is counted, if it is not all of them."""
    if recall < 1:
        warn_caller(
            f"HyperDGA counts over an estimated {recall:.1%} of the Delaunay edges, those that rays have found in {d} "
            "dimensions"
        )


def warn_caller(message: str) -> None:
    """Warn at the line outside hyperkit that the calls came from: `score` is a call more than `compare`."""
    level, frame = 2, sys._getframe(1)
    while frame.f_back is not None and frame.f_globals["__name__"].split(".")[0] == "hyperkit":
        level, frame = level + 1, frame.f_back
    warnings.warn(message, UserWarning, stacklevel=level)
