"""Products, scaled manifolds and rows that cannot be used: geoopt's own distances, and rows left out by hand."""

from __future__ import annotations

import pickle
import warnings

import numpy as np
import pandas as pd
import pytest

from hyperkit import latents
from hyperkit.geometry import pairwise_distances
from hyperkit.similarity import HyperDGA, compare_sets

torch = pytest.importorskip("torch")
with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # geoopt 0.5 compiles with torch.jit.script
    geoopt = pytest.importorskip("geoopt")


def exact(value: float) -> torch.Tensor:
    return torch.tensor(value, dtype=torch.float64)


BALL = geoopt.PoincareBall(c=exact(0.5))
SHEET = geoopt.Lorentz(k=exact(3.0))
STEREOGRAPHIC = geoopt.Stereographic(k=exact(-2.0))
V = torch.randn(20, 3, generator=torch.Generator().manual_seed(0), dtype=torch.float64) / 2


def on(manifold, v=V):
    """Points of a manifold, from tangent vectors at its origin."""
    v = torch.cat([torch.zeros(len(v), 1, dtype=v.dtype), v], dim=1) if isinstance(manifold, geoopt.Lorentz) else v
    return manifold.expmap0(v)


def distances(z, manifold) -> np.ndarray:
    return manifold.dist(z[:, None], z[None, :]).detach().numpy()


@pytest.mark.parametrize("base", [BALL, SHEET, STEREOGRAPHIC], ids=lambda manifold: type(manifold).__name__)
@pytest.mark.parametrize("scale", [0.5, 3.0])
def test_a_scaled_manifold_has_the_points_of_its_base_and_lengths_of_its_own(base, scale):
    z = on(base)
    manifold = geoopt.Scaled(base, scale)
    found = latents.to_poincare(z, manifold)
    np.testing.assert_array_equal(found.points, latents.to_poincare(z, base).points)
    np.testing.assert_allclose(pairwise_distances(found.points) * found.unit, distances(z, manifold), atol=1e-6)
    twice = geoopt.Scaled(manifold, 2.0, learnable=True)
    assert latents.to_poincare(z, twice).unit == pytest.approx(2 * found.unit)


@pytest.mark.parametrize("base", [BALL, SHEET, STEREOGRAPHIC], ids=lambda manifold: type(manifold).__name__)
def test_the_unit_is_the_length_on_the_manifold_of_what_has_length_1(base):
    z = on(base)
    found = latents.to_poincare(z, base)
    np.testing.assert_allclose(pairwise_distances(found.points) * found.unit, distances(z, base), atol=1e-6)


PRODUCT = geoopt.ProductManifold(
    (geoopt.Euclidean(), 2),
    (BALL, 3),
    (geoopt.Scaled(SHEET, 2.0).double(), 4),
    (geoopt.Sphere(), 3),
    (STEREOGRAPHIC, (3,)),
)
SCALED_SHEET = PRODUCT.manifolds[2]
ROWS = torch.cat([V[:, :2] * 9, on(BALL), on(SHEET, -V), torch.nn.functional.normalize(V), on(STEREOGRAPHIC, 2 * V)], 1)


@pytest.mark.parametrize(
    ("factor", "manifold", "z"),
    [(1, BALL, on(BALL)), (2, SCALED_SHEET, on(SHEET, -V)), (4, STEREOGRAPHIC, on(STEREOGRAPHIC, 2 * V))],
)
def test_a_factor_of_a_product_is_its_columns_on_its_manifold(factor, manifold, z):
    found, alone = latents.to_poincare(ROWS, PRODUCT, factor=factor), latents.to_poincare(z, manifold)
    np.testing.assert_array_equal(found.points, alone.points)
    assert found.unit == alone.unit
    scaled = latents.to_poincare(ROWS, geoopt.Scaled(PRODUCT, 5.0), factor=factor)
    assert scaled.unit == pytest.approx(5 * alone.unit)
    encoded = latents.encode(lambda rows: rows, ROWS, PRODUCT, factor=factor)
    np.testing.assert_array_equal(encoded.points, alone.points)
    result = latents.compare(lambda rows: rows, ROWS[:9], ROWS[9:], PRODUCT, factor=factor)
    assert result == latents.compare(lambda rows: rows, z[:9], z[9:], manifold)


