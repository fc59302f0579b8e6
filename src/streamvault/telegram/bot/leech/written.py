"""A message that is put together: plain text, in which some parts are shown as they are and never become links."""

from streamvault.telegram.bot.texts import Answer, Button, display_name, units


class Written:
    """Text with spans of code, whose places Telegram counts in UTF-16 code units."""

    def __init__(self) -> None:
        self._parts = list[str]()
        self._length = 0
        self._code = list[tuple[int, int]]()

    def text(self, text: str) -> "Written":
        """Append text of our own."""
        self._parts.append(text)
        self._length += units(text)
        return self

    def name(self, name: str, most: int) -> "Written":
        """Append a name that somebody else chose, on one line, of at most `most` UTF-16 code units."""
        shown = cut(display_name(name, most), most)
        self._code.append((self._length, units(shown)))
        return self.text(shown)

    def answer(self, rows: tuple[tuple[Button, ...], ...] = ()) -> Answer:
        """The message, with these buttons."""
        return Answer("".join(self._parts), rows, tuple(self._code))


def cut(text: str, most: int) -> str:
    """`text`, of at most `most` UTF-16 code units; no character is cut in two."""
    if units(text) <= most:
        return text
    kept = text.encode("utf-16-le", "surrogatepass")[: 2 * (most - 1)].decode("utf-16-le", "ignore")
    return f"{kept}\u2026"
