"""One rule for parameters and arrays: every count, number and choice that is public, and every array."""

import ast
import inspect
import re
from dataclasses import is_dataclass
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt
from scipy.sparse import csr_array
from sklearn.base import clone

import hyperkit as hk
from hyperkit import datasets, delaunay, embedding, hierarchy, latents, plot, similarity
from hyperkit._validation import check_choice, check_count, check_n_jobs, check_number, refuse_hidden

mpl.use("Agg")

P = np.array([[0.0, 0.0], [0.5, 0.0], [0.0, 0.5], [-0.4, 0.1], [0.1, -0.6]])
Q = P[:4] * 0.9


def fit(estimator, **fixed):
    """The fit of an estimator with one parameter given."""
    return lambda **given: estimator(**fixed, **given).fit(P)


def compare(**given):
    return hk.HyperDGA().fit(P).compare(Q, **given)


def of_sets(function):
    return lambda **given: function(P, Q, **given)


def of_pairs(function):
    return lambda **given: function(P[:4], Q, **given)


def of_latents(**given):
    torch = pytest.importorskip("torch")
    pytest.importorskip("geoopt")
    return latents.compare(lambda rows: rows, torch.tensor(P), torch.tensor(Q), -1.0, **given)


def pairs(**given):
    return hk.pairwise_hyperdga([P, Q], **given)


def curve(**given):
    return hk.mixing_curve(P, [Q], **given)


def profile(**given):
    return hk.mixing_profile(P, Q, **{"n_permutations": 19, "max_hops": 2} | given)


def judged(**given):
    return embedding.quality(P, P, metric="euclidean", **given)


def judged_latents(**given):
    return latents.quality(latents.LatentPoints(P, 0, np.zeros(5, bool)), P, metric="euclidean", **given)


def drawn(function, thing, **fixed):
    return lambda **given: function(thing, **fixed, **given)


def cells():
    """The points as cells, with what the functions on AnnData need and leave."""
    anndata = pytest.importorskip("anndata")
    obs = pd.DataFrame({"set": list("aabbb"), "donor": list("stuvw")}, index=[f"cell {row}" for row in range(5)])
    adata = anndata.AnnData(P.copy(), obs, pd.DataFrame(index=["g", "h"]), obsm={"X_pca": P, "X_hyperbolic": P})
    adata.uns["hyperkit"] = {"X_hyperbolic": {"kind": "embed", "model": "poincare", "curvature": -1.0}}
    return adata


def of_cells(function, left=None, **fixed):
    """A call on cells for which `left` has been called."""

    def call(**given):
        adata = cells()
        if left is not None:
            left(adata)
        return function(adata, **fixed | given)

    return call


