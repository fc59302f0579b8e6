"""The outcomes of calls under the faults of an emulator."""

from typing import Any

from tgemulator.errors import RpcError, TransportError
from tgemulator.faults.registry import DropConnection
from tgemulator.services.registry import Call

GET_FILE = "upload.getFile"


async def outcome(call: Call, name: str = GET_FILE, query: Any = None) -> str:
    """The outcome of before_call: "ok", the error's text, or the transport's code."""
    try:
        await call.server.faults.before_call(call, name, query)
    except RpcError as error:
        return f"{error.code} {error.text}"
    except TransportError as error:
        return str(error.code)
    except DropConnection:
        return "dropped"
    return "ok"


async def outcomes(call: Call, count: int, *, name: str = GET_FILE) -> list[str]:
    return [await outcome(call, name) for _ in range(count)]
