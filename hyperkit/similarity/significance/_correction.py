"""p-values of many comparisons, corrected for their number."""

from __future__ import annotations

import numpy as np
from scipy.stats import false_discovery_control

from ..graph import Float


def corrected_p_values(p: Float, correction: str) -> Float:
    """p-values corrected for their number."""
    if correction != "holm":
        return np.asarray(false_discovery_control(p, method=correction))
    order = np.argsort(p, kind="stable")
    out = np.empty_like(p)
    out[order] = np.minimum(1.0, np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1)))
    return out
