"""The operations of the API's description, for generated requests (schemathesis)."""

from typing import Any, cast

import schemathesis
from schemathesis.config import SchemathesisConfig

from streamvault.http.openapi import describe
from tests.support.files import CHANNEL

# A cursor is a text that only an earlier page knows: a made-up one is a 400.
ACCEPTED = {"expected-statuses": ["2xx", "3xx", "400", "404", "409", "429"]}
# Whether a film can be repackaged only its bytes tell.
OF_FILMS = {"expected-statuses": [*ACCEPTED["expected-statuses"], "422"]}
CONFIG = SchemathesisConfig.from_dict(
    {
        "checks": {"positive_data_acceptance": ACCEPTED},
        "operations": [
            {"include-path-regex": "^/(?:hls|subtitles|api/facts)/", "checks": {"positive_data_acceptance": OF_FILMS}}
        ],
    }
)

schema = schemathesis.openapi.from_dict(describe(), config=CONFIG)


@schema.hook
def map_path_parameters(_: schemathesis.HookContext, path_parameters: dict[str, Any] | None) -> dict[str, Any] | None:
    """Let every other request name an existing message."""
    message = (path_parameters or {}).get("message_id")
    if path_parameters is None or not isinstance(message, int) or message % 2:
        return path_parameters
    return {**path_parameters, "chat_id": CHANNEL, "message_id": message % 3 + 1}


def operations() -> dict[str, Any]:
    """Every operation by its label, "GET /healthz" for example."""
    found = [cast(Any, one).ok() for one in schema.get_all_operations()]
    return {one.label: one for one in found}
