"""The rows of `make bench` for the streaming engine: see benchmarks/README.md."""
