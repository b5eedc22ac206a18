"""Hierarchies made from hierarchies: rooted elsewhere, and with fewer nodes."""

from __future__ import annotations

from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .._validation import check_number
from ..models import check_points
from ._asking import Asking
from ._condensing import condensed, median_nodes
from ._naming import one_of, row_types
from ._root_times import best_for_times
from ._rooting import Place, edge_to_outgroup, middle_of_longest_path, min_variance, nearest_to_mean, rooted
from ._splicing import below, collapsed, snapped, spanned


class Editing(Asking):
    """What can be made of a hierarchy; the hierarchy itself never changes."""

    def root_at(self, root: int | str = "min_variance", *, outgroup: ArrayLike | None = None) -> Self:
        if root == "outgroup" or outgroup is not None:
            return rooted(self, edge_to_outgroup(self, self._outgroup(root, outgroup)))
        if root == "min_variance":
            return rooted(self, min_variance(self))
        if root == "midpoint":
            return rooted(self, middle_of_longest_path(self))
        if root == "frechet":
            return rooted(self, nearest_to_mean(self))
        return rooted(self, Place(one_of("root", self._rows("root", root))))

    def root_by_time(self, times: ArrayLike) -> Self:
        values = check_points(np.asarray(times)[..., None], "tangent", name="times")[..., 0]
        return rooted(self, best_for_times(self, values))

    def _outgroup(self, root: int | str, outgroup: ArrayLike | None) -> NDArray[np.int64]:
        if root not in ("outgroup", "min_variance") or outgroup is None:
            raise ValueError(f"root={root!r}, outgroup={outgroup!r}: root='outgroup' goes with outgroup=, its rows")
        nodes = np.atleast_1d(self._rows("outgroup", outgroup))
        if nodes.size == 0:
            raise ValueError("outgroup is empty; give rows or labels")
        return nodes

    def subtree(self, node: int | str) -> Self:
        top = self._node("node", node)
        return below(self, top)

    def collapse(self, *, support: float | None = None, length: float | None = None) -> Self:
        if (support is None) == (length is None):
            raise ValueError(f"support={support!r}, length={length!r}: give one of the two")
        weak: NDArray[np.bool_]
        if length is not None:
            weak = self.length <= check_number("length", length, "a number of at least 0", lambda x: x >= 0)
        elif self.support is None:
            raise ValueError("support: the hierarchy has none; hierarchy.bootstrap gives it")
        else:
            weak = self.support < check_number("support", support, "a number in [0, 1]", lambda x: 0 <= x <= 1)
        weak = weak & ~self.is_leaf & (self.parent >= 0)
        return collapsed(self, weak)

    def prune(self, *, keep: ArrayLike | None = None, drop: ArrayLike | None = None) -> Self:
        if (keep is None) == (drop is None):
            raise ValueError(f"keep={keep!r}, drop={drop!r}: give one of the two")
        stays = np.zeros(len(self), dtype=bool)
        if keep is not None:
            stays[self._rows("keep", keep)] = True
        else:
            stays[self.node_of_rows] = True
            stays[self._rows("drop", drop)] = False
        if not stays.any():
            raise ValueError(f"{'keep' if drop is None else 'drop'}: no row is left; a hierarchy has one at least")
        return spanned(self, np.flatnonzero(stays))

    def snap(self, tau: float) -> Self:
        return snapped(self, check_number("tau", tau, "a number of at least 0", lambda t: t >= 0))

    def condense(self, labels: ArrayLike) -> Self:
        codes, names = row_types(labels, self.n_rows)
        return condensed(self, median_nodes(self._minima, self.depth, self.node_of_rows, codes), names)
