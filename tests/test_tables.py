"""What users hand in as a table: data frames of pandas and polars, AnnData objects, queries that have not run.

Every public door that takes points gives for a frame what it gives for the array in it, and names what it cannot take.
"""

from __future__ import annotations

import inspect

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_array

import hyperkit as hk

RNG = np.random.default_rng(3)
A, B = RNG.uniform(-0.6, 0.6, (2, 20, 2))
KIND = np.array(["a", "b"] * 10)


def columns(table):
    return {"x": table[:, 0], "y": table[:, 1]}


def pandas_frame(table):
    return pd.DataFrame(columns(table))


def polars_frame(table):
    return pytest.importorskip("polars").DataFrame(columns(table))


class Frame:
    """A frame of a library that nobody here knows: names and dtypes of columns are plain lists."""

    def __init__(self, table):
        self.table, self.shape = table, table.shape
        self.columns, self.dtypes = list("xyz")[: table.shape[1]], ["Float64"] * table.shape[1]

    def __array__(self, dtype=None, copy=None):
        return np.asarray(self.table, dtype=dtype)

    def __len__(self):
        return len(self.table)


FRAMES = [pandas_frame, polars_frame, Frame]

# Numbers that a door makes of two tables; each must take the first as what users hand in.
DOORS = {
    "HyperSteiner": lambda x, y: hk.HyperSteiner(method="greedy").fit(x).tree_.lengths,
    "HyperSteiner.score": lambda x, y: hk.HyperSteiner(method="greedy").fit(x).score(x),
    "HyperSteiner.insert": lambda x, y: hk.HyperSteiner(method="greedy").fit(x).insert(x).length_,
    "HyperDGA": lambda x, y: hk.HyperDGA().fit(x).compare(x).similarity,
    "HyperbolicMDS": lambda x, y: hk.HyperbolicMDS(max_iter=2000).fit_transform(x),
    "HyperbolicEncoder": lambda x, y: hk.HyperbolicEncoder().fit_transform(x),
    "RelativeRepresentation": lambda x, y: hk.RelativeRepresentation(anchors=4).fit_transform(x),
    "RelativeRepresentation(anchors=)": lambda x, y: hk.RelativeRepresentation(anchors=x).fit_transform(B),
    "HyperbolicDelaunay": lambda x, y: hk.HyperbolicDelaunay(x).edge_lengths,
    "HyperbolicVoronoi": lambda x, y: hk.HyperbolicVoronoi(x).find(y),
    "HyperbolicVoronoi.find": lambda x, y: hk.HyperbolicVoronoi(y).find(x),
    "align": lambda x, y: hk.align(x, y, pairs="rows").aligned,
    "angle": lambda x, y: hk.angle(x, y, -y),
    "assignment_cost": lambda x, y: hk.assignment_cost(x, y),
    "chamfer": lambda x, y: hk.chamfer(x, y),
    "check_points": lambda x, y: hk.check_points(x, "poincare"),
    "compare_sets": lambda x, y: hk.similarity.compare_sets(x, y).similarity,
    "convert": lambda x, y: hk.convert(x, "poincare", "klein"),
    "distance": lambda x, y: hk.distance(x, y),
    "energy_distance": lambda x, y: hk.energy_distance(x, y),
    "exp_map": lambda x, y: hk.exp_map(x, y),
    "exp_map(v=)": lambda x, y: hk.exp_map(y, x),
    "frechet_mean": lambda x, y: hk.frechet_mean(x),
    "geodesic": lambda x, y: hk.geodesic(x, y, 0.3),
    "hausdorff": lambda x, y: hk.hausdorff(x, y),
    "hyperdga": lambda x, y: hk.hyperdga(x, y),
    "hyperdga(B=)": lambda x, y: hk.hyperdga(y, x),
    "log_map": lambda x, y: hk.log_map(x, y),
    "midpoint": lambda x, y: hk.midpoint(x, y),
    "minimum_spanning_tree": lambda x, y: hk.minimum_spanning_tree(x)[1],
    "mixing_curve": lambda x, y: hk.mixing_curve(x, [y, x])["similarity"],
    "mixing_profile": lambda x, y: hk.mixing_profile(x, y, n_permutations=19).similarity,
    "mmd": lambda x, y: hk.mmd(x, y),
    "nearest_neighbors": lambda x, y: hk.nearest_neighbors(x, 3)[0],
    "nearest_neighbors(queries=)": lambda x, y: hk.nearest_neighbors(y, 3, queries=x)[0],
    "pairwise_distances": lambda x, y: hk.pairwise_distances(x),
    "pairwise_distances(Y=)": lambda x, y: hk.pairwise_distances(y, x),
    "pairwise_distances_chunked": lambda x, y: np.concatenate([d for _, d in hk.pairwise_distances_chunked(x, y)]),
    "pairwise_hyperdga": lambda x, y: hk.pairwise_hyperdga(x, KIND).similarity,
    "pairwise_hyperdga of a list": lambda x, y: hk.pairwise_hyperdga([y, x]).similarity,
    "plot_points": lambda x, y: hk.plot.plot_points(x).collections[0].get_offsets(),
    "ray_neighbors": lambda x, y: hk.delaunay.ray_neighbors(x, [0, 1]).pairs,
    "translate": lambda x, y: hk.translate(x, [0.1, 0.2]),
    "wasserstein": lambda x, y: hk.wasserstein(x, y),
}


