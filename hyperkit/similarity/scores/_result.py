"""What a comparison of two sets gives back: `DGAResult`, numbers first, and the tables behind them on request."""

from __future__ import annotations

from dataclasses import InitVar, dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from ..._repr import KeyFigures
from ..._validation import check_flag, check_number
from ...models import BallPoints
from ..graph import MemberGraph
from ..scan import Scan, region_table
from ._beside import NONE_DROPPED, WithTables
from ._components import ComponentScores, component_scores
from ._local import label_table, point_table

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, repr=False)
class DGAResult(WithTables, KeyFigures):
    """The counts behind a HyperDGA score of two sets A and B, and what they say.

    Attributes
    ----------
    n_edges : int
        Edges counted; ``n_aa + n_bb + n_ab``. At least 1, but for two sets that a joint graph or a sample keeps apart.
    n_aa, n_bb : int
        Edges with both ends in A, and with both ends in B.
    n_ab : int
        Edges that join A to B. At least 1, because the graph is connected, but for joint graphs and samples.
    similarity : float
        ``n_ab / n_edges``, in (0, 1], or 0.0 without edges A-B; larger is more alike.
    distance : float
        ``1 - similarity``, in [0, 1]: the number that the authors of [1]_ print as "HyperDGA"; smaller is more alike.
    n_shared : int
        Points that occur both in A and in B.
    n_repeated : int
        Rows that repeat an earlier row of their own set, and so are counted with it.
    n_a, n_b : int
        Members of A and of B: their distinct points.
    expected_similarity : float
        Mean of `similarity` over all relabellings of the rows: ``2 n_a n_b / (n (n - 1))`` with ``n = n_a + n_b``; for
        paired sets the mean over all swaps inside pairs. Where rows coincide, the mean of `n_ab` divided by that of
        `n_edges`, which both depend on the labels.
    relative_similarity : float
        ``similarity / expected_similarity``; 1 is as mixed as chance, near 0 is apart, above 1 is more mixed.
    z_score : float
        Edges between rows of A and rows of B less their mean under relabelling, in standard deviations; 0 if all
        relabellings have the same count. These edges are `n_ab` unless rows coincide (see Notes).
    p_value : float
        Chance of as few such edges or fewer under relabelling: small if the sets differ. From the first three moments.
    p_value_two_sided : float
        The same for a count as far from its mean: also small for sets that mix more than chance, as copies do.
    generalized_statistic : float
        Generalised edge-count statistic [2]_, at least 0: also large where one set is spread and the other crowded, so
        that one has too many inner edges and the other too few, while their sum, and so `n_ab`, is as chance gives.
        Counted, like `z_score`, between rows.
    p_value_generalized : float
        Its p-value, from the chi-squared distribution with two degrees of freedom: one for the edges within the sets
        and one for their difference, less one for either of them that is the same in all relabellings.
    paired : bool
        Whether rows of A and B were taken as pairs.
    n_permutations : int
        Labellings drawn for the three p-values below, which are None if there were none; 999 if they were needed (see
        Notes) and no number was given.
    p_value_permutation, p_value_two_sided_permutation, p_value_generalized_permutation : float or None
        The p-values above as the share of the drawn labellings that are as extreme, the observed one counted among
        them: at least ``1 / (n_permutations + 1)``.
    interval_low, interval_high : float or None
        Ends of the confidence interval of `similarity`, if one was asked for.
    interval : tuple of float or None
        Both of them.
    standard_error : float
        Of `similarity` as an estimate of that of the whole graph; 0.0 if the whole graph was looked at.
    hops : int
        Edges are pairs that at most so many steps in the Delaunay graph join.
    permuted : bool
        Whether `p_value`, `p_value_two_sided` and `p_value_generalized` are those of permutations, as the curves of the
        moments do not hold (see Notes).
    n_groups_a, n_groups_b : int or None
        Groups of rows in A and in B, if groups were given: then `expected_similarity`, `z_score`,
        `generalized_statistic` and the three p-values, which no curve approximates, are those of whole groups (see
        Notes), and there are no others.
    n_groups_shared : int or None
        Those that are in both sets, all or none.
    n_labellings : int or None
        Labellings of groups that were counted, the observed one among them: all, or `n_permutations` and one.
    least_p_value : float or None
        The smallest p-value that they can give.
    p_value_scan : float or None
        If a scan was asked for: chance under relabelling that the number of rows of B in any neighbourhood of any row
        stands out as much as in the one that stands out most, in either direction; the least p-value of `regions`.
    n_permutations_scan, scan_hops : int
        Labellings it was held against, and the steps up to which neighbourhoods reach; 0 without a scan.

    Notes
    -----
    What the p-values assume. Each row is drawn independently of the others, and under the null hypothesis all from one
    distribution. The graph does not depend on the labels, so that the distribution over relabellings is exact, whatever
    the distribution of the points and the dimension. It is approximated by the curve with its three moments: off by
    less than 0.01 from 20 + 20 points on and by about 0.005 from 100 + 100 (two and five dimensions); below that take
    `n_permutations`. At several `hops` the same holds as long as at most a quarter of all pairs are joined (20 + 20 to
    1,000 + 1,000 points of 2, 3 and 5 dimensions, 1 to 5 hops: shares of ``p < 0.05`` from 0.041 to 0.056, of
    ``p < 0.01`` from 0.008 to 0.013, but for `p_value_generalized` up to 0.019). Where more are joined, as within two
    hops in four dimensions or more, or a set has fewer than 20 rows, p-values come from permutations, and `permuted`
    says so; they are at least ``1 / (n_permutations + 1)``.

    Rows that depend on each other, such as data and their reconstructions or clean and noisy copies, need
    ``paired=True``: then pairs are drawn independently, and under the null hypothesis the two rows of a pair could as
    well be swapped. Cells of one donor, or steps of one trajectory, are not independent draws either: give `groups`.

    With groups, such as donors, only these are drawn independently of each other, and rows of one may depend on each
    other in any way. If each is in one set, the null hypothesis is that all groups, how many rows they have included,
    come from one distribution: every choice of `n_groups_a` of them for A is then as likely, whatever number of rows it
    gives to A. If all are in both sets, it is that the two halves of a group could as well be swapped. The statistic
    adds up, over the pairs of a group in A and a group in B, the share of their pairs of rows that an edge joins. With
    as many rows in all groups it is `n_ab` in other units; else each group counts alike. Edges inside a group have no
    part in any statistic. Counts come twice where A and B can swap all groups, so that 4 + 4 groups have 70 labellings
    and no p-value below 2/70 = 0.029, 3 + 3 none below 0.1, and k that are in both sets none below ``2 / 2**k``; of 3 +
    4 groups all 35 differ. Where the groups of B have more rows than those of A, not all come from one distribution:
    the one-sided test then keeps its size, nearly, and the generalised one does not (.045 and .085 of null sets had p <
    0.05 where they were three times as large). Of groups in both sets only changes as large as the distances between
    groups are seen: an edge between the halves of one joins A to B however they are labelled.

    Rows that coincide, as rounded data have them, are counted as members (`HyperDGA`) but tested as rows: two rows are
    joined if their points are Delaunay neighbours, or the same point. A member of A and a member of B at one point are
    one of each whatever the draw, so that no test can exchange their labels. Rows that were copied by mistake are not
    independent draws: leave them out.

    The scan takes the rows within one step around each row, two, and so on, the row itself among them. How far the
    number of rows of B in such a neighbourhood is from the mean is told by the tail of its hypergeometric distribution
    (with pairs, a binomial one; with groups, by the standard deviation under their relabelling, widened by that of as
    many independent rows), so that small and large ones can be held against each other, and a p-value is the share of
    labellings whose smallest tail anywhere is as small [3]_. What this bounds is the chance of any finding if
    the two sets do not differ at all, exactly. If they do differ somewhere, they have to differ elsewhere: after a loss
    of a branch in B, B is crowded on all others. `regions` says what that costs and what helps.

    References
    ----------
    .. [1] Medbouhi et al., "Hyperbolic Delaunay Geometric Alignment", ECML PKDD 2024 (arXiv 2404.08608).
    .. [2] Chen and Friedman, "A new graph-based two-sample test for multivariate and object data", Journal of the
       American Statistical Association 112, 2017.
    .. [3] Westfall and Young, "Resampling-Based Multiple Testing", 1993, chapter 2.
    """

    n_edges: int
    n_aa: int
    n_bb: int
    n_ab: int
    similarity: float
    distance: float
    n_shared: int
    n_repeated: int
    n_a: int
    n_b: int
    expected_similarity: float
    relative_similarity: float
    z_score: float
    p_value: float
    p_value_two_sided: float
    generalized_statistic: float
    p_value_generalized: float
    paired: bool = False
    n_permutations: int = 0
    p_value_permutation: float | None = None
    p_value_two_sided_permutation: float | None = None
    p_value_generalized_permutation: float | None = None
    interval_low: float | None = None
    interval_high: float | None = None
    standard_error: float = 0.0
    hops: int = 1
    permuted: bool = False
    n_groups_a: int | None = None
    n_groups_b: int | None = None
    n_groups_shared: int | None = None
    n_labellings: int | None = None
    least_p_value: float | None = None
    p_value_scan: float | None = None
    n_permutations_scan: int = 0
    scan_hops: int = 0
    graph: InitVar[MemberGraph | None] = None
    index: InitVar[pd.Index | None] = None
    scan: InitVar[Scan | None] = None

    @property
    def interval(self) -> tuple[float, float] | None:
        """Confidence interval of `similarity`, if one was asked for."""
        if self.interval_low is None or self.interval_high is None:
            return None
        return self.interval_low, self.interval_high

    def __post_init__(self, graph: MemberGraph | None, index: pd.Index | None, scan: Scan | None) -> None:
        for name, value in (("_graph", graph), ("_index", index), ("_scan", scan), ("_dropped", NONE_DROPPED)):
            object.__setattr__(self, name, value)

    @property
    def ball_rows(self) -> BallPoints:
        """Places of the rows of A, then of B; ValueError as in `to_frame`."""
        graph = self._require_graph()
        return graph.ball.take(graph.members)

    def _key_figures(self) -> dict[str, object]:
        # What was asked for comes first: a line has room for some 100 characters.
        return {
            "similarity": self.similarity,
            "p_value": self.p_value,
            "hops": None if self.hops == 1 else self.hops,
            "p_value_scan": self.p_value_scan,
            "n_groups_shared": self.n_groups_shared or None,
            "n_groups_a": None if self.n_groups_shared else self.n_groups_a,
            "n_groups_b": None if self.n_groups_shared else self.n_groups_b,
            "least_p_value": self.least_p_value,
            "p_value_permutation": None if self.permuted else self.p_value_permutation,
            "interval": None if self.interval is None else "{:.6g} to {:.6g}".format(*self.interval),
            "relative_similarity": self.relative_similarity,
            "n_a": self.n_a,
            "n_b": self.n_b,
            "n_ab": self.n_ab,
            "n_edges": self.n_edges,
            "n_dropped": sum(map(len, self._dropped[0])) or None,
            "standard_error": self.standard_error or None,
        }

    def to_frame(self) -> pd.DataFrame:
        """Local scores: how far each point is surrounded by the other set.

        Returns
        -------
        pandas.DataFrame
            One row for each row of A, then of B: `set` ("A" or "B"), `row` (its number in the set as it was given,
            `dropped` rows included), `n_neighbors` (its edges), `n_other` (those that lead to the other set) and
            `local_similarity`, their share in [0, 1]. If A or B was a pandas table, the index is that of A followed by
            that of B (of an array: its row numbers), so that ``table[table["set"] == "A"]`` can be joined to A; else 0,
            1, ... After a scan also of the neighbourhood around the row that stands out most: `scan_steps` to its end,
            `n_around` rows in it, the row itself among them, `n_b_around` of them in B, `scan_z_score`, their number
            less its mean under relabelling in standard deviations (positive where B is crowded), and `p_value_scan`,
            corrected for all rows and scales.

        Raises
        ------
        ValueError
            The result was made by hand or by ``dataclasses.replace``, and has no graph.

        Notes
        -----
        The numbers of the comparison itself are ``dataclasses.asdict(result)``. With `max_points` only the edges at the
        sampled points are known: the other points have fewer `n_neighbors` than in the whole graph, or 0.

        Examples
        --------
        >>> from hyperkit import HyperDGA
        >>> result = HyperDGA().fit([[0.0, 0.0], [0.1, 0.0]]).compare([[0.5, 0.0]])
        >>> result.to_frame()
          set  row  n_neighbors  n_other  local_similarity
        0   A    0            1        0               0.0
        1   A    1            2        1               0.5
        2   B    0            1        1               1.0
        """
        table = point_table(self._require_graph(), self._dropped[0])
        if self._scan is not None:
            table = table.assign(**self._scan.columns())
        return table if self._index is None else table.set_axis(self._index)

    def label_scores(self, labels_a: ArrayLike | None = None, labels_b: ArrayLike | None = None) -> pd.DataFrame:
        """Scores of labels, such as cell types or clusters of your own.

        Parameters
        ----------
        labels_a, labels_b : array-like of shape (n,) and (m,), optional
            One label for each row of A and of B. Points of a set without labels are seen as neighbours only.

        Returns
        -------
        pandas.DataFrame
            One row a label: `n_a` and `n_b` rows with it, edges `n_neighbors` at them, those `n_other` that lead to the
            other set, and their share `local_similarity` in [0, 1]. Labels ascend, or have the order of their
            categories if they are categorical.

        Raises
        ------
        ValueError
            No labels are given, not one for each row, or one is missing (None or NaN); or as in `to_frame`.

        Notes
        -----
        With `max_points` over the edges at the sampled points: the shares estimate those of the whole graph, the
        numbers of edges are smaller.
        """
        return label_table(self._require_graph(), labels_a, labels_b)

    def regions(self, *, level: float = 0.05, sequential: bool = False) -> pd.DataFrame:
        """Regions where one set is crowded and the other missing, from a comparison with ``scan=True``.

        Rows whose `p_value_scan` is at most `level` are joined to a region where they are Delaunay neighbours and stand
        out in the same direction.

        Parameters
        ----------
        level : float in (0, 1), default=0.05
            Largest p-value of a finding: bounds the chance of any region if the two sets do not differ.
        sequential : bool, default=False
            Find one region at a time: after the strongest, all rows in its neighbourhoods are set aside, and the rest
            is scanned anew, among labellings of the rest. The p-value of a region is then the largest of its own and of
            those before it. As long as a scan for each region, and one more.

        Returns
        -------
        pandas.DataFrame
            One row a region, the strongest first: `crowded`, the set ("A" or "B") that has more rows there than chance
            gives; the least `p_value`; `n_a` and `n_b`, its rows in A and in B; these `rows`, an array, and their
            number `n_rows`; `n_a_around` and `n_b_around` in all the neighbourhoods around them that stand out most;
            and the `medoid`, the row with the least sum of hyperbolic distances to the others (above 2,000, to 2,000 of
            them). Rows are places in `to_frame`, the `medoid` too, which says of which set and `row` they are:
            ``result.to_frame().iloc[regions.loc[0, "rows"]]``. No region, no row.

        Raises
        ------
        ValueError
            `level` is no number between 0 and 1; the comparison was made without a scan; or as in `to_frame`.

        Notes
        -----
        What is bounded is the chance of any region where nothing differs, with `sequential` as without. What is not is
        the share of regions that are there by composition only: if B lost one branch of four, it is crowded on the
        three others. Of 200 + 200 points, 20 % of experiments had such a region (two branches of four: 90 %), of
        50 + 50 points 9 % (42 %). With ``sequential=True`` it was 2 % (2 %) and 5 % (15 %), and of 200 + 200 points the
        losses were found as often. The price: of two sides that are as strong, as in a shift, both are found in a third
        of the experiments only. Which of "A is missing here" and "B is crowded there" is true, no comparison of two
        samples can tell: the strongest region is taken for the cause, and p-values of the next are those of the rest,
        but none below one before it, as in other step-down procedures.

        Examples
        --------
        >>> import numpy as np
        >>> from hyperkit import HyperDGA, random_wrapped_normal
        >>> A = random_wrapped_normal(60, random_state=0)
        >>> B = np.concatenate([A[:30] * 0.99, random_wrapped_normal(30, [0.9, 0.0], scale=0.3, random_state=1)])
        >>> regions = HyperDGA().fit(A).compare(B, scan=True).regions()
        >>> regions["crowded"][0], regions[["n_a_around", "n_b_around"]].to_numpy()[0].tolist()
        ('B', [8, 34])
        """
        check_number("level", level, "a number between 0 and 1, such as 0.05", lambda number: 0 < number < 1)
        check_flag("sequential", sequential)
        ball = self.ball_rows
        if self._scan is None:
            raise ValueError("this comparison was made without a scan; ask for one with compare(..., scan=True)")
        return region_table(self._scan, ball, level, sequential)

    def component_scores(self) -> ComponentScores:
        """The published component scores: clusters of the union by HDBSCAN, and how far each belongs to both sets.

        Returns
        -------
        ComponentScores

        Raises
        ------
        ValueError
            More than 20,000 distinct points: HDBSCAN holds two matrices of 8 n^2 bytes. A sampled graph
            (`max_points`), which has not the inner edges of the clusters. As in `to_frame`.

        Notes
        -----
        HDBSCAN on hyperbolic distances, with clusters of at least 5 points, excess of mass, a single cluster allowed,
        and ``min_samples=6``, which counts the point itself. Fewer than 6 points are noise. Time O(n^2).

        References
        ----------
        .. [1] Medbouhi et al., "Hyperbolic Delaunay Geometric Alignment", ECML PKDD 2024 (arXiv 2404.08608), section 3.
        """
        return component_scores(self._require_graph())

    @property
    def dropped(self) -> pd.DataFrame:
        """Rows that `hyperkit.latents.compare` was asked to leave out: `set`, `row` (its number there) and `reason`."""
        import pandas as pd

        rows, reasons = self._dropped
        sets = np.repeat(["A", "B"], [len(numbers) for numbers in rows])
        return pd.DataFrame(
            {
                "set": pd.Categorical(sets, categories=["A", "B"]),
                "row": np.concatenate(rows).astype(np.int64),
                "reason": np.concatenate(reasons).astype(object),
            }
        )

    def _require_graph(self) -> MemberGraph:
        if self._graph is None:
            raise ValueError(
                "this DGAResult has numbers and no graph, as dataclasses.replace and hand-made ones have; ask the "
                "result that compare or compare_sets returned"
            )
        return self._graph
