"""Latents against geoopt's own distances, and what a newcomer may hand in by mistake."""

from __future__ import annotations

import re
import sys
import warnings

import numpy as np
import pytest

from hyperkit import latents
from hyperkit.geometry import pairwise_distances
from hyperkit.similarity import HyperDGA, compare_sets

torch = pytest.importorskip("torch")
with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # geoopt 0.5 compiles with torch.jit.script
    geoopt = pytest.importorskip("geoopt")


def tangent(n: int, seed: int, d: int = 2, dtype: torch.dtype = torch.float64) -> torch.Tensor:
    return torch.randn(n, d, generator=torch.Generator().manual_seed(seed), dtype=dtype)


def geoopt_distances(z: torch.Tensor, manifold) -> np.ndarray:
    return manifold.dist(z[:, None], z[None, :]).detach().numpy()


@pytest.mark.parametrize("c", [1.0, 0.25, 3.0])
@pytest.mark.parametrize("kind", [geoopt.PoincareBall, geoopt.PoincareBallExact])
def test_distances_of_a_ball_are_those_of_geoopt_times_the_root_of_c(kind, c):
    manifold = kind(c=torch.tensor(c, dtype=torch.float64))
    z = manifold.expmap0(tangent(12, 0) / np.sqrt(c))
    latent = latents.to_poincare(z, manifold)
    assert latent.points.dtype == np.float64
    assert latent.n_clipped == 0
    np.testing.assert_allclose(pairwise_distances(latent.points), geoopt_distances(z, manifold) * np.sqrt(c), atol=1e-7)


@pytest.mark.parametrize("k", [1.0, 0.25, 4.0])
def test_distances_of_a_hyperboloid_are_those_of_geoopt_over_the_root_of_k(k):
    manifold = geoopt.Lorentz(k=torch.tensor(k, dtype=torch.float64))
    z = manifold.expmap0(torch.cat([torch.zeros(12, 1), tangent(12, 0)], dim=1))
    latent = latents.to_poincare(z, manifold)
    assert latent.points.shape == (12, 2)
    assert latent.n_clipped == 0
    np.testing.assert_allclose(pairwise_distances(latent.points), geoopt_distances(z, manifold) / np.sqrt(k), atol=1e-6)


def test_stereographic_of_negative_curvature_and_a_number_mean_the_same_ball():
    z = geoopt.PoincareBall(c=torch.tensor(0.5, dtype=torch.float64)).expmap0(tangent(8, 1))
    by_number = latents.to_poincare(z, -0.5).points
    manifold = geoopt.Stereographic(k=torch.tensor(-0.5, dtype=torch.float64))
    np.testing.assert_array_equal(latents.to_poincare(z, manifold).points, by_number)
    np.testing.assert_allclose(by_number, z.numpy() * np.sqrt(0.5), rtol=1e-15)


def test_rows_on_the_clipping_radius_are_counted_and_marked():
    for dtype in (torch.float32, torch.float64):
        ball = geoopt.PoincareBall(c=torch.tensor(1.3, dtype=dtype))
        radii = torch.tensor([[0.5], [9.0], [2.0], [40.0], [0.0]], dtype=dtype)
        z = ball.expmap0(torch.nn.functional.normalize(tangent(5, 2, dtype=dtype)) * radii)
        latent = latents.to_poincare(z, ball)
        assert latent.clipped.tolist() == [False, True, False, True, False]
        assert latent.n_clipped == 2


@pytest.mark.parametrize("d", [2, 64])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_every_clipped_row_is_found_in_any_dimension_and_curvature(dtype, d):
    for c in (1.0, 0.1, 7.3):
        ball = geoopt.PoincareBall(c=c)  # a float32 curvature, as it is unless asked otherwise
        z = ball.projx(torch.nn.functional.normalize(tangent(500, 3, d=d, dtype=dtype)) * 100)
        assert latents.to_poincare(z, ball).n_clipped == 500


def test_float32_rows_cast_to_float64_are_still_known_as_clipped():
    ball = geoopt.PoincareBall(c=1.0)
    z = ball.expmap0(torch.tensor([[9.0, 3.0], [0.1, 0.2]]))
    assert latents.to_poincare(z.double(), ball).clipped.tolist() == [True, False]


