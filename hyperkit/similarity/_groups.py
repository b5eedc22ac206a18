"""Groups of rows that are relabelled as a whole, and in how many ways that can be done."""

from __future__ import annotations

from math import comb
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class Groups(NamedTuple):
    """Groups of rows, each with all its rows in one set."""

    of_rows: NDArray[np.int64]
    """Group of each row, A's then B's."""
    in_b: NDArray[np.bool_]
    """Whether each group is in B."""
    paired: bool
    """Whether groups i and m / 2 + i are one before and after, so that labels swap inside such pairs."""

    @property
    def n_labellings(self) -> int:
        """Labellings that are as likely as the observed one, itself among them."""
        n_b = int(np.count_nonzero(self.in_b))
        return 2**n_b if self.paired else comb(len(self.in_b), n_b)

    @property
    def least_p_value(self) -> float:
        """Smallest p-value that counting all labellings can give: twice as large where A and B can swap all groups."""
        can_swap = 2 * np.count_nonzero(self.in_b) == len(self.in_b)
        return (2 if can_swap else 1) / self.n_labellings
