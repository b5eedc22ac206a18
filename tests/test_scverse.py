"""AnnData in and out: what `hk.tl` leaves is found again after any file, selection or copy, and `hk.pl` draws it."""

import subprocess
import sys
import warnings

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_matrix
from sklearn.neighbors import kneighbors_graph

import hyperkit as hk
from hyperkit import hierarchy

anndata = pytest.importorskip("anndata")
mpl.use("Agg")

# anndata 0.13 asks for it under pandas 3.1; zarr says so of the form of strings that anndata writes.
pytestmark = [
    pytest.mark.filterwarnings("ignore:The 'future.infer_string' option"),
    pytest.mark.filterwarnings("ignore::FutureWarning:zarr"),
    pytest.mark.filterwarnings("ignore:.*(zarr|Zarr).*"),
]
CELLS = hk.datasets.load_krumsiek11()
EVERY = slice(None, None, 8)


def fresh():
    """80 of the bundled cells, without any result."""
    obs = pd.DataFrame(
        {
            "type": pd.Categorical(CELLS.target_names[CELLS.target[EVERY]]),
            "donor": [f"donor {k % 7}" for k in range(80)],
            "half": np.where(np.arange(80) % 2, "odd", "even"),
        },
        index=[f"cell {k}" for k in range(80)],
    )
    var = pd.DataFrame(index=CELLS.feature_names)
    return anndata.AnnData(CELLS.data[EVERY].copy(), obs, var, obsm={"X_pca": CELLS.data[EVERY].copy()})


STEPS = (
    lambda adata: hk.tl.embed(adata),
    lambda adata: hk.tl.tree(adata, root="progenitor", groupby="type"),
    lambda adata: hk.tl.hierarchy(adata, basis="X_hyperbolic", n_clusters=4),
    lambda adata: hk.tl.dga(adata, groupby="type"),
    lambda adata: hk.tl.scan(adata, groupby="type", sets=("progenitor", "Ery")),
    lambda adata: hk.tl.quality(adata),
)


@pytest.fixture(scope="module")
def analysed():
    adata = fresh()
    for step in STEPS:
        step(adata)
    return adata


@pytest.fixture
def adata(analysed):
    return analysed.copy()


def assert_equal(one, other):
    """Two records, as plain data, to the last bit."""
    if hasattr(other, "keys") and not isinstance(other, pd.DataFrame):
        assert sorted(one) == sorted(other)
        for key in other:
            assert_equal(one[key], other[key])
    elif isinstance(other, pd.DataFrame):
        pd.testing.assert_frame_equal(one, other, check_exact=True, check_dtype=False, check_index_type=False)
    else:
        np.testing.assert_array_equal(one, other)


def assert_same_results(one, other):
    assert_equal(one.uns["hyperkit"], other.uns["hyperkit"])
    np.testing.assert_array_equal(one.obsm["X_hyperbolic"], other.obsm["X_hyperbolic"])
    pd.testing.assert_frame_equal(one.obs.astype(str), other.obs.astype(str))
    assert hk.tl.stored_tree(one).to_newick() == hk.tl.stored_tree(other).to_newick()
    assert hk.tl.stored_hierarchy(one).to_newick() == hk.tl.stored_hierarchy(other).to_newick()


def test_every_step_goes_on_from_a_file_and_ends_as_without_one(analysed, tmp_path):
    adata = fresh()
    for step in (None, *STEPS):
        if step is not None:
            step(adata)
        adata.write_h5ad(tmp_path / "cells.h5ad")
        adata = anndata.read_h5ad(tmp_path / "cells.h5ad")
    assert_same_results(adata, analysed)
    assert isinstance(adata.obs["hierarchy_cluster"].dtype, pd.CategoricalDtype)


def test_zarr_holds_all_of_it_too(adata, analysed, tmp_path):
    pytest.importorskip("zarr")
    adata.write_zarr(tmp_path / "cells.zarr")
    assert_same_results(anndata.read_zarr(tmp_path / "cells.zarr"), analysed)


