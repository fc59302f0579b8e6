"""Mirrors and their copies in the catalog's database: an interface, and one module for each engine."""
