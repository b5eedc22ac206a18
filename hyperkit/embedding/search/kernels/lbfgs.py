"""A whole descent of the stress by L-BFGS, in one call.

A fit has tens of thousands of steps, most of a hundred points or less: called from Python, each took 100 us or more
beside the 15 to 60 us of the stress. The one idea: the log of the scale, the only variable with bounds, stops at them,
and while the slope leads out of them it counts as 0, so that all else is L-BFGS [1]_ without bounds.

.. [1] Liu and Nocedal, "On the limited memory BFGS method for large scale optimization", Mathematical Programming 45
   (1989).
.. [2] Hager and Zhang, "A new conjugate gradient method with guaranteed descent and an efficient line search", SIAM
   Journal on Optimization 16 (2005).
"""

from __future__ import annotations

import math

import numpy as np

from ...._compilation import njit, subkernel
from .stress import folded, stress_and_gradient

# Pairs of a step and the change of slope along it.
_MEMORY = 10
# Ends: a gain in units of the first value, and a largest slope.
_LEAST_GAIN, _LEAST_SLOPE = 1e-10, 1e-12
# Wolfe's conditions: the part of the first slope that the gain must have, and that the last slope may have.
_GAIN, _SLOPE = 1e-4, 0.9
# Part of the value that counts as rounding: a step that gains less is judged by its slope alone, as in [2]_. Values are
# that uncertain where points near the rim are close to each other.
_ROUNDING = 1e-6
_MOST_TRIALS = 20


@njit
def lower_stress(
    lowest, highest, max_iter, start, rays, across, scale, dissimilarities, power, floor, unit, farthest, found
):
    """Put the variables of `stress_and_gradient` after a descent from 0 into `found`, and give its iterations.

    The first variable stays from `lowest` to `highest`; the other arguments are those of `stress_and_gradient`. Nothing
    but a number is returned: of a Ctrl-C during a call that makes an array for Python, numba makes a SystemError.
    """
    stage = (start, rays, across, scale, dissimilarities, power, floor, unit, farthest)
    x, n_iter = descended(lowest, highest, max_iter, stage, len(found))
    for j in range(len(found)):
        found[j] = x[j]
    return n_iter


@subkernel
def descended(lowest, highest, max_iter, stage, size):
    """The variables after a descent from 0, and its iterations."""
    x, slope, trial, trial_slope = np.zeros(size), np.empty(size), np.empty(size), np.empty(size)
    way, work = np.empty(size), np.empty(size)
    steps, changes, curvatures = np.empty((_MEMORY, size)), np.empty((_MEMORY, size)), np.empty(_MEMORY)
    n_pairs = n_kept = 0
    value = value_at(x, lowest, highest, stage, slope)
    square = max(dot(slope, slope, work), 1e-300)
    # of the first step, in slopes: no longer than 1, nor than to where a parabola as steep would be at 0
    length = min(1.0 / math.sqrt(square), 2.0 * value / square)
    for n_iter in range(max_iter):
        if largest(slope) <= _LEAST_SLOPE:
            return x, n_iter
        quasi_newton_step(slope, steps, changes, curvatures, n_pairs, n_kept, length, way, work)
        lower = search_along(x, way, value, dot(slope, way, work), lowest, highest, stage, trial, trial_slope, work)
        if lower == np.inf:
            if n_kept == 0:
                return x, n_iter
            n_kept = 0
            continue
        row = n_pairs % _MEMORY
        for j in range(size):
            steps[row, j] = trial[j] - x[j]
            changes[row, j] = trial_slope[j] - slope[j]
        curvature = dot(steps[row], changes[row], work)
        if (slope[0] == 0.0) != (trial_slope[0] == 0.0):  # the pairs are of other variables
            n_kept = 0
        elif curvature > 0.0:
            curvatures[row] = curvature
            length = curvature / dot(changes[row], changes[row], work)
            n_pairs += 1
            n_kept = min(n_kept + 1, _MEMORY)
        else:  # the oldest pair was overwritten
            n_kept = min(n_kept, _MEMORY - 1)
        gain = value - lower
        x, trial, slope, trial_slope, value = trial, x, trial_slope, slope, lower
        if gain <= _LEAST_GAIN:
            return x, n_iter + 1
    return x, max_iter


