"""Pushes updates to the MTProto sessions of an account; the world uses it as its `Subscribers`."""

from collections.abc import Callable

from tgemulator.mtproto.keys import KeyStore


class SessionSubscribers:
    """The sessions that take updates. `clock` returns Unix seconds; for the methods see world.pushes.Subscribers."""

    def __init__(self, keys: KeyStore, clock: Callable[[], float]) -> None:
        self._keys = keys
        self._clock = clock

    def listens(self, user_id: int, *, exclude: object) -> bool:
        """Whether a session of the account other than `exclude` takes updates."""
        return any(
            session.subscribed and session is not exclude
            for key in self._keys.of_user(user_id)
            for session in self._keys.sessions(key)
        )

    def push(self, user_id: int, updates: bytes, *, dc_id: int, exclude: object) -> None:
        """Send updates to every session of the account on that DC that takes them, but for `exclude`."""
        for key in self._keys.of_user(user_id):
            if key.dc_id == dc_id:
                for session in self._keys.sessions(key):
                    if session.subscribed and session is not exclude:
                        session.push(updates, now=self._clock())
