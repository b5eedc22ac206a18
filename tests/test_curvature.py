"""With `curvature=K` every length is 1/sqrt(-K) times that at curvature -1, every area 1/(-K), and no graph changes.

Each case computes what one public name gives for the same points of hyperbolic space, laid out at some curvature and in
some model: coordinates scale as lengths do, but in the half-space, where they do not.
"""

import re
from dataclasses import astuple

import matplotlib
import numpy as np
import pytest
from test_signatures import PARAMETERS, public_things

import hyperkit as hk
from hyperkit import hierarchy
from hyperkit.delaunay import ray_neighbors
from hyperkit.embedding import compare, project_to_disk
from hyperkit.hierarchy._split_keys import splits
from hyperkit.models import from_ball, to_ball
from hyperkit.plot import plot_delaunay, plot_hierarchy, plot_points, plot_tree, plot_voronoi

matplotlib.use("agg")

MODELS = ["poincare", "klein", "hyperboloid", "halfspace", "tangent"]
CURVATURES = [-4.0, -0.25, -1e-3, -30.0]
POINTS = hk.convert(np.random.default_rng(5).normal(size=(14, 2)), "tangent", "poincare")
OTHERS = hk.convert(np.random.default_rng(6).normal(size=(14, 2)), "tangent", "poincare")


class Space:
    """The points in one model at one curvature, and how to bring what is found there back to curvature -1."""

    def __init__(self, model, curvature):
        self.options = {"model": model, "curvature": curvature}
        self.unit = (-curvature) ** -0.5
        self.coordinate = 1.0 if model == "halfspace" else self.unit
        self.X, self.Y = (hk.convert(z, "poincare", model) * self.coordinate for z in (POINTS, OTHERS))

    def lengths(self, values):
        return np.asarray(values) / self.unit

    def areas(self, values):
        return np.asarray(values) / self.unit**2

    def coordinates(self, values):
        return np.asarray(values) / self.coordinate


def chunked(s):
    return s.lengths(np.concatenate([block for _, block in hk.pairwise_distances_chunked(s.X, s.Y, **s.options)]))


def neighbors(s):
    distances, indices = hk.nearest_neighbors(s.X, 3, s.Y, **s.options)
    return s.lengths(distances), indices


def spanning_tree(s):
    edges, lengths = hk.minimum_spanning_tree(s.X, **s.options)
    return edges, s.lengths(lengths)


def delaunay(s):
    graphs = [hk.HyperbolicDelaunay(s.X, method=method, **s.options) for method in ("exact", "rays")]
    assert all(graph.curvature == s.options["curvature"] for graph in graphs)
    return [(graph.edges, s.lengths(graph.edge_lengths), s.coordinates(graph.points)) for graph in graphs]


def voronoi(s):
    cells = hk.HyperbolicVoronoi(s.X, **s.options)
    assert cells.curvature == s.options["curvature"]
    corners = np.concatenate(cells.regions)
    found = cells.find(s.Y)
    return corners, s.coordinates(cells.vertices), s.areas(cells.cell_areas), cells.ideal_points, found


def in_order(rows):
    """Rows in an order of their own: rounding decides how Steiner points and edges are numbered."""
    flat = np.reshape(rows, (len(rows), -1))
    return flat[np.lexsort(flat.round(6).T)]


def edges_in_order(positions, edges):
    """Where the two ends of each edge lie."""
    return in_order([in_order(ends) for ends in np.asarray(positions)[edges]])


def steiner_figures(s, steiner):
    tree = steiner.tree_
    lengths = [steiner.length_, steiner.mst_length_, steiner.lower_bound_, -steiner.score(s.Y), tree.length]
    branches = [float(number) for number in re.findall(r":([^,();]+)", tree.to_newick(terminals="nodes"))]
    weights = [weight for _, _, weight in tree.to_networkx().edges(data="length")]
    return (
        (s.lengths(lengths), *(s.lengths(np.sort(each)) for each in (tree.lengths, branches, weights))),
        (steiner.gap_, tree.reduction, s.coordinates(steiner.points_)),
        edges_in_order(s.coordinates(tree.points), tree.edges),
    )


def steiner(s):
    fitted = hk.HyperSteiner(**s.options).fit(s.X)
    assert fitted.tree_.curvature == s.options["curvature"]
    proven = hk.HyperSteiner(method="exact", **s.options).fit(s.X[:6])
    # A tree of any space may be where the search begins.
    begun = hk.HyperSteiner(init=hk.HyperSteiner().fit(POINTS).tree_, **s.options).fit(s.X)
    figures = [steiner_figures(s, each) for each in (fitted, proven, begun)]
    return [*figures, steiner_figures(s, fitted.insert(s.Y[:3]))]


def judged(s):
    """Measures against the other points, of which all but the scale are the same at every curvature."""
    judged = hk.embedding.quality(s.X, s.Y, metric=s.options["model"], n_neighbors=3, **s.options)
    return judged.to_frame().to_numpy(), judged.q_nx.to_numpy()


