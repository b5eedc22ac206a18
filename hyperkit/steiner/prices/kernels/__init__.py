"""Compiled loops of the search for components that are too short."""
