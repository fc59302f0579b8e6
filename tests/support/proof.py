"""How much to try: `make proof` asks for the full counts, `make test` for as many as show the same in a minute."""

import os


def full() -> bool:
    """Whether this run is `make proof`."""
    return os.environ.get("STREAMVAULT_PROOF") == "1"
