"""The registry of coordinate models: what each says of itself holds together, by relations that know no formula."""

import ast
from pathlib import Path
from typing import get_args

import numpy as np
import pytest

import hyperkit as hk
from hyperkit.models import MODELS, Model, ball_gap, checked_to_ball, from_ball, to_ball

ROOT = Path(hk.__file__).parent
# Where one model is named on purpose: features taken as tangent vectors are scaled, manifolds of geoopt have their own
# models, a disk is drawn as one of two, and the command line leaves out what is its default.
NAMED = {
    "cli/_embed.py": {"poincare"},
    "cli/_tree_checks.py": {"poincare"},
    "_base.py": {"tangent"},
    "similarity/scores/_sets.py": {"tangent"},
    "latents/_placing.py": {"hyperboloid", "poincare"},
    "plot/_arcs.py": {"klein"},
    "plot/_dendrogram.py": {"poincare"},
    "plot/_disk.py": {"klein"},
}


def ball_points(d, scale=1.0, n=40):
    rng = np.random.default_rng(d)
    return to_ball(scale * rng.normal(size=(n, d)) / np.sqrt(d), "tangent")


def test_the_type_names_the_models_that_there_are():
    assert get_args(Model) == tuple(MODELS)
    assert all(model.name == name for name, model in MODELS.items())


def test_what_differs_between_models_is_asked_of_the_registry():
    for path in ROOT.rglob("*.py"):
        if path.parent == ROOT / "models":
            continue
        compared = set()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Compare | ast.MatchValue):
                compared |= {leaf.value for leaf in ast.walk(node) if isinstance(leaf, ast.Constant)} & MODELS.keys()
        where = path.relative_to(ROOT).as_posix()
        assert compared <= NAMED.get(where, set()), where


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("curvature", [-1.0, -0.3])
def test_coordinates_end_where_the_model_says(name, curvature):
    model, unit = MODELS[name], np.sqrt(-curvature)
    far = hk.convert([[(model.farthest - 0.5) / unit, 0.0]], "tangent", name, curvature=curvature)
    hk.check_points(far, name, curvature=curvature)
    with pytest.raises(ValueError, match="round onto the rim"):
        hk.convert([[(model.farthest + 2) / unit, 0.0]], "tangent", name, curvature=curvature)


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("curvature", [-1.0, -0.3, -7.0])
@pytest.mark.parametrize("d", [1, 2, 5])
def test_a_model_agrees_with_itself_and_with_the_ball(name, curvature, d):
    model, c = MODELS[name], -curvature
    points = ball_points(d)
    x = model.from_ball(points, c)
    assert x.shape == (40, model.n_columns(d))
    model.check(x, c, "x")
    back = model.to_ball(x, model.height(x, c), c)
    np.testing.assert_allclose(back.z, points.z, rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(back.gap, points.gap, rtol=1e-12)
    h = model.height(x, c)
    half = model.half_chord(x[:20], h[:20], x[20:], h[20:], c)
    expected = np.linalg.norm(points.z[:20] - points.z[20:], axis=1) / np.sqrt(points.gap[:20] * points.gap[20:])
    np.testing.assert_allclose(half, expected, rtol=1e-11)
    if model.chord_factor is not None:
        of_factor = model.chord_factor(c) * np.linalg.norm(x[:20] - x[20:], axis=1) / np.sqrt(h[:20] * h[20:])
        np.testing.assert_allclose(of_factor, expected, rtol=1e-11)
    if model.rim_gap is not None:
        np.testing.assert_allclose(model.rim_gap(points), ball_gap(x, curvature=curvature), rtol=1e-9)


@pytest.mark.parametrize("name", MODELS)
def test_points_that_only_their_gap_can_hold_are_refused_and_others_kept(name):
    # Polar radius 34: Poincaré coordinates hold it, Klein coordinates do not.
    far = to_ball([[34.0, 0.0]], "tangent")
    if name == "klein":
        with pytest.raises(ValueError, match="round onto the rim"):
            from_ball(far, name)
    else:
        np.testing.assert_allclose(checked_to_ball(from_ball(far, name), name).gap, far.gap, rtol=0.2)
    with pytest.raises(ValueError, match="too far out"):
        hk.convert([[40.0, 0.0]], "tangent", name)
