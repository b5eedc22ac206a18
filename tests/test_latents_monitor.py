"""Figures for a log: against the functions they come from, under hostile data, and leaving a training run alone."""

from __future__ import annotations

import json
import math
import pickle
import re
import warnings

import numpy as np
import pytest

from hyperkit import HyperbolicDelaunay, distance, frechet_mean, latents, log_map
from hyperkit.similarity import compare_sets

torch = pytest.importorskip("torch")
with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # geoopt 0.5 compiles with torch.jit.script
    geoopt = pytest.importorskip("geoopt")

BALL = geoopt.PoincareBall(c=1.0)
X = torch.randn(120, 3, generator=torch.Generator().manual_seed(0))
LABELS = torch.arange(120) % 3
KEYS = [
    *("n_points", "bad_share", "clipped_share", "radius_mean", "radius_median", "radius_max"),
    *("spread", "effective_dimensions", "collapse", "mixing", "noise_robustness", "noise_shift"),
    *("reconstruction", "reconstruction_error"),
]


class Autoencoder(torch.nn.Module):
    """Dropout, batch norm and a sampled latent: all that training mode and random numbers change."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.layers = torch.nn.Sequential(torch.nn.Linear(3, 2), torch.nn.BatchNorm1d(2), torch.nn.Dropout(0.5))
        self.back = torch.nn.Linear(2, 3)

    def encode(self, x):
        return BALL.expmap0(0.3 * self.layers(x))

    def decode(self, z):
        return self.back(BALL.logmap0(z))

    def forward(self, x):
        z = self.encode(x)
        return self.decode(z), z, torch.rand(1)


@pytest.fixture
def network():
    return Autoencoder()


def places(network, x):
    return latents.encode(network.encode, x, BALL).points


def test_it_is_a_dictionary_of_plain_floats_with_always_the_same_keys(network):
    full = latents.monitor(network.encode, X, BALL, LABELS, decoder=network.decode)
    assert list(full) == KEYS
    assert all(type(value) is float and math.isfinite(value) for value in full.values())
    assert full.reasons == {}
    assert json.loads(json.dumps(full)) == full
    again = pickle.loads(pickle.dumps(full))
    assert (dict(again), again.reasons) == (dict(full), {})
    bare = latents.monitor(network.encode, X, BALL)
    assert list(bare) == KEYS
    assert bare.reasons == {
        "mixing": "no labels were given",
        "reconstruction": "no decoder was given",
        "reconstruction_error": "no decoder was given",
    }
    assert [key for key, value in bare.items() if math.isnan(value)] == list(bare.reasons)
    assert {key: value for key, value in full.items() if key not in bare.reasons}.items() <= bare.items()


def test_figures_are_those_of_the_functions_they_come_from(network):
    found = latents.monitor(network.encode, X, BALL, LABELS.tolist(), decoder=network.decode)
    z = places(network, X)
    radius = distance(z, np.zeros(2))
    assert found["radius_mean"] == pytest.approx(radius.mean())
    assert found["radius_median"] == pytest.approx(np.median(radius))
    assert found["radius_max"] == pytest.approx(radius.max())
    mean = frechet_mean(z)
    assert found["spread"] == pytest.approx(np.sqrt(np.square(distance(z, mean)).mean()))
    vectors = log_map(np.broadcast_to(mean, z.shape), z)
    variances = np.linalg.eigvalsh(vectors.T @ vectors / len(z))
    assert found["effective_dimensions"] == pytest.approx(variances.sum() ** 2 / (variances**2).sum())
    assert found["collapse"] == np.mean(variances < 0.01)
    edges = HyperbolicDelaunay(z).edges
    classes = LABELS.numpy()
    crossing = np.mean(classes[edges[:, 0]] != classes[edges[:, 1]])
    rng = np.random.default_rng(0)
    shuffled = [rng.permutation(classes) for _ in range(2000)]
    chance = np.mean([np.mean(labels[edges[:, 0]] != labels[edges[:, 1]]) for labels in shuffled])
    assert found["mixing"] == pytest.approx(crossing / chance, rel=2e-3)
    with torch.no_grad():
        again = network.eval().decode(network.encode(X))
    expected = compare_sets(z, places(network, again), paired=True).relative_similarity
    assert found["reconstruction"] == expected
    residual = ((again - X) ** 2).sum() / ((X - X.mean(0)) ** 2).sum()
    assert found["reconstruction_error"] == pytest.approx(residual.item(), rel=1e-5)
    assert (found["n_points"], found["bad_share"], found["clipped_share"]) == (120, 0, 0)


@pytest.mark.parametrize("unit", [0.5, 2.0])
def test_lengths_are_those_of_the_manifold(unit):
    curved = geoopt.PoincareBall(c=torch.tensor(unit**-2, dtype=torch.float64))
    v = X[:, :2].double()
    one = latents.monitor(lambda x: BALL.expmap0(x / 2), v, BALL)
    other = latents.monitor(lambda x: curved.expmap0(unit * x / 2), v, curved)
    scaled = latents.monitor(lambda x: BALL.expmap0(x / 2), v, geoopt.Scaled(BALL, unit))
    for key in ("radius_mean", "radius_median", "radius_max", "spread"):
        assert other[key] == pytest.approx(unit * one[key], rel=1e-6)
        assert scaled[key] == pytest.approx(unit * one[key], rel=1e-6)
    for key in ("effective_dimensions", "noise_robustness", "noise_shift"):
        assert other[key] == pytest.approx(one[key], rel=1e-6)


def test_noise_moves_rows_and_labels_that_are_apart_do_not_mix():
    v = torch.cat([X[:, :2] / 5, X[:, :2] / 5 + 2])
    found = [latents.monitor(lambda x: BALL.expmap0(x / 2), v, BALL, noise=noise) for noise in (1e-6, 0.1, 1.0, 10.0)]
    shifts = [each["noise_shift"] for each in found]
    assert shifts == sorted(shifts)
    assert shifts[0] < 1e-5 < 0.5 < shifts[2]
    assert found[0]["noise_robustness"] == pytest.approx(1, abs=0.05)
    assert found[3]["noise_robustness"] < 0.5
    apart = latents.monitor(lambda x: BALL.expmap0(x / 2), v, BALL, np.repeat(["a", "b"], 120))
    mixed = latents.monitor(lambda x: BALL.expmap0(x / 2), v, BALL, np.tile(["a", "b"], 120))
    assert apart["mixing"] < 0.1 < 0.8 < mixed["mixing"] < 1.2


def test_collapse_is_the_share_of_directions_that_carry_nothing():
    v = torch.randn(300, 4, generator=torch.Generator().manual_seed(1)) * torch.tensor([0.5, 0.5, 0.01, 0.0])
    for width, collapse in ((2, 0), (3, 1 / 3), (4, 1 / 2)):
        found = latents.monitor(lambda x, width=width: BALL.expmap0(x[:, :width]), v, BALL)
        assert found["collapse"] == pytest.approx(collapse)
        assert found["effective_dimensions"] == pytest.approx(2, abs=0.05)
    gone = latents.monitor(lambda x: torch.full((len(x), 2), 0.3), v, BALL)
    assert (gone["collapse"], gone["spread"]) == (1, pytest.approx(0, abs=1e-12))
    few = latents.monitor(BALL.expmap0, X[:3].repeat(1, 7), BALL)  # three rows can show two directions
    assert few["collapse"] == 0


def test_a_large_batch_is_looked_at_by_a_draw_that_is_the_same_at_every_call(network):
    large = X.repeat(20, 1) + torch.randn(2400, 3, generator=torch.Generator().manual_seed(5))
    labels = torch.arange(2400) % 2
    options = {"decoder": network.decode, "max_points": 200}
    found = latents.monitor(network.encode, large, BALL, labels, **options)
    assert found["n_points"] == 200
    assert latents.monitor(network.encode, large, BALL, labels, **options) == found
    assert latents.monitor(network.encode, large, BALL, labels, random_state=1, **options) != found
    same = large[:200]
    assert latents.monitor(network.encode, same, BALL, max_points=200)["radius_max"] == pytest.approx(
        distance(places(network, same), np.zeros(2)).max()
    )
    # Labels go with the rows that are drawn.
    separated = torch.where(labels[:, None] == 0, -1.0, 1.0) + large[:, :2] / 50
    assert latents.monitor(BALL.expmap0, separated, BALL, labels, max_points=100)["mixing"] < 0.2


def test_batches_may_be_arrays_and_what_a_loader_gives(network):
    expected = latents.monitor(network.encode, X, BALL)
    nan = {key for key, value in expected.items() if math.isnan(value)}
    for batch in (X.numpy(), X.double().numpy(), (X, LABELS), [X, LABELS], X.requires_grad_(False)):
        found = latents.monitor(network.encode, batch, BALL)
        assert all(found[key] == expected[key] for key in KEYS if key not in nan)


def test_a_run_that_is_monitored_is_the_run_that_is_not():
    def train(monitored):
        network = Autoencoder().train()
        optimizer = torch.optim.Adam(network.parameters())
        torch.manual_seed(1)
        for _ in range(4):
            batch = X[torch.randperm(120)[:50]]
            recon, _, draw = network(batch)
            loss = ((recon - batch) ** 2).mean() * (1 + draw)
            optimizer.zero_grad()
            loss.backward()
            if monitored:
                latents.monitor(network, X, BALL, LABELS, decoder=network.decode, output=1)
            optimizer.step()
            assert all(module.training for module in network.modules())
        return [*network.parameters(), *network.buffers()]

    assert all(torch.equal(one, other) for one, other in zip(train(False), train(True), strict=True))


# --- whatever the data


def check_readings(found):
    """All keys, all plain floats, a reason for each that is NaN and for no other."""
    assert list(found) == KEYS
    assert all(type(value) is float for value in found.values())
    assert not any(math.isinf(value) for value in found.values())
    assert {key for key, value in found.items() if math.isnan(value)} == set(found.reasons)
    assert all(isinstance(reason, str) and reason for reason in found.reasons.values())


def spoil(rows, value):
    x = X.clone()
    x[rows] = value
    return x


HOSTILE = {
    "one row of NaN": spoil([3], float("nan")),
    "all NaN": spoil(slice(None), float("nan")),
    "all infinite": spoil(slice(None), float("inf")),
    "some infinite": spoil([1, 5], -float("inf")),
    "huge": X * 1e30,
    "beyond float32": X.double() * 1e300,
    "tiny": X.double() * 1e-300,
    "subnormal": X.double() * 1e-320,
    "constant": torch.ones(50, 3),
    "zeros": torch.zeros(50, 3),
    "one row": X[:1],
    "two rows": X[:2],
    "two equal rows": X[[0, 0]],
    "no rows": X[:0],
    "duplicates": X[:5].repeat(20, 1),
    "one column varies": X * torch.tensor([1.0, 0.0, 0.0]),
    "integers": torch.arange(60).reshape(20, 3),
    "booleans": X > 0,
    "half precision": X.half(),
    "brain floats": X.bfloat16(),
    "images": torch.rand(9, 3, 4, 4),
    "one axis": X[:, 0],
    "no columns": torch.zeros(9, 0),
    "a gradient": X.clone().requires_grad_(True),
}


@pytest.mark.parametrize("x", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize(
    "manifold", [BALL, geoopt.Lorentz(), geoopt.PoincareBall(c=20.0)], ids=["ball", "sheet", "small"]
)
@pytest.mark.filterwarnings("error")
def test_no_data_make_it_raise(x, manifold):
    def encoder(rows):
        v = rows.flatten(1)[:, :3]
        return manifold.expmap0(v if v.is_floating_point() else v.float())

    check_readings(latents.monitor(encoder, x, manifold, torch.arange(len(x)) % 2, decoder=lambda z: z))
    check_readings(latents.monitor(lambda rows: rows, x, manifold, decoder=lambda z: z))


class Strict(torch.nn.Module):
    """As torch's distributions do, it raises where parameters are NaN."""

    def forward(self, x):
        return torch.distributions.Normal(BALL.expmap0(x[:, :2]), 1.0)


