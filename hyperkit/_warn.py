"""Warnings: one for each call of a user, at the line of that call."""

from __future__ import annotations

import sys
import warnings
from types import FrameType

# Ours, and those of scikit-learn: its pipelines and wrappers call our methods for the user.
_NOT_THE_USER = ("hyperkit", "sklearn", "joblib")


def warn_caller(message: str, category: type[Warning] = UserWarning) -> None:
    """Warn at the line outside hyperkit that the calls came from: `score` is a call more than `compare`."""
    level, frame = 2, sys._getframe(1)
    while frame.f_back is not None and _package(frame) in _NOT_THE_USER:
        level, frame = level + 1, frame.f_back
    warnings.warn(message, category, stacklevel=level)


def _package(frame: FrameType) -> str:
    """Top package of the code; code that ``exec`` runs may have no name."""
    return str(frame.f_globals.get("__name__") or "").split(".")[0]
