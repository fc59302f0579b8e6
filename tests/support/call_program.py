"""A program that plays into a group call with py-tgcalls: its native library may abort, so it is a process of its own.

Its argument is a JSON object: `folder` and `name` of a Kurigram session file, `key`, the PEM file of the emulator, and
`chat`, the id as clients write it. It reads a command a line, and answers each with a line of JSON:

    play COMMAND        raw s16le stereo at 48 kHz from a program's standard output
    watch SOUND | PICTURE   the same with raw video, I420 at 1280x720 and 30 frames a second
    record PATH         what the others say, as raw s16le stereo at 48 kHz
    pause, resume, leave
"""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from ntgcalls import MediaSource
from pyrogram import Client
from pyrogram.crypto import rsa
from pytgcalls import PyTgCalls
from pytgcalls.pytgcalls_session import PyTgCallsSession
from pytgcalls.types import GroupCallConfig
from pytgcalls.types.raw import AudioParameters, AudioStream, Stream, VideoParameters, VideoStream

from streamvault.telegram.mtproto.crypto import install_crypto


def _trust(pem: Path, fingerprint: int) -> None:
    public = load_pem_public_key(pem.read_bytes())
    assert isinstance(public, RSAPublicKey)
    numbers = public.public_numbers()
    rsa.server_public_keys[fingerprint] = rsa.PublicKey(numbers.n, numbers.e)


def _stream(kind: str, rest: str) -> Stream:
    sound, _, picture = rest.partition(" | ")
    audio = AudioStream(MediaSource.SHELL, sound, AudioParameters(48000, 2))
    if kind == "play":
        return Stream(audio)
    return Stream(audio, camera=VideoStream(MediaSource.SHELL, picture, VideoParameters(1280, 720, 30)))


async def _obey(calls: Any, chat: int, line: str) -> None:
    word, _, rest = line.partition(" ")
    if word in ("play", "watch"):
        await calls.play(chat, _stream(word, rest), GroupCallConfig(auto_start=False))
    elif word == "record":
        await calls.record(chat, Stream(AudioStream(MediaSource.FILE, rest, AudioParameters(48000, 2))))
    elif word == "pause":
        await calls.pause(chat)
    elif word == "resume":
        await calls.resume(chat)
    elif word == "leave":
        await calls.leave_call(chat)
    else:
        raise ValueError(f"unknown command {word}")


async def _run(options: dict[str, Any]) -> None:
    install_crypto()
    _trust(Path(options["key"]), options["fingerprint"])
    PyTgCallsSession.notice_displayed = True
    client = Client(options["name"], workdir=options["folder"], no_updates=False, workers=2)
    calls = PyTgCalls(client)
    await calls.start()
    print(json.dumps({"ready": True}), flush=True)
    loop = asyncio.get_running_loop()
    while line := (await loop.run_in_executor(None, sys.stdin.readline)).strip():
        try:
            await _obey(calls, options["chat"], line)
            print(json.dumps({"done": line}), flush=True)
        except Exception as error:  # the test decides what it means
            print(json.dumps({"failed": f"{type(error).__name__}: {error}"}), flush=True)
    await client.stop()


if __name__ == "__main__":
    asyncio.run(_run(json.loads(sys.argv[1])))
