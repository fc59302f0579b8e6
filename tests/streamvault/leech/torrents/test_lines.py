"""What the child prints."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamvault.errors import SourceFailed, SourceRefused
from streamvault.leech.torrents.lines import Complete, Described, Entry, Failed, parse_line


def test_lines_are_values() -> None:
    assert parse_line('{"say": "entry", "path": "T/\\u9f8d", "size": 7, "kind": "link"}') == Entry("T/龍", 7, "link")
    assert parse_line('{"say": "complete", "index": 3}') == Complete(3)
    assert parse_line('{"say": "described", "data": "YWI="}') == Described(b"ab")


@pytest.mark.parametrize(("kind", "error"), [("torrent", SourceRefused), ("disk", SourceFailed)])
def test_failures_are_sentences(kind: str, error: type[Exception]) -> None:
    found = parse_line(json.dumps({"say": "error", "kind": kind, "why": "no\nspace " + "x" * 999}))
    assert isinstance(found, Failed)
    assert type(found.error) is error
    assert "no space" in str(found.error)
    assert len(str(found.error)) < 300


@given(st.one_of(st.text(), st.dictionaries(st.sampled_from(["say", "index", "path"]), st.text()).map(json.dumps)))
def test_any_other_line_is_none(text: str) -> None:
    assert parse_line(text) is None or json.loads(text)["say"] == "complete"
