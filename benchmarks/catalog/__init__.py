"""`python -m benchmarks.catalog`: storing and searching a million files."""