EDGES = csr_array(np.eye(1))
GRAPH, CELLS = hk.HyperbolicDelaunay(P), hk.HyperbolicVoronoi(P)
COMPARISON = embedding.compare(P[:4], Q)
SCANNED = compare(scan=True, n_permutations=19)
TREE = hk.HyperSteiner(method="greedy").fit(P).tree_
NODES = hierarchy.from_parents([-1, 0, 0])
PICTURES = {
    plot.plot_points: P,
    plot.plot_delaunay: GRAPH,
    plot.plot_voronoi: CELLS,
    plot.plot_tree: TREE,
    plot.plot_hierarchy: NODES,
    plot.plot_comparison: COMPARISON,
    plot.plot_scan: SCANNED,
}
LEAVES = hierarchy.from_newick("(a,b,c,d,e);")
# Every public function or estimator with its counts, its numbers and its choices, and a call that takes one of them.
COUNTS = {
    (hk.random_uniform_ball, "n_samples"): lambda n_samples: hk.random_uniform_ball(n_samples),
    (hk.random_uniform_ball, "n_dimensions"): lambda n_dimensions: hk.random_uniform_ball(3, n_dimensions),
    (hk.random_wrapped_normal, "n_samples"): lambda n_samples: hk.random_wrapped_normal(n_samples),
    (hk.frechet_mean, "max_iter"): lambda **given: hk.frechet_mean(P, **given),
    (hk.nearest_neighbors, "k"): lambda **given: hk.nearest_neighbors(P, **given),
    (hk.HyperbolicDelaunay, "n_rays"): lambda **given: hk.HyperbolicDelaunay(P, **given),
    (delaunay.ray_neighbors, "n_rays"): lambda **given: delaunay.ray_neighbors(P, [0], **given),
    (delaunay.ray_neighbors, "block_size"): lambda **given: delaunay.ray_neighbors(P, [0], **given),
    (hk.HyperbolicMDS, "n_components"): fit(hk.HyperbolicMDS),
    (hk.HyperbolicMDS, "n_neighbors"): fit(hk.HyperbolicMDS),
    (hk.HyperbolicMDS, "n_init"): fit(hk.HyperbolicMDS),
    (hk.HyperbolicMDS, "max_iter"): fit(hk.HyperbolicMDS),
    (hk.HyperbolicMDS, "n_landmarks"): fit(hk.HyperbolicMDS),
    (hk.HyperbolicMDS, "weight_power"): fit(hk.HyperbolicMDS),
    (hk.HyperDGA, "n_rays"): fit(hk.HyperDGA),
    (hk.HyperDGA, "hops"): fit(hk.HyperDGA),
    (similarity.compare_sets, "hops"): of_sets(similarity.compare_sets),
    (hk.hyperdga, "hops"): of_sets(hk.hyperdga),
    (hk.pairwise_hyperdga, "hops"): pairs,
    (hk.mixing_curve, "hops"): curve,
    (hk.mixing_profile, "max_hops"): profile,
    (hk.mixing_profile, "n_permutations"): profile,
    (hk.mixing_profile, "n_rays"): profile,
    (hk.HyperDGA.compare, "n_permutations"): compare,
    (hk.HyperDGA.compare, "max_points"): compare,
    (similarity.compare_sets, "n_permutations"): of_sets(similarity.compare_sets),
    (similarity.compare_sets, "max_points"): of_sets(similarity.compare_sets),
    (similarity.compare_sets, "n_rays"): of_sets(similarity.compare_sets),
    (hk.hyperdga, "max_points"): of_sets(hk.hyperdga),
    (hk.hyperdga, "n_rays"): of_sets(hk.hyperdga),
    (latents.compare, "n_permutations"): of_latents,
    (latents.compare, "max_points"): of_latents,
    (latents.compare, "n_rays"): of_latents,
    (latents.compare, "hops"): of_latents,
    (hk.mixing_curve, "max_points"): curve,
    (hk.pairwise_hyperdga, "n_rays"): pairs,
    (hk.mixing_curve, "n_rays"): curve,
    (hk.mixing_curve, "n_permutations"): curve,
    (hk.RelativeRepresentation, "anchors"): fit(hk.RelativeRepresentation),
    (hk.HyperSteiner, "n_restarts"): fit(hk.HyperSteiner),
    (hierarchy.SteinerClustering, "n_clusters"): fit(hierarchy.SteinerClustering),
    (hierarchy.SteinerClustering, "min_size"): fit(hierarchy.SteinerClustering),
    (hierarchy.bootstrap, "n_replicates"): drawn(hierarchy.bootstrap, P),
    (hierarchy.stability, "n_replicates"): drawn(hierarchy.stability, P, scale=0.1),
    (hierarchy.infer, "n_components"): drawn(hierarchy.infer, P),
    (hierarchy.infer, "weight_power"): drawn(hierarchy.infer, P),
    (hierarchy.infer, "max_iter"): drawn(hierarchy.infer, P),
    (embedding.quality, "n_neighbors"): judged,
    (embedding.quality, "sample_size"): judged,
    (embedding.delta_hyperbolicity, "n_neighbors"): drawn(embedding.delta_hyperbolicity, 1 - np.eye(3)),
    (embedding.delta_hyperbolicity, "max_quadruples"): drawn(embedding.delta_hyperbolicity, 1 - np.eye(3)),
    (embedding.delta_hyperbolicity, "sample_size"): drawn(embedding.delta_hyperbolicity, 1 - np.eye(3)),
    (datasets.make_binary_tree, "depth"): datasets.make_binary_tree,
    (datasets.make_branching_diffusion, "n_features"): datasets.make_branching_diffusion,
    (datasets.make_branching_diffusion, "depth"): datasets.make_branching_diffusion,
    (datasets.make_branching_diffusion, "n_children"): datasets.make_branching_diffusion,
    (datasets.make_branching_diffusion, "n_observations"): datasets.make_branching_diffusion,
    (embedding.compare, "n_neighbors"): of_pairs(embedding.compare),
    (plot.figure_for, "n_disks"): lambda **given: plot.figure_for(None, 5, **given),
    (latents.compare, "batch_size"): lambda **given: latents.compare(None, None, None, -1.0, **given),
    (latents.compare, "factor"): of_latents,
    (latents.encode, "batch_size"): lambda **given: latents.encode(None, None, -1.0, **given),
    (latents.encode, "factor"): lambda **given: latents.encode(None, None, -1.0, **given),
    (latents.to_poincare, "factor"): lambda **given: latents.to_poincare(None, -1.0, **given),
    (latents.monitor, "factor"): lambda **given: latents.monitor(None, None, -1.0, **given),
    (latents.monitor, "max_points"): lambda **given: latents.monitor(None, None, -1.0, **given),
    (latents.quality, "n_neighbors"): judged_latents,
    (latents.quality, "sample_size"): judged_latents,
    (hk.tl.embed, "n_components"): of_cells(hk.tl.embed),
    (hk.tl.dga, "hops"): of_cells(hk.tl.dga, groupby="set"),
    (hk.tl.scan, "hops"): of_cells(hk.tl.scan, groupby="set"),
    (hk.tl.hierarchy, "n_clusters"): of_cells(hk.tl.hierarchy, basis="X_hyperbolic"),
    (hk.tl.hierarchy, "min_size"): of_cells(hk.tl.hierarchy, basis="X_hyperbolic", n_clusters=2),
}
JOBS = {
    (hk.nearest_neighbors, "n_jobs"): lambda **given: hk.nearest_neighbors(P, 1, **given),
    (hk.HyperbolicDelaunay, "n_jobs"): lambda **given: hk.HyperbolicDelaunay(P, **given),
    (delaunay.ray_neighbors, "n_jobs"): lambda **given: delaunay.ray_neighbors(P, [0], **given),
    (hk.HyperDGA, "n_jobs"): fit(hk.HyperDGA),
    (hk.embedding.graph_distances, "n_jobs"): lambda **given: hk.embedding.graph_distances(EDGES, **given),
    (similarity.compare_sets, "n_jobs"): of_sets(similarity.compare_sets),
    (hk.hyperdga, "n_jobs"): of_sets(hk.hyperdga),
    (latents.compare, "n_jobs"): of_latents,
    (latents.quality, "n_jobs"): judged_latents,
    (embedding.compare, "n_jobs"): of_pairs(embedding.compare),
    (hk.pairwise_hyperdga, "n_jobs"): pairs,
    (hk.mixing_curve, "n_jobs"): curve,
    (hk.mixing_profile, "n_jobs"): profile,
    (hk.HyperSteiner, "n_jobs"): fit(hk.HyperSteiner),
    (hierarchy.bootstrap, "n_jobs"): drawn(hierarchy.bootstrap, P),
    (hierarchy.stability, "n_jobs"): drawn(hierarchy.stability, P, scale=0.1),
    (hierarchy.infer, "n_jobs"): drawn(hierarchy.infer, P),
    (embedding.quality, "n_jobs"): judged,
    (hk.HyperbolicMDS, "n_jobs"): fit(hk.HyperbolicMDS),
}
NUMBERS = {
    (hk.random_uniform_ball, "radius"): lambda **given: hk.random_uniform_ball(3, **given),
    (hk.frechet_mean, "tol"): lambda **given: hk.frechet_mean(P, **given),
    (hk.HyperbolicMDS, "tol"): fit(hk.HyperbolicMDS),
    (hk.HyperbolicMDS, "curvature"): fit(hk.HyperbolicMDS),
    (hk.HyperDGA.compare, "interval"): compare,
    (similarity.compare_sets, "interval"): of_sets(similarity.compare_sets),
    (latents.compare, "interval"): of_latents,
    (latents.monitor, "noise"): lambda **given: latents.monitor(None, None, -1.0, **given),
    (hk.mixing_curve, "interval"): curve,
    (hk.mixing_profile, "interval"): profile,
    (hk.mmd, "bandwidth"): lambda **given: hk.mmd(P, Q, **given),
    (hk.HyperSteiner, "time_limit"): fit(hk.HyperSteiner),
    (hierarchy.consensus, "threshold"): drawn(hierarchy.consensus, []),
    (hierarchy.stability, "scale"): drawn(hierarchy.stability, P),
    (datasets.make_binary_tree, "noise"): datasets.make_binary_tree,
    (datasets.make_branching_diffusion, "step"): datasets.make_branching_diffusion,
    (datasets.make_branching_diffusion, "noise"): datasets.make_branching_diffusion,
    (plot.plot_points, "size"): drawn(plot.plot_points, P),
    (plot.plot_comparison, "size"): drawn(plot.plot_comparison, COMPARISON),
    (plot.plot_scan, "size"): drawn(plot.plot_scan, SCANNED),
    (plot.plot_scan, "level"): drawn(plot.plot_scan, SCANNED),
    (plot.plot_delaunay, "size"): drawn(plot.plot_delaunay, GRAPH),
    (plot.plot_delaunay, "linewidth"): drawn(plot.plot_delaunay, GRAPH),
    (plot.plot_voronoi, "size"): drawn(plot.plot_voronoi, CELLS),
    (plot.plot_voronoi, "linewidth"): drawn(plot.plot_voronoi, CELLS),
    (plot.plot_tree, "size"): drawn(plot.plot_tree, TREE),
    (plot.plot_tree, "linewidth"): drawn(plot.plot_tree, TREE),
    (plot.plot_hierarchy, "size"): drawn(plot.plot_hierarchy, NODES),
    (plot.plot_hierarchy, "linewidth"): drawn(plot.plot_hierarchy, NODES),
    **{(function, "alpha"): drawn(function, thing) for function, thing in PICTURES.items()},
    (hk.tl.scan, "level"): of_cells(hk.tl.scan, groupby="set"),
}
CHOICES = {
    **{(function, "legend"): drawn(function, thing) for function, thing in PICTURES.items()},
    (plot.plot_quality, "legend"): drawn(plot.plot_quality, embedding.quality(P, P)),
    (plot.figure_for, "legend"): drawn(plot.figure_for, None, n_rows=5),
    (hk.HyperbolicDelaunay, "method"): lambda **given: hk.HyperbolicDelaunay(P, **given),
    (hk.exp_map, "frame"): lambda **given: hk.exp_map(P, Q, **given),
    (hk.log_map, "frame"): lambda **given: hk.log_map(P[:4], Q, **given),
    (hk.HyperDGA, "method"): fit(hk.HyperDGA),
    (similarity.compare_sets, "method"): of_sets(similarity.compare_sets),
    (hk.hyperdga, "method"): of_sets(hk.hyperdga),
    (latents.compare, "method"): of_latents,
    (latents.compare, "on_bad"): of_latents,
    (latents.encode, "on_bad"): lambda **given: latents.encode(None, None, -1.0, **given),
    (latents.to_poincare, "on_bad"): lambda **given: latents.to_poincare(None, -1.0, **given),
    (hk.pairwise_hyperdga, "method"): pairs,
    (hk.pairwise_hyperdga, "correction"): pairs,
    (hk.mixing_curve, "method"): curve,
    (hk.mixing_profile, "method"): profile,
    (hk.HyperSteiner, "method"): fit(hk.HyperSteiner),
    (hierarchy.SteinerClustering, "method"): fit(hierarchy.SteinerClustering),
    (hierarchy.linkage, "method"): drawn(hierarchy.linkage, P),
    (hierarchy.linkage, "metric"): drawn(hierarchy.linkage, P),
    (hierarchy.neighbor_joining, "metric"): drawn(hierarchy.neighbor_joining, P),
    (hierarchy.infer, "tree"): drawn(hierarchy.infer, P),
    (plot.plot_points, "disk"): drawn(plot.plot_points, P),
    (plot.plot_delaunay, "disk"): drawn(plot.plot_delaunay, GRAPH),
    (plot.plot_voronoi, "disk"): drawn(plot.plot_voronoi, CELLS),
    (plot.plot_tree, "disk"): drawn(plot.plot_tree, TREE),
    (plot.plot_points, "projection"): drawn(plot.plot_points, P),
    (plot.plot_delaunay, "projection"): drawn(plot.plot_delaunay, GRAPH),
    (plot.plot_tree, "projection"): drawn(plot.plot_tree, TREE),
    (plot.explore, "projection"): drawn(plot.explore, TREE),
    **{
        (plot.plot_hierarchy, name): drawn(plot.plot_hierarchy, NODES)
        for name in ("layout", "support", "names", "disk", "projection")
    },
    (plot.plot_comparison, "disk"): drawn(plot.plot_comparison, COMPARISON),
    (plot.plot_comparison, "projection"): drawn(plot.plot_comparison, COMPARISON),
    (plot.plot_scan, "disk"): drawn(plot.plot_scan, SCANNED),
    (plot.plot_scan, "projection"): drawn(plot.plot_scan, SCANNED),
    (plot.plot_comparison, "by"): drawn(plot.plot_comparison, COMPARISON),
    (embedding.project_to_disk, "method"): drawn(embedding.project_to_disk, P),
    (hk.SteinerTree.to_newick, "terminals"): TREE.to_newick,
    (hierarchy.from_newick, "terminals"): drawn(hierarchy.from_newick, "(a,b);"),
    (hierarchy.from_newick, "inner_labels"): drawn(hierarchy.from_newick, "(a,b);"),
    (hierarchy.Hierarchy.to_newick, "terminals"): NODES.to_newick,
    (hierarchy.Hierarchy.to_linkage, "inner_rows"): NODES.to_linkage,
    (hk.tl.dga, "correction"): of_cells(hk.tl.dga, groupby="set"),
    (hk.pl.dga_matrix, "measure"): of_cells(hk.pl.dga_matrix, lambda a: hk.tl.dga(a, groupby="set")),
}
FLAGS = {
    (hk.HyperDGA.compare, "paired"): compare,
    (similarity.compare_sets, "paired"): of_sets(similarity.compare_sets),
    (latents.compare, "paired"): of_latents,
    (hk.mixing_curve, "paired"): curve,
    (hk.mixing_profile, "paired"): profile,
    (hk.HyperDGA.compare, "scan"): compare,
    (similarity.compare_sets, "scan"): of_sets(similarity.compare_sets),
    (latents.compare, "scan"): of_latents,
    (hk.mixing_curve, "scan"): curve,
    (plot.plot_scan, "sequential"): drawn(plot.plot_scan, SCANNED),
    (hk.pairwise_hyperdga, "joint"): pairs,
    (hk.align, "reflections"): lambda **given: hk.align(P, P, "rows", **given),
    (hk.RelativeRepresentation, "normalize"): fit(hk.RelativeRepresentation, anchors=2),
    (hk.HyperSteiner, "fixed_topology"): fit(hk.HyperSteiner),
    (hk.HyperSteiner, "leaves"): fit(hk.HyperSteiner),
    (hierarchy.SteinerClustering, "leaves"): fit(hierarchy.SteinerClustering),
    (hierarchy.bootstrap, "leaves"): drawn(hierarchy.bootstrap, P),
    (hierarchy.stability, "leaves"): drawn(hierarchy.stability, P, scale=0.1),
    (hierarchy.infer, "leaves"): drawn(hierarchy.infer, P),
    (hierarchy.infer, "consensus"): drawn(hierarchy.infer, P),
    (hk.HyperbolicMDS, "verbose"): fit(hk.HyperbolicMDS),
    (hierarchy.from_newick, "convert_underscores"): drawn(hierarchy.from_newick, "(a,b);"),
    (hierarchy.Hierarchy.to_newick, "support"): NODES.to_newick,
    (hk.tl.scan, "sequential"): of_cells(hk.tl.scan, groupby="set"),
}
# Names of what an AnnData has, or will have; None is no name, but may stand for none.
KEYS = {
    **{
        (function, name): of_cells(function, **fixed)
        for function, fixed, names in (
            (hk.tl.embed, {}, ("use_rep", "key_added", "neighbors_key")),
            (hk.tl.quality, {}, ("basis", "use_rep", "neighbors_key", "key_added")),
            (hk.tl.tree, {}, ("basis", "root", "groupby", "key_added")),
            (hk.tl.hierarchy, {}, ("use_rep", "basis", "neighbors_key", "root", "groupby", "key_added")),
            (hk.tl.dga, {"groupby": "set"}, ("groupby", "groups", "basis", "key_added")),
            (hk.tl.scan, {"groupby": "set"}, ("groupby", "sets", "groups", "basis", "key_added")),
            (hk.tl.stored_tree, {}, ("key",)),
            (hk.tl.stored_hierarchy, {}, ("key",)),
            (hk.pl.embedding, {}, ("basis", "color")),
        )
        for name in names
    },
    (hk.tl.to_treedata, "keys"): of_cells(hk.tl.to_treedata, hk.tl.tree),
    (hk.pl.tree, "key"): of_cells(hk.pl.tree, hk.tl.tree),
    (hk.pl.tree, "color"): of_cells(hk.pl.tree, hk.tl.tree),
    (hk.pl.hierarchy, "key"): of_cells(hk.pl.hierarchy),
    (hk.pl.hierarchy, "color"): of_cells(hk.pl.hierarchy, hk.tl.tree, key="tree"),
    (hk.pl.dga_matrix, "key"): of_cells(hk.pl.dga_matrix),
}
OF_TREEDATA = {(hk.tl.from_treedata, "key"), (hk.tl.from_treedata, "length")}  # tested with it
NONE_MEANS_NONE = {"neighbors_key", "groupby", "groups", "sets", "color", "keys"}
# Of these any value is taken for what it counts for: they change no result.
SHOWN = {"verbose"}
# Checked by rules of their own, and tested where they belong; `n_points`, `n_rows` and `n_dimensions` are of inner
# doors, `scores` are functions.
ELSEWHERE = {
    *("model", "source", "target", "curvature", "random_state", "metric", "pairs", "center", "manifold", "t", "output"),
    *("n_points", "n_rows", "n_dimensions", "scores", "root"),
}


