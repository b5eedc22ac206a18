"""The colours of classes: one list, of which n classes take the first n, and a grey for classes beyond it.

Eight are those of Okabe and Ito, safe for colour-blind readers; no two of the first 50 are nearer than 19 in CIE 1976
L*a*b*, of all 60 than 18. Own work but for the eight; ``datasets/palette`` says how they were found, and their licence.
"""

from __future__ import annotations

import numpy as np
from matplotlib.colors import to_rgba_array
from numpy.typing import NDArray

# fmt: off
CLASS_COLORS = (
    "#0072B2", "#E69F00", "#009E73", "#56B4E9", "#D55E00", "#CC79A7", "#000000", "#F0E442",
    "#9800FF", "#880080", "#1828C0", "#900010", "#F000C0", "#8078F8", "#00F0E0", "#D80058",
    "#005010", "#90C070", "#FF9898", "#5840A0", "#F0C8FF", "#FFC890", "#B848D8", "#683050",
    "#A88838", "#687830", "#806098", "#885000", "#FF3838", "#0000FF", "#284078", "#E838FF",
    "#B0E0B0", "#007058", "#FF6090", "#00C800", "#FF98F8", "#F87850", "#009800", "#B0A0C8",
    "#504028", "#68C8B8", "#68F098", "#C080F0", "#6818D8", "#50A0A8", "#D00090", "#A83840",
    "#F860D8", "#6800A0", "#A82070", "#A8D848", "#B87870", "#2050D0", "#7850F0", "#C0A078",
    "#50B050", "#7890D0", "#005868", "#D0C068",
)
# fmt: on
OTHERS = "#999999"  # of classes beyond the list; rows without a label are lighter


def palette(sizes: NDArray[np.int64]) -> NDArray[np.float64]:
    """Colours (n, 4) of classes of these sizes: of more than there are colours, the largest have one."""
    colors = to_rgba_array([OTHERS] * len(sizes))
    largest = np.sort(np.argsort(-sizes, kind="stable")[: len(CLASS_COLORS)])
    colors[largest] = to_rgba_array(CLASS_COLORS)[: len(largest)]
    return colors
