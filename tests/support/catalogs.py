"""A catalog in memory, with named faults."""

from collections.abc import Iterable

from streamvault.catalog.base import CatalogQuery, Counts, Page
from streamvault.errors import CatalogError
from streamvault.media.model import MediaFile, Origin


class MemoryCatalog:
    """Enough of a Catalog for what stands on one; `broken` makes every call fail, `calls` lists them."""

    def __init__(self, files: Iterable[MediaFile] = (), *, chats: dict[int, str] | None = None) -> None:
        self.files = {file.origin: file for file in files}
        self.known_chats = dict(chats or {})
        self.broken = False
        self.calls: list[str] = []

    async def get(self, origin: Origin) -> MediaFile | None:
        self._called("get")
        return self.files.get(origin)

    async def origins(self, file_unique_id: str) -> tuple[Origin, ...]:
        self._called("origins")
        found = [file for file in self.files.values() if file.key.file_unique_id == file_unique_id]
        return tuple(file.origin for file in sorted(found, key=lambda file: -file.date))

    async def put(self, file: MediaFile) -> None:
        self._called("put")
        self.files[file.origin] = file

    async def remove(self, origin: Origin) -> None:
        self._called("remove")
        self.files.pop(origin, None)

    async def page(self, query: CatalogQuery) -> Page:
        self._called("page")
        shown = [f for o, f in self.files.items() if query.chat_ids is None or o.chat_id in query.chat_ids]
        return Page(tuple(shown[: query.limit]), None)

    async def counts(self, chat_ids: frozenset[int] | None = None) -> Counts:
        self._called("counts")
        return Counts(files=len(self.files))

    async def remember_chat(self, chat_id: int, title: str) -> None:
        self._called("remember_chat")
        self.known_chats[chat_id] = title

    async def forget_chat(self, chat_id: int) -> None:
        self._called("forget_chat")
        self.known_chats.pop(chat_id, None)

    async def chats(self) -> dict[int, str]:
        self._called("chats")
        return dict(self.known_chats)

    def _called(self, name: str) -> None:
        self.calls.append(name)
        if self.broken:
            raise CatalogError("the database is away")
