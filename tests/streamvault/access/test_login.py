"""Log-ins that a browser waits for: codes, numbers, bounds, and that each is handed out once."""

import asyncio
import base64

import pytest

from streamvault.access.login import (
    ALPHABET,
    CODE_LENGTH,
    FETCH_SECONDS,
    LOGIN_SECONDS,
    WRONG_CODES,
    WRONG_CODES_OF_ADDRESS,
    WRONG_SECONDS,
    Outcome,
    Started,
    shown_code,
)
from streamvault.access.login_room import MOST_OF_ADDRESS, MOST_WAITING
from streamvault.errors import CatalogError, TooManyTries
from tests.support.login_bench import ADA, EVE, LoginBench
from tests.support.proof import full


@pytest.fixture
def bench() -> LoginBench:
    return LoginBench()


async def test_a_person_confirms_the_number_that_the_page_shows(bench: LoginBench) -> None:
    started = await bench.start(user="a" * 32)
    pending = await bench.asked(started)
    assert (pending.browser, pending.address) == ("Firefox on Linux", "192.0.2.7")
    assert started.number in pending.numbers
    assert len(set(pending.numbers)) == 3
    assert started.expires_at == pending.expires_at == bench.now + LOGIN_SECONDS
    assert await bench.logins.outcome(started.code, started.secret) == Outcome("waiting")
    given = await bench.logins.answer(started.code, ADA, key=pending.key, number=started.number)
    assert given == "confirmed"
    assert await bench.logins.outcome(started.code, started.secret) == Outcome("confirmed", ADA, "a" * 32)
    assert await bench.logins.outcome(started.code, started.secret) == Outcome("expired"), "it is handed out once"
    assert await bench.logins.asked(started.code, ADA) is None


@pytest.mark.parametrize("number", [None, 9, 100, 0, -1])
async def test_any_other_answer_ends_it(bench: LoginBench, number: int | None) -> None:
    started = await bench.start()
    pending = await bench.asked(started)
    wrong = await bench.logins.answer(started.code, ADA, key=pending.key, number=number)
    assert wrong == ("refused" if number is None else "wrong")
    again = await bench.logins.answer(started.code, ADA, key=pending.key, number=started.number)
    assert again == "answered"
    assert await bench.logins.outcome(started.code, started.secret) == Outcome("refused")
    assert await bench.logins.asked(started.code, ADA) is None


async def test_each_of_the_other_two_numbers_is_wrong(bench: LoginBench) -> None:
    for which in range(2):
        started = await bench.start()
        pending = await bench.asked(started)
        others = [number for number in pending.numbers if number != started.number]
        assert await bench.logins.answer(started.code, ADA, key=pending.key, number=others[which]) == "wrong"
        assert await bench.logins.outcome(started.code, started.secret) == Outcome("refused")


async def test_the_code_alone_fetches_nothing(bench: LoginBench) -> None:
    started = await bench.start()
    pending = await bench.asked(started)
    await bench.logins.answer(started.code, ADA, key=pending.key, number=started.number)
    other = await bench.start("203.0.113.9")
    for secret in ("", "x", other.secret, started.secret[:-1], started.secret + "x", started.code, "ä€"):
        assert await bench.logins.outcome(started.code, secret) == Outcome("expired")
    assert await bench.logins.outcome(other.code, started.secret) == Outcome("expired")
    assert await bench.logins.outcome(started.code, started.secret) == Outcome("confirmed", ADA)


async def test_the_secret_is_not_stored(bench: LoginBench) -> None:
    started = await bench.start()
    stored = repr(bench.records.stored)
    assert started.secret not in stored
    raw = base64.urlsafe_b64decode(started.secret + "=")
    assert len(raw) == 32
    assert raw.hex() not in stored


async def test_an_answer_needs_the_key_of_its_person(bench: LoginBench) -> None:
    started = await bench.start()
    of_ada, of_eve = await bench.asked(started), await bench.asked(started, EVE)
    assert of_ada.key != of_eve.key
    for key in (of_ada.key, "", "0" * 16, "é"):
        assert await bench.logins.answer(started.code, EVE, key=key, number=started.number) == "expired"
    other = await bench.start("203.0.113.9")
    key = (await bench.asked(other)).key
    assert await bench.logins.answer(started.code, ADA, key=key, number=started.number) == "expired"
    assert await bench.logins.outcome(started.code, started.secret) == Outcome("waiting")
    assert await bench.logins.answer(started.code, EVE, key=of_eve.key, number=started.number) == "confirmed"
    assert await bench.logins.answer(started.code, ADA, key=of_ada.key, number=started.number) == "answered"
    assert (await bench.logins.outcome(started.code, started.secret)).person == EVE


