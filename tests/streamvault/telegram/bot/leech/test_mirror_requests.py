"""What stands behind /mirror."""

import pytest

from streamvault.telegram.bot.leech.mirror_requests import MirrorRequest, mirror_request
from streamvault.telegram.bot.leech.requests import NotUnderstood

ID = "0123456789abcdef"


def test_what_is_understood() -> None:
    films, copy = "@films", -1001234567891
    for text, wanted in {
        "": MirrorRequest("list"),
        " list ": MirrorRequest("list"),
        "@films -1001234567891": MirrorRequest("add", None, films, copy),
        "films https://t.me/c/1234567891": MirrorRequest("add", None, films, copy),
        "add https://t.me/films/5?single t.me/c/1234567891/7/8": MirrorRequest("add", None, films, copy),
        "t.me/s/films telegram.me/films_copy": MirrorRequest("add", None, films, "@films_copy"),
        "-o @films -1001234567891": MirrorRequest("add", None, films, copy, once=True),
        "@films -1001234567891 \u2014once --deletions": MirrorRequest("add", None, films, copy, True, True),
        f"remove {ID}": MirrorRequest("remove", ID),
        f"RM {ID}": MirrorRequest("remove", ID),
        f"delete {ID}": MirrorRequest("delete", ID),
        f"keep {ID}": MirrorRequest("keep", ID),
    }.items():
        assert mirror_request(text) == wanted, text


def test_anything_else_is_answered_by_a_sentence() -> None:
    for text, part in {
        "@films": "Which channels?",
        "@films @films_copy @third": "Which channels?",
        "remove": "Which mirror?",
        "remove @films": "Which mirror?",
        "keep ../../etc": "Which mirror?",
        "@films -5": "-5 is no channel",
        "@films -x": "-x is no channel",
        "https://example.org/films @films": "https://example.org/films is no channel",
        "https://t.me/+AbCdEf @films": "is no channel",
        "@films \u202e-100\u0661234567891": "is no channel",
    }.items():
        with pytest.raises(NotUnderstood, match=part.replace("?", r"\?")):
            mirror_request(text)
