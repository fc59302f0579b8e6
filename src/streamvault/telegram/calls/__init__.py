"""Calls of chats, as a user account takes part in them: their methods of Telegram, and the native library of the media.

`group_calls` sends the methods, over the account's own connection; `bridge` is what PyTgCalls asks for them; `player`
plays; `serving` answers the requests of another process. `bridge` and `player` import the extra `voice`, and are
imported only where that is installed.
"""