def test_results_are_those_of_the_estimators(adata):
    features, names = CELLS.data[EVERY], adata.obs_names
    mds = hk.HyperbolicMDS().fit(features)
    np.testing.assert_array_equal(adata.obsm["X_hyperbolic"], mds.embedding_)
    assert adata.uns["hyperkit"]["X_hyperbolic"]["data_curvature"] == mds.curvature_
    tree = hk.HyperSteiner().fit(mds.embedding_).tree_
    np.testing.assert_array_equal(hk.tl.stored_tree(adata).edges, tree.edges)
    rooted = hierarchy.from_steiner(tree, names=names)
    root = rooted.median(np.flatnonzero(adata.obs["type"] == "progenitor"))
    np.testing.assert_allclose(adata.obs["tree_distance"], rooted.distance(root, rooted.node_of_rows), rtol=1e-12)
    inferred = hierarchy.infer(mds.embedding_, metric="hyperbolic", names=names)
    assert adata.uns["hyperkit"]["hierarchy"]["newick"] == inferred.to_newick()
    np.testing.assert_array_equal(adata.obs["hierarchy_cluster"].astype(int), inferred.cut(4))
    pairs = hk.pairwise_hyperdga(mds.embedding_, adata.obs["type"].array)
    np.testing.assert_array_equal(adata.uns["hyperkit"]["dga"]["p_value"], pairs.p_value)
    measures = hk.embedding.quality(mds.embedding_, features).to_frame()
    assert adata.uns["hyperkit"]["quality"]["measures"]["stress"].iloc[0] == measures["stress"].iloc[0]


def test_a_scan_puts_every_cell_in_its_place(analysed):
    types = analysed.obs["type"].astype(str)
    a, b = (np.flatnonzero(types == name) for name in ("progenitor", "Ery"))
    points = analysed.obsm["X_hyperbolic"]
    found = hk.similarity.compare_sets(points[a], points[b], hops=3, scan=True)
    scores, rows = analysed.obs["scan_z_score"], found.to_frame()
    np.testing.assert_array_equal(scores.iloc[np.concatenate([a, b])], rows["scan_z_score"])
    assert scores.isna().sum() == len(types) - len(a) - len(b)
    regions = analysed.uns["hyperkit"]["scan"]["regions"]
    assert len(regions) > 0
    for number, region in regions.iterrows():
        inside = analysed.obs["scan_region"] == str(number)
        assert inside.sum() == region["n_rows"]
        assert region["medoid"] in analysed.obs_names[inside]
        if region["n_a"] == 0:
            assert region["crowded"] == "Ery"


def test_donors_are_relabelled_as_a_whole(adata):
    hk.tl.dga(adata, groupby="half", groups="donor", key_added="donors")
    expected = hk.pairwise_hyperdga(
        adata.obsm["X_hyperbolic"], adata.obs["half"].array, groups=adata.obs["donor"].array
    )
    np.testing.assert_array_equal(adata.uns["hyperkit"]["donors"]["p_value"], expected.p_value)
    assert adata.uns["hyperkit"]["donors"]["params"]["groups"] == "donor"


def test_the_graph_of_scanpy_is_taken():
    adata = fresh()
    graph = kneighbors_graph(CELLS.data[EVERY], 14, mode="distance")
    adata.obsp["mine_distances"] = csr_matrix(graph)
    adata.uns["mine"] = {"connectivities_key": "mine_connectivities", "distances_key": "mine_distances"}
    hk.tl.embed(adata, neighbors_key="mine")
    expected = hk.HyperbolicMDS(metric="precomputed_graph").fit(graph)
    np.testing.assert_array_equal(adata.obsm["X_hyperbolic"], expected.embedding_)
    assert adata.uns["hyperkit"]["X_hyperbolic"]["params"]["neighbors_key"] == "mine"
    hk.tl.quality(adata, neighbors_key="mine")
    hk.tl.hierarchy(adata, neighbors_key="mine", n_components=2)


