"""What PyTgCalls asks of Telegram, answered by GroupCalls: over the account's own connection, and with its rules.

PyTgCalls knows Kurigram's clients by the name of their module, and sends its requests by them; here it gets a client
that is never connected, and this in place of its own bridge.
"""

import asyncio
from typing import Any

from pyrogram import Client, raw
from pytgcalls import PyTgCalls
from pytgcalls.mtproto.bridged_client import BridgedClient
from pytgcalls.pytgcalls_session import PyTgCallsSession

from streamvault.telegram.calls.group_calls import GroupCalls


class AccountBridge(BridgedClient):  # type: ignore[misc]
    """The methods that calls of groups need. `me`: the user id of the account."""

    def __init__(self, calls: GroupCalls, me: int) -> None:
        super().__init__()
        self._calls = calls
        self._me = me

    async def get_id(self) -> int:
        """The account's user id."""
        return self._me

    async def resolve_peer(self, user_id: int) -> Any:
        """Asked for the account itself only."""
        return raw.types.InputPeerUser(user_id=user_id, access_hash=0)

    def is_connected(self) -> bool:
        """The account reconnects by itself."""
        return True

    def no_updates(self) -> bool:
        """Nothing is pushed here: it would be warned of only."""
        return False

    async def get_input_call(self, chat_id: int, invite_msg_id: int | None = None) -> Any:
        """The call that is joined."""
        return self._calls.joined(chat_id)

    async def join_group_call(
        self, chat_id: int, json_join: str, video_stopped: bool, join_as: Any, invite_hash: str | None = None,
        *_: Any, **__: Any,
    ) -> str:  # fmt: skip
        """See GroupCalls.join."""
        return await self._calls.join(chat_id, json_join, video_stopped=video_stopped, invite_hash=invite_hash)

    async def leave_group_call(self, chat_id: int) -> None:
        """See GroupCalls.leave."""
        await self._calls.leave(chat_id)

    async def set_call_status(
        self, chat_id: int, muted_status: bool | None, video_paused: bool | None, video_stopped: bool | None,
        presentation_paused: bool | None, participant: Any,
    ) -> None:  # fmt: skip
        """See GroupCalls.edit."""
        await self._calls.edit(
            chat_id, muted=muted_status, video_paused=video_paused, video_stopped=video_stopped,
            presentation_paused=presentation_paused,
        )  # fmt: skip

    async def get_group_call_participants(self, chat_id: int) -> list[Any]:
        """Nobody's picture is wanted."""
        return []


async def open_pytgcalls(calls: GroupCalls, me: int) -> Any:
    """A PyTgCalls that is started; one for each process."""
    PyTgCallsSession.notice_displayed = True  # else it prints, and asks GitHub for its newest version
    client = Client("calls", api_id=1, api_hash="0", in_memory=True, no_updates=True, loop=asyncio.get_running_loop())
    library = PyTgCalls(client)
    library._app._bind_client = AccountBridge(calls, me)
    await library.start()
    return library
