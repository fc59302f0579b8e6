"""Pushes updates to accounts. The world knows no connections: it pushes through `Subscribers`, a Protocol."""

from collections.abc import Mapping
from typing import Any, Protocol

from tgemulator.world.model import User


class Subscribers(Protocol):
    """The MTProto sessions that take updates; mtproto/subscribers.py implements it.

    `exclude` is one session, or None: the one whose own answer contains the updates, so that it needs no push. The
    world only passes it on.
    """

    def listens(self, user_id: int, *, exclude: object) -> bool:
        """Whether a session of this account, on any DC, other than `exclude`, takes updates."""
        ...

    def push(self, user_id: int, updates: bytes, *, dc_id: int, exclude: object) -> None:
        """Send serialised updates to every session of this account on that DC but `exclude`."""
        ...


class Pushes:
    """Sends updates to accounts, at their home DC."""

    def __init__(self, users: Mapping[int, User], subscribers: Subscribers) -> None:
        self._users = users
        self._subscribers = subscribers

    def listens(self, user_id: int, *, exclude: object = None) -> bool:
        """Whether a session of this account other than `exclude` takes updates: rendering them is expensive."""
        return self._subscribers.listens(user_id, exclude=exclude)

    def push(self, user_id: int, updates: Any, *, exclude: object = None) -> None:
        """Send a TL object to every session of an account but `exclude`; nothing for an unknown account."""
        user = self._users.get(user_id)
        if user is not None:
            self._subscribers.push(user_id, updates.write(), dc_id=user.home_dc, exclude=exclude)