async def test_a_code_is_read_as_people_write_it(bench: LoginBench) -> None:
    bench.logins = bench.node(below=lambda n: min(n - 1, 1))  # a code of ones
    started = await bench.start()
    code = started.code
    assert code == "1" * CODE_LENGTH
    for text in (code, code.lower(), shown_code(code), " 1111 1111 ", "illLI1-Li", started.start_parameter):
        assert (await bench.logins.asked(text, ADA)) is not None, text
    assert len(started.start_parameter) <= 64
    assert len(ALPHABET) ** CODE_LENGTH >= 2**39


async def test_codes_and_numbers_are_drawn_anew_and_every_place_is_as_likely(bench: LoginBench) -> None:
    places, codes = [0, 0, 0], set()
    for number in range(300):
        started = await bench.start(f"192.0.2.{number % 250}")
        pending = await bench.asked(started)
        assert all(10 <= one <= 99 for one in pending.numbers)
        places[pending.numbers.index(started.number)] += 1
        codes.add(started.code)
        assert (await bench.asked(started)).numbers == pending.numbers, "asked twice it shows the same"
    assert len(codes) == 300
    assert min(places) > 50


async def test_it_expires(bench: LoginBench) -> None:
    started = await bench.start()
    pending = await bench.asked(started)
    bench.now += LOGIN_SECONDS - 0.5
    assert await bench.logins.outcome(started.code, started.secret) == Outcome("waiting")
    bench.now += 0.5
    assert await bench.logins.outcome(started.code, started.secret) == Outcome("expired")
    assert await bench.logins.asked(started.code, ADA) is None
    assert await bench.logins.answer(started.code, ADA, key=pending.key, number=started.number) == "expired"


async def test_one_confirmed_in_the_last_moment_is_still_fetched_and_no_later(bench: LoginBench) -> None:
    for late in (FETCH_SECONDS - 0.5, FETCH_SECONDS):
        started = await bench.start()
        pending = await bench.asked(started)
        bench.now += LOGIN_SECONDS - 0.1
        assert await bench.logins.answer(started.code, ADA, key=pending.key, number=started.number) == "confirmed"
        bench.now += 0.1 + late
        outcome = await bench.logins.outcome(started.code, started.secret)
        assert outcome.state == ("confirmed" if late < FETCH_SECONDS else "expired")


async def states(bench: LoginBench, logins: list[Started]) -> list[str]:
    return [(await bench.logins.outcome(one.code, one.secret)).state for one in logins]


async def test_one_too_many_of_an_address_ends_its_oldest(bench: LoginBench) -> None:
    """Whoever shares the address can log in, and other addresses notice nothing."""
    [neighbour] = [await bench.start("192.0.2.8")]
    begun = []
    for number in range(MOST_OF_ADDRESS + 3):
        begun.append(await (bench.node() if number % 2 else bench.logins).start(user_agent="", address="192.0.2.7"))
        bench.now += 1
    assert await states(bench, begun) == ["expired"] * 3 + ["waiting"] * MOST_OF_ADDRESS
    assert await states(bench, [neighbour]) == ["waiting"]


async def test_what_is_answered_is_not_ended_by_others_of_its_address(bench: LoginBench) -> None:
    first = await bench.start()
    pending = await bench.asked(first)
    assert await bench.logins.answer(first.code, ADA, key=pending.key, number=first.number) == "confirmed"
    for _ in range(2 * MOST_OF_ADDRESS):
        bench.now += 1
        await bench.start()
    assert await bench.logins.outcome(first.code, first.secret) == Outcome("confirmed", ADA)


async def test_many_at_once_pass_no_bound(bench: LoginBench) -> None:
    done = await asyncio.gather(*(bench.start() for _ in range(30)))
    assert (await states(bench, list(done))).count("waiting") == MOST_OF_ADDRESS