def ids(table):
    return [f"{owner.__qualname__}-{name}" for owner, name in table]


@pytest.mark.parametrize(("key", "call"), COUNTS.items(), ids=ids(COUNTS))
@pytest.mark.parametrize("value", [True, np.True_, -1, 1.5, np.nan, "3", b"3", 2j])
def test_counts_are_whole_numbers_and_no_bools(key, call, value):
    _, name = key
    with pytest.raises(ValueError, match=rf"^{name}=.* must be a whole number (of at least|from) \d"):
        call(**{name: value})


@pytest.mark.parametrize(("key", "call"), JOBS.items(), ids=ids(JOBS))
@pytest.mark.parametrize("value", [0, True, 1.5, "2"])
def test_jobs_are_a_whole_number_other_than_0(key, call, value):
    with pytest.raises(ValueError, match=r"^n_jobs=.* must be a number of jobs, -1 for all processors, or None"):
        call(n_jobs=value)


@pytest.mark.parametrize(("key", "call"), FLAGS.items(), ids=ids(FLAGS))
@pytest.mark.parametrize("value", ["no", 1, None, np.array([True])], ids=repr)
def test_flags_are_true_or_false(key, call, value):
    _, name = key
    with pytest.raises(ValueError, match=rf"^{name}=.* must be True or False"):
        call(**{name: value})


