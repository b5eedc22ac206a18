"""Loaders of the data sets that ship with the package.

In: nothing. Out: a scikit-learn Bunch. The one idea: every set is one compressed .npz and one .md next to it, both
written by ``datasets/<name>/build.py`` of the repository from a pinned public package, coordinates of the Poincaré ball
included; loading is reading, needs no network and unpickles nothing. The embeddings come from
`hyperkit.embedding.HyperbolicMDS`.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from scipy.sparse import csgraph
from sklearn.utils import Bunch

from .._sparse import sparse_graph

_DATA = Path(__file__).parent / "data"


def _load(name: str) -> Bunch:
    """Arrays of one set, its description, and where it lies."""
    filename = _DATA / f"{name}.npz"
    with np.load(filename, allow_pickle=False) as archive:
        content = {key: archive[key] for key in archive.files}
    for key in ("embedding_stress", "embedding_curvature"):
        content[key] = float(content[key])
    description = (_DATA / f"{name}.md").read_text(encoding="utf-8")
    return Bunch(**content, DESCR=description, filename=str(filename))


def load_krumsiek11() -> Bunch:
    """640 simulated cells on their way from a progenitor to four blood cell fates.

    Returns
    -------
    Bunch
        - data : ndarray (640, 11), float64, activity of 11 transcription factors, about 0 to 1
        - target : ndarray (640,), int64, cell type, index into `target_names`
        - target_names : ndarray (5,), "progenitor", "Mo" (monocyte), "Ery" (erythrocyte), "Mk" (megakaryocyte),
          "Neu" (neutrophil)
        - feature_names : ndarray (11,), names of the genes
        - time : ndarray (640,), int64, step of the simulation, 0 to 159; row = 160 * simulation + step, and the four
          simulations end in the four fates
        - embedding : ndarray (640, 2), float64, Poincaré coordinates found by :class:`hyperkit.embedding.HyperbolicMDS`
          from geodesic distances, with the curvature that makes them 10 across; the Fréchet mean is at the origin
        - embedding_stress : float, normalised stress of `embedding`
        - embedding_curvature : float, its curvature: hyperbolic distances divided by ``sqrt(-embedding_curvature)``
          approximate the geodesic distances of `data`
        - DESCR : str, origin, licence, citation
        - filename : str

    Examples
    --------
    >>> from hyperkit.datasets import load_krumsiek11
    >>> cells = load_krumsiek11()
    >>> cells.data.shape, cells.embedding.shape, bool(cells.embedding_stress < 0.01)
    ((640, 11), (640, 2), True)
    """
    return _load("krumsiek11")


def load_pbmc68k_reduced() -> Bunch:
    """700 human blood cells of ten types, in 50 principal components.

    Returns
    -------
    Bunch
        - data : ndarray (700, 50), float64, principal components of the expression of variable genes
        - target : ndarray (700,), int64, cell type, index into `target_names`
        - target_names : ndarray (10,), cell types, by comparison with sorted populations
        - feature_names : ndarray (50,), "PC1" to "PC50"
        - barcodes : ndarray (700,), names of the cells
        - embedding : ndarray (700, 2), float64, Poincaré coordinates found by :class:`hyperkit.embedding.HyperbolicMDS`
          with its default parameters; the Fréchet mean is at the origin
        - embedding_stress : float, normalised stress of `embedding`
        - embedding_curvature : float, its curvature: hyperbolic distances divided by ``sqrt(-embedding_curvature)``
          approximate the geodesic distances of `data`
        - DESCR : str, origin, licence, citation
        - filename : str

    Examples
    --------
    >>> from hyperkit.datasets import load_pbmc68k_reduced
    >>> cells = load_pbmc68k_reduced()
    >>> cells.data.shape, len(cells.target_names)
    ((700, 50), 10)
    """
    cells = _load("pbmc68k_reduced")
    cells.data = cells.data.astype(np.float64)  # shipped as the float32 that the source holds
    return cells


def load_wordnet_mammals() -> Bunch:
    """WordNet's noun hierarchy below "mammal": 1,170 concepts, made by hand.

    There are no features: what is known is the graph. "Elephant" has two hypernyms, every other concept but the root
    one.

    Returns
    -------
    Bunch
        - names : ndarray (1170,), concepts, such as "dog.n.01" (first word, noun, its sense); the root is row 0
        - edges : ndarray (1170, 2), int64, child and parent (hypernym): rows of `names`
        - depth : ndarray (1170,), int64, edges to the root by the shortest way
        - distances : ndarray (1170, 1170), float64, edges between two concepts by the shortest way, computed here
        - target : ndarray (1170,), int64, group of the concept, index into `target_names`
        - target_names : ndarray, groups: the children of "placental" and the other children of "mammal"; the two
          themselves are group 0, "mammal"
        - embedding : ndarray (1170, 2), float64, Poincaré coordinates found by
          :class:`hyperkit.embedding.HyperbolicMDS` from `distances`; the Fréchet mean is at the origin
        - embedding_stress : float, normalised stress of `embedding`
        - embedding_curvature : float, its curvature: hyperbolic distances divided by ``sqrt(-embedding_curvature)``
          approximate `distances`
        - DESCR : str, origin, licence, citation
        - filename : str

    Examples
    --------
    >>> from hyperkit.datasets import load_wordnet_mammals
    >>> words = load_wordnet_mammals()
    >>> dog = list(words.names).index("dog.n.01")
    >>> [str(words.names[parent]) for child, parent in words.edges if child == dog]
    ['canine.n.02']
    """
    words = _load("wordnet_mammals")
    graph = sparse_graph(len(words.names), words.edges)
    words.distances = csgraph.shortest_path(graph, method="D", directed=False, unweighted=True)
    return words