def test_a_stereographic_product_is_read_like_any_other():
    product = geoopt.StereographicProductManifold(
        (STEREOGRAPHIC, 3), (geoopt.SphereProjection(k=exact(1.0)), 2), (BALL, 3)
    )
    z = torch.cat([on(STEREOGRAPHIC), V[:, :2], on(BALL)], dim=1)
    for factor, part in ((0, on(STEREOGRAPHIC)), (2, on(BALL))):
        own = latents.to_poincare(part, product.manifolds[factor])
        np.testing.assert_array_equal(latents.to_poincare(z, product, factor=factor).points, own.points)
    with pytest.raises(ValueError, match="factor 1 of manifold is SphereProjection of curvature 1, where no distance"):
        latents.to_poincare(z, product, factor=1)


def test_a_product_of_one_factor_needs_no_number():
    product = geoopt.ProductManifold((BALL, 3))
    np.testing.assert_array_equal(
        latents.to_poincare(on(BALL), product).points, latents.to_poincare(on(BALL), BALL).points
    )


LISTED = (
    r"0 is Euclidean \(not hyperbolic\), 1 is PoincareBall of curvature -0\.5, 2 is Lorentz, "
    r"3 is Sphere \(not hyperbolic\), 4 is Stereographic of curvature -2"
)


def test_a_product_without_a_factor_is_an_error_that_names_all_of_them():
    with pytest.raises(ValueError, match=rf"manifold is a product; choose by factor=... what to look at: {LISTED}"):
        latents.to_poincare(ROWS, PRODUCT)


@pytest.mark.parametrize(("factor", "name"), [(0, "Euclidean"), (3, "Sphere")])
def test_euclidean_and_spherical_factors_are_an_error_that_names_them(factor, name):
    message = rf"factor {factor} of manifold is {name}, where no distance is hyperbolic; its factors: {LISTED}"
    for call in (
        lambda: latents.to_poincare(ROWS, PRODUCT, factor=factor),
        lambda: latents.encode(lambda rows: rows, ROWS, PRODUCT, factor=factor),
        lambda: latents.compare(lambda rows: rows, ROWS, ROWS, PRODUCT, factor=factor),
        lambda: latents.monitor(lambda rows: rows, ROWS, PRODUCT, factor=factor),
    ):
        with pytest.raises(ValueError, match=message):
            call()


def test_flat_and_spherical_curvatures_are_told_apart_by_their_value():
    flat = geoopt.ProductManifold((geoopt.Stereographic(k=0.0), 2), (geoopt.PoincareBall(), 1))
    with pytest.raises(ValueError, match="factor 0 of manifold is Stereographic of curvature 0"):
        latents.to_poincare(V, flat, factor=0)
    lost = geoopt.ProductManifold((geoopt.PoincareBall(c=100.0), 2), (geoopt.PoincareBall(), 1))
    with pytest.raises(ValueError, match="this PoincareBall has c=inf"):
        latents.to_poincare(V, lost, factor=0)


@pytest.mark.parametrize("manifold", [-1.0, BALL, SHEET, geoopt.Scaled(BALL, 2.0)], ids=repr)
def test_a_factor_of_what_is_no_product_is_an_error(manifold):
    with pytest.raises(ValueError, match="factor=1 must be a whole number of at least 0 for a product, and left out"):
        latents.to_poincare(V, manifold, factor=1)


