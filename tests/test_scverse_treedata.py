"""Trees to TreeData and from it, through its files and selections."""

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from test_scverse import fresh

import hyperkit as hk

treedata = pytest.importorskip("treedata")

pytestmark = [
    pytest.mark.filterwarnings("ignore:The 'future.infer_string' option"),
    pytest.mark.filterwarnings("ignore::FutureWarning:zarr"),
    pytest.mark.filterwarnings("ignore:.*(zarr|Zarr).*"),
]


@pytest.fixture(scope="module")
def analysed():
    adata = fresh()
    hk.tl.embed(adata)
    hk.tl.tree(adata, root="progenitor", groupby="type")
    hk.tl.hierarchy(adata, basis="X_hyperbolic")
    return adata


def assert_same_tree(one, other):
    """Names, rows and lengths by names: nodes may stand in another order."""
    assert one.n_rows == other.n_rows == 80
    np.testing.assert_array_equal(one.names[one.node_of_rows], other.names[other.node_of_rows])
    np.testing.assert_array_equal(
        one.distance_from_root[one.node_of_rows], other.distance_from_root[other.node_of_rows]
    )
    assert sorted(one.length) == sorted(other.length)
    names = one.names[one.node_of_rows]
    ends = np.random.default_rng(0).permutation(80)
    a, b = (tree.distance(tree.lca(names, names[ends]), names.astype(object)) for tree in (one, other))
    np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("form", ["memory", "h5td", "zarr", "selected"])
@pytest.mark.parametrize("key", ["tree", "hierarchy"])
def test_trees_come_back_from_every_form(analysed, tmp_path, form, key):
    tdata = hk.tl.to_treedata(analysed)
    if form == "h5td":
        tdata.write_h5td(tmp_path / "cells.h5td")
        tdata = treedata.read_h5td(tmp_path / "cells.h5td")
    elif form == "zarr":
        tdata.write_zarr(tmp_path / "cells.zarr")
        tdata = treedata.read_zarr(tmp_path / "cells.zarr")
    elif form == "selected":
        tdata = tdata[np.random.default_rng(0).permutation(80)][np.argsort(np.random.default_rng(0).permutation(80))]
    assert tdata.alignment == "subset"
    assert_same_tree(hk.tl.from_treedata(tdata, key=key), hk.tl.stored_hierarchy(analysed, key=key))
    assert hk.tl.stored_tree(tdata).to_newick() == hk.tl.stored_tree(analysed).to_newick()


def test_the_graph_is_the_tree_and_the_copy_is_apart(analysed):
    before = analysed.copy()
    tdata = hk.tl.to_treedata(analysed, keys="tree")
    graph, tree = tdata.obst["tree"], hk.tl.stored_hierarchy(analysed, key="tree")
    assert list(tdata.obst) == ["tree"]
    assert nx.is_arborescence(graph)
    assert set(analysed.obs_names) <= set(graph)
    root = next(node for node, degree in graph.in_degree() if degree == 0)
    lengths = nx.shortest_path_length(graph, root, weight="length")
    for name, distance in analysed.obs["tree_distance"].items():
        assert lengths[name] == pytest.approx(distance, rel=1e-12)
        assert graph.nodes[name] == {"depth": distance}
    assert graph.size(weight="length") == pytest.approx(tree.length.sum(), rel=1e-12)
    pd.testing.assert_frame_equal(tdata.obs, analysed.obs)
    tdata.obs["tree_distance"] = 0.0
    pd.testing.assert_frame_equal(analysed.obs, before.obs)


def test_fewer_cells_keep_the_whole_tree(analysed):
    part = hk.tl.to_treedata(analysed)[:20]
    tree = hk.tl.from_treedata(part, key="tree")
    assert tree.n_rows == 20
    whole = hk.tl.stored_hierarchy(analysed, key="tree")
    assert len(tree) == len(whole)
    np.testing.assert_array_equal(tree.distance_from_root[tree.node_of_rows], part.obs["tree_distance"])