def test_rows_inside_and_beyond_the_clipping_radius_are_not_called_clipped():
    z = torch.tensor([[0.99, 0.0], [0.9959, 0.0], [0.9961, 0.0], [0.9999, 0.0]])
    assert latents.to_poincare(z, -1.0).n_clipped == 0


def test_float32_hyperboloid_rows_are_defined_by_their_spatial_part():
    manifold = geoopt.Lorentz(k=1.0)
    far = manifold.expmap0(torch.tensor([[0.0, 6.0, 8.0], [0.0, -5.0, 5.0]]))
    quadratic = -(far[:, 0] ** 2) + (far[:, 1:] ** 2).sum(1)
    assert (quadratic + 1).abs().max() > 0.5  # these rows are far from the sheet
    spatial = far[:, 1:].double().numpy()
    points = latents.to_poincare(far, manifold).points
    time = np.sqrt(1 + (spatial**2).sum(1))
    np.testing.assert_allclose(points, spatial / (1 + time)[:, None], rtol=1e-14)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_rows_are_taken_in_both_models(dtype):
    z = torch.tensor([[0.5, 0.25], [0.0, -0.75]], dtype=dtype)
    np.testing.assert_array_equal(latents.to_poincare(z, -1.0).points, z.double().numpy())
    lorentz = geoopt.Lorentz().expmap0(torch.tensor([[0.0, 0.5, 0.25], [0.0, 1.0, -3.0]])).to(dtype)
    assert latents.to_poincare(lorentz, geoopt.Lorentz()).points.shape == (2, 2)


def test_gradients_parameters_and_strides_are_no_obstacle_and_the_tensor_is_left_alone():
    ball = geoopt.PoincareBall(c=1.0, learnable=True)
    z = torch.nn.Parameter(torch.tensor([[0.1, 0.2, 0.3], [0.4, 0.5, 0.6]])).T
    before = z.detach().clone()
    points = latents.to_poincare(z, ball).points
    points[:] = 0
    assert torch.equal(z.detach(), before)
    assert z.requires_grad
    wrapped = geoopt.ManifoldParameter(before.clone(), manifold=ball)
    assert latents.to_poincare(wrapped, ball).points.shape == (3, 2)


# --- mistakes


def test_arrays_are_an_error_that_says_what_to_do():
    with pytest.raises(
        TypeError, match=r"z must be a torch\.Tensor, got numpy\.ndarray: wrap it with torch\.as_tensor"
    ):
        latents.to_poincare(np.zeros((3, 2)), -1.0)


@pytest.mark.parametrize("dtype", [torch.int64, torch.complex64, torch.bool])
def test_other_numbers_than_real_floats_are_an_error(dtype):
    with pytest.raises(TypeError, match="real floating point"):
        latents.to_poincare(torch.zeros(3, 2, dtype=dtype), -1.0)


@pytest.mark.parametrize("shape", [(2,), (4, 3, 2), ()])
def test_anything_but_a_table_is_an_error(shape):
    with pytest.raises(ValueError, match=re.escape(f"got shape {shape}")):
        latents.to_poincare(torch.zeros(shape), -1.0)


@pytest.mark.parametrize("manifold", [-1.0, geoopt.PoincareBall(), geoopt.Lorentz()])
@pytest.mark.parametrize("value", [float("nan"), float("inf")])
@pytest.mark.parametrize("column", [0, 1])
def test_rows_that_are_not_finite_are_named(manifold, value, column):
    z = torch.tensor([[1.0, 0.0], [1.0, 0.0]]) if isinstance(manifold, geoopt.Lorentz) else torch.zeros(2, 2)
    z[1, column] = value
    with pytest.raises(ValueError, match="z: row 1 is not finite"):
        latents.to_poincare(z, manifold)


