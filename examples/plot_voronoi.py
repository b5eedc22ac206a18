"""Who is nearest?
===============

Hyperbolic Voronoi diagrams of a ring of points, of cells, and of a cluster far from the origin.

A cell holds the part of the plane that is nearer to its point than to any other. Walls end in vertices or run to the
rim, where most cells of a spread-out set have their share. Run this file from the repository's root; it writes
``examples/figures/voronoi.png``.
"""

# %%
# Three sets of points: two regular rings about a middle, blood cells, and a cluster at polar radius 18.
from pathlib import Path

import numpy as np
from matplotlib import pyplot as plt

import hyperkit as hk

turn = 2 * np.pi * np.arange(12) / 12
circle = np.column_stack([np.cos(turn), np.sin(turn)])
rings = np.vstack([[[0.0, 0.0]], np.tanh(0.6) * circle[::2], np.tanh(1.2) * circle])

cells = hk.datasets.load_krumsiek11()
cell_types = cells.target_names[cells.target][::8]

far = hk.convert([[18.0, 0.0]], "tangent", "poincare")[0]
cluster = hk.random_wrapped_normal(60, far, scale=0.8, random_state=0)

# %%
# Areas tell compact cells from those that reach the rim.
for name, points in {"rings": rings, "cells": cells.embedding[::8], "cluster": cluster}.items():
    areas = hk.HyperbolicVoronoi(points).cell_areas
    compact = np.isfinite(areas)
    print(f"{name}: {compact.sum()} of {len(areas)} cells are compact, areas from {areas.min():.3g}")

# %%
# Each in both disks; the cluster's first point is brought to the middle.
colors = {"progenitor": "0.7", "Mo": "#d1495b", "Ery": "#00798c", "Mk": "#d08c1d", "Neu": "#6a4c93"}
views = {
    "two rings about a point": (rings, {}),
    "80 blood cells": (cells.embedding[::8], {"labels": cell_types, "cmap": colors, "legend": "none"}),
    "a cluster at polar radius 18, centred": (cluster, {"center": 0}),
}
figure, axes = plt.subplots(2, 3, figsize=(12, 8.2), layout="constrained")
for column, (title, (points, view)) in zip(axes.T, views.items(), strict=True):
    voronoi = hk.HyperbolicVoronoi(points)
    for ax, disk in zip(column, ("poincare", "klein"), strict=True):
        hk.plot.plot_voronoi(voronoi, disk=disk, ax=ax, **view)
    column[0].set_title(title, fontsize=11)
for ax, name in zip(axes[:, 0], ("Poincaré disk", "Klein disk"), strict=True):
    ax.text(-0.06, 0.5, name, transform=ax.transAxes, rotation=90, ha="center", va="center", fontsize=11)

figures = Path("examples/figures")
figures.mkdir(parents=True, exist_ok=True)
figure.savefig(figures / "voronoi.png", dpi=100)
