"""Benchmarks, run by `make bench`; benchmarks/README.md describes them."""