def test_treedata_is_analysed_like_anndata_and_keeps_trees_of_its_own():
    adata = fresh()
    lineage = nx.DiGraph([("stem", name) for name in adata.obs_names[:5]])
    lineage.add_edge("cell 0", "node 1")
    tdata = treedata.TreeData(adata, alignment="subset", label=None, obst={"lineage": lineage})
    part = tdata[:40]
    hk.tl.embed(part)
    hk.tl.tree(part)
    assert not part.is_view
    assert "tree_distance" not in tdata.obs
    with_both = hk.tl.to_treedata(part)
    assert sorted(with_both.obst) == ["lineage", "tree"]
    taken = hk.tl.from_treedata(with_both, key="lineage")
    assert taken.names[0] == "stem"
    assert taken.n_rows == 5
    assert taken.names[taken.node_of_rows].tolist() == tdata.obs_names[:5].tolist()
    assert taken.distance_from_root.max() == 2


def test_a_cell_called_like_a_node_between_stays_itself():
    adata = fresh()[:30].copy()
    adata.obs_names = [f"node {k}" for k in range(30)]
    hk.tl.embed(adata)
    hk.tl.tree(adata)
    tree = hk.tl.stored_hierarchy(adata, key="tree")
    graph = hk.tl.to_treedata(adata).obst["tree"]
    assert len(graph) == len(tree) > 30
    assert {node for node, about in graph.nodes.items() if "name" not in about} == set(adata.obs_names)


def test_cells_keep_their_names_whatever_their_nodes_are_called():
    adata = fresh()
    lineage = nx.DiGraph([("stem", name) for name in adata.obs_names[:3]])
    nx.set_node_attributes(lineage, {"stem": "zygote", "cell 1": "progenitor", "cell 2": np.nan}, "name")
    tdata = treedata.TreeData(adata, alignment="subset", label=None, obst={"lineage": lineage})
    taken = hk.tl.from_treedata(tdata, key="lineage")
    assert taken.names.tolist() == ["zygote", "cell 0", "cell 1", "cell 2"]
    assert taken.row.tolist() == [-1, 0, 1, 2]


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda a: hk.tl.to_treedata(a, keys="lineage"), KeyError, r"key='lineage' .*'X_hyperbolic', 'tree'"),
        (lambda a: hk.tl.to_treedata(a, keys=["X_hyperbolic"]), KeyError, r"is a record of hyperkit.tl.embed"),
        (lambda a: hk.tl.to_treedata(fresh()), KeyError, r"adata has no tree; hyperkit.tl.tree and"),
        (lambda a: hk.tl.to_treedata(hk.tl.to_treedata(a)), ValueError, r"obst\['tree'\] is there already; delete it"),
        (lambda a: hk.tl.to_treedata(a.X), TypeError, r"give an anndata.AnnData"),
        (lambda a: hk.tl.from_treedata(a, key="tree"), TypeError, r"tdata is an AnnData and has no obst"),
        (
            lambda a: hk.tl.from_treedata(hk.tl.to_treedata(a), key="t"),
            KeyError,
            r"key='t' is no key of adata.obst; there are: 'tree', 'hierarchy'",
        ),
        (
            lambda a: hk.tl.from_treedata(
                treedata.TreeData(a, alignment="subset", obst={"t": nx.DiGraph([("b", "c")])}, label=None), key="t"
            ),
            ValueError,
            r"key='t': no node of .* is called as a cell",
        ),
    ],
)
def test_errors_name_the_tree(analysed, call, error, message):
    with pytest.raises(error, match=message):
        call(analysed)


def test_backed_data_must_be_in_memory(analysed, tmp_path):
    import anndata

    analysed.copy().write_h5ad(tmp_path / "cells.h5ad")
    backed = anndata.read_h5ad(tmp_path / "cells.h5ad", backed="r")
    with pytest.raises(ValueError, match=r"give adata.to_memory\(\)"):
        hk.tl.to_treedata(backed)
    assert "tree" in hk.tl.to_treedata(backed.to_memory()).obst
    backed.file.close()


def test_without_treedata_the_extra_is_named(analysed, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "treedata", None)
    with pytest.raises(ImportError, match=r"hyperkit-geometry\[treedata\]"):
        hk.tl.to_treedata(analysed)
