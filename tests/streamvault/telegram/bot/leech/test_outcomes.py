"""What is told of jobs that were asked for, and of those that ended."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamvault.access.urls import Links
from streamvault.leech.model import Described, Job, Options, Piece, State, Transfer
from streamvault.telegram.bot.leech.outcomes import ended, offer, post_link, queued
from streamvault.telegram.bot.leech.requests import Request
from streamvault.telegram.bot.texts import MESSAGE_UNITS, Button, units
from tests.support.files import media_file

CHANNEL = -1_001_960_912_864
LINKS = Links("https://tv.example.org/watch/1?token=x", "https://tv.example.org/stream/1?token=x")


def done(*messages: int, name: str = "film.mkv", chat_id: int = CHANNEL) -> Job:
    pieces = tuple(Piece(0, number, size=1, message_id=message) for number, message in enumerate(messages))
    return Job(
        "00112233aabbccdd", "https://example.org/x", chat_id, 1.0, state=State.DONE, bytes_done=3 << 20,
        transfer=Transfer(Described(name, 3 << 20), pieces, complete=True),
    )  # fmt: skip


def test_a_job_that_is_done_has_its_links() -> None:
    answer = ended(done(42), LINKS, buttons=True)
    assert answer.text == (
        f"Done: film.mkv\n3.0 MiB\n\nPost: https://t.me/c/1960912864/42\n\nWatch: {LINKS.watch}\n\n"
        f"Download: {LINKS.download}"
    )
    assert answer.code == ((6, 8),)
    fresh = (Button("Fresh links", data="links:00112233aabbccdd"),)
    assert answer.rows == ((Button("Watch", LINKS.watch), Button("Download", LINKS.download)), fresh)
    assert ended(done(42), LINKS).rows == (fresh,)
    assert ended(done(42)).rows == ()
    film = media_file(42, duration=5400.5, width=1920, height=800)
    assert ended(done(42), LINKS, film).text.startswith("Done: film.mkv\n3.0 MiB, 1 h 30 min, 1920 × 800\n\nPost: ")
    song = media_file(42, duration=61.0, width=None, height=None)
    assert ended(done(42), None, song).text.startswith("Done: film.mkv\n3.0 MiB, 61 s\n")
    assert ended(done(42)).text == "Done: film.mkv\n3.0 MiB\n\nPost: https://t.me/c/1960912864/42"
    assert "3.0 MiB, in 3 messages" in ended(done(42, 43, 44)).text
    noted = replace(done(42), transfer=replace(done(42).transfer, notes=("it is a document",)))
    assert "\n3.0 MiB\nit is a document\n\nPost" in ended(noted).text


def test_what_came_of_an_archive_is_told() -> None:
    notes = tuple(f"{number}: posted as a document {'x' * 500}" for number in range(20))
    made = done(*range(42, 2042), name="show.zip")
    answer = ended(replace(made, options=Options(unzip=True), transfer=replace(made.transfer, notes=notes)), LINKS)
    assert answer.text.startswith("Done: show.zip\n3.0 MiB, in 2000 messages\n0: posted as a document xxx")
    assert "\n... and 10 more\n\nPost: https://t.me/c/1960912864/42" in answer.text
    assert units(answer.text) < MESSAGE_UNITS
    packed = replace(done(42, name="Garden.mkv.zip"), options=Options("Garden", zip=True))
    assert ended(packed).text.startswith("Done: Garden.mkv.zip\n")


def test_what_came_of_a_list_is_told() -> None:
    reason = "20 of 25 entries, 5 missing: 2: gone"
    made = replace(done(), reason=reason, transfer=Transfer(Described("All", None)))
    assert ended(made).text == f"Done: All\n{reason}"
    assert units(ended(replace(made, reason="\U0001f600" * 5000)).text) < MESSAGE_UNITS


@pytest.mark.parametrize(
    ("chat_id", "link"),
    [(CHANNEL, "https://t.me/c/1960912864/42"), (-1_000_000_000_001, "https://t.me/c/1/42"), (-555, None), (777, None)],
)
def test_posts_have_links_where_telegram_has_any(chat_id: int, link: str | None) -> None:
    assert post_link(done(42, chat_id=chat_id)) == link
    assert post_link(done(chat_id=chat_id)) is None


def test_a_job_that_failed_says_why_and_can_be_tried_again() -> None:
    failed = replace(done(), state=State.FAILED, reason="example.org refuses the request (403)")
    answer = ended(failed, LINKS, buttons=True)
    assert answer.text == "Failed: film.mkv\nexample.org refuses the request (403)"
    assert answer.rows == ((Button("Try again", data="retry:00112233aabbccdd"),),)


def test_what_became_of_addresses() -> None:
    queued_one = replace(done(), state=State.QUEUED, options=Options("Film.mkv"))
    answer = queued([queued_one], [done(42)], [("https://u:p@example.org/y", "no such host")], left_out=2)
    assert answer.text == (
        "Queued:\nFilm.mkv 00112233aabbccdd\n\nThere already:\nfilm.mkv https://t.me/c/1960912864/42\n\n"
        "Refused:\nhttps://example.org/y no such host\n\n2 left out: no addresses that can be leeched."
    )
    assert "There already:\nfilm.mkv (failed)" in queued([], [replace(done(), state=State.FAILED)], []).text


def test_an_offer_shows_no_password() -> None:
    """H15."""
    answer = offer(Request(("https://user:p%40ss@example.org/x.mkv?a=b@c",)))
    assert answer.text == "Leech this?\nhttps://example.org/x.mkv?a=b@c"
    assert offer(Request(("https://a/", "https://b/"), left_out=1)).text == (
        "Leech these 2 addresses?\n\n1 left out: no address that can be leeched."
    )


NAMES = st.text(st.characters(exclude_categories=()), max_size=600)


@given(st.lists(NAMES, max_size=30), st.lists(NAMES, max_size=30), NAMES)
def test_any_names_fit_into_a_message(first: list[str], second: list[str], reason: str) -> None:
    new = [done(name=name) for name in first]
    known = [done(2_000_000_000, name=name, chat_id=-1_009_999_999_999) for name in second]
    refused = [(f"https://example.org/{name}", reason) for name in second]
    for answer in (
        queued(new, known, refused, left_out=9), *(ended(one, LINKS) for one in new),
        *(ended(replace(one, state=State.FAILED, reason=reason)) for one in new),
        *(offer(Request((address,))) for address, _ in refused),
    ):  # fmt: skip
        answer.text.encode()
        assert units(answer.text) <= MESSAGE_UNITS
        assert all(offset + length <= units(answer.text) for offset, length in answer.code)
