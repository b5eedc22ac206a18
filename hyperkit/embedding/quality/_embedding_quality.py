"""`EmbeddingQuality`: the verdict on one or several embeddings, as a frame of measures and a frame of curves."""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import shorten
from typing import TYPE_CHECKING

from ..._repr import KeyFigures
from ._measures import MEASURES

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False, repr=False)
class EmbeddingQuality(KeyFigures):
    """Measures of embeddings against one reference.

    Attributes
    ----------
    q_nx : pandas.DataFrame
        Share of the K nearest that embedding and reference have in common [1]_; a column for each embedding, a row for
        each K = 1 ... n - 1.

    References
    ----------
    .. [1] Lee and Verleysen, "Quality assessment of dimensionality reduction: Rank-based criteria", Neurocomputing 72
       (2009).
    """

    q_nx: pd.DataFrame
    _table: pd.DataFrame

    def to_frame(self) -> pd.DataFrame:
        """The measures, one row an embedding.

        Returns
        -------
        pandas.DataFrame
            Columns as :func:`quality` lists them.
        """
        return self._table.copy()

    def _key_figures(self) -> dict[str, object]:
        n_rows = len(self.q_nx) + 1
        if len(self._table) > 1:
            names = shorten(", ".join(map(str, self._table.index)), 60, placeholder=" ...")
            return {"n_rows": n_rows, "embeddings": names}
        return {name: self._table[name].iloc[0] for name in MEASURES} | {"n_rows": n_rows}

    def __repr__(self) -> str:
        return super().__repr__()

    def _repr_html_(self) -> str:
        html: str = self._table.to_html(float_format="{:.4g}".format)
        return html
