"""The examples for reverse proxies in RUNNING.md keep tokens out of the proxies' own logs."""

import re
from pathlib import Path

import pytest

from streamvault.access.links import LinkSigner
from tests.support.http_client import request
from tests.support.reverse_proxies import PROXIES, reverse_proxy
from tests.support.serving import serving
from tests.support.waiting import until

RUNNING = Path(__file__).parents[2] / "docs" / "RUNNING.md"
TOKEN = LinkSigner(b"a secret of the tests").sign(None, scope="server", expires_at=None)
TARGETS = (
    "/stream/-1001/2/a.mp4?token={}", "/stream/-1001/2?download=1&token={}&x=1", "/s/{}/stream/-1001/2/a.mp4",
    "/s/{}/api/catalog.m3u", "/login/{}", "/login/{}?x=1", "/api/login/wait?code={}", "/stremio/{}/manifest.json",
)  # fmt: skip


def example(language: str) -> str:
    """The example for a proxy."""
    [text] = re.findall(rf"```{language}\n(.*?)```", RUNNING.read_text(), re.DOTALL)
    return str(text)


def nginx(log: Path) -> tuple[str, str, str, tuple[str, ...]]:
    """nginx with the log of the example."""
    called, text, _, arguments = PROXIES["nginx, HTTP/1.1"]
    shown, _, server = example("nginx").partition("server {")
    [line] = re.findall(r"access_log \S+( \w+;)", server)
    formats = shown.replace("{", "{{").replace("}", "}}")
    return called, text.replace("access_log off;", f"{formats} access_log {log}{line}"), "", arguments


def caddy(log: Path) -> tuple[str, str, str, tuple[str, ...]]:
    """Caddy with the log of the example."""
    called, text, _, arguments = PROXIES["Caddy"]
    block = example("caddyfile").partition("    log {\n")[2].rpartition("}")[0]
    block = f"    log {{\n        output file {log}\n{block}".replace("{", "{{").replace("}", "}}")
    return called, text.replace("  reverse_proxy {upstream}\n", f"  reverse_proxy {{upstream}}\n{block}"), "", arguments


@pytest.mark.parametrize("proxy", [nginx, caddy])
async def test_no_token_is_in_the_log_of_a_proxy(tmp_path: Path, proxy: type) -> None:
    log = tmp_path / "access.log"
    async with (
        serving(public_access=False) as bench,
        reverse_proxy(proxy.__name__, tmp_path / "proxy", bench.address, kind=proxy(log)) as running,
    ):
        for target in TARGETS:
            headers = {"Authorization": f"Bearer {TOKEN}", "Cookie": f"sv_session={TOKEN}"}
            await request(running.address, target.format(TOKEN), headers=headers)
        await request(running.address, "/the-last-one")
        await until(lambda: log.exists() and "/the-last-one" in log.read_text(), timeout=10, pause=0.05)
        written = log.read_text()
    assert TOKEN not in written
    assert len(written.splitlines()) > len(TARGETS)
    assert "/stream/-1001/2/a.mp4" in written
