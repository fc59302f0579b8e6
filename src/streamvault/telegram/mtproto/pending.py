"""A request whose msg_id is stored before it is sent, so that it can be sent again under the same msg_id."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PendingRequest:
    """A message that was about to be sent in an MTProto session, at `asked` (Unix seconds). The fields are stored."""

    session_id: bytes
    msg_id: int
    seq_no: int
    asked: float
