"""Warnings: one for each call of a user, at the line of that call."""

from __future__ import annotations

import sys
import warnings


def warn_caller(message: str) -> None:
    """Warn at the line outside hyperkit that the calls came from: `score` is a call more than `compare`."""
    level, frame = 2, sys._getframe(1)
    while frame.f_back is not None and frame.f_globals["__name__"].split(".")[0] == "hyperkit":
        level, frame = level + 1, frame.f_back
    warnings.warn(message, UserWarning, stacklevel=level)
