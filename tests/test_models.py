import numpy as np
import pytest
import reference
from hypothesis import given, settings
from hypothesis import strategies as st

from hyperkit import check_points, convert
from hyperkit.models import ball_gap, ball_to_tangent, from_ball, tangent_to_ball, to_ball

MODELS = ["poincare", "klein", "hyperboloid", "halfspace", "tangent"]


def sample(n, d, longest, seed=0):
    """Tangent vectors in generic directions, polar radii from 1e-9 to `longest`."""
    rng = np.random.default_rng(seed)
    v = rng.normal(size=(n, d))
    return v / np.linalg.norm(v, axis=1, keepdims=True) * np.geomspace(1e-9, longest, n)[:, None]


@pytest.mark.parametrize("d", [1, 2, 5])
@pytest.mark.parametrize("curvature", [-1.0, -0.3, -4.0])
@pytest.mark.parametrize("model", MODELS)
def test_conversion_matches_exact_arithmetic_on_the_given_doubles(model, curvature, d):
    v = sample(25, d, 15.0 / np.sqrt(-curvature), seed=d)
    points = convert(v, "tangent", model, curvature=curvature)
    ball = to_ball(points, model, curvature=curvature)
    for point, z, gap in zip(points, ball.z, ball.gap, strict=True):
        exact = reference.poincare(point, model, curvature)
        norm = float(reference.mp.sqrt(sum(e**2 for e in exact)))
        exact_gap = 1 - sum(e**2 for e in exact)
        assert max(abs(float(a - b)) for a, b in zip(exact, z, strict=True)) <= 1e-15 * norm
        assert abs(float((gap - exact_gap) / exact_gap)) < 1e-14


@pytest.mark.parametrize("radius", [1.0, 20.0, 30.0, 35.0])
def test_gap_of_generic_poincare_points_keeps_full_relative_precision(radius):
    z = tangent_to_ball(radius * sample(50, 7, 1.0)[25:] / np.linalg.norm(sample(50, 7, 1.0)[25:], axis=1)[:, None]).z
    for row, gap in zip(z, ball_gap(z), strict=True):
        exact = 1 - sum(reference.mp.mpf(float(x)) ** 2 for x in row)
        assert abs(float((gap - exact) / exact)) < 1e-15


def test_gap_of_points_outside_the_ball_is_negative_even_by_an_ulp():
    on_the_rim = np.array([[0.6, 0.8]])  # rounded, these lie outside by 4e-17
    exact = 1 - reference.mp.mpf(0.6) ** 2 - reference.mp.mpf(0.8) ** 2
    assert exact < 0
    assert abs(float(ball_gap(on_the_rim)[0] - exact)) < 1e-30


@pytest.mark.parametrize("source", MODELS)
@pytest.mark.parametrize("target", MODELS)
def test_there_and_back_returns_the_same_points(source, target):
    points = convert(sample(40, 3, 5.0)[25:], "tangent", source)
    back = convert(convert(points, source, target), target, source)
    scale = np.linalg.norm(points, axis=1, keepdims=True)
    # An ulp of a Klein coordinate at radius 5 is 1e-16 e^10 = 2e-12 of hyperbolic length; the half-space has its origin
    # at height 1, where an ulp is 1e-14 of the least radius here, 0.02.
    np.testing.assert_allclose(back / scale, points / scale, rtol=0, atol=2e-11)


