"""How much memory this machine has, for matrices of all pairs of rows."""

from __future__ import annotations

import os
from pathlib import Path


def physical_memory() -> float:
    """Bytes of physical memory, or of the control group's share of it; infinite where the system does not say."""
    sizes = [float("inf")]
    if hasattr(os, "sysconf") and {"SC_PAGE_SIZE", "SC_PHYS_PAGES"} <= os.sysconf_names.keys():
        sizes.append(float(os.sysconf("SC_PAGE_SIZE")) * os.sysconf("SC_PHYS_PAGES"))
    for limit in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        try:
            text = Path(limit).read_text(encoding="ascii").strip()
        except OSError:
            continue
        if text.isdigit():
            sizes.append(float(text))
    return min(sizes)
