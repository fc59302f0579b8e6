"""Content-related messages that the client has not acknowledged, kept within bounds to be sent again."""

from collections import OrderedDict
from dataclasses import dataclass

MAX_BYTES = 8 * 1024 * 1024
MAX_MESSAGES = 1024


@dataclass(frozen=True, slots=True)
class Sent:
    """One message as it was sent; `answers` is the msg_id of the query it answers, or None."""

    msg_id: int
    seq_no: int
    body: tuple[bytes, ...]
    size: int
    answers: int | None
    update: bool = False


class Outbox:
    """Unacknowledged messages in order; beyond the bounds the oldest are dropped."""

    def __init__(self, *, max_bytes: int = MAX_BYTES, max_messages: int = MAX_MESSAGES) -> None:
        self._max_bytes = max_bytes
        self._max_messages = max_messages
        self._sent: OrderedDict[int, Sent] = OrderedDict()
        self._by_query: dict[int, int] = {}
        self._bytes = 0
        self.updates = 0

    def __len__(self) -> int:
        return len(self._sent)

    def add(self, message: Sent) -> None:
        """Keep a message until it is acknowledged; a single one larger than the bound is not kept."""
        self._sent[message.msg_id] = message
        self._bytes += message.size
        self.updates += message.update
        if message.answers is not None:
            self._by_query[message.answers] = message.msg_id
        while self._bytes > self._max_bytes or len(self._sent) > self._max_messages:
            self.remove(next(iter(self._sent)))

    def remove(self, msg_id: int) -> None:
        """Drop a message: it was acknowledged, or is not needed any more."""
        message = self._sent.pop(msg_id, None)
        if message is None:
            return
        self._bytes -= message.size
        self.updates -= message.update
        if message.answers is not None:
            self._by_query.pop(message.answers, None)

    def get(self, msg_id: int) -> Sent | None:
        """A message by its own id."""
        return self._sent.get(msg_id)

    def answer_to(self, query: int) -> Sent | None:
        """The answer to a query, if it is still kept."""
        msg_id = self._by_query.get(query)
        return None if msg_id is None else self._sent[msg_id]

    def all(self) -> list[Sent]:
        """Everything unacknowledged, oldest first."""
        return list(self._sent.values())

    def drop_updates(self) -> None:
        """Drop the updates; updatesTooLong, sent in their place, makes the client fetch the difference."""
        for message in [message for message in self._sent.values() if message.update]:
            self.remove(message.msg_id)
