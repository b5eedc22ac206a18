"""Labels of rows: those a pandas table brings as its index, and those a user groups rows by, checked once for all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..._validation import refuse_hidden

if TYPE_CHECKING:
    import pandas as pd


def stacked_index(index_a: pd.Index | None, n_a: int, index_b: pd.Index | None, n_b: int) -> pd.Index | None:
    """Labels of the rows of A, then of B: numbers for a set without, None if neither has any."""
    if index_a is None and index_b is None:
        return None
    import pandas as pd

    first, then = (pd.RangeIndex(n) if index is None else index for index, n in ((index_a, n_a), (index_b, n_b)))
    return first.append(then)


def check_labels(
    labels: ArrayLike,
    name: str,
    n_rows: int,
    of: str,
    way_out: str = "give it a label such as 'unknown', or leave out the row",
) -> NDArray[Any] | pd.Categorical:
    """One label for each of the `n_rows` rows of `of`, categories kept; raise ValueError that names a missing one."""
    import pandas as pd

    refuse_hidden(name, labels)
    try:
        values = np.asarray(labels)
    except ValueError:  # lists of several lengths
        raise ValueError(
            f"{name} holds several lists; {of} has {n_rows} rows, and takes one list of a label for each"
        ) from None
    if values.shape != (n_rows,):
        raise ValueError(f"{name} has shape {values.shape}; {of} has {n_rows} rows, and each needs one label")
    given = np.asarray(labels, dtype=object)  # among strings numpy would write nan as one of them
    missing = pd.isna(given)
    if missing.any():
        row = int(np.argmax(missing))
        raise ValueError(f"{name}: row {row} is missing ({given[row]}); {way_out}")
    return pd.Categorical(labels) if isinstance(getattr(labels, "dtype", None), pd.CategoricalDtype) else values