def test_products_that_cannot_be_read_are_an_error():
    with pytest.raises(ValueError, match=r"factor=5 must be a whole number from 0 to 4"):
        latents.to_poincare(ROWS, PRODUCT, factor=5)
    with pytest.raises(ValueError, match=r"z has shape \(20, 14\); a row of the product has the 15 columns"):
        latents.to_poincare(ROWS[:, :-1], PRODUCT, factor=1)
    several = geoopt.ProductManifold((BALL, (2, 3)), (BALL, 2))
    with pytest.raises(ValueError, match=r"has shape \(2, 3\), more than one point a row; take columns 0 to 5 alone"):
        latents.to_poincare(torch.zeros(4, 8), several, factor=0)
    with pytest.raises(ValueError, match="manifold is scaled by -1; lengths need a scale > 0"):
        latents.to_poincare(V, geoopt.Scaled(BALL, -1.0))
    with pytest.raises(TypeError, match=r"got geoopt\.manifolds\.euclidean\.Euclidean"):
        latents.to_poincare(V, geoopt.Scaled(geoopt.Euclidean(), 2.0))


def test_a_decoder_of_a_product_is_given_all_factors():
    found = latents.monitor(lambda x: x, ROWS, PRODUCT, factor=1, decoder=lambda z: z)
    assert found["reconstruction_error"] == 0
    assert found["reconstruction"] == pytest.approx(1)


# --- rows that cannot be used


def spoiled(manifold):
    """Latents in float32 of which 2 are not finite, 3 outside and, in a ball, 4 clipped; and the reasons by row."""
    z = on(manifold).float()
    z[4, 1], z[11, 0] = np.nan, -np.inf
    reasons = {4: "not finite", 11: "not finite"} | dict.fromkeys((0, 7, 19), "outside")
    z[[0, 7, 19]] = 7.0
    if not isinstance(manifold, geoopt.Lorentz):
        z[[1, 2, 3, 12]] = manifold.expmap0(torch.ones(4, 3) * 50)
        reasons |= dict.fromkeys((1, 2, 3, 12), "clipped")
    return z, dict(sorted(reasons.items()))


@pytest.mark.parametrize("manifold", [geoopt.PoincareBall(), geoopt.Lorentz(), geoopt.Stereographic(k=-0.3)])
def test_rows_that_cannot_be_used_are_left_out_counted_and_listed(manifold):
    z, reasons = spoiled(manifold)
    kept = [row for row in range(20) if row not in reasons]
    found = latents.to_poincare(z, manifold, on_bad="drop")
    expected = latents.to_poincare(z[kept], manifold)
    np.testing.assert_array_equal(found.points, expected.points)
    assert found.rows.tolist() == kept
    assert dict(zip(found.dropped.tolist(), found.reasons.tolist(), strict=True)) == reasons
    assert (found.n_not_finite, found.n_outside, found.n_clipped) == (2, 3, len(reasons) - 5)
    assert not found.clipped.any()
    assert f"n_dropped={len(reasons)}" in repr(found)
    encoded = latents.encode(lambda rows: rows, z, manifold, on_bad="drop", batch_size=3)
    np.testing.assert_array_equal(encoded.points, found.points)
    assert encoded.dropped.tolist() == found.dropped.tolist()
    with pytest.raises(ValueError, match=r"z: row \d+ .*To leave out such rows: on_bad=\"drop\""):
        latents.to_poincare(z, manifold)


def test_by_default_clipped_rows_are_kept_and_marked():
    ball = geoopt.PoincareBall()
    z = ball.expmap0(torch.tensor([[0.1, 0.0], [50.0, 0.0], [0.0, 0.3]]))
    found = latents.encode(lambda rows: rows, z, ball)
    assert found.clipped.tolist() == [False, True, False]
    assert (found.n_clipped, found.dropped.tolist(), found.rows.tolist()) == (1, [], [0, 1, 2])
    dropped = latents.encode(lambda rows: rows, z, ball, on_bad="drop")
    assert (dropped.n_clipped, dropped.dropped.tolist(), dropped.reasons.tolist()) == (1, [1], ["clipped"])


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
def test_rows_on_the_rim_are_outside_in_every_dtype(dtype):
    z = torch.tensor([[0.5, 0.0], [1.0, 0.0], [0.0, -1.0], [0.0, 0.25]], dtype=dtype)
    found = latents.to_poincare(z, -1.0, on_bad="drop")
    assert (found.rows.tolist(), found.n_outside) == ([0, 3], 2)