def test_rows_outside_the_ball_are_named():
    with pytest.raises(ValueError, match=r"z: row 1 has norm 1\.5"):
        latents.to_poincare(torch.tensor([[0.0, 0.0], [1.5, 0.0]]), geoopt.PoincareBall())


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
@pytest.mark.parametrize("c", [1.0, 0.25])
def test_half_precision_rows_on_the_rim_are_an_error_that_says_why(dtype, c):
    ball = geoopt.PoincareBall(c=c)
    far = ball.expmap0(torch.nn.functional.normalize(tangent(40, 4, dtype=torch.float32)).to(dtype) * 50)
    for z in (far, torch.tensor([[0.0, 0.0], [1 / np.sqrt(c), 0.0]], dtype=dtype)):
        with pytest.raises(
            ValueError, match=r"z: row \d+ has norm .* half precision rounded it onto the rim"
        ) as caught:
            latents.to_poincare(z, ball)
        assert "model=" not in str(caught.value)


def test_half_precision_rows_far_outside_are_not_called_rounded():
    with pytest.raises(ValueError, match=r"z: row 0 has norm 1\.5; Poincaré points need norm < 1"):
        latents.to_poincare(torch.tensor([[1.5, 0.0]], dtype=torch.float16), -1.0)


def test_rows_of_another_manifold_are_told_from_float32_rounding():
    with pytest.raises(
        ValueError, match=r"z: row 0 has time coordinate 0\.1, but 1\.13578 belongs to its spatial part"
    ):
        latents.to_poincare(torch.tensor([[0.1, 0.2, 0.5]]), geoopt.Lorentz())
    z = geoopt.Lorentz(k=1.0).expmap0(torch.tensor([[0.0, 0.3, 0.1]]))
    with pytest.raises(ValueError, match=r"at curvature -0\.5"):
        latents.to_poincare(z, geoopt.Lorentz(k=2.0))


@pytest.mark.parametrize("manifold", [0.0, 1.0, float("nan"), float("-inf")])
def test_curvatures_that_are_not_negative_are_an_error(manifold):
    with pytest.raises(ValueError, match="curvature"):
        latents.to_poincare(torch.zeros(2, 2), manifold)


def test_manifolds_without_negative_curvature_are_an_error():
    for manifold in (geoopt.Stereographic(k=0.0), geoopt.SphereProjection()):
        with pytest.raises(ValueError, match="curvature"):
            latents.to_poincare(torch.zeros(2, 2), manifold)
    for manifold in (geoopt.Euclidean(), geoopt.Sphere(), "poincare", None, True):
        with pytest.raises(TypeError, match=r"manifold must be a geoopt\.PoincareBall"):
            latents.to_poincare(torch.zeros(2, 2), manifold)


@pytest.mark.parametrize(("c", "shown"), [(100.0, "inf"), (1e-9, "0")])
def test_a_c_that_geoopt_lost_in_float32_is_an_error_that_helps(c, shown):
    message = f"this PoincareBall has c={shown} and .* here in torch.float32. Give it a float64 c"
    with pytest.raises(ValueError, match=message):
        latents.to_poincare(torch.zeros(2, 2), geoopt.PoincareBall(c=c))
    ball = geoopt.PoincareBall(c=torch.tensor(c, dtype=torch.float64))
    assert latents.to_poincare(torch.zeros(2, 2), ball).n_clipped == 0


@pytest.mark.parametrize(("missing", "manifold"), [("torch", -1.0), ("geoopt", geoopt.PoincareBall())])
def test_a_missing_extra_is_named_with_the_command_that_installs_it(monkeypatch, missing, manifold):
    monkeypatch.setitem(sys.modules, missing, None)
    message = f'{missing} is needed for hyperkit.latents: pip install "hyperkit-geometry[torch]"'
    with pytest.raises(ImportError, match=re.escape(message)):
        latents.to_poincare(torch.zeros(2, 2), manifold)


def test_a_number_as_curvature_needs_no_geoopt(monkeypatch):
    monkeypatch.setitem(sys.modules, "geoopt", None)
    assert latents.to_poincare(torch.zeros(2, 2), -1.0).n_clipped == 0


# --- encoders


