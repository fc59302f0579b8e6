"""Feeds as JSON texts, which keep what a database may not."""

import json
from dataclasses import asdict
from typing import Any

from streamvault.errors import CatalogError
from streamvault.leech.feeds.model import Feed, FeedState, Moved, Pick, Rules
from streamvault.leech.model import Asked, Lease, Options


def text_of(feed: Feed) -> str:
    """All of a feed but its version. Raises CatalogError for numbers that are none."""
    value = asdict(feed)
    del value["version"]
    try:
        return json.dumps(value, allow_nan=False, separators=(",", ":"))
    except ValueError as error:
        raise CatalogError(f"feed {feed.id} cannot be stored: {error}") from error


def feed_of(text: str, version: int) -> Feed:
    """The feed of a text; fields that a text of an earlier version lacks have their defaults."""
    value: dict[str, Any] = json.loads(text)
    lease, asked, moved = value.get("lease"), value.get("asked"), value.get("moved")
    rules: dict[str, Any] = value.get("rules", {})
    words = {name: tuple(rules.get(name, ())) for name in ("include", "exclude", "prefer")}
    options = value.get("options", {})
    read = {
        "state": FeedState(value.get("state", FeedState.ACTIVE)),
        "lease": None if lease is None else Lease(**lease),
        "asked": None if asked is None else Asked(**asked),
        "moved": None if moved is None else Moved(**moved),
        "rules": Rules(**(rules | words)),
        "options": Options(**(options | {"select": tuple(options.get("select", ()))})),
        "seen": tuple(value.get("seen", ())),
        "picks": tuple(Pick(**one) for one in value.get("picks", ())),
        "question": tuple(Pick(**one) for one in value.get("question", ())),
        "version": version,
    }
    return Feed(**(value | read))