def offsets(ax):
    """Where the dots lie, and the ends of the lines."""
    dots = [in_order(collection.get_offsets()) for collection in ax.collections if len(collection.get_offsets()) > 1]
    lines = [path.vertices[[0, -1]] for collection in ax.collections for path in collection.get_paths()]
    ax.figure.clear()
    return dots, in_order([in_order(ends) for ends in lines])


def pictures(draw):
    def case(s):
        from matplotlib.figure import Figure

        return [offsets(draw(s, ax=Figure().add_subplot(), center=center)) for center in (None, 2, s.Y[0])]

    return case


def comparison(s):
    found = compare(s.X, s.Y, **s.options)
    rows = found.to_frame()
    rows["displacement"] /= s.unit
    figures = [found.spearman, found.pearson, found.stress, found.scale, found.relative_displacement]
    return rows.to_numpy(), figures, s.coordinates(found.aligned)


def hierarchical(make):
    """Paths between rows, and the support of splits, where there is one."""

    def case(s):
        tree = make(s)
        assert tree.curvature == pytest.approx(s.options["curvature"])
        found = splits(tree, tree.row, tree.n_rows)
        support = [] if tree.support is None else tree.support[found.node]
        return s.lengths(tree.distance(tree.node_of_rows[:, None], tree.node_of_rows)), found.key, support

    return case


def clusters(s):
    clustering = hierarchy.SteinerClustering(3, **s.options).fit(s.X)
    labels = clustering.labels_
    # Numbers of clusters depend on where the root is, and that on the order of ties.
    return labels[:, None] == labels, labels[:, None] == clustering.predict(s.Y)


CASES = {
    "neighbor_joining": hierarchical(lambda s: hierarchy.neighbor_joining(s.X, **s.options)),
    "linkage": hierarchical(lambda s: hierarchy.linkage(s.X, **s.options)),
    "infer": hierarchical(lambda s: hierarchy.infer(s.X, metric="hyperbolic", **s.options)),
    "stability": hierarchical(
        lambda s: hierarchy.stability(s.X, scale=0.3 * s.unit, n_replicates=3, **s.options).hierarchy
    ),
    "SteinerClustering": clusters,
    "check_points": lambda s: s.coordinates(hk.check_points(s.X, **s.options)),
    "convert": lambda s: hk.convert(s.X, s.options["model"], "halfspace", curvature=s.options["curvature"]),
    "to_ball": lambda s: (to_ball(s.X, **s.options).z, to_ball(s.X, **s.options).gap),
    "from_ball": lambda s: s.coordinates(from_ball(to_ball(POINTS), **s.options)),
    "distance": lambda s: s.lengths(hk.distance(s.X, s.Y, **s.options)),
    "pairwise_distances": lambda s: s.lengths(hk.pairwise_distances(s.X, s.Y, **s.options)),
    "pairwise_distances_chunked": chunked,
    "geodesic": lambda s: s.coordinates(hk.geodesic(s.X, s.Y, [0.2, 0.7], **s.options)),
    "midpoint": lambda s: s.coordinates(hk.midpoint(s.X, s.Y, **s.options)),
    "angle": lambda s: hk.angle(s.X[0], s.X[1:], s.Y[1:], **s.options),
    "translate": lambda s: s.coordinates(hk.translate(s.X, s.Y, **s.options)),
    "log_map": lambda s: s.lengths(hk.log_map(s.X, s.Y, **s.options)),
    "exp_map": lambda s: s.coordinates(hk.exp_map(s.X, OTHERS * s.unit, **s.options)),
    "frechet_mean": lambda s: s.coordinates(hk.frechet_mean(s.X, **s.options)),
    "random_uniform_ball": lambda s: s.coordinates(
        hk.random_uniform_ball(5, radius=2 * s.unit, random_state=0, **s.options)
    ),
    "random_wrapped_normal": lambda s: s.coordinates(
        hk.random_wrapped_normal(5, s.X[0], scale=0.5 * s.unit, random_state=0, **s.options)
    ),
    "nearest_neighbors": neighbors,
    "minimum_spanning_tree": spanning_tree,
    "ray_neighbors": lambda s: astuple(ray_neighbors(s.X, [0, 3, 5], block_size=4, **s.options)),
    "HyperbolicDelaunay": delaunay,
    "HyperbolicVoronoi": voronoi,
    "HyperSteiner": steiner,
    "quality": judged,
    "delta_hyperbolicity": lambda s: s.lengths(
        hk.embedding.delta_hyperbolicity(s.X, metric=s.options["model"], curvature=s.options["curvature"]).lower
    ),
    "HyperbolicEncoder": lambda s: (
        hk.HyperbolicEncoder(curvature=s.options["curvature"]).fit_transform(OTHERS * s.unit) / s.unit
    ),
    "project_to_disk": lambda s: s.coordinates(project_to_disk(s.X, **s.options).points),
    "compare": comparison,
    "plot_points": pictures(lambda s, **options: plot_points(s.X, **s.options, **options)),
    "plot_delaunay": pictures(
        lambda s, **options: plot_delaunay(hk.HyperbolicDelaunay(s.X, **s.options), **options),
    ),
    "plot_voronoi": pictures(lambda s, **options: plot_voronoi(hk.HyperbolicVoronoi(s.X, **s.options), **options)),
    "plot_tree": pictures(lambda s, **options: plot_tree(hk.HyperSteiner(**s.options).fit(s.X).tree_, **options)),
    "plot_hierarchy": pictures(
        lambda s, **options: plot_hierarchy(
            hk.hierarchy.from_steiner(hk.HyperSteiner(**s.options).fit(s.X).tree_).root_at(0), layout="disk", **options
        )
    ),
}


