"""How much to try: `make proof` asks for the full counts, `make test` for as many as show the same in a minute."""

import os
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


def full() -> bool:
    """Whether this run is `make proof`."""
    return os.environ.get("STREAMVAULT_PROOF") == "1"


def sample(cases: Sequence[T], *, every: int = 2) -> list[T]:
    """All cases in `make proof`, else the first one and each `every`th after it."""
    return list(cases if full() else cases[::every])