def test_cells_can_be_selected_and_shuffled_and_the_tree_keeps_its_own(adata):
    order = np.random.default_rng(0).permutation(80)[:50]
    part = adata[order]
    assert_equal(hk.tl.stored_tree(part).points, hk.tl.stored_tree(adata).points)
    assert part.uns["hyperkit"]["tree"]["cells"].tolist() == adata.obs_names.tolist()
    # The cells that are left have the colours they had, and those that are gone are grey.
    colors, all_colors = (colors_of_dots(hk.pl.tree(cells, color="type")) for cells in (part, adata))
    left = {tuple(point) for point in part.obsm["X_hyperbolic"].round(9).tolist()}
    assert len(all_colors) == 80
    grey = mpl.colors.to_hex("0.75")
    assert colors == {point: color if point in left else grey for point, color in all_colors.items()}


def colors_of_dots(ax):
    """Colour of each cell, by its place; Steiner points are black."""
    dots = ax.collections[1]
    places = map(tuple, np.asarray(dots.get_offsets()).round(9).tolist())
    return dict(zip(places, map(mpl.colors.to_hex, dots.get_facecolors()), strict=True))


def test_a_view_becomes_a_copy_and_nothing_warns(adata):
    before = adata.copy()
    view = adata[:40]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        hk.pl.embedding(view, color="type")
        assert view.is_view
        hk.tl.tree(view, key_added="part")
    assert not view.is_view
    assert "part_distance" in view.obs
    assert "part" not in adata.uns["hyperkit"]
    assert "part_distance" not in adata.obs
    assert_same_results(adata, before)


def test_copies_are_apart(adata):
    copy = adata.copy()
    copy.uns["hyperkit"]["tree"]["points"][:] = 0.0
    hk.tl.tree(copy, key_added="other")
    assert hk.tl.stored_tree(adata).points.any()
    assert "other" not in adata.uns["hyperkit"]


def test_inputs_are_left_as_they_were(analysed):
    before = fresh()
    np.testing.assert_array_equal(analysed.X, before.X)
    np.testing.assert_array_equal(analysed.obsm["X_pca"], before.obsm["X_pca"])
    pd.testing.assert_frame_equal(analysed.obs[before.obs.columns], before.obs)
    pd.testing.assert_frame_equal(analysed.var, before.var)


