"""Where new points are on a hierarchy, against a fine search along all its edges."""

import mpmath as mp
import numpy as np
import pandas as pd
import pytest

import hyperkit as hk
from hyperkit.hierarchy import SteinerClustering, from_parents, from_steiner, infer, stability
from hyperkit.hierarchy._parents import in_preorder

TERMINALS = hk.random_uniform_ball(25, 2, radius=3.0, random_state=0)
NEW = hk.random_uniform_ball(40, 2, radius=4.0, random_state=1)


def hierarchy(model="poincare", curvature=-1.0, terminals=TERMINALS):
    scale = 1.0 if model == "halfspace" else (-curvature) ** -0.5
    X = hk.convert(terminals, "poincare", model) * scale
    return from_steiner(hk.HyperSteiner(model, curvature=curvature, method="greedy").fit(X).tree_)


@pytest.mark.parametrize("d", [2, 4])
def test_places_are_the_nearest_of_a_fine_search(d):
    tree = hierarchy(terminals=hk.random_uniform_ball(15, d, radius=3.0, random_state=2))
    new = hk.random_uniform_ball(20, d, radius=4.0, random_state=3)
    places = tree.transform(new)
    steps = np.linspace(0, 1, 401)
    lower, upper = tree.points[1:], tree.points[tree.parent[1:]]
    along = np.array([hk.geodesic(a, b, steps) for a, b in zip(lower, upper, strict=True)])
    away = hk.distance(new[:, None, None], along)
    found = away.min(axis=(1, 2))
    assert (places.distance <= found + 1e-12).all()
    np.testing.assert_allclose(places.distance, found, atol=1e-4)
    share = places.above / tree.length[places.node]
    for point, node, t, distance in zip(new, places.node, share, places.distance, strict=True):
        place = hk.geodesic(tree.points[node], tree.points[tree.parent[node]], t)
        assert float(hk.distance(place, point)) == pytest.approx(distance, rel=1e-9)
    np.testing.assert_allclose(
        places.distance_from_root, tree.distance_from_root[places.node] - places.above, atol=1e-12
    )


def test_nodes_and_points_of_edges_are_on_the_tree():
    tree = hierarchy()
    places = tree.transform(tree.points)
    assert places.distance.max() <= 1e-12
    np.testing.assert_allclose(places.distance_from_root, tree.distance_from_root, atol=1e-9)


@pytest.mark.parametrize("length", [1e-8, 1.0, 20.0, 60.0])
def test_places_on_edges_of_any_length_are_those_of_mpmath(length):
    tree = from_steiner(hk.HyperSteiner("tangent").fit([[-length / 2, 0.0], [length / 2, 0.0]]).tree_).root_at(0)
    rng = np.random.default_rng(0)
    x, height = rng.uniform(-0.6, 0.6, 60) * length, rng.uniform(0, 1, 60) * min(length, 12)
    height[:20] = 0.0  # on the line of the edge, and beyond its ends
    height[20:30] *= 1e-9
    new = np.column_stack([x, height])
    with mp.workdps(60):
        expected = []
        for a, b in new.tolist():
            radius = mp.hypot(a, b)  # by the right-angled triangle at the origin, the middle of the edge
            foot = mp.atanh(mp.tanh(radius) * a / radius)
            expected.append(float(min(max(foot + mp.mpf(length) / 2, 0), length)))
    places = tree.transform(new)
    # Two points rounded in the unit ball leave so much room, at the distance from the origin of the inner one.
    inner = np.minimum(np.linalg.norm(new, axis=1), length / 2)
    room = 1e-14 * length + 2 * np.finfo(float).eps * np.sinh(inner)
    assert (np.abs(places.distance_from_root - expected) <= room).all()
    assert (np.abs(places.above - (length - np.array(expected))) <= room).all()


def test_a_place_amid_an_edge_of_sixty_is_not_at_its_end():
    tree = from_steiner(hk.HyperSteiner("tangent").fit([[-30.0, 0.0], [30.0, 0.0]]).tree_).root_at(0)
    places = tree.transform([[-9.0, 0.0], [9.0, 0.0]])
    np.testing.assert_allclose(places.distance_from_root, [21, 39], rtol=1e-12)
    np.testing.assert_allclose(places.above, [39, 21], rtol=1e-12)