def test_rows_of_a_hyperboloid_beyond_what_float64_can_tell_are_outside():
    manifold = geoopt.Lorentz()
    x = torch.tensor([[1.0, 0.0], [np.sinh(35.0), 0.0], [np.sinh(39.0), 0.0], [1e30, 1e30]], dtype=torch.float64)
    z = torch.cat([(1 + (x**2).sum(1, keepdim=True)).sqrt(), x], dim=1)
    found = latents.to_poincare(z, manifold, on_bad="drop")
    assert found.dropped.tolist() == [2, 3]
    with pytest.raises(ValueError, match="z: row 2 lies too far out"):
        latents.to_poincare(z, manifold)
    far = torch.linspace(34.0, 38.0, 200, dtype=torch.float64)
    v = torch.stack([torch.zeros(200), far.cos() * far, far.sin() * far], dim=1).double()
    z = manifold.expmap0(v)
    left = latents.to_poincare(z, manifold, on_bad="drop")
    assert 0 < left.n_outside < 200
    for row in range(200):
        if row in left.rows:
            latents.to_poincare(z[[row]], manifold)
        else:
            with pytest.raises(ValueError, match="lies too far out"):
                latents.to_poincare(z[[row]], manifold)


def test_rows_whose_numbers_overflow_are_outside():
    for manifold in (-1.0, geoopt.Lorentz()):
        z = torch.tensor([[1e300, 1e300, 1e300], [1.0, 0.0, 0.0]], dtype=torch.float64) * 0.9999
        found = latents.to_poincare(z, manifold, on_bad="drop")
        assert found.dropped.tolist()[:1] == [0]
        assert set(found.reasons.tolist()) == {"outside"}


def test_nothing_is_left_of_a_set_without_points():
    z = torch.full((3, 2), float("nan"))
    found = latents.to_poincare(z, -1.0, on_bad="drop")
    assert found.points.shape == (0, 2)
    with pytest.raises(ValueError, match="no latent row of B can be used: 3 not finite"):
        latents.compare(lambda rows: rows, torch.zeros(2, 2), z, -1.0, on_bad="drop")


@pytest.fixture
def sets():
    ball = geoopt.PoincareBall()
    A, B = (ball.expmap0(torch.randn(20, 2, generator=torch.Generator().manual_seed(seed)) / 2) for seed in (1, 2))
    A[3], A[9], B[5], B[9] = float("nan"), 2.0, ball.expmap0(torch.tensor([50.0, 0.0])), -2.0
    return A, B


def test_a_comparison_leaves_out_rows_and_says_which(sets):
    a, b = (np.delete(z.double().numpy(), rows, axis=0) for z, rows in zip(sets, ([3, 9], [5, 9]), strict=True))
    result = latents.compare(lambda rows: rows, *sets, -1.0, on_bad="drop", n_permutations=20, interval=0.9)
    assert result == compare_sets(a, b, n_permutations=20, interval=0.9)
    assert result.dropped.to_dict("list") == {
        "set": ["A", "A", "B", "B"],
        "row": [3, 9, 5, 9],
        "reason": ["not finite", "outside", "clipped", "outside"],
    }
    table = result.to_frame()
    rows = [*np.delete(np.arange(20), [3, 9]), *np.delete(np.arange(20), [5, 9])]
    expected = compare_sets(a, b).to_frame().assign(row=rows)  # those of the data, as in `dropped`
    pd.testing.assert_frame_equal(table.reset_index(drop=True), expected)
    assert table.index.tolist() == rows
    again = pickle.loads(pickle.dumps(result))
    pd.testing.assert_frame_equal(again.dropped, result.dropped)
    assert "n dropped" in result._repr_html_()
    assert HyperDGA().fit(a).compare(b).dropped.empty
    assert "n dropped" not in HyperDGA().fit(a).compare(b)._repr_html_()