@subkernel
def value_at(x, lowest, highest, stage, slope):
    """Stress at `x`, and its slope but for what leads out of the bounds."""
    value = stress_and_gradient(*(x, *stage, slope))
    if (x[0] <= lowest and slope[0] > 0.0) or (x[0] >= highest and slope[0] < 0.0):
        slope[0] = 0.0
    return value


@subkernel
def quasi_newton_step(slope, steps, changes, curvatures, n_pairs, n_kept, length, way, work):
    """Minus the slope times the inverse of the Hessian, as the pairs kept know it and else `length`, into `way`."""
    for j in range(len(way)):
        way[j] = -slope[j]
    parts = np.empty(_MEMORY)
    for pair in range(n_pairs - 1, n_pairs - n_kept - 1, -1):
        row = pair % _MEMORY
        parts[row] = dot(steps[row], way, work) / curvatures[row]
        add(way, -parts[row], changes[row])
    for j in range(len(way)):
        way[j] *= length
    for pair in range(n_pairs - n_kept, n_pairs):
        row = pair % _MEMORY
        add(way, parts[row] - dot(changes[row], way, work) / curvatures[row], steps[row])


@subkernel
def search_along(x, way, value, slope, lowest, highest, stage, trial, trial_slope, work):
    """The value at a step from `x` along `way` that meets Wolfe's conditions, inf if none is found.

    `trial` and `trial_slope` are then those at its end. There is such a step between `near`, where the value is low but
    still falls fast, and `far`, where it is high or rises fast.
    """
    near, near_value, near_slope = 0.0, value, slope
    far, far_value, far_slope = np.inf, np.inf, 0.0
    step = 1.0
    for _ in range(_MOST_TRIALS):
        for j in range(len(x)):
            trial[j] = x[j] + step * way[j]
        trial[0] = min(max(trial[0], lowest), highest)
        there = value_at(trial, lowest, highest, stage, trial_slope)
        slope_there = dot(trial_slope, way, work)
        is_low = there <= value + _GAIN * step * slope + _ROUNDING * value
        if is_low and abs(slope_there) <= -_SLOPE * slope:
            return there
        if is_low and slope_there < 0.0:
            width = step - near
            guess = lowest_between(near, near_value, near_slope, step, there, slope_there)
            near, near_value, near_slope = step, there, slope_there
            if far == np.inf:
                step = guess if near + 0.1 * width <= guess <= near + 4.0 * width else near + 4.0 * width
                continue
        else:
            far, far_value, far_slope = step, there, slope_there
        guess = lowest_between(near, near_value, near_slope, far, far_value, far_slope)
        width = far - near
        step = near + 0.5 * width if math.isnan(guess) else min(max(guess, near + 0.01 * width), far - 0.1 * width)
    return np.inf


@subkernel
def lowest_between(a, value_a, slope_a, b, value_b, slope_b):
    """Where the cubic through two values and slopes is lowest; nan if nowhere."""
    middle = slope_a + slope_b - 3.0 * (value_b - value_a) / (b - a)
    square = middle**2 - slope_a * slope_b
    root = math.sqrt(square) if square >= 0.0 else np.nan
    return b - (b - a) * (slope_b + root - middle) / (slope_b - slope_a + 2.0 * root)


@subkernel
def dot(x, y, work):
    """Scalar product, by sums that need not wait for each other."""
    for j in range(len(x)):
        work[j] = x[j] * y[j]
    return folded(work, len(x))


@subkernel
def add(y, factor, x):
    """Add ``factor * x`` to `y`."""
    for j in range(len(x)):
        y[j] += factor * x[j]


@subkernel
def largest(x):
    """Largest absolute value."""
    most = 0.0
    for j in range(len(x)):
        most = max(most, abs(x[j]))
    return most
