"""Characters that change the direction of the text around them (Bidi_Control of UAX #9).

A name that holds one may look like another: "photo_gpj.exe" with U+202E before "gpj" is shown as "photo_exe.jpg". The
direction of a name follows from its letters, so that it is shown without them.
"""

import re

BIDI_CONTROLS = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def without_bidi_controls(text: str) -> str:
    """`text` as it may be shown."""
    return BIDI_CONTROLS.sub("", text)
