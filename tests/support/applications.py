"""Applications for tests, whose description is worked out once in a process: it is the same for all of them."""

from functools import cache
from typing import Any

from fastapi import FastAPI

from streamvault.http.app import HttpServices, create_app
from streamvault.http.openapi import describe


@cache
def _description() -> dict[str, Any]:
    return describe()


def app_over(services: HttpServices) -> FastAPI:
    """The application over these services."""
    app = create_app(services)
    app.openapi = _description  # type: ignore[method-assign]
    return app
