"""What surprises in Kurigram as a library, put right in one place.

- Importing it outside a running loop makes an event loop, sets it as the current one and never
  closes it; here it gets one for the time of the import.
- It warns of missing TgCrypto while importing; crypto.py binds something faster right after.
- It appends unknown RPC errors to `unknown_errors.txt` in the working directory, which may be
  read-only and is nobody's log folder. Their text is in the exception, so the file is not written.
"""

import asyncio
import importlib
import logging
import os
from pathlib import Path

_BEFORE_IMPORT = "pyrogram.crypto.aes"


def prepare_kurigram() -> None:
    """Import pyrogram without side effects and bind fast ciphers; harmless when repeated."""
    logging.getLogger(_BEFORE_IMPORT).addFilter(lambda record: "TgCrypto is missing" not in record.getMessage())
    _import_without_loop()
    rpc_error = importlib.import_module("pyrogram.errors.rpc_error")
    rpc_error.Path = lambda _name: Path(os.devnull)  # type: ignore[attr-defined]
    importlib.import_module("streamvault.telegram.mtproto.crypto").install_crypto()


def _import_without_loop() -> None:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        loop = asyncio.new_event_loop()
        asyncio.set_event_loop(loop)
        try:
            importlib.import_module("pyrogram")
        finally:
            asyncio.set_event_loop(None)
            loop.close()
    else:
        importlib.import_module("pyrogram")
