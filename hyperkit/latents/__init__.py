"""From the latent space of a hyperbolic neural network to the points that the rest of the package takes.

In come torch tensors on a geoopt manifold, or an encoder with its data; out come float64 points of the Poincare unit
ball (`to_poincare`, `encode`), or what is made of them: HyperDGA of two data sets (`compare`), the measures of an
embedding (`quality`), and figures for a training log (`monitor`).

- `_manifold`: which coordinates, which curvature, which factor of a product; `_placing`: rows to points, and what is no
  point or clipped; `_points`: the result of that.
- `_batches`: data of any shape; `_output`: which of an encoder's outputs the latents are; `_networks`: how to look at a
  network without changing it; `_encoding`: all together.
- `_comparison`, `_verdict` and `_monitoring`: a public function each; `_probe` and `_figures`: what `monitor` measures.

Nothing here trains, loads or saves a network, and no file is read; torch and geoopt come with the extra
``hyperkit-geometry[torch]`` and are imported at the first call. Latents that are arrays need none of it: every function
of the package takes those of ``PoincareBall(c)`` by ``model="poincare", curvature=-c`` and those of ``Lorentz(k)`` by
``model="hyperboloid", curvature=-1 / k``; :func:`hyperkit.convert` brings one to the other.
"""

from ._comparison import compare
from ._encoding import encode
from ._monitoring import Readings, monitor
from ._points import LatentPoints, to_poincare
from ._verdict import quality

__all__ = ["LatentPoints", "Readings", "compare", "encode", "monitor", "quality", "to_poincare"]
