"""An answer that waits to be sent, and which received messages each message of it answers."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from streamvault.media.model import Origin
from streamvault.telegram.bot.texts import Answer, FileLinks


@dataclass(slots=True)
class Reply:
    """An answer that waits, or the links of files, which later ones for the same chat may join unless it is `apart`.

    `received`: the messages with files that `answer` is about. `repeated`: sent again after a flood wait or a failure,
    as answers to owners are. `tried`: how many of the files are in the message that was sent last and that Telegram may
    have taken; 0 if there is none.
    """

    chat_id: int
    reply_to: int | None
    answer: Answer = field(default_factory=lambda: Answer(""))
    files: list[FileLinks] = field(default_factory=list)
    received: Sequence[Origin] = ()
    failures: int = 0
    repeated: bool = True
    tried: int = 0
    apart: bool = False

    def about(self, count: int) -> list[Origin]:
        """The received messages that the next message answers, which has the links of `count` files."""
        return [*(one.received for one in self.files[:count] if one.received is not None), *self.received]

    def once(self, count: int) -> str | None:
        """What that message's random_id is made of, so that it is sent once; None if it answers anything else, too.

        Links that come after a refusal are another message.
        """
        about = self.about(count)
        if not about or len(about) < count:
            return None
        kind = "links" if self.files else self.answer.text
        return " ".join([kind, *(f"{one.chat_id}/{one.message_id}" for one in about)])
