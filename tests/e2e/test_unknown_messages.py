"""Message numbers that nobody knows cost Telegram little, and never a viewer who is in."""

from pathlib import Path

from tests.support.http_client import request
from tests.support.stack import chat_id_of
from tests.support.whole import Whole, whole_product

GET_MESSAGES = "channels.getMessages"


async def status(whole: Whole, path: str, address: str) -> int:
    """The answer to the head of a stream, asked by this address behind a reverse proxy."""
    headers = {"X-Forwarded-For": address}
    return (await request(whole.address, path, method="HEAD", headers=headers)).status


async def test_a_stranger_who_guesses_message_numbers_costs_a_few_requests(tmp_path: Path) -> None:
    """8: 401 GETs of /stream/C/100000...100400, then numbers that may exist, and posts that are there."""
    async with whole_product(tmp_path, start_timeout=1.0) as whole:
        film = await whole.post(1000)
        counters, films = whole.world.emulator.counters, chat_id_of(whole.world.films)
        before = counters.value("calls", method=GET_MESSAGES)
        for number in range(100_000, 100_401):
            assert await status(whole, f"/stream/{films}/{number}", "203.0.113.9") == 404
        after = counters.value("calls", method=GET_MESSAGES)
        assert after - before <= 10
        newest = int(film.rpartition("/")[2])
        answers = [await status(whole, f"/stream/{films}/{newest + 1 + n}", "203.0.113.9") for n in range(14)]
        assert answers.count(503) > 0
        assert await status(whole, f"/stream/{films}/{newest + 50}", "203.0.113.10") == 404
        assert await status(whole, film, "203.0.113.9") == 200
        late = await whole.post(2000)
        assert await status(whole, late, "203.0.113.9") == 200
