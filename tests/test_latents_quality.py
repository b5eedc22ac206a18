"""Quality of latents: `embedding.quality` on the same points, whatever the reference is and whatever was dropped."""

from __future__ import annotations

import warnings

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from scipy.sparse import coo_array

from hyperkit import embedding, latents
from hyperkit.datasets import make_binary_tree

torch = pytest.importorskip("torch")
with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # geoopt 0.5 compiles with torch.jit.script
    geoopt = pytest.importorskip("geoopt")

BALL = geoopt.PoincareBall(c=torch.tensor(0.7, dtype=torch.float64))
TREE = make_binary_tree(5, random_state=0)
N = len(TREE.data)
DATA = torch.as_tensor(TREE.data)
GRAPH = nx.Graph([(child, int(parent)) for child, parent in enumerate(TREE.parent) if parent >= 0])
PATHS = np.array(nx.floyd_warshall_numpy(GRAPH, nodelist=range(N)))
MODEL = torch.nn.Linear(DATA.shape[1], 2, dtype=torch.float64)


def encoder(x):
    torch.manual_seed(0)
    return BALL.expmap0(torch.tanh(x @ torch.randn(x.shape[1], 2, dtype=torch.float64)))


LATENT = latents.encode(encoder, DATA, BALL)
REFERENCES = {
    "data": (DATA, TREE.data, {"metric": "euclidean"}),
    "data that need a gradient": (DATA.clone().requires_grad_(True), TREE.data, {"metric": "euclidean"}),
    "shortest paths of data": (DATA.float(), TREE.data.astype(np.float32), {"n_neighbors": 9}),
    "images": (DATA.reshape(N, 1, 1, -1), TREE.data, {"metric": "euclidean"}),
    "array": (TREE.data, TREE.data, {"metric": "cityblock", "n_neighbors": 5}),
    "frame": (pd.DataFrame(TREE.data), TREE.data, {"metric": "euclidean"}),
    "distances": (PATHS, PATHS, {"metric": "precomputed"}),
    "tensor of distances": (torch.as_tensor(PATHS), PATHS, {"metric": "precomputed"}),
    "tree": (GRAPH, GRAPH, {}),
    "sparse graph": (coo_array(nx.to_scipy_sparse_array(GRAPH, nodelist=range(N), weight=None)),) * 2 + ({},),
    "triplets of a tree": (DATA, TREE.data, {"metric": "euclidean", "tree": TREE.parent}),
    "some rows": (DATA, TREE.data, {"metric": "euclidean", "sample_size": 20, "random_state": 3, "n_jobs": 2}),
}


@pytest.mark.parametrize(("reference", "plain", "options"), REFERENCES.values(), ids=REFERENCES)
def test_measures_are_those_of_embeddings_on_the_same_points(reference, plain, options):
    found = latents.quality(LATENT, reference, **options)
    expected = embedding.quality(LATENT.points, plain, **options)
    pd.testing.assert_frame_equal(found.to_frame(), expected.to_frame())
    pd.testing.assert_frame_equal(found.q_nx, expected.q_nx)


def test_measures_without_unit_do_not_depend_on_the_curvature():
    flat = geoopt.PoincareBall(c=torch.tensor(0.7 / 4, dtype=torch.float64))
    z = encoder(DATA)
    doubled = latents.quality(latents.to_poincare(2 * z, flat), PATHS, metric="precomputed").to_frame()
    once = latents.quality(LATENT, PATHS, metric="precomputed").to_frame()
    pd.testing.assert_frame_equal(doubled, once, rtol=1e-6)


def partly(rows):
    """Latents of which some rows are NaN, left out; and the rows that are kept."""

    def broken(x):
        z = encoder(x)
        z[rows] = float("nan")
        return z

    return latents.encode(broken, DATA, BALL, on_bad="drop", batch_size=1000), np.delete(np.arange(N), rows)


@pytest.mark.parametrize("name", ["data", "images", "array", "distances", "tensor of distances"])
def test_rows_that_were_left_out_are_left_out_of_the_reference(name):
    z, kept = partly([0, 5, 17])
    reference, plain, options = REFERENCES[name]
    plain = plain[np.ix_(kept, kept)] if options["metric"] == "precomputed" else plain[kept]
    expected = embedding.quality(z.points, plain, **options).to_frame()
    pd.testing.assert_frame_equal(latents.quality(z, reference, **options).to_frame(), expected)


def test_frames_lose_the_same_rows():
    z, kept = partly([0, 5, 17])
    for table, options in (
        (pd.DataFrame(TREE.data), {"metric": "euclidean"}),
        (pd.DataFrame(PATHS), {"metric": "precomputed"}),
    ):
        part = table.iloc[kept, kept] if options["metric"] == "precomputed" else table.iloc[kept]
        expected = embedding.quality(z.points, part.to_numpy(), **options).to_frame()
        pd.testing.assert_frame_equal(latents.quality(z, table, **options).to_frame(), expected)


def test_nodes_of_a_tree_lose_the_same_rows():
    z, kept = partly([0, 5, 17])
    expected = embedding.quality(z.points, DATA[kept].numpy(), metric="euclidean", tree=TREE.parent, nodes=kept)
    named = nx.relabel_nodes(GRAPH, {node: f"n{node}" for node in GRAPH})
    in_order = nx.Graph()
    in_order.add_nodes_from(f"n{node}" for node in range(N))
    in_order.add_edges_from(named.edges)
    for tree, nodes in (
        (TREE.parent, None),
        (TREE.parent, list(range(N))),
        (GRAPH, None),
        (named, [f"n{node}" for node in range(N)]),
        (in_order, None),
    ):
        found = latents.quality(z, DATA, metric="euclidean", tree=tree, nodes=nodes)
        pd.testing.assert_frame_equal(found.to_frame(), expected.to_frame())
    short = latents.to_poincare(torch.cat([encoder(DATA[2:]), torch.full((1, 2), np.nan)]), BALL, on_bad="drop")
    with pytest.raises(ValueError, match=f"tree has {N} nodes and {N - 1} rows were encoded; say by nodes="):
        latents.quality(short, DATA[1:], metric="euclidean", tree=TREE.parent)


def test_graphs_cannot_lose_rows():
    z, _ = partly([4])
    for graph in (GRAPH, REFERENCES["sparse graph"][0]):
        with pytest.raises(
            ValueError, match=f"z left out 1 of {N} rows, and paths along a graph need all its vertices"
        ):
            latents.quality(z, graph)


def test_references_of_other_rows_are_an_error():
    z, _ = partly([4])
    with pytest.raises(ValueError, match=f"reference has {N - 1} rows; {N} rows were encoded, and z left out 1"):
        latents.quality(z, DATA[1:])
    with pytest.raises(ValueError, match=f"points has {N} rows and reference has {N - 1}"):
        latents.quality(LATENT, DATA[1:])


def test_tensors_are_sent_to_the_manifold_they_need():
    for z in (encoder(DATA), LATENT.points):
        with pytest.raises(
            TypeError, match=r"z must be LatentPoints, got .*: give latents\.to_poincare\(z, manifold\)"
        ):
            latents.quality(z, DATA)
