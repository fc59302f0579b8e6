"""The image's steps and its start."""

import fnmatch
import json
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from textwrap import dedent
from typing import Any
from urllib.parse import urljoin

import pytest
from packaging.requirements import Requirement

from streamvault.cli.main import make_parser
from streamvault.settings import Settings
from tests.e2e.test_process import TOKEN, emulating, public_key, wait_for
from tests.support import chirp_films
from tests.support.container import ROOT, entering, pinned, stages
from tests.support.ports import free_port
from tests.support.programs import as_root

UI, BUILD, FINAL = stages()
SECRETS = ("API_HASH", "BOT_TOKEN", "SECRET_KEY", "PROXY_URL", "DATABASE_URL")


def test_every_copied_file_is_in_the_build_context() -> None:
    rules = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if not line.startswith("#")]
    assert rules[0] == "*"
    let_in = [line[1:] for line in rules if line.startswith("!")]
    for argument in UI.every("COPY") + BUILD.every("COPY"):
        for source in [] if argument.startswith("--from=") else argument.split()[:-1]:
            assert (ROOT / source).exists(), source
            assert any(fnmatch.fnmatch(source, rule) or source.startswith(f"{rule}/") for rule in let_in), source
    assert not {".env", "data", ".git"} & set(let_in)
    made = {"webui/node_modules", "webui/dist", "src/streamvault/http/ui"}
    assert made <= set(rules[rules.index("!webui") :]), "what this machine has made is not what the image is built from"


def test_the_ui_is_built_by_a_node_that_it_names_and_comes_into_the_wheel() -> None:
    package = json.loads((ROOT / "webui" / "package.json").read_text())
    assert UI.image == "node:22-slim"
    assert ">=22.12" in package["engines"]["node"]
    assert UI.every("RUN") == ["npm ci --ignore-scripts --no-audit --no-fund", "npm run build"]
    [given] = [argument for argument in BUILD.every("COPY") if argument.startswith("--from=ui ")]
    assert given == "--from=ui /build/dist src/streamvault/http/ui"
    wheel = next(number for number, (_, line) in enumerate(BUILD.instructions) if " wheel " in line)
    assert BUILD.instructions.index(("COPY", given)) < wheel
    hatch = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]
    assert hatch["artifacts"] == ["/src/streamvault/http/ui"]


def test_it_runs_as_user_1000_and_carries_no_secret() -> None:
    assert FINAL.one("USER") == "1000:1000"
    assert FINAL.instructions.index(("USER", "1000:1000")) > max(
        number for number, (kind, _) in enumerate(FINAL.instructions) if kind in ("RUN", "COPY")
    )
    assert not {*FINAL.environment(), *BUILD.environment()} & set(SECRETS)
    assert FINAL.environment()["PORT"] in FINAL.one("EXPOSE")
    assert FINAL.environment()["DATA_DIR"] == "/data"
    assert FINAL.one("STOPSIGNAL") == "SIGTERM"


def test_dependencies_are_installed_by_hash_alone() -> None:
    for line in BUILD.every("RUN"):
        if "pip install " in line:
            assert "--require-hashes" in line or "--no-index" in line


@pytest.mark.parametrize("extra", ["media", "mongodb"])
def test_the_image_has_the_extras_for_its_python(extra: str) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    python = FINAL.image.removeprefix("python:").partition("-")[0]
    there = pinned(ROOT / "requirements" / "server.txt", python=python)
    assert extra in project["optional-dependencies"]
    for line in project["optional-dependencies"][extra]:
        wanted = Requirement(line)
        assert there[wanted.name] in wanted.specifier


@pytest.mark.parametrize("name", ["runtime", "server"])
def test_every_python_gets_the_same_pyav(name: str) -> None:
    """Its interface changes with each version, and the bytes of segments with FFmpeg's."""
    path = ROOT / "requirements" / f"{name}.txt"
    versions = {pinned(path, python=python)["av"] for python in ("3.11", "3.12", "3.13", "3.14")}
    assert versions == {version("av")}


def test_the_image_names_the_licences_of_what_the_media_extra_bundles() -> None:
    [label] = re.findall(r'image\.licenses="([^"]+)"', FINAL.one("LABEL"))
    assert label.split(" AND ") == ["MIT", "LGPL-3.0-or-later"]
    assert label in (ROOT / "DEPENDENCIES.md").read_text()


def blocks(language: str) -> list[str]:
    """The code blocks of docs/SPACES.md in this language."""
    text = (ROOT / "docs" / "SPACES.md").read_text()
    return [dedent(block) for block in re.findall(rf"^ *```{language}\n(.*?)^ *```$", text, re.MULTILINE | re.DOTALL)]


def test_the_page_on_spaces_has_what_a_space_needs() -> None:
    [front], [secrets] = blocks("yaml"), blocks("ini")
    assert "sdk: docker\n" in front
    assert f"app_port: {FINAL.environment()['PORT']}\n" in front
    named = {name.lower() for name in re.findall(r"^([A-Z_]+)=", secrets, re.MULTILINE)}
    assert named <= set(Settings.model_fields)
    assert named >= {"session_store", "database_url", "secret_key", "public_url"}


