"""The spans of ids that are read, and the difference between the catalog and Telegram."""

import dataclasses
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamvault.catalog.base import Change
from streamvault.indexing.batches import Batch, Span, difference, spans
from streamvault.media.classification import classify, in_album
from streamvault.media.history import BATCH, Messages
from streamvault.media.model import FileKey, MediaFile, Origin, Part, Sent
from streamvault.media.parts import join
from tests.support.files import CHANNEL, media_file
from tests.support.walks import edited

SPAN = Span(1, 100)
FILM = media_file(7, views=100)


def told(stored: MediaFile | None, messages: Messages, *, deleted: bool = False) -> Change:
    rows = {7: stored} if stored is not None else {}
    return difference(Batch(CHANNEL, SPAN, rows, messages), deleted=lambda _: deleted)


@given(st.integers(0, 5000), st.integers(0, 5000))
def test_spans_cover_each_id_once_from_the_top_in_the_fewest_reads(floor: int, more: int) -> None:
    top = floor + more
    found = list(spans(top, floor))
    assert [number for span in found for number in reversed(span.ids)] == list(range(top, floor, -1))
    assert all(len(span.ids) <= BATCH for span in found)
    assert len(found) == (math.ceil(top / BATCH) - floor // BATCH if more else 0)
    assert all(span.first % BATCH == 1 for span in found[:-1])


def test_a_file_that_is_not_stored_is_put() -> None:
    assert told(None, Messages({7: FILM})) == Change(put=[FILM], gone=[])


def test_an_unchanged_file_is_not_put() -> None:
    for same in (FILM, dataclasses.replace(FILM, views=109)):
        assert told(FILM, Messages({7: same})) == Change(put=[], gone=[])


def test_a_changed_file_is_put() -> None:
    for other in (edited(FILM, caption="new"), dataclasses.replace(FILM, views=111), edited(FILM, key=FileKey("x"))):
        assert told(FILM, Messages({7: other})) == Change(put=[other], gone=[])


def test_a_message_deleted_or_without_a_file_is_gone() -> None:
    for messages in (Messages(gone=frozenset({7})), Messages({7: None})):
        assert told(FILM, messages) == Change(put=[], gone=[Origin(CHANNEL, 7)])
        assert told(None, messages) == Change(put=[], gone=[])


def test_a_file_that_is_called_by_the_text_of_its_album_is_not_put_again() -> None:
    """C"""
    sent = classify(media_file(7, name="", album=5, sent=Sent("video", "", "video/mp4")))
    stored = in_album(sent, "Regatta at Dornum")
    assert stored.name == "Regatta at Dornum.mp4"
    assert told(stored, Messages({7: sent})) == Change(put=[], gone=[])
    assert told(stored, Messages({7: edited(sent, caption="Storm")})).put != []


def test_a_message_of_unknown_state_stays() -> None:
    assert told(FILM, Messages()) == Change(put=[], gone=[])


def test_a_recently_deleted_message_is_not_put() -> None:
    assert told(None, Messages({7: FILM}), deleted=True) == Change(put=[], gone=[])


@pytest.mark.parametrize("tags", [None, (), ("Größe",), ("one", "two")])
@pytest.mark.parametrize("second", [None, (), ("other",)])
def test_a_joined_file_with_marked_tags_is_put_only_when_they_change(
    tags: tuple[str, ...] | None, second: tuple[str, ...] | None
) -> None:
    """R: by the walks, the background check and the opening of files."""
    names = ("film.mkv.001", "film.mkv.002", "film.mkv.003")
    first, *others = (
        classify(dataclasses.replace(
            FILM, name=name, size=1000, duration=None, caption="#one #two", origin=Origin(CHANNEL, number),
            key=FileKey(name), sent=Sent("document", name, "video/mp4", tags if number == 7 else second),
        ))
        for number, name in enumerate(names, 7)
    )  # fmt: skip
    whole = join([first, *others])
    assert whole is not None
    assert told(classify(whole), Messages({7: first})) == Change(put=[], gone=[])
    assert first.sent is not None
    changed = dataclasses.replace(first, sent=dataclasses.replace(first.sent, tags=("new",)))
    assert told(whole, Messages({7: changed})).put == [changed]


def test_a_whole_is_compared_by_its_first_piece_and_a_piece_keeps_its_place() -> None:
    piece = dataclasses.replace(FILM, name="film.mkv.001")
    part = Part(piece.key, piece.origin, piece.dc_id, piece.name, piece.size, piece.kind, piece.mime_type)
    whole = dataclasses.replace(piece, key=FileKey("whole"), name="film.mkv", size=10 * piece.size, parts=(part, part))
    second = dataclasses.replace(FILM, part_of=Origin(CHANNEL, 6))
    assert told(whole, Messages({7: piece})) == Change(put=[], gone=[])
    assert told(second, Messages({7: FILM})) == Change(put=[], gone=[])
    assert told(whole, Messages({7: edited(piece)})).put == [edited(piece)]
