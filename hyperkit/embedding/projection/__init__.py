"""From more dimensions to the disk: what a picture of an embedding shows, and how much of it."""

from ._projection import METHODS, DiskProjection, Method, ball_distortion, ball_plane_map, project_to_disk

__all__ = ["METHODS", "DiskProjection", "Method", "ball_distortion", "ball_plane_map", "project_to_disk"]
