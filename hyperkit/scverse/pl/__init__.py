"""Pictures of an AnnData: ``hyperkit.pl``. Each draws what `hyperkit.tl` left, by one function of `hyperkit.plot`.

Classes have the colours of ``adata.uns[f"{color}_colors"]``, where scanpy keeps them; if there are none, those drawn
are put there, so that scanpy's pictures show the same. A view is left as it is.
"""

from ._disks import embedding, hierarchy, tree
from ._matrix import dga_matrix

__all__ = ["dga_matrix", "embedding", "hierarchy", "tree"]
