"""`python -m streamvault.http.openapi FILE` writes the API's description without starting a server."""

import json
import sys
from pathlib import Path
from typing import Any, cast

from fastapi import FastAPI

from streamvault.access.links import LinkSigner
from streamvault.access.service import Access
from streamvault.access.users import UserSigner
from streamvault.health.readiness import Readiness
from streamvault.http.app import create_app
from streamvault.http.dependencies import HttpServices
from streamvault.metrics import Metrics
from streamvault.settings import Settings


def describe() -> dict[str, Any]:
    """The OpenAPI document."""
    return described_app().openapi()


def described_app() -> FastAPI:
    """The application without services, which can be described and not asked."""
    nothing = cast(Any, None)
    settings = Settings.model_validate({"api_id": 1, "api_hash": "0" * 32, "bot_token": "1:-", "public_access": True})
    services = HttpServices(
        settings=settings,
        finder=nothing,
        thumbnails=nothing,
        cells=nothing,
        catalog=nothing,
        personal=nothing,
        access=Access(settings, nothing, LinkSigner(b"unused")),
        logins=nothing,
        once_links=nothing,
        links=LinkSigner(b"unused"),
        users=UserSigner(b"unused"),
        metrics=Metrics(),
        readiness=Readiness(),
        ui=None,
    )
    return create_app(services)


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(json.dumps(describe(), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
