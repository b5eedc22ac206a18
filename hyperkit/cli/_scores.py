"""What ``dga`` tells of a comparison: lines of the table, and one JSON object for machines."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..similarity import DGAResult, MixingProfile
    from ._tables import Table


def dga_rows(result: DGAResult, name_a: str, name_b: str) -> dict[str, str]:
    """What is worth telling about a score."""
    of_groups = "" if result.n_groups_a is None else " of groups"
    rows = {
        "Delaunay edges" if result.hops == 1 else f"Pairs within {result.hops} hops": f"{result.n_edges:,}",
        f"  within {name_a}": f"{result.n_aa:,}",
        f"  within {name_b}": f"{result.n_bb:,}",
        "  between them": f"{result.n_ab:,}",
        "Similarity": f"{result.similarity:.4f}",
        "Distance": f"{result.distance:.4f}",
        "Relative similarity (1: as by chance)": f"{result.relative_similarity:.4f}",
        "z-score of the edges between": f"{result.z_score:.2f}",
        f"p-value{of_groups} (fewer between than by chance)": _p_value(result.p_value),
        f"p-value{of_groups} (two-sided)": _p_value(result.p_value_two_sided),
        f"p-value{of_groups} (generalised: spread as well)": _p_value(result.p_value_generalized),
    }
    if result.n_groups_a is not None:
        both = result.n_groups_shared
        rows["Groups"] = (
            f"{both} in both" if both else f"{result.n_groups_a} in {name_a}, {result.n_groups_b} in {name_b}"
        )
        rows["Labellings counted"] = f"{result.n_labellings:,}"
        rows["Smallest p-value they can give"] = _p_value(result.least_p_value)
    if result.p_value_permutation is not None:
        rows[f"p-value (fewer, {_number(result.n_permutations, 'permutation')})"] = _p_value(result.p_value_permutation)
    return rows


def _p_value(p: float | None) -> str:
    """A p-value; what float64 cannot tell from 0 is not 0."""
    return "< 1e-300" if p is not None and p < 1e-300 else f"{p:.3g}"


def _number(n: int, what: str) -> str:
    return f"{n:,} {what}" + ("" if n == 1 else "s")


def region_rows(result: DGAResult, names: dict[str, str], tables: dict[str, Table]) -> dict[str, str]:
    """The regions where the sets differ, and a row of each to look at."""
    regions, points = result.regions(), result.to_frame()
    drawn = "permutation" if result.n_groups_a is None else "labelling"
    rows = {
        f"p-value (scan, {_number(result.n_permutations_scan, drawn)})": _p_value(result.p_value_scan),
        "Regions that differ (p <= 0.05)": f"{len(regions):,}",
    }
    for region in regions.itertuples():
        medoid = points.iloc[region.medoid]
        rows[f"  {region.Index}: more of {names[region.crowded]}"] = (
            f"{region.n_a:,} of {names['A']} + {region.n_b:,} of {names['B']}, around {names[medoid['set']]} "
            f"{tables[medoid['set']].place(medoid['row'])}, p = {_p_value(region.p_value)}"
        )
    return rows


def profile_rows(profile: MixingProfile) -> dict[str, str]:
    """A line a scale, and one for all of them."""
    of_groups = "" if profile.n_labellings is None else " of groups"
    rows = {
        f"{row.Index} ({row.n_edges:,} pairs)": f"{row.relative_similarity:.4f}, p = {row.p_value:.3g}"
        for row in profile.to_frame().itertuples()
    }
    return rows | {f"p-value{of_groups} (any scale)": f"{profile.p_value:.3g}"}


def numbers_of(result: DGAResult, scales: MixingProfile | None, a: Table, b: Table) -> dict[str, Any]:
    """All numbers of a comparison by the names that they have in Python.

    After a scan, ``rows`` are columns over the rows of A, then of B, with their numbers in the file, and the rows and
    medoids of ``regions`` are places in them.
    """
    found: dict[str, Any] = asdict(result) | {"regions": None, "rows": None, "profile": None}
    if result.p_value_scan is not None:
        found["regions"] = result.regions().reset_index().to_dict("records")
        rows = result.to_frame()
        rows["row"] = [(a if of == "A" else b).row(row) for of, row in zip(rows["set"], rows["row"], strict=True)]
        found["rows"] = rows.to_dict("list")
        if a.names is not None and b.names is not None:
            found["rows"]["name"] = [*a.names, *b.names]
    if scales is not None:
        figures = ("p_value", "n_permutations", "n_labellings", "least_p_value")
        found["profile"] = {name: getattr(scales, name) for name in figures}
        found["profile"]["scales"] = scales.to_frame().reset_index().to_dict("records")
    return found