@pytest.mark.parametrize(("key", "call"), KEYS.items(), ids=ids(KEYS))
@pytest.mark.parametrize("value", ["foo/", 3, None, ["foo"], ("set",), np.array(["set"]), b"set"], ids=repr)
def test_keys_are_names_of_what_is_there(key, call, value):
    function, name = key
    if value is None and (name in NONE_MEANS_NONE or (function, name) == (hk.tl.hierarchy, "basis")):
        return
    with pytest.raises((KeyError, ValueError, TypeError), match=rf"^['\"]?(the .* of )?{name.rstrip('s')}s?[ =\[]"):
        call(**{name: value})


@pytest.mark.parametrize(("key", "call"), NUMBERS.items(), ids=ids(NUMBERS))
@pytest.mark.parametrize("value", [True, "1", np.nan, -(10**400), [0.5], 2j])
def test_numbers_are_real_finite_and_no_bools(key, call, value):
    _, name = key
    with pytest.raises(ValueError, match=rf"^{name}=.* must be "):
        call(**{name: value})


def test_a_picture_that_cannot_be_drawn_leaves_no_figure_open():
    before = plt.get_fignums()
    for (owner, name), call in (NUMBERS | CHOICES).items():
        if owner.__module__.startswith("hyperkit.plot"):
            with pytest.raises(ValueError, match=name):
                call(**{name: "foo"})
    assert plt.get_fignums() == before


