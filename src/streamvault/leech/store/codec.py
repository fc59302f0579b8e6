"""Jobs as JSON texts, which keep what a database may not: NUL, unpaired surrogates, integers of any size."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from streamvault.errors import CatalogError
from streamvault.leech.model import Asked, Described, Job, Lease, Options, Piece, State, Transfer


def text_of(job: Job) -> str:
    """All of a job but its version. Raises CatalogError for numbers that are none, and for what JSON cannot express in
    `transfer.source`.
    """
    value = asdict(job)
    del value["version"]
    try:
        return json.dumps(value, allow_nan=False, separators=(",", ":"))
    except (ValueError, TypeError) as error:
        raise CatalogError(f"job {job.id} cannot be stored: {error}") from error


def job_of(text: str, version: int) -> Job:
    """The job of a text; fields that a text of an earlier version lacks have their defaults."""
    value: dict[str, Any] = json.loads(text)
    lease, asked = value.get("lease"), value.get("asked")
    options = value.get("options", {})
    read = {
        "state": State(value.get("state", State.QUEUED)),
        "lease": None if lease is None else Lease(**lease),
        "asked": None if asked is None else Asked(**asked),
        "options": Options(**(options | {"select": tuple(options.get("select", ()))})),
        "transfer": _transfer(value.get("transfer", {})),
        "version": version,
    }
    return Job(**(value | read))


def key_of(text: str) -> str:
    """An id or fingerprint as a JSON string."""
    return json.dumps(text)


def id_of(key: str) -> str:
    """The id of its `key_of`."""
    return str(json.loads(key))


def _transfer(value: Mapping[str, Any]) -> Transfer:
    described = value.get("described")
    read = {
        "described": None if described is None else Described(**described),
        "pieces": tuple(Piece(**piece) for piece in value.get("pieces", ())),
        "notes": tuple(value.get("notes", ())),
    }
    return Transfer(**({**value} | read))
