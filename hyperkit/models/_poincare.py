"""Poincaré coordinates: the conformal ball, in which the package computes."""

from __future__ import annotations

import numpy as np

from ._ball_model import check_inside
from ._ball_points import BallPoints
from ._coordinate_model import CoordinateModel, Float
from ._gap import ball_gap, length


def _check(points: Float, c: float, name: str) -> None:
    check_inside(points, c, name, "Poincaré")


def _gap(points: Float, c: float) -> Float:
    return ball_gap(points, curvature=-c)


def _to_ball(x: Float, gap: Float, c: float) -> BallPoints:
    return BallPoints(x * np.sqrt(c), gap, is_exact=c == 1)


def _from_ball(points: BallPoints, c: float) -> Float:
    return points.z / np.sqrt(c)


def _half_chord(x: Float, h: Float, y: Float, k: Float, c: float) -> Float:
    return length(x - y) * np.sqrt(c) / np.sqrt(h * k)


def _to_chart(v: Float, base: BallPoints, c: float) -> Float:
    return v * (base.gap / 2)[..., None]


def _from_chart(v: Float, base: BallPoints, c: float) -> Float:
    return v * (2 / base.gap)[..., None]


POINCARE = CoordinateModel(
    name="poincare",
    extra_columns=0,
    check=_check,
    height=_gap,
    to_ball=_to_ball,
    from_ball=_from_ball,
    half_chord=_half_chord,
    to_chart=_to_chart,
    from_chart=_from_chart,
    chord_factor=np.sqrt,
    rim_gap=lambda points: points.gap,
)
