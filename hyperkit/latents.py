"""From the latent space of a hyperbolic neural network to the points that the rest of the package takes.

In come torch tensors with the geoopt manifold they live on, out come float64 points of the Poincare unit ball
(`to_poincare`), or the HyperDGA counts of two encoded sets (`compare`). The one idea is distrust: float32 rows miss the
sheet of the hyperboloid, and geoopt pulls every row that would come near the rim of the ball back to one norm (0.996 in
float32, polar radius 6.2), so that points the encoder put at different radii end on one circle. The first is repaired
(a row is defined by its spatial part); the second cannot be, so it is counted and said.

geoopt's conventions: ``PoincareBall(c)`` has curvature -c, ``Lorentz(k)`` has -1/k. Nothing here trains, loads or saves
a network, and no file is read; torch and geoopt come with the extra ``hyperkit-geometry[torch]`` and are imported at
the first call.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from numbers import Real
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.random import RandomState
from numpy.typing import ArrayLike, NDArray

from ._repr import KeyFigures
from ._validation import check_count
from ._warn import warn_caller
from .models import BallPoints, Model, check_curvature, check_points, checked_to_ball, sheet_time
from .similarity import DGAResult
from .similarity.scores import Settings, compare_points, pair_of_groups

if TYPE_CHECKING:
    import torch
    from geoopt import Lorentz, Stereographic

__all__ = ["LatentPoints", "compare", "to_poincare"]

# geoopt.manifolds.stereographic.math.project cuts norms to 1 - 4e-3 in float32, to 1 - 1e-5 in other dtypes. Here are
# the radius and the relative distance from it that still counts: rows that were cut are off by the roundings of their
# own dtype and of the curvature (float32 even under float64 rows), measured at most 2.5e-7 and 1.2e-7 (c = 1e-2 to 1e2,
# d <= 500).
_CLIPPED_FLOAT32 = (1 - 4e-3, 1e-6)
_CLIPPED_OTHER = (1 - 1e-5, 2e-7)


@dataclass(frozen=True, eq=False, repr=False)
class LatentPoints(KeyFigures):
    """Latent points in the Poincare unit ball, and which of them geoopt has moved.

    Attributes
    ----------
    points : ndarray of shape (n, d), float64
        Points of the unit ball (curvature -1), in the order of the rows.
    n_clipped : int
        Rows that sit on geoopt's clipping radius: they are not where the encoder wanted them, only their direction is.
    clipped : ndarray of shape (n,), bool
        Which rows those are. Never set for a `Lorentz` manifold, which geoopt does not clip.
    """

    points: NDArray[np.float64]
    n_clipped: int
    clipped: NDArray[np.bool_]

    def _key_figures(self) -> dict[str, object]:
        n, d = self.points.shape
        return {"n": n, "d": d, "n_clipped": self.n_clipped}


def to_poincare(z: torch.Tensor, manifold: Stereographic | Lorentz | float) -> LatentPoints:
    """Bring latent points from torch to the Poincare unit ball, in float64.

    Parameters
    ----------
    z : torch.Tensor of shape (n, d); ``Lorentz``: (n, d + 1), time first
        Latent points of any floating dtype, on any device; a tensor that requires a gradient is detached.
    manifold : geoopt.PoincareBall, geoopt.Lorentz, geoopt.Stereographic of negative curvature, or float < 0
        Where `z` lives, and with which curvature K. A number is the curvature of a Poincare ball, as geoopt lays it:
        radius ``1 / sqrt(-K)``.

    Returns
    -------
    LatentPoints
        The points of the unit ball, where the curvature is -1 and lengths are ``sqrt(-K)`` times those of the manifold,
        and which rows sit on geoopt's clipping radius.

    Raises
    ------
    ImportError
        The extra is not installed.
    TypeError
        `z` is no torch tensor, or none of real floating point numbers; `manifold` is of another kind.
    ValueError
        `z` has not two axes, or a row is not finite, outside the ball or off the sheet of the hyperboloid; the manifold
        has no negative curvature.

    Notes
    -----
    A row of a `Lorentz` manifold is defined by its spatial part x, in float64: the time coordinate is recomputed as
    ``sqrt(k + |x|^2)``, because in float32 the stored one misses the sheet by 1e-7 of its square. It is only checked to
    agree to 1e-3 (a few roundings in half precision).

    A row counts as clipped if its norm agrees with the clipping radius to a few roundings: 0.996 in float32, 1 - 1e-5
    in all other dtypes. Float64 rows are held against both, since they may have been float32 before. In half precision
    1 - 1e-5 rounds to 1, so geoopt leaves such rows on the rim, and they are an error here.

    References
    ----------
    .. [1] Kochurov, Karimov, Kozlukov, "Geoopt: Riemannian optimization in PyTorch", 2020 (arXiv 2005.02819).

    Examples
    --------
    >>> import geoopt, torch
    >>> ball = geoopt.PoincareBall(c=1.0)
    >>> z = ball.expmap0(torch.tensor([[0.5, 0.0], [0.0, 9.0]]))
    >>> latent = to_poincare(z, ball)
    >>> latent.points.shape, latent.n_clipped, latent.clipped.tolist()
    ((2, 2), 1, [False, True])
    """
    points, clipped = _convert(z, manifold, "z")
    return LatentPoints(points=points.z, n_clipped=int(np.count_nonzero(clipped)), clipped=clipped)


def compare(
    encoder: Callable[[torch.Tensor], torch.Tensor | tuple[torch.Tensor, ...]],
    A: torch.Tensor,
    B: torch.Tensor,
    manifold: Stereographic | Lorentz | float,
    *,
    batch_size: int = 256,
    paired: bool = False,
    groups: tuple[ArrayLike, ArrayLike] | None = None,
    n_permutations: int = 0,
    interval: float | None = None,
    max_points: int | None = None,
    scan: bool = False,
    method: Literal["auto", "exact", "rays"] = "auto",
    n_rays: int = 16384,
    random_state: int | RandomState | None = 0,
    n_jobs: int | None = None,
    verbose: bool = False,
) -> DGAResult:
    """HyperDGA of two data sets in the latent space of an encoder.

    Parameters
    ----------
    encoder : callable, usually torch.nn.Module
        Maps a batch (b, ...) of inputs to latent points (b, d), or to a tuple whose first entry they are (a variational
        encoder that returns its mean first, for example).
    A, B : torch.Tensor of shape (n, ...) and (m, ...)
        Inputs of the reference and of the evaluated set, as the encoder takes them. Batches are moved to the device of
        the encoder's first parameter; their dtype is left alone.
    manifold : geoopt.PoincareBall, geoopt.Lorentz, geoopt.Stereographic of negative curvature, or float < 0
        Where the latent points live, as in `to_poincare`; it says the model and the curvature.
    batch_size : int >= 1, default=256
        Rows encoded at a time.
    paired : bool, default=False
        Row i of A and row i of B belong together. This and all that follow are the options of
        `hyperkit.similarity.compare_sets`; more on them in `hyperkit.HyperDGA.compare`.
    groups : pair of array-likes of shape (n,) and (m,), optional
        The group of each row of A and of B, such as its donor, for p-values of whole groups.
    n_permutations : int, default=0
        Labellings to draw for the permutation p-values.
    interval : float in (0, 1), optional
        Confidence level of an interval for the similarity.
    max_points : int >= 2, optional
        Above three dimensions: look for the neighbours of at most so many random points.
    scan : bool, default=False
        Also look where the sets differ.
    method : {"auto", "exact", "rays"}, default="auto"
        How Delaunay edges are found.
    n_rays : int, default=16384
        Budget of a point in rays, for ``method="rays"``.
    random_state : int, RandomState or None, default=0
        For rays, permutations, half-samples and samples of points.
    n_jobs : int or None, default=None
        Jobs of rays, permutations and half-samples, as in joblib; every number gives the same bits.
    verbose : bool, default=False
        Show progress bars on stderr.

    Returns
    -------
    DGAResult
        The counts and the score of the two encoded sets, which have no unit: those of their coordinates on the
        manifold, whatever its curvature.

    Raises
    ------
    ImportError, TypeError, ValueError
        As in `to_poincare`; also if a set has no rows, the encoder does not return one latent row per input, all of
        one width, or `batch_size` is no whole number of at least 1; or an option is out of its range, as in
        `hyperkit.HyperDGA.compare`.

    Warns
    -----
    UserWarning
        Latent rows sit on geoopt's clipping radius: their radii, and so the score, are not those of the encoder. Or as
        in `hyperkit.HyperDGA.compare`.

    Notes
    -----
    The encoder runs in evaluation mode and without gradients; afterwards every submodule is back in the mode it had. A
    plain function around a network is called as it is: call ``eval()`` on the network first.

    Examples
    --------
    >>> import geoopt, torch
    >>> ball = geoopt.PoincareBall(c=1.0)
    >>> A, B = torch.tensor([[0.0, 0.0], [0.1, 0.0]]), torch.tensor([[0.5, 0.0]])
    >>> compare(ball.expmap0, A, B, ball).similarity
    0.5
    """
    check_count("batch_size", batch_size)
    with _evaluation_mode(encoder):
        latents = {name: _encode(encoder, rows, batch_size, name) for name, rows in (("A", A), ("B", B))}
    widths = [latent.shape[1] for latent in latents.values()]
    if widths[0] != widths[1]:
        raise ValueError(
            f"encoder must return rows of one width; for A it returned {widths[0]} columns, for B {widths[1]}"
        )
    sets = {}
    for name, latent in latents.items():
        title = f"latents of {name}"
        points, clipped = _convert(latent, manifold, title)
        if clipped.any():
            warn_caller(
                f"{np.count_nonzero(clipped)} of {len(latent)} latent rows of {name} sit on geoopt's clipping radius, "
                "not where the encoder put them; the score sees only their direction. Encode in float64 or lower the "
                "radii",
            )
        sets[name] = title, points
    settings = Settings(
        method=method,
        n_rays=n_rays,
        random_state=random_state,
        n_jobs=n_jobs,
        verbose=verbose,
        paired=paired,
        n_permutations=n_permutations,
        interval=interval,
        max_points=max_points,
        groups=pair_of_groups(groups, [(name, None, len(latent)) for name, latent in latents.items()]),
        scan=scan,
    )
    return compare_points(sets["A"], sets["B"], settings)


def _convert(
    z: torch.Tensor, manifold: Stereographic | Lorentz | float, name: str
) -> tuple[BallPoints, NDArray[np.bool_]]:
    """Points of the ball and which are clipped; `name` is what errors call the tensor."""
    torch = _import("torch")
    if not isinstance(z, torch.Tensor):
        raise TypeError(
            f"{name} must be a torch.Tensor, got {_type_name(z)}: wrap it with torch.as_tensor, "
            "or use hyperkit.convert for arrays"
        )
    if not z.is_floating_point():
        raise TypeError(f"{name} must hold real floating point numbers, got {z.dtype}")
    if z.ndim != 2:
        raise ValueError(f"{name} must have 2 axes (rows, coordinates), got shape {tuple(z.shape)}: use reshape(-1, d)")
    model, curvature = _model_and_curvature(manifold)
    rows = z.detach().cpu().to(torch.float64).numpy()
    eps = torch.finfo(z.dtype).eps
    if model == "hyperboloid":
        rows = check_points(rows, "tangent", name=name)  # any finite rows pass
        rows = _on_the_sheet(rows, curvature, max(1e-3, 8 * eps), name)
    else:
        if z.dtype in (torch.float16, torch.bfloat16):
            _check_off_the_rim(rows, check_curvature(curvature), eps, name)
        rows = check_points(rows, model, curvature=curvature, name=name)
    points = checked_to_ball(rows, model, curvature=curvature, name=name)
    clipped = np.zeros(len(points), dtype=bool)
    if model == "poincare":
        norms = np.linalg.norm(points.z, axis=1)
        if z.dtype in (torch.float32, torch.float64):
            clipped |= _is_close(norms, *_CLIPPED_FLOAT32)
        if z.dtype != torch.float32:
            clipped |= _is_close(norms, *_CLIPPED_OTHER)
    return points, clipped


def _encode(encoder: Callable[..., Any], rows: torch.Tensor, batch_size: int, name: str) -> torch.Tensor:
    """Latent rows of one set, batch by batch, on the CPU."""
    torch = _import("torch")
    if not isinstance(rows, torch.Tensor):
        raise TypeError(f"{name} must be a torch.Tensor, got {_type_name(rows)}: wrap it with torch.as_tensor({name})")
    if rows.ndim == 0 or len(rows) == 0:
        raise ValueError(f"{name} has shape {tuple(rows.shape)}: a set needs at least one row")
    device = next((p.device for p in encoder.parameters()), None) if isinstance(encoder, torch.nn.Module) else None
    batches: list[Any] = []
    with torch.no_grad():
        for batch in rows.split(int(batch_size)):
            latent = encoder(batch if device is None else batch.to(device))
            latent = latent[0] if isinstance(latent, tuple) else latent
            if not isinstance(latent, torch.Tensor) or latent.ndim != 2 or len(latent) != len(batch):
                shape = tuple(latent.shape) if isinstance(latent, torch.Tensor) else _type_name(latent)
                raise ValueError(
                    f"encoder must return a tensor of shape ({len(batch)}, d) for {len(batch)} rows of {name}, "
                    f"or a tuple that begins with it; got {shape}"
                )
            if batches and latent.shape[1] != batches[0].shape[1]:
                raise ValueError(
                    f"encoder must return rows of one width; for {name} it returned {batches[0].shape[1]} columns, "
                    f"then {latent.shape[1]}"
                )
            batches.append(latent.cpu())
    return torch.cat(batches)


@contextmanager
def _evaluation_mode(encoder: Callable[..., Any]) -> Iterator[None]:
    """Put a network in evaluation mode; afterwards each submodule is back in its own, since parts may be frozen."""
    torch = _import("torch")
    training = {}
    if isinstance(encoder, torch.nn.Module):
        training = {module: module.training for module in encoder.modules()}
        encoder.eval()
    try:
        yield
    finally:
        for module, mode in training.items():
            module.training = mode


def _model_and_curvature(manifold: Stereographic | Lorentz | float) -> tuple[Model, float]:
    """Coordinate model and curvature of a geoopt manifold, or of a number."""
    if isinstance(manifold, Real) and not isinstance(manifold, bool):
        return "poincare", float(manifold)
    geoopt = _import("geoopt")
    if isinstance(manifold, geoopt.Lorentz):
        return "hyperboloid", -1.0 / manifold.k.item()
    if isinstance(manifold, geoopt.Stereographic):
        curvature = manifold.k.item()
        if isinstance(manifold, geoopt.PoincareBall) and not -np.inf < curvature < 0:
            raise ValueError(
                f"manifold: this {type(manifold).__name__} has c={-curvature:g} and curvature {curvature:g}, perhaps "
                f"not what you gave it: geoopt stores c as log(exp(c) - 1), here in {manifold.k.dtype}. Give it a "
                "float64 c, such as torch.tensor(100.0, dtype=torch.float64) (up to 700), and encode with that"
            )
        if not curvature < 0:
            raise ValueError(f"manifold={manifold} has curvature {curvature:g}; hyperbolic space has curvature < 0")
        return "poincare", curvature
    raise TypeError(
        "manifold must be a geoopt.PoincareBall, geoopt.Lorentz or geoopt.Stereographic, or a curvature < 0; "
        f"got {_type_name(manifold)}"
    )


def _on_the_sheet(rows: NDArray[np.float64], curvature: float, tolerance: float, name: str) -> NDArray[np.float64]:
    """Rows with the time coordinate that their spatial part asks for; the given one must agree to `tolerance`."""
    if rows.shape[1] < 2:
        raise ValueError(f"{name} has shape {rows.shape}; hyperboloid points need at least 2 coordinate(s) a row")
    time = sheet_time(rows[:, 1:], curvature)
    off = np.flatnonzero(np.abs(rows[:, 0] - time) > tolerance * time)
    if off.size:
        raise ValueError(
            f"{name}: row {off[0]} has time coordinate {rows[off[0], 0]:.6g}, but {time[off[0]]:.6g} belongs to its "
            f"spatial part at curvature {curvature:.6g}: time comes first; is this the manifold of the encoder?"
        )
    return np.column_stack([time, rows[:, 1:]])


def _check_off_the_rim(rows: NDArray[np.float64], curvature: float, eps: float, name: str) -> None:
    """Half precision rounds rows near the rim onto it, or a few roundings beyond; say so, and of which row."""
    with np.errstate(invalid="ignore"):
        norms = np.sqrt(-curvature) * np.linalg.norm(rows, axis=1)
    on_the_rim = np.flatnonzero((norms >= 1) & (norms <= 1 + 4 * eps))
    if on_the_rim.size:
        raise ValueError(
            f"{name}: row {on_the_rim[0]} has norm {np.linalg.norm(rows[on_the_rim[0]]):.6g}: half precision rounded "
            "it onto the rim of the ball, and its radius is lost; encode in float32 or float64"
        )


def _is_close(norms: NDArray[np.float64], radius: float, tolerance: float) -> NDArray[np.bool_]:
    return np.abs(norms - radius) <= tolerance * radius


def _type_name(value: object) -> str:
    return f"{type(value).__module__}.{type(value).__qualname__}"


def _import(module: str) -> Any:
    """Import torch or geoopt, or say which extra brings it."""
    try:
        return import_module(module)
    except ImportError as error:
        raise ImportError(f'{module} is needed for hyperkit.latents: pip install "hyperkit-geometry[torch]"') from error
