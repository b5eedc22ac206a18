"""`EmbeddingQuality`: the verdict on one or several embeddings, as a frame of measures and a frame of curves."""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import shorten
from typing import TYPE_CHECKING, Any

from ..._repr import KeyFigures

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False, repr=False)
class EmbeddingQuality(KeyFigures):
    """Measures of embeddings against one reference; printed, a table of them.

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

    @property
    def n_rows(self) -> int:
        """Number of rows of each embedding."""
        return len(self.q_nx) + 1

    @property
    def embeddings(self) -> list[Any]:
        """Names of the embeddings."""
        return self._table.index.tolist()

    def _key_figures(self) -> dict[str, object]:
        names = shorten(", ".join(map(str, self.embeddings)), 60, placeholder=" ...")
        return {"n_rows": self.n_rows, "embeddings": names}

    def __repr__(self) -> str:
        return super().__repr__()

    def __str__(self) -> str:
        return str(self._table.T.to_string(float_format="{:.4g}".format))

    def _repr_html_(self) -> str:
        html: str = self._table.to_html(float_format="{:.4g}".format)
        return html
