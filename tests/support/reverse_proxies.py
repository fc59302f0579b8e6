"""Reverse proxies as Debian ships them, with nothing but the address of the server behind them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support.http_client import Address, request
from tests.support.ports import free_port
from tests.support.programs import program
from tests.support.waiting import until

_NGINX = """
daemon off; pid {folder}/pid; error_log stderr; user root;
events {{ }}
http {{
  access_log off;
  client_body_temp_path {folder}/files/body; proxy_temp_path {folder}/files/proxy;
  fastcgi_temp_path {folder}/files/fastcgi; uwsgi_temp_path {folder}/files/uwsgi; scgi_temp_path {folder}/files/scgi;
  server {{ listen 127.0.0.1:{port}; location / {{ proxy_pass http://{upstream}; {extra} }} }}
}}
"""
_CADDY = """
{{
  admin off
  storage file_system {folder}/files
}}
http://127.0.0.1:{port} {{
  reverse_proxy {upstream}
}}
"""
_APACHE = """
ServerName localhost
ServerRoot {folder}
PidFile {folder}/pid
ErrorLog /dev/stderr
DefaultRuntimeDir {folder}/files
Listen 127.0.0.1:{port}
LoadModule mpm_event_module /usr/lib/apache2/modules/mod_mpm_event.so
LoadModule authz_core_module /usr/lib/apache2/modules/mod_authz_core.so
LoadModule proxy_module /usr/lib/apache2/modules/mod_proxy.so
LoadModule proxy_http_module /usr/lib/apache2/modules/mod_proxy_http.so
ProxyPass / http://{upstream}/
"""
_SHARED_CACHE = _NGINX.replace(
    "access_log off;", "access_log off; proxy_cache_path {folder}/files/cache keys_zone=shared:1m;"
)
PROXIES = {
    "nginx, HTTP/1.0": ("nginx", _NGINX, "", ("-p", "{folder}", "-c", "{file}")),
    "nginx, HTTP/1.1": ("nginx", _NGINX, "proxy_http_version 1.1;", ("-p", "{folder}", "-c", "{file}")),
    "Caddy": ("caddy", _CADDY, "", ("run", "--adapter", "caddyfile", "--config", "{file}")),
    "Apache": ("apache2", _APACHE, "", ("-D", "FOREGROUND", "-f", "{file}")),
}
"""By name: the program, its configuration, what is added to that, and the program's arguments."""


CACHING = (
    "nginx", _SHARED_CACHE,
    "proxy_cache shared; proxy_cache_key $uri; proxy_cache_valid any 1h; "
    "add_header X-Cache $upstream_cache_status always;",
    ("-p", "{folder}", "-c", "{file}"),
)  # fmt: skip
"""nginx with a cache that all its clients share, and that keeps whatever an answer lets it keep, by the path alone."""


@dataclass(frozen=True, slots=True)
class ReverseProxy:
    """One that is running."""

    address: Address
    pid: int
    files: Path

    def stored(self) -> int:
        """Bytes that it keeps on disk."""
        return sum(path.stat().st_size for path in self.files.rglob("*") if path.is_file())

    def memory(self) -> int:
        """Bytes that its processes hold in memory of their own."""
        return sum(_private(pid) for pid in (self.pid, *_children(self.pid)))


@asynccontextmanager
async def reverse_proxy(
    name: str, folder: Path, upstream: Address, *, kind: tuple[str, str, str, tuple[str, ...]] | None = None
) -> AsyncIterator[ReverseProxy]:
    """One of PROXIES, or another `kind`, in front of `upstream`, from when it answers."""
    called, text, extra, arguments = kind or PROXIES[name]
    port, file = free_port(), folder / "configuration"
    (folder / "files").mkdir(parents=True)
    file.write_text(text.format(folder=folder, port=port, upstream="{}:{}".format(*upstream), extra=extra))
    process = await asyncio.create_subprocess_exec(
        program(called), *(one.format(folder=folder, file=file) for one in arguments), cwd=folder,
        env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": str(folder)},
    )  # fmt: skip
    address = ("127.0.0.1", port)

    async def answers() -> bool:
        assert process.returncode is None, f"{name} ended"
        try:
            return (await request(address, "/healthz")).status == 200
        except (OSError, EOFError):
            return False

    try:
        await until(answers, timeout=30, pause=0.05)
        yield ReverseProxy(address, process.pid, folder / "files")
    finally:
        process.terminate()
        await process.wait()


def _children(pid: int) -> list[int]:
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [int(number) for number in text.split()]


def _private(pid: int) -> int:
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Private_Dirty:"):
            return int(line.split()[1]) << 10
    return 0