def assert_same(found, expected):
    """Nested tuples and lists of arrays: integers to the last, numbers but for rounding."""
    if isinstance(expected, tuple | list):
        assert len(found) == len(expected)
        for one, other in zip(found, expected, strict=True):
            assert_same(one, other)
    elif np.asarray(expected).dtype.kind in "biu":
        np.testing.assert_array_equal(found, expected)
    else:
        np.testing.assert_allclose(found, expected, rtol=1e-8, atol=1e-9)


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("model", MODELS)
def test_lengths_and_coordinates_scale_and_nothing_else_changes(name, model):
    expected = CASES[name](Space(model, -1.0))
    for curvature in CURVATURES:
        assert_same(CASES[name](Space(model, curvature)), expected)


def test_every_public_name_with_a_curvature_is_among_the_cases():
    # Of models: parts of the conversions, whose tests are in test_models; MDS gives its parameter another meaning.
    others = {"sheet_time", "check_curvature", "curvature_radius", "HyperbolicMDS"}
    elsewhere = ("hyperkit.similarity", "hyperkit.latents")  # whose own tests scale them
    things = public_things()
    named = {
        name.rpartition(".")[2]
        for name, key in PARAMETERS
        if key == "curvature" and not things[name].__module__.startswith(elsewhere)
    }
    drawn = {"plot_delaunay", "plot_voronoi", "plot_tree", "plot_hierarchy"}  # of things that know their curvature
    assert named - others == CASES.keys() - drawn


@pytest.mark.parametrize("curvature", [0.0, 1.0, np.nan, "flat"])
def test_what_is_no_curvature_is_refused_by_its_name(curvature):
    for attempt in (
        lambda: hk.HyperSteiner(curvature=curvature).fit(POINTS),
        lambda: hk.HyperbolicDelaunay(POINTS, curvature=curvature),
        lambda: hk.HyperbolicVoronoi(POINTS, curvature=curvature),
        lambda: hk.HyperbolicEncoder(curvature=curvature).fit(POINTS),
        lambda: hk.nearest_neighbors(POINTS, 1, curvature=curvature),
        lambda: hk.minimum_spanning_tree(POINTS, curvature=curvature),
        lambda: ray_neighbors(POINTS, [0], curvature=curvature),
        lambda: plot_points(POINTS, curvature=curvature),
    ):
        with pytest.raises(ValueError, match=r"curvature=.* must be a negative number"):
            attempt()


def test_points_outside_the_ball_of_the_curvature_are_refused():
    with pytest.raises(ValueError, match=r"row 0 has norm 0.6; Poincaré points need norm < 0.5 = 1/sqrt\(4\)"):
        hk.HyperSteiner(curvature=-4.0).fit([[0.6, 0.0], [0.1, 0.0]])


@pytest.mark.parametrize("curvature", CURVATURES)
def test_long_features_are_shrunk_to_the_length_that_is_30_at_curvature_minus_one(curvature):
    features = np.array([[100.0, 0.0], [0.0, 1.0]]) * (-curvature) ** -0.5
    for estimator in (hk.HyperSteiner(model="tangent", curvature=curvature), hk.HyperbolicEncoder(curvature=curvature)):
        with pytest.warns(UserWarning, match="beyond polar radius"):
            assert estimator.fit(features).scale_ == pytest.approx(0.3)


def test_a_pipeline_at_a_curvature_gives_lengths_of_the_features():
    features = np.array([[1.5, 0.0], [0.0, 0.7], [-0.4, 0.0]])
    points = hk.HyperbolicEncoder(curvature=-0.3).fit_transform(features)
    steiner = hk.HyperSteiner(curvature=-0.3).fit(points)
    expected = hk.HyperSteiner(model="tangent", curvature=-0.3).fit(features)
    assert steiner.length_ == pytest.approx(expected.length_, rel=1e-12)
    np.testing.assert_allclose(hk.distance(points, np.zeros(2), curvature=-0.3), np.abs(features).sum(axis=1))