def test_every_door_is_listed():
    takes_none = {"random_wrapped_normal", "random_uniform_ball", "DGAResult", "SteinerTree"}
    public = {name for name in hk.__all__ if callable(getattr(hk, name)) and not inspect.ismodule(getattr(hk, name))}
    assert public - takes_none == public & set(DOORS)


@pytest.mark.parametrize("frame", FRAMES)
@pytest.mark.parametrize("door", DOORS)
def test_a_frame_gives_what_its_array_gives(door, frame):
    np.testing.assert_array_equal(DOORS[door](frame(A), B), DOORS[door](A, B))


@pytest.mark.parametrize("frame", [pandas_frame, polars_frame])
@pytest.mark.parametrize("door", DOORS)
def test_a_column_of_text_is_refused_by_name(door, frame):
    table = frame(A)
    table = table.assign(y=KIND) if frame is pandas_frame else table.with_columns(y=KIND)
    way_out = r"drop\(columns='y'\)" if frame is pandas_frame else r"drop\('y'\)"
    with pytest.raises(TypeError, match=rf"column 'y' holds text \('a' in row 0\); leave it out: .*\.{way_out}"):
        DOORS[door](table, B)


class AnnDataLike:
    """As much of an AnnData object as tells one: pip may not have anndata here."""

    shape = A.shape
    obsm = {"X_pca": A, "X_poincare": B}  # noqa: RUF012

    def __len__(self):
        return len(A)


@pytest.fixture(params=["a stand-in", "anndata"])
def adata(request):
    if request.param == "a stand-in":
        return AnnDataLike()
    anndata = pytest.importorskip("anndata")
    return anndata.AnnData(A, obsm=AnnDataLike.obsm)


@pytest.mark.parametrize("door", DOORS)
def test_an_anndata_object_is_refused_and_its_tables_are_named(door, adata):
    with pytest.raises(TypeError, match=r"is an AnnData.* adata\.obsm\[\.\.\.\] \(keys: 'X_pca', 'X_poincare'\)"):
        DOORS[door](adata, B)


def test_an_anndata_object_without_tables_says_so(adata):
    adata.obsm = {}
    with pytest.raises(TypeError, match=r"keys: none yet\), or the dense adata\.X"):
        hk.HyperSteiner().fit(adata)