def test_the_page_on_spaces_has_a_dockerfile_like_the_repositorys() -> None:
    """Its image starts the same command with the same settings, as a user who may write to DATA_DIR."""
    dockerfile, *_ = blocks("dockerfile")
    kept = re.findall(r"-r /src/(\S+)", dockerfile)
    assert set(kept) == {word for line in BUILD.every("RUN") for word in re.findall(r"-r (\S+)", line)}
    assert all((ROOT / path).exists() for path in kept)
    assert "&& python /src/docker/without_gpl.py \\\n" in dockerfile
    settings = dict(re.findall(r"([A-Z_]+)=(\S+)", dockerfile))
    assert settings == {name: FINAL.environment()[name] for name in ("DATA_DIR", "HOST", "PORT")}
    user = re.findall(r"^USER (\S+)$", dockerfile, re.MULTILINE)
    assert user == [FINAL.one("USER").partition(":")[0]]
    assert f"install -d -o {user[0]} -m 700 {settings['DATA_DIR']}\n" in dockerfile
    assert json.loads(dockerfile.rpartition("CMD ")[2]) == FINAL.command()


def test_every_command_that_the_page_on_spaces_gives_to_a_shell_exists() -> None:
    lines = [json.loads(block.removeprefix("CMD ")) for block in blocks("dockerfile")[1:]]
    assert lines
    for shell, option, script in lines:
        assert (shell, option) == ("sh", "-c")
        assert script.endswith("exec " + " ".join(FINAL.command()))
        for command in re.findall(r"streamvault ([^;)]+)", script):
            make_parser().parse_args(shlex.split(command))


@contextmanager
def container(folder: Path, *, owner: int, **settings: str) -> "Iterator[subprocess.Popen[str]]":
    """The image's command with its environment, where only /data and /tmp can be written to."""
    as_root()
    root = folder / "root"
    root.mkdir()
    binaries = Path(sys.executable).parent
    environment = {**FINAL.environment(), "PATH": f"{binaries}:/usr/bin:/bin", "API_ID": "12345", **settings}
    shown = {Path(sys.base_prefix), Path(sys.prefix), ROOT, folder}
    outermost = [path for path in shown if not shown & set(path.parents)]
    command = [*entering(root, owner=owner, directory=FINAL.one("WORKDIR"), shown=outermost), *FINAL.command()]
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()


def credentials(entry: str, given_key: Path, folder: Path) -> dict[str, str]:
    """Settings for the Telegram at `entry`; its key is where user 1000 may read it."""
    key = folder / "server_key.pem"
    shutil.copy(given_key, key)
    key.chmod(0o644)
    return {
        "API_HASH": "0123456789abcdef0123456789abcdef",
        "BOT_TOKEN": TOKEN,
        "TELEGRAM_SERVER": entry,
        "TELEGRAM_SERVER_KEY": str(key),
    }


