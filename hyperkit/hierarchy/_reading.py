"""`from_newick`: what the labels and lengths of a Newick text mean."""

from __future__ import annotations

from collections import Counter
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from .._newick import TERMINALS, Terminals, is_number
from .._validation import check_choice, check_flag
from .._warn import warn_caller
from ._hierarchy import Hierarchy
from ._newick_parser import ParsedNodes, fault, parse
from ._parents import in_preorder

InnerLabels = Literal["names", "support", "percent"]
INNER_LABELS: tuple[InnerLabels, ...] = ("names", "support", "percent")


def from_newick(
    text: str,
    *,
    terminals: Terminals = "leaves",
    inner_labels: InnerLabels = "names",
    convert_underscores: bool = False,
) -> Hierarchy:
    """Hierarchy of one tree in Newick format.

    Parameters
    ----------
    text : str
        The tree itself, not the name of a file. Labels in single quotes hold anything, two quotes in a row are one;
        comments in square brackets are passed over, what other programs hide in them (NHX) too.
    terminals : {"leaves", "nodes"}, default="leaves"
        Which nodes are rows, numbered in the order of the text: the tips; or all nodes that have a label.
    inner_labels : {"names", "support", "percent"}, default="names"
        What labels of inner nodes are: names; or the support of the edge above, from 0 to 1 or from 0 to 100, and then
        each must be such a number or empty. The root has no edge above it: a number there is passed over.
    convert_underscores : bool, default=False
        Whether an underscore outside quotes stands for a blank, as the standard has it and scikit-bio and DendroPy
        write. By default names stay as they are, so that ``cell_7`` finds the ``cell_7`` of a table.

    Returns
    -------
    Hierarchy
        Nodes in the order of the text. Where no edge has a length each has length 1.

    Warns
    -----
    UserWarning
        Several nodes have one name: all are kept; the warning says how many, and `compare` refuses such rows. Or the
        root has a branch of its own, which a hierarchy has not.

    Raises
    ------
    TypeError
        `text` is no str.
    ValueError
        `text` is not one whole tree, a length is negative or missing where others are there, or an inner label is no
        support though it should be: the message has the place in the text.

    See Also
    --------
    Hierarchy.to_newick : The way out. What it wrote with ``terminals="leaves"`` has its inner rows back after
        ``snap(0.0)``.

    Notes
    -----
    The grammar is that of Felsenstein and Olsen [1]_; tips without labels are allowed. Nothing recurses.

    References
    ----------
    .. [1] G. Olsen, "Gary Olsen's interpretation of the Newick's 8:45 tree format standard", 1990,
       https://phylipweb.github.io/phylip/newick_doc.html

    Examples
    --------
    >>> from hyperkit import hierarchy
    >>> tree = hierarchy.from_newick("((wolf:1,dog:1)0.98:2,'house cat':2.5);", inner_labels="support")
    >>> tree.names.tolist()
    ['', '', 'wolf', 'dog', 'house cat']
    >>> tree.distance_from_root.tolist()
    [0.0, 2.0, 3.0, 3.0, 2.5]
    >>> tree.support.tolist()
    [nan, 0.98, nan, nan, nan]
    """
    if not isinstance(text, str):
        raise TypeError(f"text is a {type(text).__name__}; give the Newick text itself, as a str")
    check_choice("terminals", terminals, TERMINALS)
    check_choice("inner_labels", inner_labels, INNER_LABELS)
    check_flag("convert_underscores", convert_underscores)
    nodes = parse(text)
    names = np.array(nodes.label, dtype=object)
    if convert_underscores:
        names[:] = [label if q else label.replace("_", " ") for label, q in zip(names, nodes.quoted, strict=True)]
    parent = np.array(nodes.parent, dtype=np.int64)
    is_inner = np.isin(np.arange(len(parent)), parent)
    support = None
    if inner_labels != "names":
        support = _support(text, nodes, is_inner, 100.0 if inner_labels == "percent" else 1.0)
        names[is_inner] = ""
    _warn_of_duplicates(names, is_inner)
    is_row = ~is_inner if terminals == "leaves" else names != ""
    row = np.where(is_row, np.cumsum(is_row) - 1, -1)
    return in_preorder(parent, _lengths(text, nodes), row, names, support=support)


def _lengths(text: str, nodes: ParsedNodes) -> NDArray[np.float64]:
    """Lengths of the branches, of which all or none are there."""
    if nodes.length[0]:
        warn_caller(f"the root has a branch of length {nodes.length[0]:g}, which is left out: a hierarchy has none")
    below = nodes.length[1:]
    if all(length is None for length in below):
        return np.ones(len(nodes.length))
    if None in below:
        place = nodes.place[1 + below.index(None)]
        fault(text, place, f"{below.count(None)} branches have no length and others have; the first is here")
    return np.array([0.0, *below], dtype=np.float64)


def _support(text: str, nodes: ParsedNodes, is_inner: NDArray[np.bool_], most: float) -> NDArray[np.float64]:
    support = np.full(len(is_inner), np.nan)
    for node in np.flatnonzero(is_inner).tolist():
        label = nodes.label[node]
        if label and not (is_number(label) and 0 <= float(label) <= most):
            fault(text, nodes.place[node], f"the inner label {label!r} is no support from 0 to {most:g}")
        support[node] = float(label or "nan") / most
    support[0] = np.nan
    return support


def _warn_of_duplicates(names: NDArray[np.object_], is_inner: NDArray[np.bool_]) -> None:
    often = {name: times for name, times in Counter(names.tolist()).items() if name and times > 1}
    if not often:
        return
    first, times = next(iter(often.items()))
    hint = ""
    if is_number(first) and first in names[is_inner]:
        hint = '. Are the numbers of inner nodes support? Then pass inner_labels="support", or "percent"'
    warn_caller(
        f"{len(often)} names stand at more than one node ({sum(often.values())} nodes in all); all are kept. The "
        f"first is {first!r}, {times} times{hint}"
    )
