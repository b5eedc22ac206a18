"""Hierarchies against the truth: how much of it they have, and how much of that chance would give them.

`_compare` goes from the checks to the table; names are matched in `_shared_names`, and `_tip_tree` is what most
measures are taken on. These have a module each: `_splits`, `_clustering_information`, `_triplets`, `_ancestors`,
`_lengths`, `_purity`.
"""

from ._compare import compare
from ._levels import match_trees

__all__ = ["compare", "match_trees"]
