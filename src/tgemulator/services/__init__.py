"""The methods of the API. A new RPC method goes into the module of its kind here:

    @method(raw.functions.help.GetNearestDc, login=False)
    async def get_nearest_dc(call: Call, query: Any) -> Any: ...

`method`, in registry.py, registers the handler for the TL functions that it is given; see there for its options and
for what a handler may answer. A new module must also be imported below: importing this package registers every
handler. `dispatcher.Dispatcher` finds the handler of a request, after the checks that hold for all methods.

`access` finds the users, chats and messages that a request names, `call_access` the group calls; `call_media` connects
calls with the media server; `compose`, `entities`, `markup` and `downloads` are
rules that several methods share.
"""

from tgemulator.services import (
    auth,
    bots,
    call_participants,
    call_settings,
    calls,
    cdn,
    chats,
    config,
    edit,
    files,
    history,
    members,
    read,
    restricted,
    send,
    updates,
    upload,
    users,
)

__all__ = [
    "auth",
    "bots",
    "call_participants",
    "call_settings",
    "calls",
    "cdn",
    "chats",
    "config",
    "edit",
    "files",
    "history",
    "members",
    "read",
    "restricted",
    "send",
    "updates",
    "upload",
    "users",
]
