"""Which token opens lists, files and personal data."""

from urllib.parse import parse_qs, urlsplit

from streamvault.http.middleware.access import USER_COOKIE as COOKIE
from streamvault.media.model import FileKey, MediaFile, Origin
from tests.support.files import CHANNEL, media_file
from tests.support.site import OTHER, Site

WATCH = f"/api/watch/{CHANNEL}"
FAVOURITE = f"/api/favourites/{CHANNEL}"


async def test_without_public_access_a_list_needs_a_token_for_the_server(closed_site: Site) -> None:
    file = media_file(7)
    await closed_site.catalog.put(file)
    one_file = closed_site.links.sign(file.origin, scope="file", expires_at=None)
    for path in ("/api/catalog", "/api/catalog/facets"):
        assert (await closed_site.client.get(path)).status_code == 401
        assert (await closed_site.client.get(path, params={"token": one_file})).status_code == 403
    server = closed_site.links.sign(None, scope="server", expires_at=None)
    [item] = await closed_site.items(token=server)
    for url in (item["stream_url"], item["thumb_url"]):
        [token] = parse_qs(urlsplit(url).query)["token"]
        closed_site.links.check(token, Origin(CHANNEL, 7))
        assert token != server


async def test_a_token_for_one_file_opens_its_item_and_is_passed_on(closed_site: Site) -> None:
    file = media_file(7)
    await closed_site.catalog.put(file)
    token = closed_site.links.sign(file.origin, scope="file", expires_at=None)
    answer = await closed_site.client.get(f"/api/catalog/{CHANNEL}/7", headers={"Authorization": f"Bearer {token}"})
    assert parse_qs(urlsplit(answer.json()["stream_url"]).query)["token"] == [token]
    other = await closed_site.client.get(f"/api/catalog/{CHANNEL}/8", params={"token": token})
    assert other.status_code == 403


async def test_a_token_for_one_file_shows_no_other_messages(closed_site: Site) -> None:
    key = FileKey("one file")
    file = media_file(7, key=key)
    await closed_site.put(file, media_file(8, key=key, chat_id=OTHER))
    for token, messages in ((closed_site.token(file), [7]), (closed_site.token(), [8, 7])):
        item = await closed_site.get(f"/api/catalog/{CHANNEL}/7", token=token)
        assert [origin["message_id"] for origin in item["origins"]] == messages


def token_paths(file: MediaFile) -> tuple[str, ...]:
    place = f"{file.origin.chat_id}/{file.origin.message_id}"
    return f"/api/favourites/{place}", f"/api/collections/1/{place}", "/api/collections/1"


async def test_a_token_for_one_file_opens_its_watch_state_alone(closed_site: Site) -> None:
    file = media_file(7)
    await closed_site.put(file, media_file(8))
    token = {"Authorization": f"Bearer {closed_site.token(file)}"}
    put = closed_site.client.put
    assert (await put(f"{WATCH}/7", json={"position": 5})).status_code == 401
    assert (await put(f"{WATCH}/7", json={"position": 5}, headers=token)).status_code == 200
    assert (await closed_site.client.get(f"{WATCH}/7", headers=token)).json()["position"] == 5
    assert (await closed_site.client.delete(f"{WATCH}/7", headers=token)).status_code == 204
    assert (await put(f"{WATCH}/8", json={"position": 5}, headers=token)).status_code == 403
    for path in token_paths(file):
        assert (await put(path, json={"name": "x"}, headers=token)).status_code == 403, path
        assert (await closed_site.client.delete(path, headers=token)).status_code == 403, path
    for path in ("/api/watch", "/api/favourites", "/api/collections"):
        assert (await closed_site.client.get(path, headers=token)).status_code == 403, path
        assert (await closed_site.client.get(path)).status_code == 401, path
    assert (await put(f"{FAVOURITE}/7", headers={"Authorization": f"Bearer {closed_site.token()}"})).status_code == 204


async def test_a_cookie_opens_nothing(closed_site: Site) -> None:
    file = media_file(7)
    await closed_site.put(file)
    answer = await closed_site.client.put(f"{WATCH}/7", json={"position": 5}, params={"token": closed_site.token(file)})
    assert closed_site.client.cookies.get(COOKIE) == answer.cookies.get(COOKIE)
    assert (await closed_site.client.get(f"{WATCH}/7")).status_code == 401
