"""Analyses of an AnnData: ``hyperkit.tl``. Each calls one estimator or function, and leaves plain arrays behind.

Every function writes into `adata` and returns None, as those of scanpy do. `key_added` names what it writes, all of it:

- its record, ``adata.uns["hyperkit"][key_added]``: model, curvature, parameters, and what has not one entry a cell;
- coordinates, ``adata.obsm[key_added]``; values of cells, ``adata.obs[f"{key_added}_distance"]`` and the like.

An earlier result of the same function by the same name is replaced; anything else that is there is an error, before
the work begins. A view becomes a copy of its own and leaves its parent as it was. In backed mode results are in memory
until ``adata.write()``, and of ``adata.X`` only what is asked for is read.
"""

from ._embed import embed, quality
from ._groups import dga, scan
from ._stored import stored_hierarchy, stored_tree
from ._treedata import from_treedata, to_treedata
from ._trees import hierarchy, tree

__all__ = [
    "dga",
    "embed",
    "from_treedata",
    "hierarchy",
    "quality",
    "scan",
    "stored_hierarchy",
    "stored_tree",
    "to_treedata",
    "tree",
]
