"""The shortest tree of few points: every topology, but those that a bound rules out."""

from ._enumeration import Enumerated, enumerated_tree, surrounding_ball

__all__ = ["Enumerated", "enumerated_tree", "surrounding_ball"]
