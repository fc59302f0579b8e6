"""The streams of now: answers while they are sent, and films by HLS from their first segment until after their last."""

from streamvault.http import active_streams
from streamvault.http.active_streams import LINGER, ActiveStreams
from streamvault.media.model import Origin
from tests.support.files import media_file

FILM = media_file(1, name="Film.mkv")


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_film_by_hls_is_one_stream_until_some_seconds_after_its_last_segment() -> None:
    clock = Clock()
    streams = ActiveStreams(clock)
    for _ in range(5):
        streams.segment("person:1", FILM.origin, FILM, count=100)
        clock.now += LINGER - 1
        assert len(streams) == 1
    [one] = streams.present
    assert (one.who, one.message_id, one.name, one.since, one.bytes) == ("person:1", 1, "Film.mkv", 1000.0, 500)
    clock.now += 1
    assert (len(streams), streams.present) == (0, ())
    streams.segment("person:1", FILM.origin, FILM, count=7)
    assert [(again.since, again.bytes) for again in streams.present] == [(clock.now, 7)], "it began anew"


def test_viewers_and_films_are_told_apart_and_the_oldest_is_first() -> None:
    clock = Clock()
    streams = ActiveStreams(clock)
    other = Origin(FILM.origin.chat_id, 2)
    for who, origin in (("person:1", FILM.origin), ("link:a", FILM.origin), ("person:1", other)):
        clock.now += 1
        streams.segment(who, origin, FILM, count=1)
    clock.now += 1
    with streams.stream("address:x", FILM.origin, FILM):
        streams.segment("person:1", FILM.origin, FILM, count=1)
        seen = [(one.who, one.message_id) for one in streams.present]
        assert seen == [("person:1", 1), ("link:a", 1), ("person:1", 2), ("address:x", 1)]
    clock.now += LINGER - 1
    assert [one.who for one in streams.present] == ["person:1"], "each ends by its own last segment"


def test_they_are_bounded() -> None:
    clock = Clock()
    streams = ActiveStreams(clock)
    most = active_streams.MOST_PLAYED
    for number in range(most + 5):
        streams.segment(f"person:{number}", FILM.origin, FILM, count=1)
    assert len(streams) == most
    assert streams.present[0].who == "person:5"
    clock.now += LINGER
    assert len(streams) == 0
    assert not streams._until
