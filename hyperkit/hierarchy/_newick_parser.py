"""Newick text to nodes in the order of the text, which is depth-first order: parents, labels, lengths.

One loop over the tokens with a stack of open brackets, so that depth costs nothing. By the standard: labels in single
quotes hold anything, a quote twice is one quote; ``[...]`` is a comment wherever it stands, and comments nest; blanks
between tokens mean nothing. Whatever is no tree is a ValueError that says what is wrong, where, and what stands there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NoReturn

from .._newick import is_number

_BLANK = re.compile(r"[ \t\r\n\f\v]*")
_MARK = re.compile(r"[(),:;]")
_QUOTED = re.compile(r"'((?:[^']++|'')*+)'")  # never gives a quote back: what is not closed begins where it begins
_PLAIN = re.compile(r"[^ \t\r\n\f\v()\[\],:;']+")
_BRACKET = re.compile(r"[\[\]]")

# What the node at hand has got so far; each can be followed by the later ones only.
_NOTHING, _CHILDREN, _LABEL, _LENGTH = range(4)


@dataclass(eq=False)
class ParsedNodes:
    """Nodes of a text: a parent before its children, -1 the parent of the root, which is node 0."""

    parent: list[int] = field(default_factory=list)
    label: list[str] = field(default_factory=list)
    quoted: list[bool] = field(default_factory=list)
    length: list[float | None] = field(default_factory=list)
    """None where the text has none."""
    place: list[int] = field(default_factory=list)
    """Place in the text of each node's label, or where it would stand."""

    def add(self, parent: int, place: int) -> int:
        """A new node below `parent`; its number."""
        self.parent.append(parent)
        self.label.append("")
        self.quoted.append(False)
        self.length.append(None)
        self.place.append(place)
        return len(self.parent) - 1


def parse(text: str) -> ParsedNodes:
    """The nodes of the one tree in `text`."""
    nodes = ParsedNodes()
    node = nodes.add(-1, 0)
    unfinished: list[tuple[int, int]] = []  # nodes whose bracket is open, and where it is
    got, wants_number = _NOTHING, False
    tokens = _tokens(text)
    for token, place, kind in tokens:
        if wants_number:
            nodes.length[node] = _number(text, token, place, kind)
            wants_number = False
        elif kind in "'a":
            if got >= _LABEL:
                fault(text, place, "a second label, or a blank in one that is not in quotes")
            nodes.label[node], nodes.quoted[node], nodes.place[node] = token, kind == "'", place
            got = _LABEL
        elif token == "(":
            if got != _NOTHING:
                fault(text, place, "an opening bracket behind a node: a comma is missing before it")
            unfinished.append((node, place))
            node = nodes.add(node, place + 1)
        elif token == ":":
            if got == _LENGTH:
                fault(text, place, "a second length")
            got, wants_number = _LENGTH, True
        elif token == ";":
            if unfinished:
                fault(text, unfinished[-1][1], "an opening bracket that is never closed")
            _nothing_follows(text, tokens)
            return nodes
        elif not unfinished:
            fault(text, place, "a closing bracket too many" if token == ")" else "a comma outside all brackets")
        elif token == ",":
            node, got = nodes.add(unfinished[-1][0], place + 1), _NOTHING
        else:
            node, got = unfinished.pop()[0], _CHILDREN
            nodes.place[node] = place + 1
    if unfinished:
        fault(text, unfinished[-1][1], "an opening bracket that is never closed")
    fault(text, len(text), "no semicolon, which ends a tree; is it cut off, or a file name? Give the text of the file")


def fault(text: str, place: int, what: str) -> NoReturn:
    """Raise the ValueError of a text that is no tree."""
    rest = text[place : place + 30]
    there = repr(rest + "..." * (place + 30 < len(text))) if rest else "the end"
    raise ValueError(f"text is no Newick tree, character {place} ({there}): {what}")


def _tokens(text: str) -> Iterator[tuple[str, int, str]]:
    """Tokens with their places: marks, labels in quotes (of kind "'") and plain words (of kind "a")."""
    # No blanks are a match too: never None, which mypy cannot know.
    place = _BLANK.match(text).end()  # type: ignore[union-attr]
    while place < len(text):
        if found := _MARK.match(text, place):
            yield found[0], place, found[0]
        elif found := _PLAIN.match(text, place):
            yield found[0], place, "a"
        elif found := _QUOTED.match(text, place):
            yield found[1].replace("''", "'"), place, "'"
        elif text[place] == "[":
            found = _comment_end(text, place)
        else:
            fault(text, place, "a quote that is never closed" if text[place] == "'" else "a closing ] without its [")
        place = _BLANK.match(text, found.end()).end()  # type: ignore[union-attr]


def _comment_end(text: str, place: int) -> re.Match[str]:
    depth = 0
    for found in _BRACKET.finditer(text, place):
        depth += 1 if found[0] == "[" else -1
        if depth == 0:
            return found
    fault(text, place, "a comment that is never closed")


def _number(text: str, token: str, place: int, kind: str) -> float:
    if kind != "a" or not is_number(token):
        fault(text, place, "a finite length must follow the colon")
    if float(token) < 0:
        fault(text, place, "a negative length; set it to 0 first, or leave out all lengths")
    return float(token)


def _nothing_follows(text: str, tokens: Iterator[tuple[str, int, str]]) -> None:
    for _, place, _ in tokens:
        fault(text, place, "text behind the semicolon; give one tree at a time")
