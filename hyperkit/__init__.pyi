from . import datasets, delaunay, embedding, geometry, latents, models, plot, similarity, steiner
from .delaunay import HyperbolicDelaunay, HyperbolicVoronoi, minimum_spanning_tree, nearest_neighbors
from .embedding import HyperbolicEncoder, HyperbolicMDS
from .geometry import (
    angle,
    distance,
    exp_map,
    frechet_mean,
    geodesic,
    log_map,
    midpoint,
    pairwise_distances,
    pairwise_distances_chunked,
    random_uniform_ball,
    random_wrapped_normal,
    translate,
)
from .models import check_points, convert
from .similarity import DGAResult, HyperDGA, assignment_cost, chamfer, hausdorff, hyperdga, wasserstein
from .steiner import HyperSteiner, SteinerTree

__version__: str

__all__ = [
    "DGAResult",
    "HyperDGA",
    "HyperSteiner",
    "HyperbolicDelaunay",
    "HyperbolicEncoder",
    "HyperbolicMDS",
    "HyperbolicVoronoi",
    "SteinerTree",
    "angle",
    "assignment_cost",
    "chamfer",
    "check_points",
    "convert",
    "datasets",
    "delaunay",
    "distance",
    "embedding",
    "exp_map",
    "frechet_mean",
    "geodesic",
    "geometry",
    "hausdorff",
    "hyperdga",
    "latents",
    "log_map",
    "midpoint",
    "minimum_spanning_tree",
    "models",
    "nearest_neighbors",
    "pairwise_distances",
    "pairwise_distances_chunked",
    "plot",
    "random_uniform_ball",
    "random_wrapped_normal",
    "similarity",
    "steiner",
    "translate",
    "wasserstein",
]
