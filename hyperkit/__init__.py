"""Analyse data in hyperbolic space: coordinates, Delaunay graphs, Steiner trees, similarity scores.

The public names load on first use, so that ``import hyperkit`` stays cheap; ``help(hyperkit)``,
editors and type checkers read them from ``__init__.pyi``.
"""

import lazy_loader

__version__ = "0.1.0"

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