def seen(emulator: dict[str, Any], folder: Path) -> dict[str, str]:
    """Settings for this emulator."""
    return credentials(emulator["entry"], Path(emulator["public_key"]), folder)


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder which other users may enter, as those of pytest are not."""
    place = Path(f"/var/tmp/streamvault-container-{os.getpid()}")
    place.mkdir(mode=0o755)
    yield place
    shutil.rmtree(place)


def test_it_becomes_ready_and_healthy_and_ends_in_order(folder: Path, tmp_path: Path) -> None:
    port = free_port()
    with (
        emulating(tmp_path) as telegram,
        container(folder, owner=1000, PORT=str(port), HOST="127.0.0.1", **seen(telegram, folder)) as process,
    ):
        wait_for(port, "/readyz", 200, process=process)
        health = [sys.executable if word == "python" else word for word in FINAL.command("HEALTHCHECK")]
        environment = {"PATH": os.environ["PATH"], "PORT": str(port)}
        assert subprocess.run(health, env=environment, timeout=20).returncode == 0
        assert subprocess.run(health, env={**environment, "PORT": "9"}, stderr=subprocess.DEVNULL).returncode == 1
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=20) == 0
        assert process.stderr is not None
        assert "Traceback" not in process.stderr.read()


def test_it_plays_a_film(folder: Path, tmp_path: Path) -> None:
    """The sandbox works as user 1000 with a read-only root and no rights."""
    film = {"path": str(chirp_films.short_film()), "kind": "video", "name": "film.mkv", "mime_type": "video/x-matroska"}
    channel = {
        "title": "Films", "creator": "owner", "id": 1500000001, "members": [{"who": "bot", "admin": True}],
        "posts": [{"file": film}],
    }  # fmt: skip
    owner = {"ref": "owner", "phone": "+15550100", "first_name": "Ada", "id": 500000001}
    with emulating(tmp_path, users=[owner], channels=[channel]) as telegram:
        port = free_port()
        settings = {"PUBLIC_ACCESS": "true", "CHANNELS": "-1001500000001", **seen(telegram, folder)}
        with container(folder, owner=1000, PORT=str(port), HOST="127.0.0.1", **settings) as process:
            wait_for(port, "/readyz", 200, process=process)
            path = "/hls/-1001500000001/2/video.m3u8"
            playlist = wait_for(port, path, 200, process=process).decode()
            segment = re.findall(r"^[^#\s].*$", playlist, re.MULTILINE)[0]
            assert wait_for(port, urljoin(path, segment), 200, process=process)[4:8] == b"moof"


def test_a_data_folder_of_root_is_one_sentence_and_no_connection(folder: Path, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.5)
        server = f"2@127.0.0.1:{listener.getsockname()[1]}"
        settings = credentials(server, public_key(tmp_path), folder)
        with container(folder, owner=0, PORT=str(free_port()), HOST="127.0.0.1", **settings) as process:
            assert process.wait(timeout=30) == 2
            assert process.stdout is not None
            assert process.stderr is not None
            said = process.stderr.read()
            assert said.count("\n") == 1
            assert said.startswith("streamvault: DATA_DIR /data cannot be written to: it belongs to user id 0")
            assert process.stdout.read() == ""
        with pytest.raises(TimeoutError):
            listener.accept()


@pytest.mark.proof
@pytest.mark.timeout(900)
def test_the_build_steps_work(tmp_path: Path) -> None:
    """The RUN lines of the build stage, in folders of this test instead of /opt, /build and /wheels."""
    context = tmp_path / "build"
    context.mkdir()
    built = _built_ui(tmp_path / "ui")
    for argument in BUILD.every("COPY"):
        *sources, target = argument.split()
        if sources[0] == "--from=ui":
            shutil.rmtree(context / target, ignore_errors=True)
            shutil.copytree(built, context / target)
            continue
        for source in sources:
            place = context / target / (Path(source).name if not (ROOT / source).is_dir() else "")
            place.parent.mkdir(parents=True, exist_ok=True)
            (shutil.copytree if (ROOT / source).is_dir() else shutil.copy)(ROOT / source, place)
    for line in BUILD.every("RUN"):
        if line.startswith("apt-get "):  # the machine of this test has them
            continue
        moved = line.replace("/opt/", f"{tmp_path}/opt/").replace("/wheels", f"{tmp_path}/wheels")
        subprocess.run(
            ["sh", "-ec", moved.replace("python -m venv", f"{sys.executable} -m venv")], cwd=context, check=True
        )
    encoders = list(tmp_path.glob("opt/streamvault/lib/python3*/site-packages/av.libs/libx26[45]-*"))
    assert [path.stat().st_size < 20_000 for path in encoders] == [True, True]
    program = tmp_path / "opt" / "streamvault" / "bin" / "streamvault"
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path)}
    told = subprocess.run([program, "--version"], env=environment, capture_output=True, text=True, check=True)
    assert told.stdout.startswith("streamvault ")
    python = program.with_name("python")
    for name in ("av", "PIL.Image", "pymongo"):
        subprocess.run([python, "-c", f"import {name}"], env=environment, check=True)
    served = "from streamvault.http.web import built_ui; print(*built_ui().files)"
    names = subprocess.run([python, "-c", served], env=environment, capture_output=True, text=True, check=True)
    assert {"index.html", "THIRD_PARTY.txt"} <= set(names.stdout.split())


def _built_ui(folder: Path) -> Path:
    """What the RUN lines of the UI's stage make, in this folder."""
    made = shutil.ignore_patterns("node_modules", "dist")
    shutil.copytree(ROOT / "webui", folder, ignore=made)
    for line in UI.every("RUN"):
        command = line.replace("npm ", f"{ROOT}/webui/scripts/npm.sh ")
        subprocess.run(["sh", "-ec", command], cwd=folder, check=True)
    return folder / "dist"


def test_compose_fixes_what_the_image_needs_whatever_the_env_file_says() -> None:
    """21: HOST, PORT and DATA_DIR of `.env` would else make the server unreachable, or write beside the volume."""
    text = (ROOT / "compose.yaml").read_text()
    fixed = dict(re.findall(r"^      ([A-Z_]+): \"?([^\"\n]+)\"?$", text, re.MULTILINE))
    image = FINAL.environment()
    assert {name: fixed[name] for name in ("HOST", "PORT", "DATA_DIR")} == {
        name: image[name] for name in ("HOST", "PORT", "DATA_DIR")
    }
    assert f'- "${{HOST:-127.0.0.1}}:${{PORT:-8080}}:{image["PORT"]}"' in text
    assert fixed["PUBLIC_URL"] == "${PUBLIC_URL:-http://${HOST:-127.0.0.1}:${PORT:-8080}}"
