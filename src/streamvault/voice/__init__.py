"""Voice chats: what plays in the calls of chats, and what comes next.

`model`, `transitions`, `rights` and `command` are pure. A call's row in the database says what people wish (the item,
its position, paused or not); a worker holds the call by a lease and makes the call of Telegram follow it. What has to
be opened anew raises the number `stream` of the call, so that events of a stream that was replaced are recognised.
"""
