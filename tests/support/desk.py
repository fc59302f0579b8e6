"""A world for the control API, and a bot that receives what is posted in it."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

import httpx

WORLD = {
    "users": [{"ref": "ada", "phone": "+15550100", "first_name": "Ada", "id": 11}],
    "bots": [{"ref": "bot", "token": "4242:secret"}],
    "channels": [
        {
            "ref": "talk", "title": "Talk", "creator": "ada", "megagroup": True, "id": 31,
            "members": [{"who": "bot", "admin": True}],
        },
        {
            "ref": "films", "title": "Films", "creator": "ada", "id": 21, "discussion": "talk",
            "members": [{"who": "bot", "admin": True}],
        },
        {
            "ref": "forum", "title": "Forum", "creator": "ada", "megagroup": True, "forum": True, "id": 32,
            "topics": ["Trips"], "members": [{"who": "bot", "admin": True}],
        },
    ],
    "groups": [{"ref": "family", "title": "Family", "creator": "ada", "id": 41, "members": [{"who": "bot"}]}],
}  # fmt: skip
ADA, FILMS, TALK, FORUM, FAMILY = 11, 21, 31, 32, 41


@dataclass(slots=True)
class Desk:
    """A control API, and the messages that a Kurigram bot has received since."""

    http: httpx.AsyncClient
    bot: Any
    received: "asyncio.Queue[Any]" = field(default_factory=asyncio.Queue)

    async def tell(self, path: str, **body: Any) -> Any:
        response = await self.http.post(path, json=body)
        assert response.status_code == 200, response.text
        return response.json()

    async def post(self, chat: int, **body: Any) -> Any:
        """Post, and the message as the bot receives it."""
        await self.tell("/post", chat=chat, **body)
        return await self.next()

    async def next(self) -> Any:
        async with asyncio.timeout(30):
            return await self.received.get()
