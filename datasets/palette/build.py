"""Find the colours of classes: eight of Okabe and Ito, and 52 that are far from these, from each other and from greys.

Run it from anywhere; it prints in some ten seconds what `hyperkit/plot/_palette.py` holds.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

# Okabe and Ito (2008). Every first few are as far apart as can be for those who see no red or no green, except
# that black, the colour of Steiner points, and yellow, which is faint on white, come last.
OKABE_ITO = ["#0072B2", "#E69F00", "#009E73", "#56B4E9", "#D55E00", "#CC79A7", "#000000", "#F0E442"]
SIZE = 60
GREYS = [1.0, 0.75, 0.5, 0.35]  # the paper, rows without a label, branches, edges: no class looks like these
LIGHTNESS = (28.0, 86.0)  # what is darker looks black in small dots, what is lighter is lost on white
STEP = 8  # of the grid of candidates, in 255ths

# CIE 1976 overstates distances between vivid colours, and Oklab, fitted to newer data, does not: a pair is as far apart
# as the smaller of both says. Beside them what the colour-blind see, which cannot be as much for 60 colours.
OKLAB_WEIGHT = 220.0
BLIND_WEIGHT = 0.4

TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
WHITE = np.array([0.95047, 1.0, 1.08883])
# Machado, Oliveira, Fernandes (2009), severity 1, on linear sRGB.
BLIND = [
    np.array([[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]),
    np.array([[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]),
]
# Ottosson (2020): linear sRGB to cones, and their cube roots to Oklab.
TO_CONES = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
TO_OKLAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)

Colors = NDArray[np.float64]


def linear(srgb: Colors) -> Colors:
    """Intensities of light of colours in [0, 1]."""
    return np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)


def cielab(light: Colors) -> Colors:
    """CIE 1976 L*a*b* of linear sRGB."""
    xyz = light @ TO_XYZ.T / WHITE
    f = np.where(xyz > (6 / 29) ** 3, np.cbrt(xyz), xyz / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.stack([116 * f[:, 1] - 16, 500 * (f[:, 0] - f[:, 1]), 200 * (f[:, 1] - f[:, 2])], axis=-1)


def views(srgb: Colors) -> Colors:
    """Coordinates of colours in the spaces whose smallest distance counts, (n_spaces, n, 3)."""
    light = linear(srgb)
    seen = [cielab(np.clip(light @ blind.T, 0, 1)) / BLIND_WEIGHT for blind in BLIND]
    return np.stack([cielab(light), OKLAB_WEIGHT * np.cbrt(light @ TO_CONES.T) @ TO_OKLAB.T, *seen])


def distances(seen: Colors, one: Colors) -> NDArray[np.float64]:
    """How far colours are from one, in the space where that is least."""
    return np.linalg.norm(seen - one[:, np.newaxis], axis=2).min(axis=0)


def nearest(seen: Colors, others: Colors, start: NDArray[np.float64]) -> NDArray[np.float64]:
    """How far colours are from the nearest of `others`, and no farther than `start`."""
    for index in range(others.shape[1]):
        start = np.minimum(start, distances(seen, others[:, index]))
    return start


def spread(seen: Colors, start: NDArray[np.float64], size: int) -> list[int]:
    """Indices of `size` colours, each the farthest from those before; they begin at distances `start` from others."""
    chosen: list[int] = []
    far = start.copy()
    for _ in range(size):
        chosen.append(int(far.argmax()))
        far = np.minimum(far, distances(seen, seen[:, chosen[-1]]))
    return chosen


def improve(seen: Colors, start: NDArray[np.float64], chosen: list[int]) -> bool:
    """Exchange one of the colours that are nearest to others, if any is farther from the rest than it."""
    own = [
        nearest(seen[:, [index]], seen[:, [other for other in chosen if other != index]], start[[index]])[0]
        for index in chosen
    ]
    for place in np.argsort(own, kind="stable")[:6]:
        rest = [other for at, other in enumerate(chosen) if at != place]
        far = nearest(seen, seen[:, rest], start)
        if far.max() > own[place] + 1e-9:
            chosen[place] = int(far.argmax())
            return True
    return False


def palette() -> list[str]:
    """The colours, each as far as can be from those before it."""
    grid = np.minimum(np.arange(0, 257, STEP), 255) / 255
    candidates = np.stack(np.meshgrid(grid, grid, grid, indexing="ij"), axis=-1).reshape(-1, 3)
    lightness = cielab(linear(candidates))[:, 0]
    candidates = candidates[(lightness >= LIGHTNESS[0]) & (lightness <= LIGHTNESS[1])]
    fixed = np.array([[int(text[at : at + 2], 16) for at in (1, 3, 5)] for text in OKABE_ITO]) / 255
    greys = np.repeat(np.array(GREYS)[:, np.newaxis], 3, axis=1)
    seen = views(candidates)
    start = nearest(seen, views(fixed), np.full(len(candidates), np.inf))
    start = nearest(seen[:2], views(greys)[:2], start)  # the colour-blind see many colours as grey
    chosen = spread(seen, start, SIZE - len(fixed))
    while improve(seen, start, chosen):
        pass
    order = spread(seen[:, chosen], start[chosen], len(chosen))
    rows = np.rint(255 * candidates[[chosen[index] for index in order]]).astype(int)
    return OKABE_ITO + ["#{:02X}{:02X}{:02X}".format(*row) for row in rows.tolist()]


if __name__ == "__main__":
    print(palette())
