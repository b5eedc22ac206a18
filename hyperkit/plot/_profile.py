"""How well two sets mix at each scale, as a curve against what chance gives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from ._disk import check_axes
from ._figure import PrintFigure
from ._plot import check_attributes

if TYPE_CHECKING:
    from ..similarity import MixingProfile


def plot_profile(
    profile: MixingProfile, *, ax: Axes | None = None, color: Any = "tab:blue", label: str | None = None
) -> Axes:
    """Draw the relative similarity of two sets over the scale, with the line of chance.

    Parameters
    ----------
    profile : MixingProfile
        As :func:`hyperkit.similarity.mixing_profile` gives it. With intervals, they are a band around the curve.
    ax : matplotlib Axes, optional
        Where to draw; by default a new figure. A second profile in the same Axes is one more curve.
    color : matplotlib colour
        Of the curve.
    label : str, optional
        Name of the curve, in the legend, where the p-value over all scales stands beside it.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    TypeError
        `profile` is none, or `ax` no Axes of x and y.

    Examples
    --------
    >>> from hyperkit import mixing_profile, random_wrapped_normal
    >>> A = random_wrapped_normal(30, random_state=0)
    >>> ax = plot_profile(mixing_profile(A, -A, max_hops=3))
    >>> ax.get_xlabel(), len(ax.get_legend().get_texts())
    ('hops in the Delaunay graph', 1)
    >>> ax.figure.clear()
    """
    check_attributes(
        profile, ("hops", "relative_similarity", "p_value"), "profile", "what hyperkit.mixing_profile gives"
    )
    check_axes(ax)
    if ax is None:
        from matplotlib import pyplot as plt

        _, ax = plt.subplots(figsize=(5, 3.6), layout="constrained", FigureClass=PrintFigure)
    ax.axhline(1.0, color="0.6", linestyle="--", linewidth=1, zorder=1)
    if profile.interval_low is not None and profile.interval_high is not None:
        ax.fill_between(profile.hops, profile.interval_low, profile.interval_high, color=color, alpha=0.2, linewidth=0)
    p_value = f"p = {profile.p_value:.2g}"
    named = p_value if label is None else f"{label} ({p_value})"
    ax.plot(profile.hops, profile.relative_similarity, color=color, marker="o", markersize=5, label=named)
    ax.legend(fontsize=9, frameon=False)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.set_xlabel("hops in the Delaunay graph")
    ax.set_ylabel("similarity relative to chance")
    ax.spines[["top", "right"]].set_visible(False)
    return ax
