"""`EmbeddingComparison`: what a comparison of two embeddings found, as figures, tables and a short text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..._repr import KeyFigures
from ...models import BallPoints, Model, from_ball, require_inside
from ..quality import EmbeddingQuality

if TYPE_CHECKING:
    import pandas as pd

_MEASURES = {
    "stress": "Stress",
    "mean_average_precision": "Mean average precision",
    "q_local": "Q_local",
    "q_global": "Q_global",
    "triplets": "Triplets",
}


@dataclass(frozen=True, eq=False, repr=False)
class EmbeddingComparison(KeyFigures):
    """Two embeddings P and Q of the same rows: how far they agree, and where not.

    Attributes
    ----------
    n : int
        Rows.
    n_dimensions_p, n_dimensions_q : int
        Of the two spaces.
    pearson, spearman : float or None
        Correlation of the distances of pairs of rows in P and in Q, and of their ranks, in [-1, 1]; None if all
        distances of one embedding are equal.
    stress : float
        ``sqrt(sum (p - scale q)^2 / sum p^2)`` over the distances p and q of the pairs; 0 is equal but for the scale.
    scale : float
        Factor on the distances of Q that brings them closest to those of P.
    n_pairs : int
        Pairs of rows that these are taken over: all up to 5,000 rows, 2,000,000 random ones above.
    relative_displacement : float
        How far the rows of Q, resized by `scale` and moved onto P by an isometry, are from those of P: root mean square
        over that of the distances of P from its Fréchet mean. 0 is the same place, 1 is as good as lost. Hard to
        please: a turn of the branches of a tree moves far what is far out, and changes hardly any distance.
    shared_neighbors : pandas.DataFrame
        One row for each number `k` of nearest neighbours: the mean share of a row's neighbours in P that are its
        neighbours in Q too (`shared`, in [0, 1]), and what unrelated embeddings would have (`chance`).
    n_neighbors : int
        The k of the same-label figures and of :meth:`label_scores`.
    same_label_p, same_label_q : float or None
        Mean share of a row's neighbours that have its label, in P and in Q; None without labels.
    same_label_chance : float or None
        The same for neighbours drawn at random.
    quality : EmbeddingQuality or None
        Measures of P and of Q against the data, if these were given (:func:`hyperkit.embedding.quality`).
    model : str
        Coordinates of :attr:`points` and :attr:`aligned`.
    curvature : float
        Curvature of the spaces.
    """

    n: int
    n_dimensions_p: int
    n_dimensions_q: int
    pearson: float | None
    spearman: float | None
    stress: float
    scale: float
    n_pairs: int
    relative_displacement: float
    shared_neighbors: pd.DataFrame
    n_neighbors: int
    same_label_p: float | None
    same_label_q: float | None
    same_label_chance: float | None
    quality: EmbeddingQuality | None
    model: Model
    curvature: float
    _rows: pd.DataFrame
    ball_p: BallPoints
    ball_aligned: BallPoints

    def _key_figures(self) -> dict[str, object]:
        return {
            "n": self.n,
            "spearman": self.spearman,
            f"shared_of_{self.n_neighbors}": float(self.shared_neighbors["shared"][self.n_neighbors]),
            "same_label_p": self.same_label_p,
            "same_label_q": self.same_label_q,
            "stress": self.stress,
            "scale": self.scale,
            "relative_displacement": self.relative_displacement,
        }

    @property
    def points(self) -> NDArray[np.float64]:
        """P, shape (n, D) or (n, D + 1), in `model` coordinates of the space of more dimensions, D."""
        return from_ball(self.ball_p, self.model, curvature=self.curvature)

    @property
    def aligned(self) -> NDArray[np.float64]:
        """Q, resized by `scale` about its Fréchet mean and moved onto P; shape and coordinates of `points`."""
        return from_ball(require_inside(self.ball_aligned, "Q aligned"), self.model, curvature=self.curvature)

    def to_frame(self) -> pd.DataFrame:
        """Where the embeddings differ, row by row.

        Returns
        -------
        pandas.DataFrame
            One row for each row, with the index of the user's table: `label` if there are labels; `lost_5`, ... for
            each k of `shared_neighbors`, the share in [0, 1] of its nearest neighbours in P that are not among those in
            Q; `displacement`, the length from its place in P to that in :attr:`aligned`; with labels `same_label_p` and
            `same_label_q`, the share of its `n_neighbors` nearest neighbours that have its label.
        """
        return self._rows.copy()

    def label_scores(self) -> pd.DataFrame:
        """Where the embeddings differ, label by label.

        Returns
        -------
        pandas.DataFrame
            One row a label, sorted or in the order of their categories: `n` rows; the means of `lost` (of `n_neighbors`
            neighbours), `displacement`, `same_label_p` and `same_label_q` over them; and `same_label_chance`.

        Raises
        ------
        ValueError
            The comparison was made without labels.
        """
        if "label" not in self._rows:
            raise ValueError("the comparison was made without labels; give compare(..., labels=...) one for each row")
        by_label = self._rows.groupby("label", observed=True)
        columns = [f"lost_{self.n_neighbors}", "displacement", "same_label_p", "same_label_q"]
        scores = by_label[columns].mean().rename(columns={columns[0]: "lost"})
        scores.insert(0, "n", by_label.size())
        return scores.assign(same_label_chance=(scores["n"] - 1) / (self.n - 1))

    def summary(self) -> str:
        """A few lines of text that say what was found.

        Returns
        -------
        str
            One line a quantity.
        """
        lines = key_lines(self)
        width = max(map(len, lines))
        return "\n".join(f"{name:<{width}}  {value}" for name, value in lines.items())


def key_lines(result: EmbeddingComparison) -> dict[str, str]:
    """What is worth telling about a comparison, by name."""
    lines = {"Rows": f"{result.n:,} (dimensions {result.n_dimensions_p} and {result.n_dimensions_q})"}
    for k, row in result.shared_neighbors.iterrows():
        lines[f"Shared of {k} neighbours"] = f"{_percent(row['shared'])} (chance {_percent(row['chance'])})"
    for name, value in (("rank ", result.spearman), ("", result.pearson)):
        lines[f"Distances: {name}correlation"] = "none: all are equal" if value is None else f"{value:.4f}"
    lines["Distances: scale from Q to P"] = f"{result.scale:.4g} (stress {round(result.stress, 9):.3g})"
    lines["Displacement after alignment"] = f"{_percent(result.relative_displacement)} of the spread of P"
    if result.same_label_p is not None and result.same_label_q is not None and result.same_label_chance is not None:
        lines[f"Same label among {result.n_neighbors} neighbours"] = (
            f"P {_percent(result.same_label_p)}, Q {_percent(result.same_label_q)} "
            f"(chance {_percent(result.same_label_chance)})"
        )
    if result.quality is not None:
        measures = result.quality.to_frame()
        for measure, name in _MEASURES.items():
            lines[f"{name}, by the data"] = "P {P:.4g}, Q {Q:.4g}".format(**measures[measure])
    return lines


def _percent(share: float) -> str:
    return f"{round(100 * share, 6):.3g} %"
