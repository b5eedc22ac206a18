"""How many edges of the hyperbolic Delaunay graph are wrong, far from the origin, by which way.

``python -m benchmarks.delaunay_study`` draws a cluster at each of several polar radii and counts missing and additional
edges of three ways, against brute force over all pairs in fractions (the tests' own). The points of a cluster are all
near each other in the hyperbolic sense, and in the Poincaré disk they differ in their last digits.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.spatial import ConvexHull, Delaunay, QhullError

import hyperkit as hk

Edges = set[tuple[int, int]]


def ours(points: np.ndarray) -> Edges:
    return {tuple(edge) for edge in np.sort(hk.HyperbolicDelaunay(points).edges, axis=1).tolist()}


def scipy_poincare(points: np.ndarray) -> Edges:
    """Euclidean Delaunay triangles by Qhull; of each that is not hyperbolic the longest side goes, in floats."""
    gaps = 1 - np.sum(points**2, axis=1)
    kept, dropped = set(), set()
    for triangle in Delaunay(points).simplices:
        sides = []
        for i, j in ((0, 1), (0, 2), (1, 2)):
            a, b = sorted((int(triangle[i]), int(triangle[j])))
            sides.append((np.linalg.norm(points[a] - points[b]) / np.sqrt(gaps[a] * gaps[b]), (a, b)))
        (first, _), (second, _), (longest, edge) = sorted(sides)
        kept |= {side for _, side in sides}
        if not longest < first + second:
            dropped.add(edge)
    return kept - dropped


def qhull_hyperboloid(points: np.ndarray) -> Edges:
    """Sides of the lower facets of the convex hull on the hyperboloid; facets count where their normal is timelike."""
    hull = ConvexHull(hk.convert(points, "poincare", "hyperboloid"))
    timelike = (hull.equations[:, 0] < 0) & (hull.equations[:, 0] ** 2 > np.sum(hull.equations[:, 1:3] ** 2, axis=1))
    corners = np.sort(hull.simplices[timelike], axis=1)
    return {tuple(edge) for triangle in corners.tolist() for edge in (triangle[:2], triangle[1:], triangle[::2])}


WAYS: dict[str, Callable[[np.ndarray], Edges]] = {
    "HyperbolicDelaunay": ours,
    "scipy's Delaunay and the right filter": scipy_poincare,
    "Qhull on the hyperboloid": qhull_hyperboloid,
}


def cluster(radius: float, n: int, seed: int) -> np.ndarray:
    centre = hk.convert([[radius * np.cos(1.0), radius * np.sin(1.0)]], "tangent", "poincare")[0]
    return hk.random_wrapped_normal(n, centre, random_state=seed)


def wrong(way: Callable[[np.ndarray], Edges], points: np.ndarray, truth: Edges) -> int | None:
    try:
        return len(way(points) ^ truth)
    except (QhullError, ValueError):
        return None


def main(n: int = 50, n_sets: int = 5) -> None:
    from tests.reference import delaunay_edges

    print("| polar radius | edges | " + " | ".join(WAYS) + " |")
    print("|---" * (2 + len(WAYS)) + "|")
    for radius in (4, 8, 12, 16, 20, 24, 30):
        sets = [cluster(radius, n, seed) for seed in range(n_sets)]
        truths = [delaunay_edges(points) for points in sets]
        counts = []
        for way in WAYS.values():
            found = [wrong(way, points, truth) for points, truth in zip(sets, truths, strict=True)]
            counts.append("error" if None in found else str(sum(found)))
        print(f"| {radius} | {sum(map(len, truths))} | " + " | ".join(counts) + " |", flush=True)


if __name__ == "__main__":
    main()
