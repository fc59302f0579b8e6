"""Files of the web servers that people use, as they answer by themselves."""

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from streamvault.leech.sources.http.source import HttpSource
from tests.support.http_sources import FILM, at, http_client, read_all
from tests.support.ports import free_port
from tests.support.programs import program
from tests.support.waiting import until

_NGINX = """
daemon off; pid {folder}/pid; error_log stderr; user root;
events {{ }}
http {{
  access_log off; gzip on; gzip_types *; types {{ application/json json; }}
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  server {{ listen 127.0.0.1:{port}; root {folder}/files; }}
}}
"""
_APACHE = """
ServerName localhost
ServerRoot {folder}
PidFile {folder}/pid
ErrorLog /dev/stderr
DefaultRuntimeDir {folder}
Listen 127.0.0.1:{port}
LoadModule mpm_event_module /usr/lib/apache2/modules/mod_mpm_event.so
LoadModule authz_core_module /usr/lib/apache2/modules/mod_authz_core.so
DocumentRoot {folder}/files
"""
SERVERS = {
    "nginx": ("nginx", _NGINX, ("-p", "{folder}", "-c", "{folder}/conf")),
    "Apache": ("apache2", _APACHE, ("-D", "FOREGROUND", "-f", "{folder}/conf")),
    "Caddy": ("caddy", "", ("file-server", "--root", "{folder}/files", "--listen", "127.0.0.1:{port}")),
    "Python": (
        sys.executable, "",
        ("-m", "http.server", "--bind", "127.0.0.1", "--directory", "{folder}/files", "{port}"),
    ),
}  # fmt: skip
"""By name: the program, its configuration and its arguments. Python's knows neither ranges nor HTTP/1.1."""
FILES = {"A film.mkv": FILM, "empty.mkv": b"", "facts.json": b"[" + b"1," * 60_000 + b"2]"}


@contextlib.asynccontextmanager
async def _served(name: str, folder: Path) -> AsyncIterator[int]:
    command, configuration, arguments = SERVERS[name]
    port = free_port()
    (folder / "files").mkdir()
    for path, data in FILES.items():
        (folder / "files" / path).write_bytes(data)
    (folder / "conf").write_text(configuration.format(folder=folder, port=port))
    given = [argument.format(folder=folder, port=port) for argument in arguments]
    with (folder / "log").open("wb") as log:
        server = await asyncio.create_subprocess_exec(program(command), *given, stdout=log, stderr=log)
        try:
            await until(lambda: _answers(port), timeout=30, pause=0.02)
            yield port
        finally:
            server.terminate()  # a killed one would leave its workers behind
            await server.wait()


async def _answers(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    return True


@pytest.mark.parametrize("name", SERVERS)
async def test_files_are_read_and_gone_on_with(name: str, tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    async with _served(name, tmp_path) as port:
        client = http_client()
        for path, data in FILES.items():
            source = HttpSource(client, f"http://127.0.0.1:{port}/{path}")
            opened, got = await read_all(source)
            assert (got, opened.described.size, opened.described.name) == (data, len(data), path)
            if data:
                checkpoint = at(len(data) // 2, opened.described, data=data, state=opened.state)
                assert (await read_all(source, checkpoint))[1] == data[len(data) // 2 :]
                assert opened.described.resumable is (name != "Python")