@pytest.mark.parametrize(("key", "call"), CHOICES.items(), ids=ids(CHOICES))
@pytest.mark.parametrize("value", ["foo", True, None, ["auto"], np.array(["auto", "exact"])], ids=repr)
def test_choices_are_listed(key, call, value):
    _, name = key
    with pytest.raises(ValueError, match=rf"(?s)^{name}=.* must be one of '.*', '"):
        call(**{name: value})


def public_callables():
    modules = (hk, datasets, delaunay, hierarchy, latents, plot, similarity)
    modules += (hk.geometry, hk.models, hk.embedding, hk.steiner, hk.tl, hk.pl)
    found = [getattr(module, name) for module in modules for name in module.__all__]
    found = {thing for thing in found if inspect.isfunction(thing) or inspect.isclass(thing)}
    # Inner doors take what has been checked.
    return {thing for thing in found if not thing.__name__.startswith("ball_")} | {hk.HyperDGA.compare}


def test_every_key_of_anndata_is_in_the_table():
    functions = [getattr(module, name) for module in (hk.tl, hk.pl) for name in module.__all__]
    keys = {
        (function, parameter.name)
        for function in functions
        for parameter in inspect.signature(function).parameters.values()
        if re.search(r"\bstr\b|Sequence", str(parameter.annotation))
    }
    # Functions on AnnData read few other things, which are checked where all of their kind are.
    assert keys - {*KEYS} - OF_TREEDATA == {(hk.pl.dga_matrix, "measure")}


