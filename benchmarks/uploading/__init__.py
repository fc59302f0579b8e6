"""Measures uploads: rates and processor time, beside the library's own."""
