"""Colours of classes are far apart for everyone: CIE 1976 worked out here by itself, and three kinds of blindness."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.colors import to_rgb
from scipy.spatial.distance import pdist

from hyperkit.plot import class_colors
from hyperkit.plot._palette import CLASS_COLORS, OTHERS

# Chromaticities of the primaries of sRGB and of its white, D65 (IEC 61966-2-1): the matrix to XYZ follows.
_PRIMARIES = np.array([[0.64, 0.33], [0.30, 0.60], [0.15, 0.06]])
_D65 = np.array([0.3127, 0.3290])
# Linear sRGB to cones, and what is seen without one kind: by Vienot, Brettel and Mollon (1999), whose plane holds
# for the lack of red and of green, while the colours were chosen with Machado's; for the lack of blue Machado (2009).
_TO_LMS = np.array([[17.8824, 43.5161, 4.11935], [3.45565, 27.1554, 3.86714], [0.0299566, 0.184309, 1.46709]])
_LACKS = {
    "protanopia": np.array([[0, 2.02344, -2.52581], [0, 1, 0], [0, 0, 1]]),
    "deuteranopia": np.array([[1, 0, 0], [0.494207, 0, 1.24827], [0, 0, 1]]),
}
_NO_BLUE = np.array([[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]])


def light(colors):
    srgb = np.array([to_rgb(color) for color in colors])
    return np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)


def lab(linear):
    def xyz(xy):
        return np.array([xy[0] / xy[1], 1.0, (1 - xy[0] - xy[1]) / xy[1]])

    white = xyz(_D65)
    columns = np.column_stack([xyz(xy) for xy in _PRIMARIES])
    ratio = linear @ (columns * np.linalg.solve(columns, white)).T / white
    root = np.where(ratio > 216 / 24389, np.cbrt(ratio), (24389 / 27 * ratio + 16) / 116)
    return np.column_stack([116 * root[:, 1] - 16, 500 * (root[:, 0] - root[:, 1]), 200 * (root[:, 1] - root[:, 2])])


def closest(linear):
    """Smallest CIE 1976 distance between two colours."""
    return pdist(lab(linear)).min()


def seen_without(linear, kind):
    if kind == "tritanopia":
        return np.clip(linear @ _NO_BLUE.T, 0, 1)
    return np.clip(linear @ _TO_LMS.T @ _LACKS[kind].T @ np.linalg.inv(_TO_LMS).T, 0, 1)


def test_the_formula_is_that_of_the_standard():
    # Red, green and blue of sRGB, as tables give them.
    expected = [[53.24, 80.09, 67.20], [87.73, -86.18, 83.18], [32.30, 79.19, -107.86], [100, 0, 0]]
    np.testing.assert_allclose(lab(light(["#ff0000", "#00ff00", "#0000ff", "white"])), expected, atol=0.05)


@pytest.mark.parametrize(("n", "least"), [(8, 26), (20, 26), (50, 19), (60, 18)])
def test_no_two_classes_look_alike(n, least):
    assert closest(light(class_colors(range(n)).values())) > least


@pytest.mark.parametrize("kind", ["protanopia", "deuteranopia", "tritanopia"])
def test_eight_classes_stay_apart_without_one_kind_of_cones(kind):
    assert closest(seen_without(light(CLASS_COLORS[:8]), kind)) > 16  # of the first eight of tab10: 5.6, 8.1, 15.2


def test_no_class_looks_like_the_paper_or_what_is_grey():
    greys = light(["white", "0.75", OTHERS, "0.5", "0.35"])
    for color in lab(light(CLASS_COLORS)):
        assert np.linalg.norm(lab(greys) - color, axis=1).min() > 15


def test_the_largest_of_many_classes_keep_colours_in_their_order():
    sizes = np.arange(300)[::-1] % 77
    colors = list(class_colors(range(300), sizes=sizes).values())
    colored = [color for color in colors if color != OTHERS]
    assert colored == [color.lower() for color in CLASS_COLORS]
    assert min(s for s, c in zip(sizes, colors, strict=True) if c != OTHERS) >= max(
        s for s, c in zip(sizes, colors, strict=True) if c == OTHERS
    )
    with pytest.raises(ValueError, match=r"sizes has shape \(2,\); it must hold one number for each of the 3 labels"):
        class_colors("abc", sizes=[1, 2])
    with pytest.raises(ValueError, match="labels has 'b' twice; give each class once"):
        class_colors("abb")
