"""Floor 7: hyperkit on AnnData, in the habits of scverse; ``hyperkit.tl`` and ``hyperkit.pl``.

- `tl` takes tables from an AnnData, calls one estimator or function of the floors below, and leaves plain arrays there.
- `pl` draws what `tl` left, in the colours that scanpy keeps.
- `_records`: where results lie, what may be overwritten, and how they are found again; `_tables`: what is read.

anndata comes with the extra ``hyperkit-geometry[anndata]`` and is imported at the first call.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
