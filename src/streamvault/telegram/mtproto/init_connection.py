"""Wraps the first request of a connection in invokeWithLayer(initConnection(...)) (core.telegram.org/api/invoking)."""

from typing import Any

import pyrogram.raw.all
from pyrogram import raw


async def with_init_connection(client: Any, query: Any, *, proxy: Any, anonymous: bool = False) -> Any:
    """`query` wrapped in a description of `client`; `proxy` is an MTProxy's InputClientProxy, or None.

    `anonymous`: for a CDN DC; device model and system version are left out.
    """
    init = raw.functions.InitConnection(
        api_id=await client.storage.api_id(),
        app_version=client.app_version,
        device_model="n/a" if anonymous else client.device_model,
        system_version="n/a" if anonymous else client.system_version,
        system_lang_code=client.system_lang_code,
        lang_pack=client.lang_pack,
        lang_code=client.lang_code,
        query=query,
        proxy=proxy,
    )
    return raw.functions.InvokeWithLayer(layer=pyrogram.raw.all.layer, query=init)
