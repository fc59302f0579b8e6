"""Parses JSON, and refuses what could not be sent on: Telegram's strings are UTF-8, and its numbers are finite."""

import json
from typing import Any


class JsonError(ValueError):
    """A text is no JSON that can be used; the message continues a sentence that begins with what the text is."""


def parse_json(text: bytes | str) -> Any:
    """The value of a JSON text. JsonError for what is no JSON, nested too deep, or holds a lone surrogate or NaN."""
    try:
        value = json.loads(text)
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    except UnicodeEncodeError as error:
        code = ord(error.object[error.start])
        raise JsonError(f"holds a lone surrogate, \\u{code:04x}, which no UTF-8 text can hold") from None
    except RecursionError:
        raise JsonError("is nested too deep") from None
    except ValueError as error:
        raise JsonError(f"is not JSON: {error}") from None
    return value
