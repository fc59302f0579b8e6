"""GET and HEAD have the same status and fields, and 405 lists the allowed methods."""

import pytest

from streamvault.media.name_facts import NameFacts
from tests.support.files import CHANNEL, media_file
from tests.support.site import Site

READ = (
    "/api/catalog", "/api/catalog/facets", f"/api/catalog/{CHANNEL}/7", "/api/catalog.m3u8", "/api/works",
    "/api/works/film", "/api/watch", f"/api/watch/{CHANNEL}/7", "/api/favourites", "/api/collections",
)  # fmt: skip


@pytest.mark.parametrize("path", READ)
async def test_head_has_the_status_and_fields_of_get(site: Site, path: str) -> None:
    file = media_file(7)
    await site.put(file)
    await site.catalog.store_facts({file.key.file_unique_id: NameFacts(1, work="film")})
    answer = await site.client.get(path)
    assert answer.status_code == 200
    assert answer.content
    head = await site.client.head(path)
    assert (head.status_code, head.content, head.headers) == (200, b"", answer.headers)
    for method in ("GET", "HEAD"):
        held = await site.client.request(method, path, headers={"If-None-Match": head.headers["etag"]})
        assert (held.status_code, held.content, held.headers["etag"]) == (304, b"", answer.headers["etag"])
        other = await site.client.request(method, path, headers={"If-None-Match": '"other"'})
        assert (other.status_code, other.headers) == (200, answer.headers)


async def test_head_has_the_errors_of_get(site: Site) -> None:
    for path, status in (("/api/catalog?limit=0", 422), ("/api/catalog?cursor=x", 400), ("/api/works/none", 404)):
        assert (await site.client.head(path)).status_code == status
    site.catalog.broken = True
    for path in ("/api/catalog", "/api/catalog.m3u8", "/api/works"):
        assert (await site.client.head(path)).status_code == 503


async def test_405_lists_the_allowed_methods(site: Site) -> None:
    for path, allowed in (
        ("/api/catalog", {"GET", "HEAD"}),
        ("/api/catalog.m3u8", {"GET", "HEAD"}),
        ("/api/collections", {"GET", "HEAD", "POST"}),
        (f"/api/watch/{CHANNEL}/7", {"GET", "HEAD", "PUT", "DELETE"}),
        (f"/api/favourites/{CHANNEL}/7", {"PUT", "DELETE"}),
    ):
        answer = await site.client.patch(path)
        assert (answer.status_code, set(answer.headers["allow"].split(", "))) == (405, allowed)
