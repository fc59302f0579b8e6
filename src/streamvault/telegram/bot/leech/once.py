"""Messages that nobody waits for, each sent once, however often it is tried; none while Telegram demands a wait."""

import logging
import time
from collections.abc import Callable

from pyrogram import Client
from pyrogram import errors as rpc

from streamvault.errors import SourceBusy
from streamvault.telegram.accounts.random_ids import one_random_id
from streamvault.telegram.bot.outbox import UNREACHABLE
from streamvault.telegram.bot.replies import send_answer
from streamvault.telegram.bot.texts import Answer
from streamvault.telegram.errors import AlreadySent
from streamvault.telegram.flood_wait import flood_seconds

log = logging.getLogger(__name__)


class SendingOnce:
    """`client` gives the one that is connected; `clock` gives seconds that never go back."""

    def __init__(self, client: Callable[[], Client], clock: Callable[[], float] = time.monotonic) -> None:
        self._client, self._clock = client, clock
        self._quiet_until = 0.0

    @property
    def quiet(self) -> bool:
        """Whether nothing may be sent yet."""
        return self._clock() < self._quiet_until

    async def send(self, what: str, answer: Answer, *, chat_id: int, reply_to: int | None) -> bool:
        """Send the message of which there is one for each `what`; False where Telegram may be away, or demands a wait,
        so that it is to be tried again. One that Telegram refuses is given up.
        """
        try:
            with one_random_id(what):
                await send_answer(self._client(), chat_id, answer, reply_to)
        except (rpc.FloodWait, SourceBusy) as error:
            self._quiet_until = self._clock() + flood_seconds(error)
            log.debug("nothing is told for %.0f s, as Telegram demands", flood_seconds(error))
            return False
        except AlreadySent:
            log.debug("%s was told before", what)
        except UNREACHABLE as error:
            log.debug("%s is told later: %s", what, error)
            return False
        except rpc.RPCError as error:
            log.warning("%s cannot be told: %s", what, error)
        return True