def test_backed_data_are_read_where_they_are_asked_for(tmp_path):
    fresh().write_h5ad(tmp_path / "cells.h5ad")
    backed = anndata.read_h5ad(tmp_path / "cells.h5ad", backed="r")
    hk.tl.embed(backed)
    hk.tl.embed(backed, use_rep="X", key_added="of_genes")
    np.testing.assert_array_equal(backed.obsm["of_genes"], backed.obsm["X_hyperbolic"])
    assert backed.isbacked
    ax = hk.pl.embedding(backed, color="Gata1")
    assert len(ax.collections[0].get_offsets()) == 80
    backed.file.close()
    sparse = fresh()
    sparse.X = csr_matrix(sparse.X)
    sparse.write_h5ad(tmp_path / "sparse.h5ad")
    backed = anndata.read_h5ad(tmp_path / "sparse.h5ad", backed="r")
    hk.tl.embed(backed, use_rep="X")
    assert backed.obsm["X_hyperbolic"].shape == (80, 2)
    hk.pl.embedding(backed, color="Gata1")
    backed.file.close()


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            lambda a: hk.tl.embed(a, use_rep="X_scvi"),
            KeyError,
            r"use_rep='X_scvi' .*obsm; there are: 'X_pca', 'X_hyp.*pca",
        ),
        (lambda a: hk.tl.embed(a, neighbors_key="n"), KeyError, r"neighbors_key='n' is no key of adata.uns"),
        (
            lambda a: hk.tl.embed(a, key_added="X_pca"),
            ValueError,
            r"key_added='X_pca': adata.obsm.* is there",
        ),
        (lambda a: hk.tl.embed(a, key_added="a/b"), ValueError, "key_added='a/b' must be a name"),
        (lambda a: hk.tl.embed(a, n_components=0), ValueError, "n_components=0 must be a whole number"),
        (lambda a: hk.tl.tree(a, basis="X_pca"), KeyError, r"nothing says which coordinates .*X_pca.*setdefault"),
        (lambda a: hk.tl.tree(a, basis="X_umap"), KeyError, r"basis='X_umap' .*; there are: 'X_pca', 'X_hyperbolic'"),
        (lambda a: hk.tl.tree(a, root="HSC"), ValueError, r"root='HSC' is none of 'min_variance'.*groupby="),
        (lambda a: hk.tl.tree(a, root="HSC", groupby="type"), ValueError, r"'HSC' is no group .*'progenitor'"),
        (lambda a: hk.tl.tree(a, groupby="leiden"), KeyError, r"groupby='leiden' .*'type', 'donor', 'half'"),
        (lambda a: hk.tl.tree(a, key_added="X_hyperbolic"), ValueError, "X_hyperbolic.* is there"),
        (lambda a: hk.tl.hierarchy(a, n_clusters=1.5), ValueError, "n_clusters=1.5 must be a whole number"),
        (lambda a: hk.tl.hierarchy(a, basis="X_hyperbolic", neighbors_key="n"), ValueError, "give one of the two"),
        (lambda a: hk.tl.dga(a, groupby="type", correction="none"), ValueError, "correction='none' must be one of"),
        (lambda a: hk.tl.dga(a, groupby="type", groups="who"), KeyError, "groups='who'"),
        (lambda a: hk.tl.scan(a, groupby="type"), ValueError, r"must have two groups and has 'Ery', .*sets="),
        (lambda a: hk.tl.scan(a, groupby="type", sets=("Ery", "B")), ValueError, r"sets=.* must be two groups"),
        (lambda a: hk.tl.quality(a, basis=["X_pca", "X_q"]), KeyError, "basis='X_q'"),
        (
            lambda a: hk.tl.stored_tree(a, key="dga"),
            KeyError,
            r"is a record of .*tl.dga, not of .*tl.tree",
        ),
        (lambda a: hk.pl.hierarchy(a, key="h"), KeyError, r"key='h' .*tl.hierarchy or hyperkit.tl.tree makes"),
        (lambda a: hk.pl.embedding(a, color="Gata7"), KeyError, r"color='Gata7' is neither a gene .*'type'"),
        (lambda a: hk.pl.dga_matrix(a, measure="n"), ValueError, "measure='n' must be one of 'similarity'"),
        (lambda a: hk.tl.embed(a.obsm["X_pca"]), TypeError, r"adata is a numpy.ndarray; give an anndata.AnnData"),
    ],
)
def test_errors_name_what_is_missing_and_what_is_there(adata, call, error, message):
    before = adata.copy()
    with pytest.raises(error, match=message):
        call(adata)
    assert_same_results(adata, before)


def test_two_cells_of_one_name_are_refused():
    adata = fresh()
    adata.obs_names = ["twin"] * 2 + [str(k) for k in range(78)]
    with pytest.raises(ValueError, match=r"two cells are called 'twin'; adata.obs_names_make_unique"):
        hk.tl.embed(adata)


def test_a_second_run_replaces_its_own_result_and_no_other(adata):
    hk.tl.hierarchy(adata, basis="X_hyperbolic")  # now without clusters
    assert "hierarchy_cluster" not in adata.obs
    adata.obs["hierarchy_cluster"] = "by hand"
    with pytest.raises(ValueError, match="hierarchy_cluster"):
        hk.tl.hierarchy(adata, basis="X_hyperbolic", n_clusters=3)
    assert (adata.obs["hierarchy_cluster"] == "by hand").all()