@given(st.integers(0, 10**6), st.floats(0.05, 20.0))
@settings(max_examples=30, deadline=None)
def test_curvature_scales_lengths_not_shapes(seed, c):
    v = sample(5, 2, 3.0, seed)
    for model in MODELS:
        unit = convert(v, "tangent", model)
        scaled = convert(v / np.sqrt(c), "tangent", model, curvature=-c)
        factor = 1.0 if model == "halfspace" else 1 / np.sqrt(c)
        np.testing.assert_allclose(scaled, unit * factor, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("model", MODELS)
def test_leading_axes_are_kept(model):
    points = convert(sample(24, 3, 2.0).reshape(2, 3, 4, 3), "tangent", model)
    assert points.shape == (2, 3, 4, 4 if model == "hyperboloid" else 3)
    one = convert(sample(24, 3, 2.0)[5], "tangent", model)
    np.testing.assert_array_equal(points[0, 1, 1], one)


def test_tangent_vector_at_the_origin_has_the_polar_radius_as_its_norm():
    v = np.array([[0.0, 0.0], [3.0, 4.0], [1e-200, 0.0]])
    np.testing.assert_allclose(ball_to_tangent(tangent_to_ball(v)), v, rtol=1e-14)


def test_input_is_never_modified_and_output_is_a_new_array():
    X = np.array([[0.1, 0.2]])
    out = convert(X, "poincare", "poincare")
    out[0] = 9
    assert X.tolist() == [[0.1, 0.2]]


@pytest.mark.parametrize(
    ("X", "model", "message"),
    [
        ([[0.1, 0.2], [1.03, 0.0]], "poincare", r"X: row 1 has norm 1\.03; Poincaré points need norm < 1.*model="),
        ([[0.6, 0.8]], "klein", r"row 0 has norm 1(\.0+\d+)?; Klein points need norm < 1"),
        ([[1e300, 1e300]], "poincare", r"row 0 has norm 1\.41421e\+300"),
        ([[0.1, np.nan]], "poincare", r"row 0 is not finite: \(0\.1, nan\)"),
        ([[0.0, 1.0], [0.3, -2.0]], "halfspace", r"row 1 has height -2"),
        ([[1.0, 0.0], [1.0, 1.0]], "hyperboloid", r"row 1 is \(1, 1\), but .* x0 = 1\.41421"),
        ([[-1.0, 0.0]], "hyperboloid", r"row 0 .* positive"),
        ([[[0.1], [2.0]]], "poincare", r"row \(0, 1\) has norm 2"),
        ([1.5, 0.0], "poincare", r"X: the point has norm 1\.5"),
        ([[40.0, 0.0]], "tangent", r"row 0 lies too far out"),
        ([[1e200, 1e200]], "halfspace", r"row 0 lies too far out"),
        ([[1e200, 1e200]], "tangent", r"row 0 lies too far out"),
        ([[1.0]], "hyperboloid", "at least 2 coordinate"),
        (3.0, "poincare", "at least 1 coordinate"),
        ([[0.1, 0.2]], "Poincare", "is not a model of hyperbolic space"),
    ],
)
def test_bad_points_are_named_with_row_value_and_remedy(X, model, message):
    with pytest.raises(ValueError, match=message):
        to_ball(X, model)


@pytest.mark.parametrize(
    "X",
    [
        [["a", "b"]],
        [["0.1", "0.2"]],
        [[1j, 0]],
        [[{}, 1]],
        [[0.1], [0.1, 0.2]],
        [[10**400, 0]],
        np.array([["2020-01-01", "2020-01-02"]], dtype="datetime64[D]"),
        np.ma.masked_array([[0.1, 0.2]], mask=[[True, False]]),
    ],
)
def test_what_is_not_a_table_of_numbers_is_a_type_error(X):
    with pytest.raises(TypeError, match=r"^X "):
        check_points(X, "poincare")


@pytest.mark.parametrize("model", ["poincare", "klein", "hyperboloid", "halfspace"])
def test_conversion_from_far_out_matches_exact_arithmetic(model):
    v = sample(40, 3, 1.0)[20:]
    v *= (17.0 if model == "klein" else 34.0) / np.linalg.norm(v, axis=1, keepdims=True)
    v[0] = [0.0, 0.0, 17.0]
    v[1] = [0.0, 0.0, -17.0]
    for row, point in zip(v, convert(v, "tangent", model), strict=True):
        time, space = reference.hyperboloid(row, "tangent")
        if model == "halfspace":
            exact = [x / (time - space[-1]) for x in [*space[:-1], 1]]
        elif model == "hyperboloid":
            exact = [time, *space]
        else:
            exact = [x / (time + (model == "poincare")) for x in space]
        # The way leads through Poincaré coordinates: 1e-16 of z is 1e-16 e^34 = 0.1 of the direction seen from the far
        # end of the half-space, so there only points on its axis can be right to all digits.
        if model != "halfspace" or abs(row[-1]) == 17.0:
            norm = max(abs(e) for e in exact)
            assert max(abs(float((p - e) / norm)) for p, e in zip(point, exact, strict=True)) < 1e-14


def test_gap_is_right_even_where_chance_brings_the_norm_next_to_1():
    z = np.array(
        [
            [0.9980469550524476, 0.06246819599234254, 0.0],
            [0.7736231242712057, 0.6336460065311377, 4.951108992469261e-09],
        ]
    )
    for row, gap in zip(z, ball_gap(z), strict=True):
        exact = 1 - sum(reference.mp.mpf(float(x)) ** 2 for x in row)
        assert abs(float((gap - exact) / exact)) < 1e-15


@pytest.mark.parametrize("curvature", [0, 1.0, np.nan, -np.inf, "-1", None, -1e300])
def test_curvature_must_be_negative(curvature):
    with pytest.raises(ValueError, match="curvature"):
        convert([[0.1, 0.2]], "poincare", "klein", curvature=curvature)


def test_model_that_cannot_hold_a_point_raises_instead_of_clipping():
    far = to_ball(25.0 * sample(3, 2, 1.0)[2:] / np.linalg.norm(sample(3, 2, 1.0)[2:]), "tangent")
    with pytest.raises(ValueError, match=r"row 0 is at polar radius 25, where float64 klein .*hyperboloid"):
        from_ball(far, "klein")


def test_float32_points_are_promoted_not_clipped():
    z = np.float32([[0.99999994, 0.0]])
    assert float(to_ball(z).z[0, 0]) == float(z[0, 0])


def test_check_points_returns_a_float64_array_as_it_is():
    X = np.array([[0.1, 0.2]])
    assert check_points(X, "poincare") is X
