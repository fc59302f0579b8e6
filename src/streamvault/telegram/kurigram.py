"""Imports Kurigram without its side effects.

- It imports every class of Telegram's schema; here each is imported when it is used (schema.py).
- Importing it outside a running event loop creates a loop, sets it as the current one and never closes it; here it gets
  a loop for the time of the import.
- It warns of missing TgCrypto while importing; mtproto/crypto.py installs something faster right after.
- It appends unknown RPC errors to `unknown_errors.txt` in the working directory, which may be read-only. Their text is
  in the exception, so the file is not written.
"""

import asyncio
import importlib
import logging
import os
from pathlib import Path

from streamvault.telegram.schema import load_lazily

_TGCRYPTO_WARNER = "pyrogram.crypto.aes"


def prepare_kurigram() -> None:
    """Import pyrogram without side effects and install fast ciphers; may be called repeatedly."""
    logging.getLogger(_TGCRYPTO_WARNER).addFilter(lambda record: "TgCrypto is missing" not in record.getMessage())
    load_lazily()
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
