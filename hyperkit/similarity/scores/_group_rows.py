"""Groups that rows belong to, such as donors: from a user's labels to what a labelling may move as one.

What is decided here is which labellings are exchangeable. Groups that are each in one set are dealt out anew as a
whole; groups that are all in both sets, as donors before and after a treatment, swap their two halves. A mixture of
both has no such rule and is an error.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..._validation import check_paired_rows, series_index
from ..._warn import warn_caller
from ..significance import Groups
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
    try:
        first, second = groups
    except (TypeError, ValueError):
        raise ValueError(
            "groups must be a pair: one label for each row of A, and one for each row of B, as in groups=(donors_a, "
            "donors_b)"
        ) from None
    one, other = (
        group_labels(labels, f"groups[{place}]", *set_)
        for place, (labels, set_) in enumerate(zip((first, second), sets, strict=True))
    )
    return whole_groups(one, other, (sets[0][0], sets[1][0]))


def whole_groups(labels_a: NDArray[np.object_], labels_b: NDArray[np.object_], names: tuple[str, str]) -> Groups:
    """Groups of the rows of two sets with these names; ValueError if some groups are in both and some in one."""
    in_a, in_b = set(labels_a.tolist()), set(labels_b.tolist())
    of_text = {str(group): group for group in in_a}
    for group in sorted(in_b - in_a, key=str):
        if str(group) in of_text:
            raise ValueError(
                f"groups: {of_text[str(group)]!r} in {names[0]} and {group!r} in {names[1]} read alike and are not "
                "equal; give all groups labels of one type"
            )
    both, known = in_a & in_b, sorted(in_a | in_b, key=str)
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


def _listed(groups: list[Any]) -> str:
    """The first few groups, with their verb."""
    few = ", ".join(map(repr, groups[:5])) + (f" and {len(groups) - 5} more" if len(groups) > 5 else "")
    return f"{few} {'is' if len(groups) == 1 else 'are'}"


def warn_of_few_groups(groups: Sequence[Groups | None]) -> None:
    """Say so if no p-value of one of the comparisons can reach the usual level."""
    given = [each for each in groups if each is not None]
    worst = max(given, key=lambda each: each.least_p_value, default=None)
    if worst is None or worst.least_p_value <= _LEVEL:
        return
    n_b = int(np.count_nonzero(worst.in_b))
    what = f"{n_b} in both sets" if worst.paired else f"{len(worst.in_b) - n_b} + {n_b}"
    warn_caller(
        f"groups: {what} can be labelled in {worst.n_labellings} ways, so that no p-value can be below "
        f"{worst.least_p_value:.2g}; 4 + 4 groups, or 6 in both sets, can reach {_LEVEL}"
    )
