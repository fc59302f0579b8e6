"""The scripts of others: the bytes that the documents name, allowed by their hash on the page, and by nothing else."""

import hashlib
from pathlib import Path

import httpx

from streamvault.http.routes.scripts import HLS
from tests.support.serving import Bench

ROOT = Path(__file__).parents[4]


async def test_hls_js_is_served_to_everybody_for_ever_and_is_what_the_documents_say() -> None:
    bench = Bench(public_access=False)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=bench.app()), base_url="http://127.0.0.1") as client:
        answer = await client.get(f"/static/{HLS}")
        again = await client.get(f"/static/{HLS}", headers={"If-None-Match": answer.headers["etag"]})
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/javascript")
    assert "immutable" in answer.headers["cache-control"]
    assert again.status_code == 304
    assert hashlib.sha256(answer.content).hexdigest() in (ROOT / "DEPENDENCIES.md").read_text("utf-8")
    assert b"sourceMappingURL" not in answer.content