def test_coordinates_from_elsewhere_are_taken_once_their_model_is_recorded():
    adata = fresh()
    adata.obsm["X_poincare_maps"] = hk.convert(CELLS.embedding[EVERY], "poincare", "hyperboloid")
    adata.uns.setdefault("hyperkit", {})["X_poincare_maps"] = {"model": "hyperboloid", "curvature": -1.0}
    hk.tl.tree(adata, basis="X_poincare_maps")
    expected = hk.HyperSteiner("hyperboloid").fit(adata.obsm["X_poincare_maps"])
    assert hk.tl.stored_tree(adata).length == expected.length_
    with pytest.raises(ValueError, match=r"X_poincare_maps.* is there, and no earlier result"):
        hk.tl.embed(adata, key_added="X_poincare_maps")


def test_colours_come_from_uns_and_go_there(adata):
    hk.pl.embedding(adata, color="type")
    kept = list(adata.uns["type_colors"])
    assert kept == list(hk.plot.class_colors(adata.obs["type"].cat.categories).values())
    adata.uns["type_colors"] = ["#ff0000", "#00ff00", "#0000ff", "#ffff00", "#00ffff"]
    ax = hk.pl.embedding(adata, color="type")
    drawn = {mpl.colors.to_hex(color) for color in ax.collections[0].get_facecolors()}
    assert drawn == set(adata.uns["type_colors"])
    assert hk.pl.hierarchy(adata, color="type", names="none").get_legend() is not None
    adata.uns["type_colors"] = kept[:2]
    with pytest.raises(ValueError, match=r"type_colors.* has 2 colours, and .* 5 categories"):
        hk.pl.embedding(adata, color="type")
    hk.pl.embedding(adata, color="type", cmap="Set1")  # which is not kept
    assert adata.uns["type_colors"] == kept[:2]


def test_classes_of_text_keep_their_colours_in_a_file(adata, tmp_path):
    adata.obs["marker"] = np.array(["CD14", "CD4", "CD8"])[np.arange(80) % 3]
    before = colors_of_dots(hk.pl.tree(adata, color="marker"))
    adata.write_h5ad(tmp_path / "cells.h5ad")
    back = anndata.read_h5ad(tmp_path / "cells.h5ad")
    assert back.obs["marker"].cat.categories.tolist() == ["CD4", "CD8", "CD14"]
    assert colors_of_dots(hk.pl.tree(back, color="marker")) == before


def test_the_matrix_shows_the_numbers(adata):
    ax = hk.pl.dga_matrix(adata, measure="p_value")
    written = {tuple(map(int, text.get_position())): float(text.get_text()) for text in ax.texts}
    values = adata.uns["hyperkit"]["dga"]["p_value"]
    assert len(written) == 20
    for (j, i), number in written.items():
        assert number == pytest.approx(values[i, j], rel=0.05)


def test_without_anndata_the_extra_is_named():
    code = (
        "import sys; sys.modules['anndata'] = None\nimport hyperkit as hk\n"
        "try: hk.tl.embed(None)\nexcept ImportError as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert 'hyperkit.tl and hyperkit.pl: pip install "hyperkit-geometry[anndata]"' in done.stdout


def test_anndata_is_not_imported_by_hyperkit():
    code = "import sys, hyperkit as hk; hk.tl, hk.pl; print('anndata' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_a_tree_can_be_had_from_its_root(adata, tmp_path):
    adata.write_h5ad(tmp_path / "cells.h5ad")
    back = anndata.read_h5ad(tmp_path / "cells.h5ad")
    for cells in (adata, back):
        rooted = hk.tl.stored_hierarchy(cells, key="tree")
        np.testing.assert_array_equal(rooted.distance_from_root[rooted.node_of_rows], cells.obs["tree_distance"])
        assert rooted.to_newick() == cells.uns["hyperkit"]["tree"]["newick"]
        assert rooted.length.sum() == pytest.approx(hk.tl.stored_tree(cells).length, rel=1e-12)
        assert len(hk.pl.hierarchy(cells, key="tree", color="type", names="none").collections) > 0