def test_every_count_number_and_choice_of_the_api_is_in_these_tables():
    tested = {*COUNTS, *JOBS, *NUMBERS, *CHOICES, *FLAGS}
    missing = []
    for thing in public_callables():
        if is_dataclass(thing) or issubclass(thing if inspect.isclass(thing) else object, tuple):
            continue  # results
        for parameter in inspect.signature(thing).parameters.values():
            kinds = str(parameter.annotation)
            is_checked = re.search(
                r"\b(int|float|bool|Literal|Method|Disk|Projection|By|Frame|Layout|Support|Names|Legend)\b", kinds
            )
            if is_checked and parameter.name not in ELSEWHERE | SHOWN and (thing, parameter.name) not in tested:
                missing.append((thing.__qualname__, parameter.name, kinds))
    assert missing == []


@pytest.mark.parametrize(("key", "call"), [*COUNTS.items(), *JOBS.items(), *CHOICES.items()])
def test_estimators_take_anything_until_they_are_fitted(key, call):
    owner, name = key
    if inspect.isclass(owner) and hasattr(owner, "get_params"):
        estimator = owner(**{name: True})
        assert clone(estimator).get_params()[name] is True


def test_no_module_has_rules_of_its_own():
    allowed = {"_validation.py": {"Integral", "Real"}, "_manifold.py": {"Real"}, "_tree.py": {"Integral"}}
    allowed |= {"_labels.py": {"Real"}, "_repr.py": {"Integral", "Real"}}  # whether labels and figures are numbers
    for path in Path(hk.__file__).parent.rglob("*.py"):
        names = {
            alias.name
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            if isinstance(node, ast.ImportFrom)
            for alias in node.names
        }
        assert names & {"Integral", "Real", "check_scalar"} <= allowed.get(path.name, set()), path


def test_what_is_right_passes():
    assert check_count("n", np.int32(3)) == check_count("n", 3, 3, 3) == 3
    assert check_number("x", np.float32(0.5), "half", lambda x: x == 0.5) == 0.5
    check_choice("method", np.str_("a"), ("a", "b"))
    for n_jobs in (None, 1, -1, np.int64(2)):
        check_n_jobs(n_jobs)
    with pytest.raises(ValueError, match="n=4 must be a whole number from 1 to 3"):
        check_count("n", 4, 1, 3)
    for fine in (P, P.tolist(), pd.DataFrame(P), None, 3, "text"):
        refuse_hidden("X", fine)