class Encoder(torch.nn.Module):
    """A small variational encoder: dropout and batch norm, so that training mode shows."""

    def __init__(self, manifold, returns=lambda mean: mean):
        super().__init__()
        torch.manual_seed(0)
        self.layers = torch.nn.Sequential(torch.nn.Linear(5, 8), torch.nn.BatchNorm1d(8), torch.nn.Dropout(0.5))
        self.head = torch.nn.Linear(8, 2)
        self.manifold = manifold
        self.returns = returns
        self.batches: list[int] = []

    def forward(self, x):
        assert not self.training
        assert not torch.is_grad_enabled()
        self.batches.append(len(x))
        return self.returns(self.manifold.expmap0(self.head(self.layers(x))))


@pytest.fixture
def inputs():
    return tangent(30, 1, d=5, dtype=torch.float32), tangent(21, 2, d=5, dtype=torch.float32) + 0.5


def test_compare_is_hyperdga_of_the_encoded_sets_for_any_batch_size(inputs):
    ball = geoopt.PoincareBall(c=1.0)
    encoder = Encoder(ball)
    results = [latents.compare(encoder, *inputs, ball, batch_size=size) for size in (1, 7, 30, 1000)]
    assert encoder.batches[-2:] == [30, 21]
    assert encoder.batches[:51] == [1] * 51
    encoder.eval()
    with torch.no_grad():
        encoded = [encoder(rows).double().numpy() for rows in inputs]
    for result in results[2:]:
        assert result == HyperDGA().fit(encoded[0]).compare(encoded[1])
    # Batches of another size may differ in the last bit of a product, never in more than that.
    for result in results:
        assert result.similarity == pytest.approx(results[-1].similarity, abs=0.05)


def test_compare_takes_the_options_of_hyperdga():
    ball = geoopt.PoincareBall(c=4.0)
    A, B = (ball.expmap0(tangent(25, seed, d=7) * 0.05) for seed in (1, 2))
    shared = {"n_rays": 64, "random_state": 3, "n_jobs": 2}
    unit = [2 * rows.numpy() for rows in (A, B)]
    for own, message in (
        ({"n_permutations": 20, "interval": 0.8, "paired": True, "method": "rays"}, "HyperDGA counts over"),
        ({"max_points": 20}, "HyperDGA may miss edges"),
    ):
        with pytest.warns(UserWarning, match=message):
            expected = compare_sets(*unit, **shared, **own)
        with pytest.warns(UserWarning, match=message) as caught:
            assert latents.compare(lambda rows: rows, A, B, ball, **shared, **own) == expected
        assert {w.filename for w in caught} == {__file__}
    with pytest.raises(ValueError, match="interval=7 must be a confidence level"):
        latents.compare(lambda rows: rows, A, B, ball, interval=7)


@pytest.mark.parametrize("wrong", [lambda z: z[:-1], lambda z: z[:, 0], lambda z: z.numpy(), lambda z: None])
def test_encoders_that_do_not_return_a_row_per_input_are_an_error(inputs, wrong):
    ball = geoopt.PoincareBall(c=1.0)
    with pytest.raises(ValueError, match=r"encoder must return a tensor of shape \(30, d\) for 30 rows of A"):
        latents.compare(Encoder(ball, wrong), *inputs, ball)


def test_each_submodule_is_back_in_its_mode_also_after_an_error(inputs):
    ball = geoopt.PoincareBall(c=1.0)
    encoder = Encoder(ball).train()
    encoder.layers[1].eval()  # a frozen batch norm
    modes = [module.training for module in encoder.modules()]
    statistics = encoder.layers[1].running_mean.clone()
    latents.compare(encoder, *inputs, ball)
    assert [module.training for module in encoder.modules()] == modes
    assert torch.equal(encoder.layers[1].running_mean, statistics)
    with pytest.raises(RuntimeError):
        latents.compare(encoder, torch.zeros(3, 4), inputs[1], ball)
    assert [module.training for module in encoder.modules()] == modes


def test_compare_takes_a_plain_function_and_lorentz_latents(inputs):
    manifold = geoopt.Lorentz()

    def encode(rows):
        return manifold.expmap0(torch.cat([torch.zeros(len(rows), 1), rows[:, :2]], dim=1))

    result = latents.compare(encode, *inputs, manifold)
    assert 0 < result.similarity < 1
    assert result.n_edges == result.n_aa + result.n_bb + result.n_ab


