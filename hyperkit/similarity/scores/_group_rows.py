"""Groups that rows belong to, such as donors: from a user's labels to what a labelling may move as one.

What is decided here is which labellings are exchangeable. Groups that are each in one set are dealt out anew as a
whole; groups that are all in both sets, as donors before and after a treatment, swap their two halves. A mixture of
both has no such rule and is an error.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..._validation import check_paired_rows, series_index
from ..._warn import warn_caller
from .._groups import Groups
from ._labels import check_labels

# Below the usual level a test that cannot reject is no test.
_LEVEL = 0.05


def group_labels(groups: ArrayLike, name: str, of: str, table: Any, n_rows: int) -> NDArray[np.object_]:
    """One label for each of the `n_rows` rows of the set `of`, whose table or index is `table`."""
    check_paired_rows({of: table, name: series_index(groups)})
    check_labels(groups, name, n_rows, of, "leave out the row: whose it is decides the test")
    return np.asarray(groups, dtype=object)


def pair_of_groups(groups: Any, sets: Sequence[tuple[str, Any, int]]) -> Groups | None:
    """Groups of two sets from a pair of labels of their rows; a set is its name, its table or index, and its rows."""
    if groups is None:
        return None
    both = _both(groups, "one label for each row of A, and one for each row of B, as in groups=(donors_a, donors_b)")
    one, other = (
        group_labels(labels, f"groups[{place}]", *set_)
        for place, (labels, set_) in enumerate(zip(both, sets, strict=True))
    )
    _warn_of_numbers([(_counted(one), _counted(other))])
    return whole_groups(one, other, (sets[0][0], sets[1][0]))


def _both(groups: Any, wanted: str) -> tuple[Any, Any]:
    try:
        if not isinstance(groups, str | Mapping):
            first, second = groups
            return first, second
    except (TypeError, ValueError):
        pass
    raise ValueError(f"groups must be a pair: {wanted}")


def groups_of_series(
    groups: Any, A: ArrayLike, series: Sequence[ArrayLike], sizes: Sequence[int]
) -> list[Groups | None]:
    """Groups of A and of each set of a series, from labels of the rows of A and a list of those of the series."""
    if groups is None:
        return [None] * len(series)
    first, rest = _both(groups, "one label for each row of A, and a list with the labels of each set of the series")
    if len(rest) != len(series):
        raise ValueError(f"groups[1] has {len(rest)} entries and series {len(series)} sets; there must be one for each")
    of_a = group_labels(first, "groups[0]", "A", A, sizes[0])
    of_series = [
        group_labels(labels, f"groups[1][{i}]", f"series[{i}]", table, size)
        for i, (labels, table, size) in enumerate(zip(rest, series, sizes[1:], strict=True))
    ]
    _warn_of_numbers((_counted(of_a), _counted(each)) for each in of_series)
    return [whole_groups(of_a, each, ("A", f"series[{i}]")) for i, each in enumerate(of_series)]


def groups_of_sets(groups: Any, X: Any, sizes: Sequence[int]) -> list[NDArray[np.object_]]:
    """Labels of the rows of each set of a sequence or mapping, given in its form."""
    is_named = isinstance(X, Mapping)
    if is_named and not isinstance(groups, Mapping):
        raise ValueError("groups must be a mapping with the keys of X: one label for each row of each set")
    if is_named and set(groups) != set(X):
        one_sided = [f"{key!r} only in X" for key in X if key not in groups]
        one_sided += [f"{key!r} only in groups" for key in groups if key not in X]
        raise ValueError(
            f"groups must have the keys of X, as labels of the rows of each set: {', '.join(one_sided[:5])}"
        )
    if not is_named and (isinstance(groups, str | Mapping) or not hasattr(groups, "__len__") or len(groups) != len(X)):
        raise ValueError(f"groups must be a list of {len(X)}, as X is: one label for each row of each set")
    keys = list(X) if is_named else range(len(X))
    of_sets = [
        group_labels(groups[key], f"groups[{key}]", f"X[{key}]", X[key], size)
        for key, size in zip(keys, sizes, strict=True)
    ]
    _warn_of_numbers(combinations(map(_counted, of_sets), 2))
    return of_sets


def whole_groups(labels_a: NDArray[np.object_], labels_b: NDArray[np.object_], names: tuple[str, str]) -> Groups:
    """Groups of the rows of two sets with these names; ValueError if some groups are in both and some in one."""
    in_a, in_b = set(labels_a.tolist()), set(labels_b.tolist())
    of_text = {str(group): group for group in in_a}
    for group in _in_order(in_b - in_a):
        if str(group) in of_text:
            raise ValueError(
                f"groups: {of_text[str(group)]!r} in {names[0]} and {group!r} in {names[1]} read alike and are not "
                "equal; give all groups labels of one type"
            )
    both, known = in_a & in_b, _in_order(in_a | in_b)
    if both and in_a != in_b:
        alone = [group for group in known if group not in both]
        raise ValueError(
            f"groups: {_listed([group for group in known if group in both])} in both {names[0]} and {names[1]}, and "
            f"{_listed(alone)} in one of them; the labels of whole groups can be exchanged if no group is in both "
            "sets, and swapped inside groups if each is in both: leave out the rows of one kind"
        )
    place = {group: number for number, group in enumerate(known)}
    of_a, of_b = (np.array([place[group] for group in labels.tolist()]) for labels in (labels_a, labels_b))
    if both:
        k = len(known)
        return Groups(np.concatenate([of_a, k + of_b]), np.arange(2 * k) >= k, paired=True)
    return Groups(np.concatenate([of_a, of_b]), np.array([group in in_b for group in known]), paired=False)


def _in_order(groups: set[Any]) -> list[Any]:
    """Sorted, so that the order of the rows decides nothing; as text if they are of several types."""
    try:
        return sorted(groups)
    except TypeError:
        return sorted(groups, key=str)


def _listed(groups: list[Any]) -> str:
    """The first few groups, with their verb."""
    few = ", ".join(map(repr, groups[:5])) + (f" and {len(groups) - 5} more" if len(groups) > 5 else "")
    return f"{few} {'is' if len(groups) == 1 else 'are'}"


def _counted(labels: NDArray[np.object_]) -> int:
    """Number of groups if these are called 0, 1, ..., and 0 if not."""
    names = set(labels.tolist())
    counted = all(isinstance(name, int | np.integer) and not isinstance(name, bool) for name in names)
    return len(names) if counted and names == set(range(len(names))) else 0


def _warn_of_numbers(counted: Iterable[tuple[int, int]]) -> None:
    """Say so if two sets, each with labels of its own, number as many groups: each may have counted from 0."""
    k = next((one for one, other in counted if one == other), 0)
    if k:
        warn_caller(
            f"groups: {', '.join(map(str, range(min(k, 3))))}{', ...' if k > 3 else ''} are read as the same {k} "
            "group(s) in both sets, whose labels swap; give them names that differ, such as 'a0' and 'b0', if they are "
            "not the same, and text such as '0' if they are"
        )


def warn_of_few_groups(groups: Sequence[Groups | None]) -> None:
    """Say so if there is a comparison in which no p-value can reach the usual level."""
    given = [each for each in groups if each is not None]
    if not given:
        return
    worst = max(given, key=lambda each: each.least_p_value)
    n_b = int(np.count_nonzero(worst.in_b))
    what = f"{n_b} in both sets" if worst.paired else f"{len(worst.in_b) - n_b} + {n_b}"
    warn_of_least(worst.least_p_value, f"{worst.n_labellings:,} labellings of {what}")


def warn_of_least(p: float, why: str) -> None:
    """Say so if `p`, the smallest p-value that there can be, does not reach the usual level."""
    if p > _LEVEL:
        warn_caller(
            f"groups: no p-value can be below {p:.2g} ({why}), so that none can reach {_LEVEL}; one pair of sets can "
            "with 4 + 4 groups, or with 6 that are in both"
        )
