"""`compare`: hierarchies against the truth, from the checks to the table. Each measure has a module of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
from numpy.random import RandomState
from sklearn.utils import check_random_state

from ..._warn import warn_caller
from .._hierarchy import Hierarchy
from ._levels import match_trees
from ._measuring import MEASURES, scores_of
from ._score import Score, Scores
from ._shared_names import Trees


def compare(
    truth: Hierarchy,
    inferred: Hierarchy | Mapping[str, Hierarchy],
    groups: Any = None,
    *,
    measures: str | Sequence[str] | None = None,
    random_state: int | RandomState | None = 0,
) -> pd.DataFrame:
    """Compare an inferred hierarchy with the true one: a row for each measure, and something trivial beside it.

    Nodes are matched by their names, as written. A name is compared wherever it stands: one with others below it also
    counts as a tip right there, at length 0.

    Parameters
    ----------
    truth : Hierarchy
        What is taken for true: of the same rows, or, with `groups`, of the groups.
    inferred : Hierarchy, or mapping from names to Hierarchy
        What is judged. Several trees are compared by the names that all of them have, and stand side by side.
    groups : array-like of shape (n_rows,), pandas Series or mapping, optional
        A label for each row, such as cell types; or for each name. Then splits, clustering information and ancestors
        are those of the groups, each tree condensed to one node a group by `Hierarchy.condense`: those of single cells
        are noise. Triplets are of three different groups, and all threes of groups count alike, so that large groups do
        not rule. A truth that shares fewer than four names with the inferred trees is taken for a tree of the groups,
        and everything but purity is then compared by group.
    measures : str or sequence of str, optional
        What to measure; by default everything, purity with `groups` only.

        - ``"splits"``, of unrooted trees: every edge splits the names in two, and those with two names or more on both
          sides are compared. ``splits_precision`` is the share of the inferred ones that are true, ``splits_recall``
          the share of the true ones that are found, ``splits_f1`` their harmonic mean, ``robinson_foulds`` the number
          of those that one tree has alone.
        - ``"clustering_information"``, of unrooted trees: ``clustering_information_distance`` [1]_, from 0 for equal
          trees to 1 for trees that tell nothing of each other. A split that is right but for one name counts for nearly
          all here, and as wrong above. Up to 1,000 names.
        - ``"triplets"``, of rooted trees: of three names, which two are closer kin? ``triplets_right``, ``_wrong`` and
          ``_unresolved`` are the shares of the answers to those that the truth resolves. All triplets up to 20,000
          names, else, and with groups, a sample of 500,000.
        - ``"ancestors"``, of rooted trees with names inside: pairs of names, one above the other.
          ``ancestors_precision``, ``_recall`` and ``_f1`` as for splits.
        - ``"depth"``, of rooted trees: ``depth_spearman``, the rank correlation of the distances from the root.
        - ``"cophenetic"``, of unrooted trees: ``cophenetic_correlation``, that of the lengths of paths between names.
          All pairs up to 5,000 names, else a sample of 500,000.
        - ``"purity"``, of rooted trees: ``dendrogram_purity`` [2]_, for two members of a group the share of that group
          in the smallest clade with both, on average over all such pairs: large groups rule, and the truth has no say.
    random_state : int, RandomState or None, default=0
        For samples and for the shuffling of names. What a measure gives does not depend on which others are asked for,
        and all inferred trees are measured on the same samples.

    Returns
    -------
    pandas.DataFrame
        A row for each measure, indexed by its name; of several trees, by ``(measure, tree)``, so that
        ``table["value"].unstack()`` has a column a tree. The first row tells how many names were compared, and what was
        left out. Columns:

        - ``value``, NaN where a measure says nothing of these trees: ``note`` says why.
        - ``baseline``, what something trivial gets by the same measure, and ``baseline_of``, what that is:

          - ``"names shuffled"``: the inferred tree with its names at random.
          - ``"leaves below the same root"``: what any tree gets that names its root, and no other ancestor;
            ``"all names leaves"`` where the root has no name.
          - ``"no tree: distance from the root"``, ``"no tree: distances of the points"``: the correlation that the
            points of the nodes have by themselves, where the inferred tree has points. A tree that is no better has
            no share in it.

        - ``standard_error`` of what was sampled; NaN where all was counted.
        - ``among``, what was compared: names or groups, and how many.
        - ``note``, the counts behind a value, or the reason that there is none.

    Warns
    -----
    UserWarning
        Some trees have names that not all have, or leaves without a name: these are left out.

    Raises
    ------
    TypeError
        A tree is no `Hierarchy`.
    ValueError
        Fewer than four names are in all trees, a name stands twice in one, a measure is unknown, or a name has no
        group.

    Notes
    -----
    Two random binary trees have next to no split in common, a third of the triplets, and a clustering-information
    distance of .73 at 10 names, .88 at 100 and .91 at 1,000: read each value from its baseline on.

    Edges count whatever their length: one of length 0 or of little support is a split like others. `Hierarchy.collapse`
    takes out those that mean nothing, which raises precision and lowers recall. The root of an inferred tree is where
    it was put (`Hierarchy.root_at`); measures of unrooted trees do not depend on it.

    Splits are matched exactly in linear time [3]_, triplets counted in n^2 steps, ancestors in n log n. 20,000 rows
    take about a second.

    References
    ----------
    .. [1] Smith, "Information theoretic generalized Robinson-Foulds metrics for comparing phylogenetic trees",
       Bioinformatics 36, 2020.
    .. [2] Heller and Ghahramani, "Bayesian hierarchical clustering", ICML 2005.
    .. [3] Day, "Optimal algorithms for comparing trees with labeled leaves", Journal of Classification 2, 1985.

    Examples
    --------
    >>> from hyperkit.hierarchy import compare, from_parents
    >>> truth = from_parents([-1, 0, 0, 1, 1, 2, 2], names=["root", "left", "right", "a", "b", "c", "d"])
    >>> inferred = from_parents([-1, 0, 0, 1, 1, 2, 2], names=["root", "left", "right", "a", "c", "b", "d"])
    >>> compare(truth, inferred, measures=["triplets", "ancestors"])[["value", "baseline", "baseline_of"]].round(2)
                         value  baseline                 baseline_of
    measure...
    shared_names          7.00       NaN...
    triplets_right        0.25      0.23              names shuffled
    triplets_wrong        0.50      0.46              names shuffled
    triplets_unresolved   0.25      0.31              names shuffled
    ancestors_precision   0.80      1.00  leaves below the same root
    ancestors_recall      0.80      0.60  leaves below the same root
    ancestors_f1          0.80      0.75  leaves below the same root
    """
    chosen = _chosen(measures, groups)
    several = isinstance(inferred, Mapping)
    trees = _checked(truth, inferred)
    matched = match_trees(trees, groups)
    if matched.left_out:
        warn_caller(f"compared by what the trees share; left out are {'; '.join(matched.left_out.values())}")
    rng = check_random_state(random_state)
    # A seed a measure: no measure's figures depend on which others are chosen, and all trees are asked the same.
    seeds = dict(zip(MEASURES, rng.randint(0, 2**31 - 1, len(MEASURES)), strict=True))
    return _table(
        {name: scores_of(matched, name, {key: seeds[key] for key in chosen}) for name in trees if name != "truth"},
        several,
    )


def _chosen(measures: str | Sequence[str] | None, groups: Any) -> list[str]:
    """The measures asked for, in the order of `MEASURES`; purity asks for groups."""
    if measures is None:
        return [measure for measure in MEASURES if groups is not None or measure != "purity"]
    several = isinstance(measures, list | tuple | set)
    asked: Any = measures if several else [measures]
    if not all(isinstance(measure, str) and measure in MEASURES for measure in asked):
        raise ValueError(f"measures={measures!r} must be one of {', '.join(map(repr, MEASURES))}, or several of them")
    if "purity" in asked and groups is None:
        raise ValueError("measures: purity is of groups; give groups too")
    return [measure for measure in MEASURES if measure in asked]


def _checked(truth: Any, inferred: Any) -> Trees:
    """The trees by their names, the truth first."""
    several = inferred if isinstance(inferred, Mapping) else {"inferred": inferred}
    trees = {"truth": truth, **several}
    if len(trees) != len(several) + 1 or not several:
        raise ValueError("inferred: give one hierarchy or more, by names other than 'truth'")
    for name, tree in trees.items():
        if not isinstance(tree, Hierarchy):
            raise TypeError(
                f"{name} is a {type(tree).__name__}; give a Hierarchy: from_newick, from_steiner, from_linkage, "
                "from_networkx and from_parents make one"
            )
    return trees


def _table(found: dict[str, Scores], several: bool) -> pd.DataFrame:
    if not several:
        (scores,) = found.values()
        index = pd.Index(list(scores), name="measure")
        return pd.DataFrame(list(scores.values()), index=index, columns=Score._fields)
    rows = {(measure, tree): found[tree][measure] for measure in next(iter(found.values())) for tree in found}
    index = pd.MultiIndex.from_tuples(list(rows), names=["measure", "tree"])
    return pd.DataFrame(list(rows.values()), index=index, columns=Score._fields)