def broken(z):
    raise RuntimeError("mat1 and mat2 shapes cannot be multiplied")


def test_errors_of_the_networks_become_reasons():
    found = latents.monitor(Strict(), HOSTILE["one row of NaN"], BALL)
    check_readings(found)
    assert "Expected parameter loc" in found.reasons["radius_mean"]
    found = latents.monitor(broken, X, BALL, LABELS, decoder=broken)
    check_readings(found)
    assert set(found.reasons.values()) == {"RuntimeError: mat1 and mat2 shapes cannot be multiplied"}
    found = latents.monitor(Strict(), X / 9, BALL, decoder=broken)
    check_readings(found)
    assert found.reasons.keys() == {"mixing", "reconstruction", "reconstruction_error"}


@pytest.mark.parametrize(
    ("decoder", "reason"),
    [
        (lambda z: z, r"decoder must return one tensor of the shape \(120, 3\) of the inputs; got \(120, 2\)"),
        (lambda z: (X, X), r"got \(120, 3\), \(120, 3\)"),
        (lambda z: {"x": X}, r"got builtins\.dict"),
        (lambda z: torch.full_like(X, float("nan")), "no row can be used|not finite"),
        (lambda z: torch.full_like(X, 1e30), None),
        (lambda z: torch.zeros_like(X), None),
    ],
)
def test_what_a_decoder_may_return_by_mistake_is_a_reason(decoder, reason):
    found = latents.monitor(lambda x: BALL.expmap0(x[:, :2] / 9), X, BALL, decoder=decoder)
    check_readings(found)
    if reason:
        assert re.search(reason, found.reasons["reconstruction"])
        assert re.search(reason, found.reasons["reconstruction_error"])


