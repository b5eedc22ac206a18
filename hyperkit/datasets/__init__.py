"""Floor 5: three real data sets that ship with the package, and two generators of hierarchical data."""

from ._bundled import load_krumsiek11, load_pbmc68k_reduced, load_wordnet_mammals
from ._synthetic import make_binary_tree, make_branching_diffusion

__all__ = [
    "load_krumsiek11",
    "load_pbmc68k_reduced",
    "load_wordnet_mammals",
    "make_binary_tree",
    "make_branching_diffusion",
]