def test_compare_warns_of_clipped_rows():
    ball = geoopt.PoincareBall(c=1.0)
    A, B = tangent(20, 1, dtype=torch.float32), tangent(20, 2, dtype=torch.float32)
    A[:3] *= 100 / A[:3].norm(dim=1, keepdim=True)
    with pytest.warns(UserWarning, match="3 of 20 latent rows of A sit on geoopt's clipping radius") as caught:
        latents.compare(ball.expmap0, A, B, ball)
    assert [w.filename for w in caught] == [__file__]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        latents.compare(ball.expmap0, A.double() * 0.05, B.double() * 0.05, ball)


def test_compare_names_the_set_that_is_wrong(inputs):
    ball = geoopt.PoincareBall(c=1.0)
    with pytest.raises(
        TypeError, match=r"B must be a torch\.Tensor, an array, .* got builtins\.list: wrap it with torch"
    ):
        latents.compare(Encoder(ball), inputs[0], inputs[1].tolist(), ball)
    with pytest.raises(ValueError, match=r"A has shape \(0, 5\): a set needs at least one row"):
        latents.compare(Encoder(ball), inputs[0][:0], inputs[1], ball)


@pytest.mark.parametrize("batch_size", [0, 2.5, "7", True])
def test_batch_sizes_that_are_no_counts_are_an_error(inputs, batch_size):
    ball = geoopt.PoincareBall(c=1.0)
    with pytest.raises(ValueError, match=f"batch_size={batch_size!r} must be a whole number of at least 1"):
        latents.compare(Encoder(ball), *inputs, ball, batch_size=batch_size)


def test_a_batch_size_may_be_an_integer_of_numpy(inputs):
    ball = geoopt.PoincareBall(c=1.0)
    by_numpy = latents.compare(Encoder(ball), *inputs, ball, batch_size=np.int64(7))
    assert by_numpy == latents.compare(Encoder(ball), *inputs, ball, batch_size=7)


def test_an_encoder_whose_width_varies_is_an_error(inputs):
    def encode(rows):
        return torch.zeros(len(rows), 2 if len(rows) == 20 else 3)

    with pytest.raises(ValueError, match="rows of one width; for A it returned 2 columns, then 3"):
        latents.compare(encode, *inputs, -1.0, batch_size=20)


def test_latents_that_are_not_finite_are_named_with_their_set(inputs):
    ball = geoopt.PoincareBall(c=1.0)
    rows = inputs[1].clone()
    rows[4] = float("nan")
    with pytest.raises(ValueError, match="latents of B: row 4 is not finite"):
        latents.compare(Encoder(ball), inputs[0], rows, ball)


def test_importing_the_module_imports_neither_torch_nor_geoopt():
    import subprocess

    code = "import sys, hyperkit.latents; sys.exit(bool({'torch', 'geoopt'} & set(sys.modules)))"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_sets_of_two_widths_are_an_error(inputs):
    def encode(rows):
        return torch.zeros(len(rows), 2 if len(rows) == len(inputs[0]) else 3)

    A, B = inputs[0], inputs[1][:-1]
    with pytest.raises(ValueError, match="rows of one width; for A it returned 2 columns, for B 3"):
        latents.compare(encode, A, B, -1.0, batch_size=1000)


def test_a_hyperboloid_without_space_is_an_error():
    with pytest.raises(ValueError, match=r"z has shape \(3, 1\); hyperboloid points need at least 2"):
        latents.to_poincare(torch.ones(3, 1), geoopt.Lorentz())


def test_rows_of_latents_too_small_for_exact_signs_are_named():
    rows = torch.tensor([[0.1, 0.2], [0.3, 0.1], [1e-70, 0.1]], dtype=torch.float64)
    with pytest.raises(ValueError, match=r"^latents of B: row 2 has Poincaré coordinates"):
        latents.compare(lambda rows: rows, rows[:2], rows, -1.0)
