"""Health checks and metrics: /healthz answers from the first moment, /readyz once streams can be served."""

import re

from fastapi import APIRouter, Request
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.responses import JSONResponse, Response

from streamvault.health.readiness import Readiness
from streamvault.http.get_and_head import get_and_head
from streamvault.http.middleware.readiness import not_ready, public

_CHALLENGE = re.compile(r"[0-9a-f]{32}")

router = APIRouter(tags=["operations"])


@get_and_head(router, "/healthz")
async def healthz(request: Request) -> dict[str, str]:
    """200 as long as the process runs.

    `?challenge=` with 32 hexadecimal digits is answered with a `proof` that the server holds the caller's SECRET_KEY.
    """
    challenge = request.query_params.get("challenge", "")
    if _CHALLENGE.fullmatch(challenge) is None:
        return {"status": "alive"}
    return {"status": "alive", "proof": request.app.state.services.links.prove(challenge)}


@get_and_head(router, "/readyz", responses={503: {"description": "What the server waits for, and until when"}})
async def readyz(request: Request) -> Response:
    """200 from the moment when streams can be served; before that 503 with `waiting_for` and `until` (Unix seconds).

    `status` is "ready" when everything can be done. Else it is "degraded", still with 200, as what is in the cache is
    served all the same: `degraded` lists the kinds of what cannot be done, and `conditions` since when, until when
    (Unix seconds or null) and why.
    """
    readiness: Readiness = request.app.state.services.readiness
    if not readiness.is_ready:
        return not_ready(readiness)
    degraded = list(readiness.degraded)
    return JSONResponse(
        {
            "status": "degraded" if degraded else "ready",
            "degraded": degraded,
            "conditions": public(readiness.conditions),
        }
    )


@get_and_head(router, "/metrics", response_class=Response)
async def metrics(request: Request) -> Response:
    """Metrics in the Prometheus text format; needs a link token for the whole server."""
    await request.app.state.services.refresh_metrics()
    text = generate_latest(request.app.state.services.metrics.registry)
    return Response(text, headers={"Content-Type": CONTENT_TYPE_LATEST})
