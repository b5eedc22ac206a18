"""Benchmarks of hyperkit, run by asv: one benchmark a capability."""
