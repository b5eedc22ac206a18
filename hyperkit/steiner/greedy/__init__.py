"""The published greedy algorithm: full trees on three and four terminals, concatenated."""

from ._greedy import greedy_tree

__all__ = ["greedy_tree"]