@pytest.mark.parametrize(
    "decoder",
    [
        lambda z: torch.distributions.Normal(X + 0.1, 1.0),
        lambda z: (X + 0.1, torch.ones(120)),
        lambda z: [None, X + 0.1],
        lambda z: (X + 0.1).double(),
    ],
)
def test_a_decoder_may_return_the_inputs_among_other_things(decoder):
    found = latents.monitor(lambda x: BALL.expmap0(x[:, :2] / 9), X, BALL, decoder=decoder)
    assert found["reconstruction_error"] == pytest.approx(
        0.01 * X.numel() / ((X - X.mean(0)) ** 2).sum().item(), rel=1e-4
    )


@pytest.mark.parametrize(
    ("labels", "reason"),
    [
        (LABELS[:-1], "labels has shape (119,); batch has 120 rows"),
        ([None] + ["a"] * 119, "labels: row 0 is missing"),
        (np.where(np.arange(120) == 7, np.nan, 1.0), "labels: row 7 is missing"),
        (["a"] * 120, "all 120 rows have the label a"),
        (torch.zeros(120, 2), "labels has shape (120, 2)"),
        ("text", "labels has shape"),
    ],
)
def test_labels_that_cannot_be_used_are_a_reason(labels, reason):
    found = latents.monitor(lambda x: BALL.expmap0(x[:, :2] / 9), X, BALL, labels)
    check_readings(found)
    assert reason in found.reasons["mixing"]


