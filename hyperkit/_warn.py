"""Warnings: one for each call of a user, at the line of that call."""

from __future__ import annotations

import sys
import warnings

# Ours, and those of scikit-learn: its pipelines and wrappers call our methods for the user.
_NOT_THE_USER = ("hyperkit", "sklearn", "joblib")


def warn_caller(message: str, category: type[Warning] = UserWarning) -> None:
    """Warn at the line outside hyperkit that the calls came from: `score` is a call more than `compare`."""
    level, frame = 2, sys._getframe(1)
    while frame.f_back is not None and frame.f_globals["__name__"].split(".")[0] in _NOT_THE_USER:
        level, frame = level + 1, frame.f_back
    warnings.warn(message, category, stacklevel=level)
