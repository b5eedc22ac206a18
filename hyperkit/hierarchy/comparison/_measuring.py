"""Which measure is taken where: by names, or by groups where single names mean little."""

from __future__ import annotations

from numpy.random import RandomState

from ._ancestors import ANCESTORS, ancestor_scores
from ._clustering_information import CLUSTERING_INFORMATION, clustering_information_scores
from ._lengths import cophenetic_scores, depth_scores
from ._levels import Level, Matched
from ._purity import purity_scores
from ._score import Score, Scores, missing
from ._shared_names import LEAST
from ._splits import SPLITS, split_scores
from ._tip_tree import Int
from ._triplets import triplet_scores

MEASURES = ("splits", "clustering_information", "triplets", "ancestors", "depth", "cophenetic", "purity")
# Single cells have no splits worth the name; their groups have.
_BY_GROUP = {"splits": SPLITS, "clustering_information": CLUSTERING_INFORMATION, "ancestors": ANCESTORS}


def scores_of(matched: Matched, name: str, seeds: dict[str, int]) -> Scores:
    """All scores of one inferred tree; `seeds` are of the measures that are asked for."""
    found = _shared_scores(matched, name)
    for measure, seed in seeds.items():
        level: Level | None = matched.by_name
        if matched.codes is not None and (measure in _BY_GROUP or matched.truth_is_of_groups) and measure != "purity":
            level = matched.by_group
        if level is None:
            found |= missing(_BY_GROUP[measure], f"fewer than {LEAST} groups")
            continue
        codes = matched.codes if level is matched.by_name else None
        scores = _scores(measure, level, name, codes, RandomState(seed))
        found |= {key: score._replace(among=level.among) for key, score in scores.items()}
    return found


def _shared_scores(matched: Matched, name: str) -> Scores:
    """How many names and groups are compared, and what is left out."""
    left_out = [matched.left_out[tree] for tree in ("truth", name) if tree in matched.left_out]
    note = f"left out: {'; '.join(left_out)}" if left_out else "nothing is left out"
    levels = [matched.by_name] if matched.by_group is None else [matched.by_name, matched.by_group]
    return {f"shared_{level.what}": Score(len(level.shared.names), note=note) for level in levels}


def _scores(measure: str, level: Level, name: str, codes: Int | None, rng: RandomState) -> Scores:
    """Scores of one measure; `codes` are the groups of the names that are compared."""
    inferred = level.tips[name]
    if measure == "purity" and codes is not None:
        return purity_scores(level.tips.get("truth"), inferred, codes, rng)
    truth = level.tips["truth"]
    if measure == "splits":
        return split_scores(truth, inferred, rng)
    if measure == "clustering_information":
        return clustering_information_scores(truth, inferred, rng)
    if measure == "triplets":
        return triplet_scores(truth, inferred, codes, rng)
    if measure == "cophenetic":
        return cophenetic_scores(truth, inferred, level.trees[name], level.shared.nodes[name], rng)
    whole = level.trees["truth"], level.trees[name], level.shared.nodes["truth"], level.shared.nodes[name]
    return ancestor_scores(*whole) if measure == "ancestors" else depth_scores(*whole)
