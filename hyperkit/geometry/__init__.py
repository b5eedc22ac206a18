"""Floor 2: distances, geodesics, isometries, means and random points, in any dimension and any model."""

from ._ball import ball_distance, ball_distance_matrix, ball_geodesic, directions, move_from_origin, move_to_origin
from ._distance import (
    NativePoints,
    distance,
    native_distance_blocks,
    native_distance_matrix,
    native_points,
    pairwise_distances,
    pairwise_distances_chunked,
)
from ._geodesics import angle, exp_map, geodesic, log_map, midpoint, translate
from ._joining import neighbor_joins
from ._mean import ball_frechet_mean, frechet_mean
from ._random import random_uniform_ball, random_wrapped_normal

__all__ = [
    "NativePoints",
    "angle",
    "ball_distance",
    "ball_distance_matrix",
    "ball_frechet_mean",
    "ball_geodesic",
    "directions",
    "distance",
    "exp_map",
    "frechet_mean",
    "geodesic",
    "log_map",
    "midpoint",
    "move_from_origin",
    "move_to_origin",
    "native_distance_blocks",
    "native_distance_matrix",
    "native_points",
    "neighbor_joins",
    "pairwise_distances",
    "pairwise_distances_chunked",
    "random_uniform_ball",
    "random_wrapped_normal",
    "translate",
]