def test_of_a_pair_both_rows_are_left_out(sets):
    rows = np.delete(np.arange(20), [3, 5, 9])
    a, b = (z.double().numpy()[rows] for z in sets)
    result = latents.compare(lambda rows: rows, *sets, -1.0, on_bad="drop", paired=True)
    assert result == compare_sets(a, b, paired=True)
    assert result.dropped["reason"].tolist() == ["not finite", "pair", "outside", "pair", "clipped", "outside"]
    assert result.dropped["row"].tolist() == [3, 5, 9, 3, 5, 9]
    # A pair is a pair of rows of the data: that sets are of one size when bad rows are gone makes no pairs.
    with pytest.raises(ValueError, match="A has 20 rows and B has 19"):
        latents.compare(lambda rows: rows, sets[0], sets[1][:-1], -1.0, on_bad="drop", paired=True)


def test_tables_keep_their_index_in_a_comparison(sets):
    frames = [
        pd.DataFrame(z.numpy(), index=[f"{name}{i}" for i in range(20)]) for name, z in zip("ab", sets, strict=True)
    ]
    table = latents.compare(lambda rows: rows, *frames, -1.0, on_bad="drop").to_frame()
    assert table.index.tolist() == [f"a{i}" for i in range(20) if i not in (3, 9)] + [
        f"b{i}" for i in range(20) if i not in (5, 9)
    ]
    whole = latents.compare(lambda rows: rows * 0.1, *(frame.fillna(0.1) for frame in frames), -1.0)
    assert whole.to_frame().index.tolist() == [*frames[0].index, *frames[1].index]
    names = [f"r{i}" for i in range(20)]
    one, other = (frame.fillna(0.1).set_axis(names) for frame in frames)
    with pytest.raises(ValueError, match=r"row 0 is 'r0' in A and 'r19' in B; rows go by place"):
        latents.compare(lambda rows: rows * 0.1, one, other.iloc[::-1], -1.0, paired=True)


def test_a_comparison_that_drops_clipped_rows_does_not_warn_of_them(sets):
    sets[0][[3, 9]], sets[1][9] = 0.1, 0.2
    with pytest.warns(UserWarning, match='1 of 20 latent rows of B sit on geoopt.*or leave them out, by on_bad="drop"'):
        latents.compare(lambda rows: rows, *sets, -1.0)
    result = latents.compare(lambda rows: rows, *sets, -1.0, on_bad="drop")
    assert result.dropped["reason"].tolist() == ["clipped"]


def test_groups_and_a_scan_lose_the_rows_that_are_dropped():
    A, B = (torch.randn(40, 2, generator=torch.Generator().manual_seed(s)).clamp(-2, 2) / 4 for s in (1, 2))
    A[3], B[5], B[9] = float("nan"), 2.0, -2.0
    groups = np.repeat(list("abcd"), 10), np.repeat(list("efgh"), 10)
    of_a, of_b = np.delete(np.arange(40), [3]), np.delete(np.arange(40), [5, 9])
    a, b = A.double().numpy()[of_a], B.double().numpy()[of_b]

    def dropped(**options):
        return latents.compare(lambda x: x, A, B, -1.0, on_bad="drop", **options)

    scanned = dropped(scan=True, hops=2)
    assert scanned == compare_sets(a, b, scan=True, hops=2)
    table = scanned.to_frame()
    given = [{"A": A, "B": B}[name][row].tolist() for name, row in zip(table["set"], table["row"], strict=True)]
    np.testing.assert_allclose(scanned.ball_rows.z, given)
    regions = scanned.regions(level=0.99)
    assert len(regions)
    for n_a, medoid, rows in zip(regions["n_a"], regions["medoid"], regions["rows"], strict=True):  # places in it
        assert (table["set"].iloc[rows] == "A").sum() == n_a
        assert medoid in rows
    assert dropped(groups=groups) == compare_sets(a, b, groups=(groups[0][of_a], groups[1][of_b]))
    B[:10] = float("nan")  # a whole group
    result = dropped(groups=groups)
    assert (result.n_groups_a, result.n_groups_b) == (4, 3)
