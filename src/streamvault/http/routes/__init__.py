"""The routes, one module per resource. Each has a `router`, which http/app.py includes."""
