"""Captions of posted files, by a template; pure. They are plain text, so that no name can become markup."""

import string
from collections.abc import Mapping

MOST_UNITS = 1024
"""UTF-16 code units of a caption: what Telegram allows every account."""
FIELDS = ("name", "title", "size", "duration", "source")
_MOST_TEMPLATE = 2000


def checked_template(template: str) -> str:
    """The template, if it has no fields but FIELDS; ``\\n`` in it is a new line. Raises ValueError."""
    template = template.replace("\\n", "\n")
    if len(template) > _MOST_TEMPLATE:
        raise ValueError(f"it has more than {_MOST_TEMPLATE} characters")
    named = ", ".join(f"{{{field}}}" for field in FIELDS)
    try:
        parsed = list(string.Formatter().parse(template))
    except ValueError:
        raise ValueError(f"a brace in it has no partner; write {{{{ for one that is no field of {named}") from None
    for _, field, form, conversion in parsed:
        if field is not None and (field not in FIELDS or form or conversion):
            raise ValueError(f"it has a field that does not exist: use {named}, and {{{{ for a brace")
    return template


def filled(template: str, values: Mapping[str, str]) -> str:
    """The caption of a template that was checked, cut to MOST_UNITS; lines of which nothing is left are left out."""
    lines = template.split("\n")
    texts = (line.format_map({field: values.get(field, "") for field in FIELDS}).strip() for line in lines)
    return cut("\n".join(text for text, line in zip(texts, lines, strict=True) if text or not line.strip()))


def cut(text: str, most: int = MOST_UNITS) -> str:
    """`text`, of at most `most` UTF-16 code units, with an ellipsis where it is cut; no character is cut in two."""
    coded = text.encode("utf-16-le", "surrogatepass")
    if len(coded) <= 2 * most:
        return text
    return coded[: 2 * (most - 1)].decode("utf-16-le", "ignore").rstrip() + "\u2026"


def readable_size(size: int) -> str:
    """A number of bytes with a unit, such as 1.4 GiB."""
    value, unit = float(size), "bytes"
    for larger in ("KiB", "MiB", "GiB", "TiB"):
        if value < 1024:
            break
        value, unit = value / 1024, larger
    return f"{value:.0f} {unit}" if unit == "bytes" else f"{value:.1f} {unit}"


def readable_duration(seconds: float | None) -> str:
    """As 1:02:03, or 2:03; "" where it is unknown."""
    if seconds is None:
        return ""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
