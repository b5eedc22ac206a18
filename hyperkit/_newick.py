"""Newick text of a rooted tree: the one writer, for trees of any floor.

In come nodes in depth-first order (a parent before its children, node 0 the root), out goes one line. Two decisions are
made here and nowhere else: what a row inside the tree looks like (`terminals`), and what a label may hold.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Literal

from ._warn import warn_caller

Terminals = Literal["leaves", "nodes"]
TERMINALS: tuple[Terminals, ...] = ("leaves", "nodes")

_PLAIN = re.compile(r"[^\s()\[\]{}/\\,;:=*'\"`+<>_]+")
# Python would also read 1_0 and nan.
_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?")
# Tab, line breaks and other characters without a shape: in quotes, most readers keep them and some end the tree there.
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def newick(
    parent: Sequence[int],
    length: Sequence[float],
    names: Sequence[str],
    is_row: Sequence[bool],
    *,
    terminals: Terminals,
    marks: Sequence[str] | None = None,
) -> str:
    """The tree as one line of Newick; an inner row is a tip of length 0 if `terminals` are ``"leaves"``.

    Such a row has its name at the tip only. `marks` are written as they are behind the bracket of inner nodes, in the
    place of names.
    """
    inner = [above == node for node, above in enumerate(parent[1:])] + [False]
    labels = _labels(names)
    hung = [terminals == "leaves" and inner[node] and is_row[node] for node in range(len(labels))]
    branches = ["", *(f":{float(branch)!r}" for branch in length[1:])]
    pieces: list[str] = []
    unfinished: list[int] = []

    def finish() -> None:
        node = unfinished.pop()
        label = marks[node] if marks is not None else "" if hung[node] else labels[node]
        pieces.append(f"){label}{branches[node]}")

    for node, above in enumerate(parent):
        while unfinished and unfinished[-1] != above:
            finish()
        if above not in (-1, node - 1):  # not the first child
            pieces.append(",")
        if inner[node]:
            pieces.append(f"({labels[node]}:0.0," if hung[node] else "(")
            unfinished.append(node)
        else:
            pieces.append(labels[node] + branches[node])
    while unfinished:
        finish()
    return "".join(pieces) + ";"


def _labels(names: Sequence[str]) -> list[str]:
    """Names as they stand in the text, in quotes where Newick needs them."""
    odd = [name for name in names if _CONTROL.search(name)]
    if odd:
        warn_caller(
            f"{len(odd)} names hold a tab, a line break or another control character, which Newick cannot hold: each "
            f"is written as a space; the first is {odd[0]!r}"
        )
    return [name if _PLAIN.fullmatch(name) or not name else _quoted(name) for name in names]


def _quoted(name: str) -> str:
    return "'" + _CONTROL.sub(" ", name).replace("'", "''") + "'"


def is_number(label: str) -> bool:
    """Whether a label is a finite number as Newick writes them: Python would also read ``1_0`` and ``nan``."""
    return _NUMBER.fullmatch(label) is not None and math.isfinite(float(label))
