"""Kernels of the graphs that HyperDGA counts on."""