@pytest.mark.parametrize("model", hk.models.MODELS)
@pytest.mark.parametrize("curvature", [-1.0, -0.25, -9.0])
def test_models_and_curvatures_give_the_same_places(model, curvature):
    scale = (-curvature) ** -0.5
    X = hk.convert(NEW, "poincare", model) * (1.0 if model == "halfspace" else scale)
    plain, other = hierarchy(), hierarchy(model, curvature)
    one, two = plain.transform(NEW), other.transform(X)
    np.testing.assert_allclose(two.distance, one.distance * scale, rtol=1e-7)
    np.testing.assert_allclose(two.distance_from_root, one.distance_from_root * scale, rtol=1e-6, atol=1e-6)


def test_the_mean_distance_is_that_of_score():
    steiner = hk.HyperSteiner(method="greedy").fit(TERMINALS)
    tree = from_steiner(steiner.tree_).root_at(0)
    assert -tree.transform(NEW).distance.mean() == pytest.approx(steiner.score(NEW), rel=1e-9)


def test_a_table_keeps_its_labels():
    frame = pd.DataFrame(NEW, index=[f"cell {i}" for i in range(len(NEW))])
    table = hierarchy().transform(frame).to_frame()
    assert table.index.tolist() == frame.index.tolist()
    assert table.columns.tolist() == ["node", "above", "distance_from_root", "distance"]
    assert "n_points=40" in repr(hierarchy().transform(NEW))


@pytest.mark.parametrize(
    "made",
    [
        lambda X: from_steiner(hk.HyperSteiner(method="greedy").fit(X).tree_).root_at("midpoint"),
        lambda X: infer(X, metric="hyperbolic").prune(keep=range(20)),
        lambda X: stability(X, scale=0.1, n_replicates=1).hierarchy,
        lambda X: SteinerClustering().fit(X).hierarchy_.condense(np.arange(25) % 3),
    ],
)
def test_columns_of_a_frame_go_by_place_and_not_in_another_order(made):
    frame = pd.DataFrame(TERMINALS, columns=["x", "y"])
    tree = made(frame)
    assert tree.columns == ("x", "y")
    assert tree.transform(frame).distance.shape == tree.transform(TERMINALS).distance.shape
    with pytest.raises(
        ValueError, match=r"X has the columns y, x, .* hierarchy x, y; .* take X\[list\(hierarchy\.columns"
    ):
        tree.transform(frame[["y", "x"]])
    np.testing.assert_array_equal(
        tree.transform(frame[["y", "x"]][list(tree.columns)]).distance, tree.transform(frame).distance
    )
    with pytest.raises(ValueError, match=r"X has the columns x, z, .* give these, or drop"):
        tree.transform(frame.rename(columns={"y": "z"}))
    assert made(TERMINALS).columns is None
    assert made(TERMINALS).transform(frame[["y", "x"]]).node.shape == (25,)


def test_a_single_node_is_nearest_to_all():
    names = np.array(["only"], dtype=object)
    tree = in_preorder(np.array([-1]), np.zeros(1), np.zeros(1, int), names, points=np.zeros((1, 2)), model="poincare")
    places = tree.transform(NEW)
    assert places.node.tolist() == [0] * len(NEW)
    np.testing.assert_allclose(places.distance, hk.distance(NEW, [0.0, 0.0]))


def test_rows_that_coincide_are_one_place():
    twice = np.concatenate([TERMINALS[:5], TERMINALS[:5]])
    places = hierarchy(terminals=twice).transform(TERMINALS[:5])
    assert places.distance.max() <= 1e-12
    assert np.isfinite(places.above).all()


def test_what_cannot_be_placed_is_said():
    with pytest.raises(ValueError, match="transform needs the places of the nodes, and this hierarchy has no points"):
        from_parents([-1, 0]).transform(NEW)
    with pytest.raises(ValueError, match=r"X has shape \(40, 3\); points of this hierarchy have 2 columns"):
        hierarchy().transform(np.zeros((40, 3)))
    with pytest.raises(ValueError, match=r"X has shape \(2,\)"):
        hierarchy().transform(NEW[0])
    with pytest.raises(ValueError, match="X: row 1 has norm"):
        hierarchy().transform([[0.0, 0.0], [2.0, 0.0]])
    with pytest.raises(TypeError, match="X is a masked array"):
        hierarchy().transform(np.ma.array(NEW))
