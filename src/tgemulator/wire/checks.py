"""The checks of msg_id and seqno, and the error codes of those that fail.

Source: core.telegram.org/mtproto/service_messages_about_messages and mtproto/description.
"""

import bisect
from enum import IntEnum

TOO_OLD = 300.0  # seconds a message may lag behind the server's clock
TOO_NEW = 30.0  # seconds it may be ahead of it
REMEMBERED = 2048  # messages of one session whose ids are kept


class Bad(IntEnum):
    """error_code of bad_msg_notification and bad_server_salt."""

    ID_TOO_LOW = 16
    ID_TOO_HIGH = 17
    ID_BITS = 18
    CONTAINER_DUPLICATE = 19
    TOO_OLD_TO_KNOW = 20
    SEQNO_TOO_LOW = 32
    SEQNO_TOO_HIGH = 33
    SEQNO_ODD = 34
    SEQNO_EVEN = 35
    SALT = 48
    CONTAINER = 64


def check_time(msg_id: int, now: float) -> Bad | None:
    """The two low bits, then the distance of msg_id's time from the server's (Unix seconds)."""
    if msg_id % 4:
        return Bad.ID_BITS
    sent = msg_id / (1 << 32)
    if sent < now - TOO_OLD:
        return Bad.ID_TOO_LOW
    if sent > now + TOO_NEW:
        return Bad.ID_TOO_HIGH
    return None


class Window:
    """The messages one session has received, the last REMEMBERED by msg_id, with their seqnos."""

    def __init__(self, size: int = REMEMBERED) -> None:
        self._size = size
        self._ids: list[int] = []
        self._seqnos: dict[int, int] = {}
        self._forgotten = 0  # messages up to this id may have been received

    def __contains__(self, msg_id: int) -> bool:
        return msg_id in self._seqnos

    def check_id(self, msg_id: int) -> Bad | None:
        """TOO_OLD_TO_KNOW if the message is older than all that are remembered."""
        return Bad.TOO_OLD_TO_KNOW if msg_id <= self._forgotten and msg_id not in self else None

    def check_seqno(self, msg_id: int, seqno: int) -> Bad | None:
        """SEQNO_TOO_LOW or _HIGH if seqno contradicts the order of the messages received; `msg_id` is a new one.

        The remembered messages are in order, hence only the two neighbours are compared.
        """
        index = bisect.bisect_left(self._ids, msg_id)
        if index and self._contradict(self._seqnos[self._ids[index - 1]], seqno):
            return Bad.SEQNO_TOO_LOW
        if index < len(self._ids) and self._contradict(seqno, self._seqnos[self._ids[index]]):
            return Bad.SEQNO_TOO_HIGH
        return None

    @staticmethod
    def _contradict(lower: int, higher: int) -> bool:
        return lower > higher or (lower == higher and lower % 2 == 1)

    def add(self, msg_id: int, seqno: int) -> None:
        """Remember a message, in place of the oldest one if there are too many."""
        bisect.insort(self._ids, msg_id)
        self._seqnos[msg_id] = seqno
        if len(self._ids) > self._size:
            oldest = self._ids.pop(0)
            del self._seqnos[oldest]
            self._forgotten = oldest

    def state(self, msg_id: int) -> int:
        """The basic status for msgs_state_info: 1 unknown, 2 not received, 3 msg_id too high, 4 received."""
        if msg_id in self:
            return 4
        if msg_id <= self._forgotten or not self._ids:
            return 1
        return 3 if msg_id > self._ids[-1] else 2


def check_parity(seqno: int, *, content: bool | None) -> Bad | None:
    """SEQNO_ODD or SEQNO_EVEN if seqno does not fit the kind of message.

    `content`: whether it needs an acknowledgement; None: clients send it both ways (ping).
    """
    if content is None or seqno % 2 == int(content):
        return None
    return Bad.SEQNO_EVEN if content else Bad.SEQNO_ODD
