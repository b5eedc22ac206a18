"""Labels of rows, checked once for all that group rows by them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .._validation import refuse_hidden


def check_labels(labels: ArrayLike, name: str, n_rows: int, of: str) -> NDArray[Any]:
    """One label for each of the `n_rows` rows of `of`; raise ValueError that names a missing one."""
    import pandas as pd

    refuse_hidden(name, labels)
    values = np.asarray(labels)
    if values.shape != (n_rows,):
        raise ValueError(f"{name} has shape {values.shape}; {of} has {n_rows} rows, and each needs one label")
    given = np.asarray(labels, dtype=object)  # among strings numpy would write nan as one of them
    missing = pd.isna(given)
    if missing.any():
        row = int(np.argmax(missing))
        raise ValueError(
            f"{name}: row {row} is missing ({given[row]}); give it a label such as 'unknown', or leave out the row"
        )
    return values