async def test_where_all_are_taken_the_address_with_most_loses_its_oldest(
    bench: LoginBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    most = MOST_WAITING if full() else 60
    monkeypatch.setattr("streamvault.access.login.MOST_WAITING", most)
    single = [await bench.start(f"2001:db8::{number:x}") for number in range(most - 5)]
    bench.now += 1
    several = []
    for _ in range(5):
        several.append(await bench.start("203.0.113.9"))
        bench.now += 1
    newcomers = [await bench.start(f"198.51.100.{number}") for number in range(4)]
    assert await states(bench, several) == ["expired"] * 4 + ["waiting"]
    assert set(await states(bench, single + newcomers)) == {"waiting"}
    await bench.start()
    assert (await states(bench, single)).count("expired") == 1
    assert len(bench.records.stored) == most
    bench.now += LOGIN_SECONDS + FETCH_SECONDS + 1
    await bench.start()
    assert len(bench.records.stored) == 1, "expired ones are removed when they are in the way"


@pytest.mark.parametrize("address", ["", "unix:", "<b>evil.example</b>", "192.0.2.7:80"])
async def test_what_is_no_address_is_not_shown_to_people(bench: LoginBench, address: str) -> None:
    assert (await bench.asked(await bench.start(address))).address == "unknown"


async def test_guesses_of_a_person_are_bounded(bench: LoginBench) -> None:
    started = await bench.start()
    for guess in range(WRONG_CODES):
        assert await bench.logins.asked(f"{guess}" * CODE_LENGTH, EVE) is None
        bench.now += 1
    for text in ("9" * CODE_LENGTH, started.code):
        with pytest.raises(TooManyTries) as raised:
            await bench.logins.asked(text, EVE)
    assert raised.value.retry_after == WRONG_SECONDS - WRONG_CODES
    assert await bench.logins.asked(started.code, ADA) is not None
    bench.now += WRONG_SECONDS - WRONG_CODES
    assert await bench.logins.asked("9" * CODE_LENGTH, EVE) is None
    with pytest.raises(TooManyTries):
        await bench.logins.asked("9" * CODE_LENGTH, EVE)


@pytest.mark.parametrize("text", ["", "login_", "x", "💥" * 8, "A" * 4000, "ABCDEFG\0", "once:" + "a" * 64])
async def test_a_code_may_be_any_text(bench: LoginBench, text: str) -> None:
    await bench.start()
    assert await bench.logins.asked(text, EVE) is None
    assert await bench.logins.outcome(text, text) == Outcome("expired")
    assert await bench.logins.answer(text, EVE, key=text, number=12) == "expired"


async def test_guesses_of_an_address_are_bounded(bench: LoginBench) -> None:
    started = await bench.start()
    for _ in range(WRONG_CODES_OF_ADDRESS):
        await bench.logins.outcome(started.code, "guess", address="203.0.113.9")
    for code, secret in ((started.code, "guess"), ("1" * CODE_LENGTH, started.secret), ("", "")):
        with pytest.raises(TooManyTries):
            await bench.logins.outcome(code, secret, address="203.0.113.9")
    for address in ("203.0.113.9", "192.0.2.7"):
        assert await bench.logins.outcome(started.code, started.secret, address=address) == Outcome("waiting")


async def test_two_browsers_at_once_are_kept_apart(bench: LoginBench) -> None:
    first, second = await bench.start(), await bench.start()
    of_first, of_second = await bench.asked(first), await bench.asked(second, EVE)
    await bench.logins.answer(second.code, EVE, key=of_second.key, number=second.number)
    assert await bench.logins.outcome(first.code, first.secret) == Outcome("waiting")
    assert (await bench.logins.outcome(second.code, second.secret)).person == EVE
    await bench.logins.answer(first.code, ADA, key=of_first.key, number=first.number)
    assert (await bench.logins.outcome(first.code, first.secret)).person == ADA


async def test_a_failing_database_is_told_and_loses_nothing(bench: LoginBench) -> None:
    started = await bench.start()
    pending = await bench.asked(started)
    bench.records.failing = True
    with pytest.raises(CatalogError):
        await bench.start()
    with pytest.raises(CatalogError):
        await bench.logins.answer(started.code, ADA, key=pending.key, number=started.number)
    bench.records.failing = False
    assert await bench.logins.answer(started.code, ADA, key=pending.key, number=started.number) == "confirmed"
