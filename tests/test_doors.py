"""Validated once, converted once: how often the package looks at a user's array, counted in the calls it makes."""

import sys
import threading

import networkx as nx
import numpy as np
import pytest

import hyperkit as hk
from hyperkit import latents
from hyperkit.models import MODELS, _check, _gap

# Odd numbers of rows, so that no other array of a call has as many.
A, B = (hk.random_uniform_ball(n, 2, radius=3.0, random_state=n) for n in (97, 89))
NO_GAPS = {"hyperboloid", "halfspace", "tangent"}  # whose coordinates give the gap without a sum


def compare_latents(a, b, model):
    """The sets as an encoder gives them, on the manifolds that geoopt has."""
    torch, geoopt = pytest.importorskip("torch"), pytest.importorskip("geoopt")
    if model not in ("poincare", "hyperboloid"):
        pytest.skip(f"geoopt has no manifold for {model}")
    manifold = geoopt.Lorentz() if model == "hyperboloid" else -1.0
    return latents.compare(lambda rows: rows, torch.as_tensor(a), torch.as_tensor(b), manifold)


CALLS = {
    "HyperSteiner greedy": lambda a, b, **o: hk.HyperSteiner(method="greedy", **o).fit(a),
    "HyperSteiner local": lambda a, b, **o: hk.HyperSteiner(method="local", **o).fit(a),
    "HyperSteiner score": lambda a, b, **o: hk.HyperSteiner(method="greedy", **o).fit(a).score(b),
    "HyperSteiner leaves": lambda a, b, **o: hk.HyperSteiner(leaves=True, **o).fit(a),
    "SteinerClustering": lambda a, b, **o: hk.hierarchy.SteinerClustering(**o).fit(a),
    "neighbor_joining": lambda a, b, **o: hk.hierarchy.neighbor_joining(a, **o),
    "linkage": lambda a, b, **o: hk.hierarchy.linkage(a, **o),
    "HyperDGA": lambda a, b, **o: hk.HyperDGA(**o).fit(a).compare(b),
    "compare_sets": lambda a, b, **o: hk.similarity.compare_sets(a, b, **o),
    "mixing_profile": lambda a, b, **o: hk.mixing_profile(a, b, n_permutations=19, **o),
    "pairwise_hyperdga": lambda a, b, **o: hk.pairwise_hyperdga([a, b], **o),
    "pairwise_hyperdga labels": lambda a, b, **o: hk.pairwise_hyperdga(
        np.concatenate([a, b]), [0] * len(a) + [1] * len(b), **o
    ),
    "latents.compare": compare_latents,
    "mixing_curve": lambda a, b, **o: hk.mixing_curve(a, [b], **o),
    "align": lambda a, b, **o: hk.align(a[:60], b[:60], pairs="rows", **o),
    "compare": lambda a, b, **o: hk.embedding.compare(a[:60], b[:60], **o),
    "project_to_disk": lambda a, b, **o: hk.embedding.project_to_disk(a, **o),
    "RelativeRepresentation": lambda a, b, **o: hk.RelativeRepresentation(anchors=7, **o).fit(a).transform(b),
    "HyperbolicDelaunay": lambda a, b, **o: hk.HyperbolicDelaunay(a, **o).edge_lengths,
    "HyperbolicVoronoi": lambda a, b, **o: hk.HyperbolicVoronoi(a, **o).find(b),
    "nearest_neighbors": lambda a, b, **o: hk.nearest_neighbors(a, 3, b, **o),
    "minimum_spanning_tree": lambda a, b, **o: hk.minimum_spanning_tree(a, **o),
    "frechet_mean": lambda a, b, **o: hk.frechet_mean(a, **o),
    "translate": lambda a, b, **o: hk.translate(a, b[0], **o),
    "pairwise_distances": lambda a, b, **o: hk.pairwise_distances(a, b, **o),
    "chamfer": lambda a, b, **o: hk.chamfer(a, b, **o),
    "wasserstein": lambda a, b, **o: hk.wasserstein(a, b, **o),
    "energy_distance": lambda a, b, **o: hk.energy_distance(a, b, **o),
    "mmd": lambda a, b, **o: hk.mmd(a, b, **o),
    "quality": lambda a, b, **o: hk.embedding.quality(a, nx.path_graph(len(a)), **o),
    "plot_points": lambda a, b, **o: hk.plot.plot_points(a, ax=hk.plot.figure_for(None, len(a)).add_subplot(), **o),
}

PAIRED = {"align", "compare"}
WITHOUT_A_GRAPH = {
    *("neighbor_joining", "linkage"),
    *("compare", "project_to_disk"),
    *("align", "RelativeRepresentation", "nearest_neighbors", "frechet_mean", "translate", "pairwise_distances"),
    *("chamfer", "wasserstein", "energy_distance", "mmd", "quality", "plot_points"),
}


def counted(call):
    """By number of rows: checks made, and gaps computed, of tables of points while `call` runs."""
    watched = {_check.check_points.__code__: ("check", "X"), _gap.ball_gap.__code__: ("gap", "x")}
    seen = []

    def watch(frame, event, _):
        if event == "call" and frame.f_code in watched:
            what, argument = watched[frame.f_code]
            seen.append((what, len(np.atleast_2d(frame.f_locals[argument]))))

    threading.setprofile(watch)
    sys.setprofile(watch)
    try:
        call()
    finally:
        sys.setprofile(None)
        threading.setprofile(None)
    return seen


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("name", CALLS)
def test_an_array_is_checked_once_and_its_gap_computed_once(name, model):
    a, b = (hk.convert(points, "poincare", model) for points in (A, B))
    seen = counted(lambda: CALLS[name](a, b, model=model))
    sizes = {"align": (60,), "compare": (60,), "pairwise_hyperdga labels": (len(A) + len(B),)}.get(
        name, (len(A), len(B))
    )
    assert sum(n in (len(A), len(B)) for what, n in seen if what == "check") <= (sizes == (len(A), len(B))) * 2
    for n in sizes:
        arrays = 2 if name in PAIRED else 1
        assert seen.count(("check", n)) <= arrays
        # The graph is that of the float64 Poincaré coordinates, whose gap is not that of coordinates they round.
        of_the_model = 0 if model in NO_GAPS else arrays
        rounded = 0 if model == "poincare" or name in WITHOUT_A_GRAPH else arrays
        assert seen.count(("gap", n)) <= of_the_model + rounded
    assert ("check", sizes[0]) in seen
