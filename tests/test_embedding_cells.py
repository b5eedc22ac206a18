"""Cells of many objects: what sources tell of them, and what they make of places that are wrong."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.sparse import csgraph, csr_array
from sklearn.base import clone

import hyperkit.embedding._cell_by_cell as cells_module
import hyperkit.embedding._fit as fit_module
from hyperkit import HyperbolicMDS
from hyperkit.datasets import make_branching_diffusion
from hyperkit.embedding import quality
from hyperkit.embedding._cell_by_cell import Cells, Size
from hyperkit.embedding._cell_by_cell import _on_the_way as on_the_way
from hyperkit.embedding._metrics import FittedMetric
from hyperkit.embedding._sources import GraphSource, MatrixSource, MetricSource
from hyperkit.embedding.graph import neighbor_graph
from hyperkit.embedding.search import Placement, Search, Target
from hyperkit.geometry import pairwise_distances, random_uniform_ball
from hyperkit.models import BallPoints, from_ball, to_ball

SCALE = 8.0
ASKED = Search(n_components=2, scale=None, power=0, n_init=1, tol=1e-3, max_iter=300)


@pytest.mark.parametrize("kind", ["graph", "metric", "matrix"])
def test_some_objects_of_a_cell_have_the_lengths_that_all_have(kind):
    X = make_branching_diffusion(5, depth=4, random_state=0).data
    sources = {
        "graph": lambda: GraphSource(neighbor_graph(X, 5), None),
        "metric": lambda: MetricSource(X, FittedMetric.of(X, "manhattan")),
        "matrix": lambda: MatrixSource(np.abs(X[:, None] - X).sum(axis=2)),
    }
    source = sources[kind]()
    cell, _ = source.cells(np.array([3, 40, 90]))
    rows = np.random.default_rng(0).permutation(np.flatnonzero(cell == cell[40]))
    everyone, some = (source.among(rows, m, rows[:0]) for m in (len(rows), 7))
    assert some.shape == (7, len(rows))
    assert_allclose(some, everyone[:7], rtol=1e-12)
    assert np.array_equal(some[:, :7], some[:, :7].T)
    assert not np.diagonal(some).any()


@pytest.fixture(scope="module")
def lengths():
    return pairwise_distances(random_uniform_ball(300, 2, radius=4.0, random_state=5))


def refined(lengths, power, size, n_jobs):
    """Cells of points that all lie where the anchor nearest to them does, and how far their distances are off."""
    true = to_ball(random_uniform_ball(300, 2, radius=4.0, random_state=5))
    points = true.take(np.r_[:20, lengths[20:, :20].argmin(axis=1)])
    anchors = Target.of(np.ascontiguousarray(lengths[:20]) / SCALE, power)
    asked = Search(**{**vars(ASKED), "power": power, "n_jobs": n_jobs})
    cells = Cells(MatrixSource(lengths), np.arange(300), SCALE, anchors, SCALE, asked)
    rng = np.random.RandomState(0)
    return points, cells.refined(points, cells.divided(size, rng), rng)


def off(points: BallPoints, lengths: np.ndarray) -> float:
    return np.abs(pairwise_distances(from_ball(points)) - lengths).mean()


@pytest.mark.parametrize("power", [0, 1])
@pytest.mark.parametrize("size", [Size(100, 4), Size(60, 1)])
def test_cells_find_the_places_of_points_that_lie_on_anchors(lengths, power, size):
    before, after = refined(lengths, power, size, 1)
    assert off(after, lengths) < 0.1 * off(before, lengths)


def test_cells_are_the_same_bits_with_any_number_of_jobs(lengths):
    (_, one), (_, two) = (refined(lengths, 0, Size(100, 4), n_jobs) for n_jobs in (1, 2))
    assert np.array_equal(one.z, two.z)
    assert np.array_equal(one.gap, two.gap)


class Recorded(GraphSource):
    """A graph that keeps how many objects of cells are refined, of how many, and through how many others paths lead."""

    def __init__(self, graph):
        super().__init__(graph, None)
        self.cells_seen: list[tuple[int, int, int]] = []

    def among(self, rows, m, through):
        self.cells_seen.append((m, len(rows), len(through)))
        return super().among(rows, m, through)


def graph_of(edges, n, length=1.0):
    """A graph of edges that are all as long."""
    ends = np.transpose(edges).astype(np.int32)  # as csgraph of old scipy wants them
    graph = csr_array((np.full(len(edges), length), tuple(ends)), shape=(n, n))
    return csr_array(graph + graph.T)


def refined_graph(edges, n, size):
    """What cells see of a graph of edges of length 1 whose objects all lie in one place."""
    source = Recorded(graph_of(edges, n))
    anchors = Target.of(np.ascontiguousarray(source.lengths(np.arange(20))), 0)
    points = BallPoints(np.zeros((n, 2)), np.ones(n))
    cells, rng = Cells(source, np.arange(n), 1.0, anchors, 1.0, ASKED), np.random.RandomState(0)
    found = cells.refined(points, cells.divided(size, rng), rng)
    assert found.z.shape == (n, 2)
    assert np.isfinite(found.z).all()
    return np.array(source.cells_seen)


def test_large_cells_are_divided_by_more_centres(monkeypatch):
    rng = np.random.default_rng(0)
    edges = [(rng.integers(x), x) for x in range(1, 4000)]
    by_centres = refined_graph(edges, 4000, Size(20, 4))
    monkeypatch.setattr(cells_module, "_MOST_DIVISIONS", 0)
    at_random = refined_graph(edges, 4000, Size(20, 4))
    assert max(by_centres[:, 1].max(), at_random[:, 1].max()) <= 5 * 20
    assert not by_centres[:, 2].any()
    assert at_random[:, 2].any()


def test_a_cell_that_no_centres_divide_is_divided_at_random(monkeypatch):
    n = 3000  # a star: all but the centres are nearest to whichever has the hub
    at_once = []
    place = cells_module.place_rows_near
    monkeypatch.setattr(
        cells_module, "place_rows_near", lambda points, *rest: at_once.append(len(points)) or place(points, *rest)
    )
    cells = refined_graph([(0, x) for x in range(1, n)], n, Size(300, 32))
    assert 512 < cells[:, 1].max() <= 5 * 300
    assert cells[:, 0].max() <= 5 * 300 // 32
    assert max(at_once) == 512


def test_parts_of_a_cell_keep_the_ways_to_its_centre():
    # a comb of which only tips are left, and the centre is a tip
    n = 40
    graph = graph_of([*((x, x + 1) for x in range(n - 1)), *((x, x + n) for x in range(n))], 2 * n)
    source = GraphSource(graph, None)
    _, towards = source.cells(np.array([n]))
    tips = np.arange(n + 5, 2 * n, 7)
    through = on_the_way(tips, towards)
    assert_allclose(source.among(tips, 3, through), source.lengths(np.arange(2 * n))[np.ix_(tips[:3], tips)])
    assert not len(on_the_way(np.arange(2 * n), towards))


def test_leaves_that_lie_around_a_star_stay_there():
    # a star whose leaves lie evenly around it: they are refined part by part
    n, scale = 3000, 40.0
    lengths = np.full((n, n), 2.0)
    lengths[0] = lengths[:, 0] = 1.0
    np.fill_diagonal(lengths, 0.0)
    lengths *= 0.5  # the largest is 1
    angle = 2 * np.pi * np.arange(n) / (n - 1)
    v = 0.5 * scale * np.column_stack([np.cos(angle), np.sin(angle)])
    v[0] = 0.0
    target = Target.of(lengths, 0)
    before = Placement(v / scale, np.log(scale)).measured(target)
    star = graph_of([(0, x) for x in range(1, n)], n, 0.5)
    anchors = Target.of(np.ascontiguousarray(lengths[:20]), 0)
    cells = Cells(GraphSource(star, None), np.arange(n), 1.0, anchors, scale, ASKED)
    rng = np.random.RandomState(0)
    division = cells.divided(Size(60, 1), rng)
    assert division.is_split
    assert sum(len(rows) == 1 for rows in division.cells) < 0.06 * n  # centres that are leaves
    after = cells.refined(before.points, division, rng)
    assert Placement.at(after, scale).measured(target).stress < 1.1 * before.stress


@pytest.mark.parametrize("seed", range(3))
def test_a_star_by_landmarks_stays_within_the_coordinates(seed):
    n = 400
    star = graph_of([(0, x) for x in range(1, n)], n)
    mds = HyperbolicMDS(metric="precomputed_graph", n_landmarks=40, n_init=1, random_state=seed)
    assert mds.fit(star).stress_ < 0.1


def siblings(n_hubs, n_leaves):
    """A root, hubs around it, and leaves around each."""
    hubs = np.arange(1, n_hubs + 1)
    leaves = n_hubs + 1 + np.arange(n_hubs * n_leaves)
    edges = [*((0, hub) for hub in hubs), *zip(np.repeat(hubs, n_leaves), leaves, strict=True)]
    return graph_of(edges, n_hubs * (n_leaves + 1) + 1)


@pytest.mark.parametrize(
    ("graph", "n_landmarks", "most"),
    [(siblings(1, 400), 40, 0.4), (siblings(1, 2000), 60, 0.4), (siblings(3, 500), 100, 0.25)],
)
@pytest.mark.parametrize("seed", range(2))
def test_leaves_around_a_hub_do_not_pile_up(graph, n_landmarks, most, seed):
    # all of a hub have the same distances to landmarks, which is no reason to lie in one place
    mds = HyperbolicMDS(metric="precomputed_graph", n_landmarks=n_landmarks, n_init=1, random_state=seed)
    true = csgraph.shortest_path(graph, unweighted=True)
    found = pairwise_distances(mds.fit_transform(graph)) / np.sqrt(-mds.curvature_)
    assert np.sqrt(((found - true) ** 2).sum() / (true**2).sum()) < most
    np.fill_diagonal(found, np.inf)
    assert (found.min(axis=1) < 0.05).mean() < 0.1


def test_all_rounds_of_cells_keep_near_rows_better_than_the_last_alone(monkeypatch):
    monkeypatch.setattr(fit_module, "FEW_ROWS", 0)
    trees = [make_branching_diffusion(50, depth=8, random_state=seed) for seed in range(3)]

    def precision(rounds, tree):
        monkeypatch.setattr(fit_module, "_CELLS", rounds)
        ours = HyperbolicMDS(n_landmarks=15, n_init=1, random_state=0)
        found = [clone(ours).set_params(n_jobs=n_jobs).fit_transform(tree.data) for n_jobs in (1, 2)]
        assert np.array_equal(*found)
        kept = quality(found[0], tree.data, model="poincare").to_frame()
        return float(kept["mean_average_precision"].iloc[0])

    every = fit_module._CELLS
    gains = [precision(every, tree) - precision(every[-1:], tree) for tree in trees]
    assert np.mean(gains) > 0.05  # of ten trees .10 on average, with a standard deviation of .02 to .03