def test_rows_that_are_no_points_and_clipped_rows_are_counted():
    x = spoil([3, 8], float("nan"))
    x[[20, 40, 60]] = 100.0
    found = latents.monitor(lambda rows: BALL.expmap0(rows[:, :2] / 3), x, BALL, LABELS, decoder=lambda z: x[: len(z)])
    check_readings(found)
    assert found["n_points"] == 118
    assert found["bad_share"] == pytest.approx(2 / 120)
    assert found["clipped_share"] == pytest.approx(3 / 120)
    assert math.isfinite(found["mixing"])
    assert math.isfinite(found["noise_robustness"])


def test_inputs_may_be_single_numbers():
    x = torch.linspace(-1, 1, 60)
    found = latents.monitor(lambda t: torch.stack([t, t**2], dim=1) / 3, x, -1.0, decoder=lambda z: 3 * z[:, 0])
    check_readings(found)
    assert found.reasons.keys() == {"mixing"}
    assert found["reconstruction_error"] == pytest.approx(0, abs=1e-9)


def test_more_dimensions_are_measured_too():
    x = torch.randn(60, 8, generator=torch.Generator().manual_seed(2)) / 4
    found = latents.monitor(BALL.expmap0, x, BALL, LABELS[:60], decoder=BALL.logmap0)
    check_readings(found)
    assert found.reasons == {}
    assert found["reconstruction"] == pytest.approx(1, abs=1e-6)


def test_scores_of_latents_in_one_place_are_no_numbers():
    """1 would be the best."""
    scores = ("mixing", "noise_robustness", "noise_shift", "reconstruction")
    for place in (0.0, 0.3):
        found = latents.monitor(
            lambda x, place=place: torch.full((len(x), 2), place), X, BALL, LABELS, decoder=lambda z: X
        )
        check_readings(found)
        assert found.reasons == dict.fromkeys(scores, "all 120 latents are in one place")
    # A decoder that gives one thing only is another matter: latents are apart from that of it.
    found = latents.monitor(lambda x: BALL.expmap0(x[:, :2] / 9), X, BALL, decoder=lambda z: torch.zeros(len(z), 3))
    assert found["reconstruction"] < 0.5


def test_where_no_row_can_be_used_all_figures_but_shares_say_so():
    found = latents.monitor(BALL.expmap0, HOSTILE["all NaN"], BALL, LABELS, decoder=BALL.logmap0)
    assert found["bad_share"] == 1
    assert found.reasons == dict.fromkeys(KEYS[3:], "no row can be used")


# --- wrong arguments


def test_wrong_arguments_are_errors():
    takes = (
        r"batch must be a torch\.Tensor, an array, a data frame, or a tuple or list that begins with one of these, got "
    )
    with pytest.raises(TypeError, match=takes + r"builtins\.str: wrap it"):
        latents.monitor(BALL.expmap0, "text", BALL)
    rows = torch.utils.data.TensorDataset(X)
    for loaded in (rows, torch.utils.data.DataLoader(rows)):
        with pytest.raises(
            TypeError, match=takes + r".*(TensorDataset|DataLoader): give one batch, next\(iter\(loader\)"
        ):
            latents.monitor(BALL.expmap0, loaded, BALL)
    with pytest.raises(TypeError, match=r"manifold must be a geoopt\.PoincareBall"):
        latents.monitor(BALL.expmap0, X, geoopt.Euclidean())
    with pytest.raises(ValueError, match="max_points=1 must be a whole number of at least 2"):
        latents.monitor(BALL.expmap0, X, BALL, max_points=1)
    with pytest.raises(ValueError, match="noise=0 must be a number > 0"):
        latents.monitor(BALL.expmap0, X, BALL, noise=0)
