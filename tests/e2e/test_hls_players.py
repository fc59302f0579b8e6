"""Players read HLS of the running server, with a token, and show the picture in step with the sound."""

import os
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.support import proof, timed_films
from tests.support.ffmpeg_films import run_ffmpeg
from tests.support.posted_films import PostedFilms, posted_films
from tests.support.programs import program

DECODED = ("-fps_mode", "passthrough", "-enc_time_base:v", "1:90000", "-c:v", "ffv1", "-c:a", "pcm_s16le")
SECONDS = timed_films.SECONDS if proof.full() else 15


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostedFilms]:
    with posted_films(tmp_path_factory.mktemp("films"), {"timed.mkv": timed_films.matroska()}) as posted:
        yield posted


def assert_in_step(path: Path, *, audio: int = 0, seconds: int = timed_films.SECONDS) -> None:
    """The file that a player made has all pictures and beeps of these seconds, and they are as in the source."""
    offsets = timed_films.offsets(path, audio=audio)
    assert len(offsets) == seconds - 1
    assert max(map(abs, offsets)) < 0.04


def run(command: Sequence[str], folder: Path) -> None:
    """Run a player, whose settings lie in `folder`."""
    done = subprocess.run(
        command, capture_output=True, timeout=120, check=False, env={**os.environ, "HOME": str(folder)}
    )
    assert done.returncode == 0, done.stderr.decode(errors="replace")


def test_ffmpeg(films: PostedFilms, tmp_path: Path) -> None:
    source = films.url("hls", "timed.mkv", "/master.m3u8")
    made = tmp_path / "made.nut"
    run_ffmpeg(["-i", source, "-map", "0:v:0", "-map", "0:a", "-t", str(SECONDS), *DECODED, str(made)])
    for audio in (0, 1):
        assert_in_step(made, audio=audio, seconds=SECONDS)


@pytest.mark.proof
@pytest.mark.parametrize("language", timed_films.TONES)
def test_mpv(films: PostedFilms, tmp_path: Path, language: str) -> None:
    made = tmp_path / "made.nut"
    coders = ["--of=nut", "--ovc=ffv1", "--oac=pcm_s16le"]
    source = films.url("hls", "timed.mkv", "/master.m3u8")
    run([program("mpv"), "--no-config", f"--o={made}", *coders, f"--alang={language}", source], tmp_path)
    assert_in_step(made)


@pytest.mark.proof
def test_vlc(films: PostedFilms, tmp_path: Path) -> None:
    """VLC takes no edit lists in HLS. It writes what it reads; ffmpeg decodes that."""
    read, made = tmp_path / "read.ts", tmp_path / "made.nut"
    tmp_path.chmod(0o777)
    command = [program("cvlc"), "-q", "--sout", f"#std{{access=file,mux=ts,dst={read}}}"]
    if os.geteuid() == 0:  # VLC does not run as root
        folder = tmp_path
        while folder.stat().st_uid == 0 and folder != folder.parent and folder != Path("/tmp"):
            folder.chmod(folder.stat().st_mode | 0o011)
            folder = folder.parent
        command = [program("setpriv"), "--reuid=nobody", "--regid=nogroup", "--clear-groups", *command]
    run([*command, films.url("hls", "timed.mkv", "/master.m3u8"), "vlc://quit"], tmp_path)
    run_ffmpeg(["-i", str(read), "-map", "0:v:0", "-map", "0:a", "-copyts", *DECODED, str(made)])
    for audio in (0, 1):
        assert_in_step(made, audio=audio)