ARRAYS = {
    "check_points": lambda hide: hk.check_points(hide(P), "poincare"),
    "distance": lambda hide: hk.distance(P, hide(P)),
    "geodesic t": lambda hide: hk.geodesic(P[1], P[2], hide(np.array([0.1, 0.5]))),
    "mean weights": lambda hide: hk.frechet_mean(P, hide(np.ones(5))),
    "normal mean": lambda hide: hk.random_wrapped_normal(3, hide(P[1])),
    "normal scale": lambda hide: hk.random_wrapped_normal(3, scale=hide(np.ones(2))),
    "delaunay": lambda hide: hk.HyperbolicDelaunay(hide(P)),
    "voronoi": lambda hide: hk.HyperbolicVoronoi(hide(P)),
    "voronoi find": lambda hide: CELLS.find(hide(P)),
    "neighbours": lambda hide: hk.nearest_neighbors(hide(P), 1),
    "queries": lambda hide: hk.nearest_neighbors(P, 1, hide(Q)),
    "spanning tree": lambda hide: hk.minimum_spanning_tree(hide(P)),
    "ray points": lambda hide: delaunay.ray_neighbors(hide(P), [0]),
    "ray sites": lambda hide: delaunay.ray_neighbors(P, hide(np.arange(2))),
    "HyperSteiner": lambda hide: hk.HyperSteiner().fit(hide(P)),
    "insert": lambda hide: hk.HyperSteiner().fit(P).insert(hide(Q)),
    "score": lambda hide: hk.HyperSteiner().fit(P).score(hide(Q)),
    "init": lambda hide: hk.HyperSteiner(init=hide(TREE.edges)).fit(P),
    "parents": lambda hide: hierarchy.from_parents(hide(np.arange(-1, 4))),
    "lengths of parents": lambda hide: hierarchy.from_parents(np.arange(-1, 4), hide(np.ones(5))),
    "names of parents": lambda hide: hierarchy.from_parents(np.arange(-1, 4), names=hide(np.arange(5))),
    "joined": lambda hide: hierarchy.neighbor_joining(hide(P)),
    "joined distances": lambda hide: hierarchy.neighbor_joining(hide(1 - np.eye(3)), metric="precomputed"),
    "linked": lambda hide: hierarchy.linkage(hide(P)),
    "names of rows": lambda hide: hierarchy.linkage(P, names=hide(np.arange(5))),
    "inferred": lambda hide: hierarchy.infer(hide(P), metric="hyperbolic"),
    "bootstrap": lambda hide: hierarchy.bootstrap(hide(P)),
    "blocks": lambda hide: hierarchy.bootstrap(P, blocks=hide(np.arange(2)), n_replicates=1),
    "groups of replicates": lambda hide: hierarchy.stability(P, scale=0.1, groups=hide(np.arange(5))),
    "jittered": lambda hide: hierarchy.stability(hide(P), scale=0.1),
    "SteinerClustering": lambda hide: hierarchy.SteinerClustering().fit(hide(P)),
    "groups": lambda hide: hierarchy.compare(LEAVES, LEAVES, hide(np.arange(5))),
    "names of terminals": lambda hide: hierarchy.from_steiner(TREE, names=hide(np.arange(5))),
    "linkage": lambda hide: hierarchy.from_linkage(hide(np.array([[0, 1, 2.0, 2]]))),
    "names of a linkage": lambda hide: hierarchy.from_linkage([[0, 1, 2.0, 2]], names=hide(np.arange(2))),
    "newick labels": lambda hide: TREE.to_newick(labels=hide(np.arange(5))),
    "HyperDGA": lambda hide: hk.HyperDGA().fit(hide(P)),
    "compare": lambda hide: hk.HyperDGA().fit(P).compare(hide(Q)),
    "compare_sets": lambda hide: similarity.compare_sets(P, hide(Q)),
    "label scores": lambda hide: compare().label_scores(hide(np.arange(5))),
    "pairwise": lambda hide: hk.pairwise_hyperdga(hide(P), ["a", "b", "a", "b", "a"]),
    "pairwise sets": lambda hide: hk.pairwise_hyperdga([P, hide(Q)]),
    "pairwise labels": lambda hide: hk.pairwise_hyperdga(P, hide(np.arange(5) % 2)),
    "curve": lambda hide: hk.mixing_curve(P, [hide(Q)]),
    "profile": lambda hide: hk.mixing_profile(P, hide(Q)),
    "levels": lambda hide: hk.mixing_curve(P, [Q, Q], hide(np.arange(2))),
    "align": lambda hide: hk.align(hide(P), P, pairs="rows"),
    "align pairs": lambda hide: hk.align(P, P, pairs=hide(np.arange(10).reshape(5, 2) // 2)),
    "chamfer": lambda hide: hk.chamfer(P, hide(Q)),
    "relative": lambda hide: hk.RelativeRepresentation(anchors=2).fit(hide(P)),
    "anchors": lambda hide: hk.RelativeRepresentation(anchors=hide(np.arange(2))).fit(P),
    "anchor points": lambda hide: hk.RelativeRepresentation(anchors=hide(Q)).fit(P),
    "encoder": lambda hide: hk.HyperbolicEncoder().fit(hide(P)),
    "encoder transform": lambda hide: hk.HyperbolicEncoder().fit(P).transform(hide(P)),
    "MDS": lambda hide: hk.HyperbolicMDS().fit(hide(P)),
    "MDS precomputed": lambda hide: hk.HyperbolicMDS(metric="precomputed").fit(hide(1 - np.eye(3))),
    "projection": lambda hide: embedding.project_to_disk(hide(P)),
    "comparison": lambda hide: embedding.compare(P, hide(P)),
    "comparison labels": lambda hide: embedding.compare(P, P, labels=hide(np.arange(5))),
    "judged": lambda hide: embedding.quality(hide(P), P),
    "judged by name": lambda hide: embedding.quality({"one": hide(P)}, P),
    "reference": lambda hide: embedding.quality(P, hide(P)),
    "reference matrix": lambda hide: embedding.quality(P, hide(1 - np.eye(5)), metric="precomputed"),
    "judged by a tree": lambda hide: embedding.quality(P, P, tree=hide(np.arange(-1, 4))),
    "judged at nodes": lambda hide: embedding.quality(P, P, tree=np.arange(-1, 4), nodes=hide(np.arange(5))),
    "delta": lambda hide: embedding.delta_hyperbolicity(hide(1 - np.eye(5))),
    "plot": lambda hide: plot.plot_points(hide(P)),
    "plot center": lambda hide: plot.plot_points(P, center=hide(P[1])),
}


def masked(array):
    hidden = np.ma.array(array)
    hidden[0] = np.ma.masked
    return hidden


@pytest.mark.parametrize("call", ARRAYS.values(), ids=ARRAYS)
@pytest.mark.parametrize("hide", [masked, np.ma.array, lambda array: [*masked(array)]], ids=["mask", "ma", "rows"])
def test_masked_arrays_are_refused(call, hide):
    with pytest.raises(TypeError, match="is a masked array; drop or fill the masked rows"):
        call(hide)


@pytest.mark.parametrize("call", ARRAYS.values(), ids=ARRAYS)
def test_tensors_that_require_a_gradient_are_sent_to_latents(call):
    torch = pytest.importorskip("torch")
    for hide in (
        lambda array: torch.tensor(array, dtype=torch.float64, requires_grad=True),
        lambda array: list(torch.tensor(array, dtype=torch.float64, requires_grad=True)),
    ):
        with pytest.raises(TypeError, match=r"requires a gradient; hyperkit\.latents\.to_poincare .*\.detach\(\)"):
            call(hide)


@pytest.mark.parametrize(
    "estimator",
    [
        hk.HyperbolicMDS(metric="precomputed"),
        hk.HyperbolicMDS(),
        hk.HyperSteiner(),
        hk.HyperDGA(),
        hk.HyperbolicEncoder(),
        hk.RelativeRepresentation(anchors=1),
    ],
    ids=lambda estimator: type(estimator).__name__,
)
@pytest.mark.parametrize(
    ("entry", "message"),
    [
        (10**400, "X is no table of real numbers: int too large"),
        (np.timedelta64(1, "s"), "X has dtype timedelta64.*; convert it to real numbers first"),
        (np.datetime64("2020-01-01"), "X has dtype datetime64.*; convert it to real numbers first"),
    ],
    ids=["int", "timedelta", "datetime"],
)
def test_tables_of_other_things_than_real_numbers_are_refused(estimator, entry, message):
    with pytest.raises(TypeError, match=message):
        clone(estimator).fit(np.array([[entry, entry], [entry, entry]]))


@pytest.mark.parametrize("estimator", [hk.HyperDGA, hk.HyperSteiner, hk.HyperbolicMDS, embedding.HyperbolicEncoder])
def test_what_is_no_table_is_told_its_shape_and_the_way_out(estimator):
    fitted = estimator().fit(P)
    calls = [estimator().fit] + [getattr(fitted, name) for name in ("compare", "transform") if hasattr(fitted, name)]
    for call in calls:
        with pytest.raises(ValueError, match=r"X has shape \(2,\); give a table .* X\.reshape\(1, -1\) is one row"):
            call(P[0])
        with pytest.raises(ValueError, match=r"X has shape \(1, 5, 2\); give a table of shape \(n, d\)"):
            call(P[None])
