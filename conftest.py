"""Doctests that need an extra are collected only where it is installed."""

from importlib.util import find_spec

collect_ignore = [] if find_spec("geoopt") else ["hyperkit/latents.py"]
