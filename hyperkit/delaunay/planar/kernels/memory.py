"""Large arrays."""

from __future__ import annotations

import numpy as np

from ...._compilation import njit


@njit
def room(n):
    """An int32 array of n numbers, not set.

    numpy asks for huge pages for a large one, and where these are rare, as on virtual machines, they are slow to come:
    .1 s for 48 MB, where small ones took .02.
    """
    return np.empty(n, np.int32)
