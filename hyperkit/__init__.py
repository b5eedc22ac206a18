"""Analyse data in hyperbolic space: coordinates, Delaunay graphs, Steiner trees, similarity scores.

From a table of features to a tree and a score of two populations::

    points = hyperkit.HyperbolicMDS(random_state=0).fit_transform(features)  # points of the Poincaré disk
    tree = hyperkit.HyperSteiner().fit(points).tree_
    score = hyperkit.HyperDGA().fit(points[is_a]).score(points[is_b])
    hyperkit.plot.plot_tree(tree, labels)

``dir(hyperkit)`` lists the public names; they load on first use, so that ``import hyperkit`` stays cheap.
"""

import lazy_loader

__version__ = "0.1.0"

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