@pytest.mark.filterwarnings("ignore:The 'future.infer_string' option")  # which anndata 0.13 asks pandas 3.1 for
def test_what_anndata_holds_is_taken():
    anndata = pytest.importorskip("anndata")
    obs = pd.DataFrame(index=[str(row) for row in range(len(A))])
    held = anndata.AnnData(A.astype(np.float32), obs, obsm={"X_poincare": pandas_frame(A).set_index(obs.index)})
    assert hk.HyperSteiner().fit(held.obsm["X_poincare"]).length_ == hk.HyperSteiner().fit(A).length_
    assert hk.HyperSteiner().fit(held[:9].X).length_ == hk.HyperSteiner().fit(held.X[:9]).length_


@pytest.mark.parametrize("door", DOORS)
def test_a_lazy_frame_is_told_to_collect(door):
    with pytest.raises(TypeError, match=r"is a LazyFrame, a query that has not run; give .*\.collect\(\)"):
        DOORS[door](polars_frame(A).lazy(), B)


@pytest.mark.parametrize("dtype", ["Float32", "Int8", "UInt16", "Boolean", "Decimal(9, 2)"])
def test_every_kind_of_number_of_polars_is_taken(dtype):
    polars = pytest.importorskip("polars")
    table = np.array([[0, 1], [1, 1], [1, 0]])
    frame = polars.DataFrame(columns(table)).cast(eval(f"polars.{dtype}"))
    np.testing.assert_array_equal(hk.check_points(frame, "tangent"), table)
    np.testing.assert_array_equal(
        hk.HyperbolicEncoder().fit_transform(frame), hk.HyperbolicEncoder().fit_transform(table)
    )


def test_a_null_is_named_by_its_row():
    polars = pytest.importorskip("polars")
    frame = polars.DataFrame({"x": [0.1, 0.2, None], "y": [1, None, 3]})
    for door in (lambda: hk.check_points(frame, "tangent"), lambda: hk.HyperSteiner(model="tangent").fit(frame)):
        with pytest.raises(ValueError, match="X: row 1 is not finite"):
            door()


@pytest.mark.parametrize("frame", [pandas_frame, polars_frame])
def test_the_names_of_columns_are_kept_and_compared(frame):
    steiner = hk.HyperSteiner().fit(frame(A))
    assert steiner.feature_names_in_.tolist() == ["x", "y"]
    with pytest.raises(ValueError, match="feature names"):
        steiner.score(
            frame(B[:, ::-1]).rename(columns={"x": "y", "y": "x"})
            if frame is pandas_frame
            else frame(B).rename({"x": "u"})
        )


def test_labels_and_weights_may_be_series_of_polars():
    polars = pytest.importorskip("polars")
    for kind in (KIND, (KIND == "a").astype(int)):
        series = polars.Series(kind.tolist())
        for labels in (series, series.cast(polars.String).cast(polars.Categorical)):
            assert (
                hk.pairwise_hyperdga(A, labels).similarity.tolist() == hk.pairwise_hyperdga(A, kind).similarity.tolist()
            )
            table = hk.HyperDGA().fit(A).compare(B).label_scores(labels, labels)
            assert table.index.astype(str).tolist() == [str(name) for name in np.unique(kind)]
            plotted = hk.plot.plot_points(A, labels).collections[0].get_facecolors()
            np.testing.assert_array_equal(plotted, hk.plot.plot_points(A, kind).collections[0].get_facecolors())
    with pytest.raises(ValueError, match=r"labels: row 1 is missing \(None\)"):
        hk.pairwise_hyperdga(A, polars.Series(["a", None] * 10))
    weights = np.arange(20.0)
    np.testing.assert_array_equal(hk.frechet_mean(A, polars.Series(weights)), hk.frechet_mean(A, weights))


@pytest.mark.parametrize("door", sorted(DOORS.keys() - {"HyperbolicMDS"}))  # which takes sparse features
def test_sparse_tables_are_refused_with_the_way_out(door):
    with pytest.raises(TypeError, match=r" is a sparse csr_array; give .*\.toarray\(\)"):
        DOORS[door](csr_array(A), B)
