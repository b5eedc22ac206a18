"""The shortest tree of few points: every topology, but those that a bound rules out."""

from ._enumeration import enumerated_tree, surrounding_ball

__all__ = ["enumerated_tree", "surrounding_ball"]
