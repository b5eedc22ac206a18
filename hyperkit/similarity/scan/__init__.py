"""Where two sets differ: neighbourhoods of every row, tested at several scales, and regions of those that stand out."""

from ._asked import scan_graph
from ._regions import region_table
from ._scan import Scan, scan_rows

__all__ = ["Scan", "region_table", "scan_graph", "scan_rows"]
