"""Data and outputs of every shape that encoders are trained on, against the tensor they all come from."""

from __future__ import annotations

import re
import types
import warnings
from collections import namedtuple

import numpy as np
import pandas as pd
import pytest

from hyperkit import latents
from hyperkit.similarity import compare_sets

torch = pytest.importorskip("torch")
with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # geoopt 0.5 compiles with torch.jit.script
    geoopt = pytest.importorskip("geoopt")

BALL = geoopt.PoincareBall(c=1.0)
X = torch.randn(30, 5, generator=torch.Generator().manual_seed(1))


class Network(torch.nn.Module):
    """A variational encoder and decoder, with dropout, so that training mode shows."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.layers = torch.nn.Sequential(torch.nn.Linear(5, 4), torch.nn.Dropout(0.5), torch.nn.Linear(4, 2))
        self.back = torch.nn.Linear(2, 5)

    def encode(self, x):
        return BALL.expmap0(self.layers(x))

    def forward(self, x):
        mean = self.encode(x)
        return self.back(mean), mean, 0.1 * torch.ones_like(mean)


NETWORK = Network()
PLACES = latents.encode(NETWORK.encode, X, BALL).points


def loader(data, **options):
    return torch.utils.data.DataLoader(data, batch_size=7, **options)


class Table(torch.utils.data.Dataset):
    """A data set of bare rows, as numpy gives them."""

    def __len__(self):
        return len(X)

    def __getitem__(self, index):
        return X[index].numpy()


class Stream(torch.utils.data.IterableDataset):
    def __iter__(self):
        return iter(X)


Labelled = namedtuple("Labelled", ["x", "label"])
DATA = {
    "tensor": X,
    "array": X.numpy(),
    "float64 array": X.double().numpy(),
    "read-only array": np.broadcast_to(X.numpy(), X.shape),
    "array of another order": np.asfortranarray(X.numpy())[::-1][::-1],
    "frame": pd.DataFrame(X.numpy()),
    "dataset of tensors": torch.utils.data.TensorDataset(X),
    "dataset of tuples": torch.utils.data.TensorDataset(X, torch.arange(30)),
    "dataset of rows": Table(),
    "iterable dataset": Stream(),
    "subset": torch.utils.data.Subset(torch.utils.data.TensorDataset(X), range(30)),
    "loader of tensors": loader(X),
    "loader of tuples": loader(torch.utils.data.TensorDataset(X, torch.arange(30), torch.ones(30))),
    "loader of named tuples": loader([Labelled(x, i) for i, x in enumerate(X)]),
    "loader that drops nothing": loader(X[:28], drop_last=False),
}


@pytest.mark.parametrize("data", DATA.values(), ids=DATA)
def test_data_of_every_shape_give_the_latents_of_their_tensor(data):
    found = latents.encode(NETWORK.encode, data, BALL, batch_size=11)
    n = 28 if isinstance(data, torch.utils.data.DataLoader) and len(data.dataset) == 28 else 30
    np.testing.assert_allclose(found.points, PLACES[:n], atol=1e-6)
    assert found.rows.tolist() == list(range(n))


def test_all_data_shapes_are_compared_alike():
    A, B = X[:18], X[18:]
    expected = latents.compare(NETWORK.encode, A, B, BALL)
    for a, b in ((A.numpy(), loader(B)), (torch.utils.data.TensorDataset(A), B), (loader(A), pd.DataFrame(B.numpy()))):
        assert latents.compare(NETWORK.encode, a, b, BALL) == expected
    with torch.no_grad():
        z = NETWORK.eval().encode(X).double().numpy()
    assert expected == compare_sets(z[:18], z[18:])


def test_integers_and_images_come_to_the_encoder_as_they_are():
    words = torch.nn.Embedding(9, 2)
    tokens = np.arange(12).reshape(6, 2) % 9
    by_tensor = latents.encode(lambda t: 0.1 * words(t).mean(1), torch.tensor(tokens), -1.0)
    np.testing.assert_array_equal(
        latents.encode(lambda t: 0.1 * words(t).mean(1), tokens, -1.0).points, by_tensor.points
    )
    images = torch.rand(6, 3, 4, 4, generator=torch.Generator().manual_seed(0))
    found = latents.encode(lambda x: x.flatten(1)[:, :2] / 2, images, -1.0)
    np.testing.assert_allclose(found.points, images[:, 0, 0, :2] / 2)


def test_an_array_gets_the_dtype_of_the_encoder_and_a_tensor_keeps_its_own():
    seen = []

    class Double(torch.nn.Linear):
        def forward(self, x):
            seen.append(x.dtype)
            return 0.1 * torch.tanh(super().forward(x.double()))

    network = Double(5, 2, dtype=torch.float64)
    for data in (X.numpy(), X):
        latents.encode(network, data, -1.0)
    latents.encode(lambda x: seen.append(x.dtype) or x[:, :2] / 9, X.double().numpy(), -1.0)
    assert seen == [torch.float64, torch.float32, torch.float64]


def test_a_loader_that_shuffles_or_drops_rows_is_an_error():
    data = torch.utils.data.TensorDataset(X)
    weighted = torch.utils.data.WeightedRandomSampler(torch.ones(30), 30)
    part = torch.utils.data.DistributedSampler(data, num_replicas=2, rank=0, shuffle=False)
    by_batches = torch.utils.data.BatchSampler(torch.utils.data.RandomSampler(data), 3, True)
    shuffling = (loader(data, shuffle=True), loader(data, sampler=weighted), loader(data, sampler=part))
    given = torch.utils.data.DataLoader(data, batch_sampler=by_batches)
    for wrong in (*shuffling, loader(data, sampler=[3, 1, 2]), given):
        with pytest.raises(ValueError, match=r"data is a DataLoader that shuffles.* give data\.dataset, or"):
            latents.encode(NETWORK.encode, wrong, BALL)
    with pytest.raises(ValueError, match=r"B is a DataLoader with drop_last=True.* give B\.dataset, or"):
        latents.compare(NETWORK.encode, X, loader(data, drop_last=True), BALL)


@pytest.mark.parametrize(
    ("data", "error", "message"),
    [
        ([[0.1] * 5], TypeError, r"data must be a torch\.Tensor, an array.* got builtins\.list"),
        (None, TypeError, "got builtins.NoneType"),
        (np.array([["a"] * 5]), TypeError, "data has dtype <U1; an encoder takes numbers"),
        (pd.DataFrame({"a": [0.1], "b": ["x"]}), TypeError, "data: column 'b' holds text"),
        (np.ma.masked_less(X.numpy(), 0), TypeError, "data is a masked array"),
        (loader([{"x": row} for row in X]), TypeError, r"data gives batches of builtins\.dict; it must give tensors"),
        (X.numpy()[:0], ValueError, r"data has shape \(0, 5\): a set needs at least one row"),
        (np.array(3.0), ValueError, r"data has shape \(\)"),
        (torch.utils.data.TensorDataset(X[:0]), ValueError, "data has no rows"),
    ],
)
def test_data_that_cannot_be_encoded_are_an_error(data, error, message):
    with pytest.raises(error, match=message):
        latents.encode(NETWORK.encode, data, BALL)


def test_a_method_of_a_network_is_run_in_evaluation_mode_and_the_network_is_left_as_it_was():
    network = Network().train()
    network.back.eval()  # a frozen part
    assert torch.equal(*(torch.tensor(latents.encode(network.encode, X, BALL).points) for _ in range(2)))
    assert [module.training for module in network.modules()] == [True, True, True, True, True, False]
    assert all(parameter.grad is None for parameter in network.parameters())


def test_data_sets_and_loaders_leave_the_random_numbers_of_torch_alone():
    torch.manual_seed(3)
    expected = torch.rand(2)
    torch.manual_seed(3)
    latents.encode(NETWORK.encode, torch.utils.data.TensorDataset(X), BALL)
    assert torch.equal(torch.rand(2), expected)


def test_batches_go_to_the_device_that_is_asked_for():
    seen = []

    def encoder(x):
        seen.append(x.device.type)
        return torch.zeros(len(x), 2)

    latents.encode(encoder, X, BALL, device="cpu")
    assert seen == ["cpu"]
    with pytest.raises(ValueError, match="encoder must return a tensor of shape"):
        latents.encode(lambda x: seen.append(x.device.type), X, BALL, device="meta")
    assert seen[-1] == "meta"


# --- what an encoder may return


def mean_of(x):
    return BALL.expmap0(NETWORK.layers(x))


Outputs = namedtuple("Outputs", ["mean", "sigma"])
OUTPUTS = {
    "tensor": (lambda z: z, None),
    "tuple": (lambda z: (z, 5 * torch.ones_like(z)), None),
    "list": (lambda z: [z, "text", None], None),
    "tuple of the same": (lambda z: (z, z), None),
    "tuple with a loss": (lambda z: (z, torch.tensor(0.1), torch.zeros(3)), None),
    "index": (lambda z: (5 + z, z, z / 2), 1),
    "index of numpy": (lambda z: (z / 2, z), np.int64(1)),
    "field of a distribution": (lambda z: torch.distributions.Normal(z, 1.0), "loc"),
    "last index": (lambda z: (5 + z, z / 2, z), -1),
    "key": (lambda z: {"z": z, "recon": z / 2}, "z"),
    "integer key": (lambda z: {7: z, 8: z / 2}, 7),
    "field": (lambda z: Outputs(z, z / 2), "mean"),
    "attribute": (lambda z: types.SimpleNamespace(mean=z), "mean"),
    "callable": (lambda z: {"q": [None, z]}, lambda returned: returned["q"][1]),
    "distribution": (lambda z: torch.distributions.Normal(z, 1.0), None),
    "independent distribution": (
        lambda z: torch.distributions.Independent(torch.distributions.Normal(z, 1.0), 1),
        None,
    ),
    "distribution in a tuple": (lambda z: (torch.distributions.Normal(z, 1.0), 3 + z), None),
    "distribution under a key": (lambda z: {"q": torch.distributions.Laplace(z, 1.0)}, "q"),
}


@pytest.mark.parametrize(("returns", "output"), OUTPUTS.values(), ids=OUTPUTS)
def test_outputs_of_every_shape_give_the_same_latents(returns, output):
    NETWORK.eval()
    found = latents.encode(lambda x: returns(mean_of(x)), X, BALL, output=output, batch_size=13)
    np.testing.assert_allclose(found.points, PLACES, atol=1e-6)
    A, B = X[:18], X[18:]
    expected = latents.compare(NETWORK.encode, A, B, BALL, batch_size=13)
    assert latents.compare(lambda x: returns(mean_of(x)), A, B, BALL, output=output, batch_size=13) == expected


@pytest.mark.parametrize(
    ("returns", "why"),
    [
        (lambda z: (5 + z.repeat(1, 3), z, z / 9), r"its first entry has row 0 of a batch off the manifold"),
        (lambda z: (z / 9, z, 3 + z), "more than one entry lies on the manifold"),
        (lambda z: (z, z[:, :1] / 9), "more than one entry lies on the manifold"),
        (lambda z: [z[:-1], z], "its first entry is no table of latent rows"),
        (lambda z: (z.sum(), z), "its first entry is no table of latent rows"),
        (lambda z: (torch.arange(len(z)), z), "its first entry is no table of latent rows"),
    ],
)
def test_a_tuple_that_may_be_read_in_two_ways_is_an_error_that_names_the_choices(returns, why):
    with pytest.raises(ValueError, match=rf"encoder returned a (tuple|list) for data, and {why}") as caught:
        latents.encode(lambda x: returns(mean_of(x)), X, BALL)
    message = str(caught.value)
    assert "choose by output=... one of: 0 is a tensor of shape (" in message
    assert "1 is a tensor of shape (30, " in message


def test_the_vae_that_returns_its_reconstruction_first_is_not_taken_silently():
    with torch.no_grad():
        small = torch.nn.Linear(2, 5)
        small.weight.mul_(0.1), small.bias.mul_(0.1)  # such reconstructions lie in the ball as well
    for decoder in (NETWORK.back, small):
        with pytest.raises(
            ValueError, match=r"choose by output=... one of: 0 is .* \(30, 5\), 1 is .* \(30, 2\), 2 is"
        ):
            latents.encode(lambda x, decoder=decoder: (decoder(mean_of(x)), mean_of(x), 0.1 + mean_of(x) ** 2), X, BALL)
    np.testing.assert_allclose(latents.encode(NETWORK, X, BALL, output=1).points, PLACES, atol=1e-6)


def test_what_lies_on_the_manifold_is_asked_of_all_batches():
    """Standard deviations may be below 1 in one batch and beyond the ball in another."""

    def encoder(x):
        return mean_of(x), torch.where(x[:, :1] > 1, 3.0, 0.1).repeat(1, 2)

    assert (X[:, 0] > 1).any()
    np.testing.assert_allclose(latents.encode(encoder, X, BALL, batch_size=1).points, PLACES, atol=1e-6)
    quiet = X[X[:, 0] <= 1]
    with pytest.raises(ValueError, match="more than one entry lies on the manifold"):
        latents.encode(encoder, quiet, BALL)


def test_lorentz_entries_are_known_by_the_sheet():
    manifold = geoopt.Lorentz()

    def encoder(x):
        z = manifold.expmap0(torch.cat([torch.zeros(len(x), 1), x[:, :2]], dim=1))
        return z, torch.full_like(z, 0.1)

    assert latents.encode(encoder, X, manifold).points.shape == (30, 2)
    with pytest.raises(ValueError, match="its first entry has row 0 of a batch off the manifold"):
        latents.encode(lambda x: encoder(x)[::-1], X, manifold)


@pytest.mark.parametrize(
    ("returns", "output", "message"),
    [
        (
            lambda z: {"mu": z, "logvar": z},
            None,
            r"a dict; choose by output=... one of: 'mu' is .* \(30, 2\), 'logvar'",
        ),
        (
            lambda z: {"mu": z},
            "mean",
            "output='mean' is not among what .* a builtins.dict; choose .*: 'mu' is a tensor",
        ),
        (lambda z: (z, z), 2, "output=2 is not among what the encoder returned, a builtins.tuple; choose"),
        (lambda z: (z, z), "z", "output='z' is not among what the encoder returned"),
        (lambda z: z, 0, r"output=0: the encoder returns one tensor, leave out output"),
        (lambda z: z, "mean", r"output='mean': the encoder returns one tensor, leave out output"),
        (lambda z: torch.distributions.Cauchy(z, 1.0), None, r"Cauchy, a distribution without a mean: .*q\.loc"),
        (lambda z: torch.distributions.Cauchy(z, 1.0), "mean", r"Cauchy, a distribution without a mean: .*q\.loc"),
        (
            lambda z: torch.distributions.Independent(torch.distributions.Cauchy(z, 1.0), 1),
            None,
            r"Independent, a distribution without a mean",
        ),
        (lambda z: types.SimpleNamespace(mean=z), None, r"tensor of shape \(30, d\) .* got types\.SimpleNamespace"),
        (lambda z: {"q": None}, "q", r"tensor of shape \(30, d\) for 30 rows of data, .* got builtins\.NoneType"),
        (lambda z: z.numpy(), None, r"got numpy\.ndarray \(every function of hyperkit takes arrays, by model="),
        (lambda z: (), None, r"got builtins\.tuple"),
        (
            lambda z: torch.distributions.TransformedDistribution(torch.distributions.Normal(z, 1.0), []),
            None,
            r"got torch\.distributions\.transformed_distribution\.TransformedDistribution",  # which has no mean
        ),
        (
            lambda z: torch.distributions.TransformedDistribution(torch.distributions.Normal(z, 1.0), []),
            "mean",
            r"TransformedDistribution, a distribution without a mean",
        ),
    ],
)
def test_outputs_without_latents_are_an_error_that_names_what_there_is(returns, output, message):
    with pytest.raises(ValueError, match=message):
        latents.encode(lambda x: returns(mean_of(x)), X, BALL, output=output)


@pytest.mark.parametrize("output", [True, 1.5, ["z"], b"z"])
def test_an_output_is_an_index_a_key_or_a_function(output):
    for call in (
        lambda: latents.encode(NETWORK, X, BALL, output=output),
        lambda: latents.compare(NETWORK, X, X, BALL, output=output),
        lambda: latents.monitor(NETWORK, X, BALL, output=output),
    ):
        with pytest.raises(TypeError, match=re.escape(f"output={output!r} must be the index or key")):
            call()


def test_a_mean_off_the_manifold_is_an_error_that_names_its_row():
    with pytest.raises(ValueError, match=r"latents of data: row 0 has norm .*; Poincaré points need norm < 1"):
        latents.encode(lambda x: torch.distributions.Normal(5 + mean_of(x), 1.0), X, BALL)


def test_what_is_no_encoder_and_no_device_is_named():
    message = r"encoder must be a torch\.nn\.Module, a method of one or a function, got builtins\.str"
    for call in (latents.encode, latents.monitor):
        with pytest.raises(TypeError, match=message):
            call("enc", X, BALL)
    with pytest.raises(TypeError, match=message):
        latents.compare("enc", X, X, BALL)
    with pytest.raises(TypeError, match="decoder must be a"):
        latents.monitor(NETWORK.encode, X, BALL, decoder="dec")
    with pytest.raises(ValueError, match="device='gpu' is no device of torch"):
        latents.encode(NETWORK.encode, X, BALL, device="gpu")
    if not torch.cuda.is_available():
        with pytest.raises(ValueError, match="device='cuda': torch finds no CUDA on this machine"):
            latents.compare(NETWORK.encode, X, X, BALL, device="cuda")


@pytest.mark.parametrize(
    ("data", "note"),
    [
        (X[:, :4], "rows 0 to 6 of data: a tensor of shape (7, 4), torch.float32, on cpu."),
        (np.ones((30, 5), dtype=np.int64), "rows 0 to 6 of data: a tensor of shape (7, 5), torch.int64, on cpu."),
        (X, "rows 28 to 29 of data: a tensor of shape (2, 5), torch.float32, on cpu."),
    ],
)
def test_an_error_of_the_network_says_what_it_was_given(data, note):
    def encoder(x):
        if len(x) < 7:
            raise RuntimeError("too short")
        return NETWORK.encode(x)

    with pytest.raises(RuntimeError) as caught:
        latents.encode(encoder, data, BALL, batch_size=7)
    assert caught.value.__notes__ == [f"The encoder was given {note}"]
