"""A request whose message number is stored before it is sent, so that it can be sent again under the same number."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PendingRequest:
    """A message that was about to be sent in an MTProto session, at `asked` (Unix seconds)."""

    session_id: bytes
    msg_id: int
    seq_no: int
    asked: float
