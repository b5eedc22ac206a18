"""Proof by prices."""
