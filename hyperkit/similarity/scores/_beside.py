"""What a result holds beside its numbers, and its tables are made of."""

from __future__ import annotations

from copy import copy
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from ..graph import MemberGraph
from ..scan import Scan

if TYPE_CHECKING:
    import pandas as pd

_Result = TypeVar("_Result", bound="WithTables")
# Rows of A and of B that were left out, and why.
_Dropped = tuple[tuple[NDArray[np.int64], NDArray[np.int64]], tuple[NDArray[np.str_], NDArray[np.str_]]]

_NO_ROWS, _NO_REASONS = np.empty(0, dtype=np.int64), np.empty(0, dtype=np.str_)
NONE_DROPPED: _Dropped = ((_NO_ROWS, _NO_ROWS), (_NO_REASONS, _NO_REASONS))


class WithTables:
    """Holds what the tables of a result are made of beside its fields: graph, index of the user's tables, and scan.

    So results with the same numbers are equal, and what ``vars`` and ``asdict`` give can be written to a file, such as
    the ``uns`` of an AnnData object.
    """

    __slots__ = ("_dropped", "_graph", "_index", "_scan")
    _graph: MemberGraph | None
    _index: pd.Index | None
    _scan: Scan | None
    _dropped: _Dropped

    def __getstate__(self) -> tuple[dict[str, Any], dict[str, Any]]:
        return self.__dict__, {name: getattr(self, name) for name in WithTables.__slots__}

    def __setstate__(self, state: tuple[dict[str, Any], dict[str, Any]]) -> None:
        self.__dict__.update(state[0])
        for name, value in state[1].items():
            object.__setattr__(self, name, value)


def with_dropped(
    result: _Result,
    rows: tuple[NDArray[np.int64], NDArray[np.int64]],
    reasons: tuple[NDArray[np.str_], NDArray[np.str_]],
) -> _Result:
    """The result, knowing which rows of A and of B were left out before it was computed, and why."""
    noted = copy(result)
    object.__setattr__(noted, "_dropped", (rows, reasons))
    return noted
