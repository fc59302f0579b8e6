"""Functions that tests run in the sandbox: good ones, and ones that do all that a hostile file could make them do."""

import os
import resource
import signal
import struct
import time
from typing import Any

from streamvault.reading.sandbox.model import Call

SOCKET = 3


def describe(call: Call) -> dict[str, Any]:
    """What the process is, and what it may do."""
    kinds = (
        resource.RLIMIT_AS,
        resource.RLIMIT_CPU,
        resource.RLIMIT_FSIZE,
        resource.RLIMIT_CORE,
        resource.RLIMIT_NOFILE,
    )
    opened = []
    for name in os.listdir("/proc/self/fd"):
        try:
            opened.append((int(name), os.readlink(f"/proc/self/fd/{name}")))
        except OSError:  # the one of the listing itself
            continue
    return {
        "files": sorted(opened),
        "environment": sorted(os.environ),
        "folder": os.getcwd(),
        "limits": [resource.getrlimit(kind)[0] for kind in kinds],
        "nice": os.nice(0),
        "pid": os.getpid(),
        "group": os.getpgid(0),
        "session": os.getsid(0),
        "address space": int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize(),
    }


def copy(call: Call) -> dict[str, Any]:
    """Sends the file back, and says how much that was."""
    sent = 0
    while piece := call.file.read(100_000):
        call.write(piece)
        sent += len(piece)
    return {"sent": sent, "arguments": dict(call.arguments), "blobs": [blob.hex() for blob in call.blobs]}


def fail(call: Call) -> dict[str, Any]:
    call.file.read(1)
    raise ValueError(call.arguments["text"])


def leave(call: Call) -> dict[str, Any]:
    raise SystemExit(3)


def crash(call: Call) -> dict[str, Any]:
    call.file.read(1)
    os.kill(os.getpid(), signal.SIGSEGV)
    return {}


def crash_at_once(call: Call) -> dict[str, Any]:
    os._exit(7)


def hang(call: Call) -> dict[str, Any]:
    """Deaf to signals."""
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    call.write(b"begun")
    while True:
        time.sleep(60)


def burn(call: Call) -> dict[str, Any]:
    call.write(b"begun")
    while True:
        pass


def burn_deaf(call: Call) -> dict[str, Any]:
    signal.signal(signal.SIGXCPU, signal.SIG_IGN)
    return burn(call)


def hoard(call: Call) -> dict[str, Any]:
    return {"bytes": len(bytes(call.arguments["bytes"]))}


def write_file(call: Call) -> dict[str, Any]:
    with open("/tmp/sandbox-was-here", "wb") as file:
        file.write(b"x")
    return {}


def write_without_end(call: Call) -> dict[str, Any]:
    while True:
        call.write(bytes(1 << 16))


def answer_too_much(call: Call) -> dict[str, Any]:
    return {"text": "x" * call.arguments["bytes"]}


def answer_no_object(call: Call) -> Any:
    return [1]


def read_without_end(call: Call) -> dict[str, Any]:
    call.file.most = 1 << 40
    while True:
        call.file.seek(0)
        call.file._cells.clear()  # type: ignore[attr-defined]
        call.file.read(1)


def say(call: Call) -> dict[str, Any]:
    """Writes to the socket what it is told to, past the protocol's code, and waits."""
    os.write(SOCKET, bytes.fromhex(call.arguments["hex"]))
    return hang_silently()


def header(kind: bytes, first: int, count: int) -> str:
    """For `say`: the header of a message."""
    return struct.pack("<cQI", kind, first, count).hex()


def ask(first: int, count: int) -> str:
    """For `say`: a request for cells."""
    return header(b"R", first, count)


def hang_silently() -> dict[str, Any]:
    while True:
        time.sleep(60)


def never_take(call: Call) -> dict[str, Any]:
    """Requests cells, and reads no answer."""
    for _ in range(8):
        os.write(SOCKET, struct.pack("<cQI", b"R", 0, 8))
    return hang_silently()


def close_socket(call: Call) -> dict[str, Any]:
    os.close(SOCKET)
    return hang_silently()


def spread(call: Call) -> dict[str, Any]:
    """Leaves processes behind: in its process group, and in one of their own."""
    pids = []
    for own_session in (False, True):
        pid = os.fork()
        if not pid:
            if own_session:
                os.setsid()
            hang_silently()
        pids.append(pid)
    call.write(b"%d %d" % tuple(pids))
    if call.arguments.get("stay"):
        hang_silently()
    return {}
