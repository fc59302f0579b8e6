"""Programs that some tests need: found, or the test says how to get them; where CI=true, it fails."""

import os
import shutil

import pytest

_PACKAGES = {
    "nginx": "nginx-light",
    "ffmpeg": "ffmpeg",
    "ffprobe": "ffmpeg",
    "chromium": "chromium",
    "curl": "curl",
    "apache2": "apache2-bin",
    "mpv": "mpv",
    "cvlc": "vlc-bin vlc-plugin-base",
    "setpriv": "util-linux",
    "nm": "binutils",
    "readelf": "binutils",
}


def program(name: str) -> str:
    """The path of a program. Without it the test is skipped, or fails in CI, naming the Debian package."""
    path = shutil.which(name)
    if path is not None:
        return path
    advice = f"this test needs {name}: apt-get install {_PACKAGES.get(name, name)}"
    if os.environ.get("CI") == "true":
        pytest.fail(advice)
    pytest.skip(advice)


def as_root() -> None:
    """Skip a test that changes users or mounts where it cannot, or fail in CI."""
    if os.geteuid() == 0:
        return
    advice = "this test changes users, mounts or networks: run it as root"
    if os.environ.get("CI") == "true":
        pytest.fail(advice)
    pytest.skip(advice)
