"""What the caller has hidden is left out of lists."""

from dataclasses import replace

from streamvault.catalog.base import CatalogQuery
from streamvault.http.dependencies import HttpServices
from streamvault.http.selection import Selection


async def without_hidden(
    services: HttpServices, user: str | None, selection: Selection, query: CatalogQuery
) -> CatalogQuery:
    """`query` without the files that the user has hidden, unless the selection asks for them. Raises CatalogError."""
    if user is None or selection.hidden:
        return query
    return replace(query, without=await services.personal.hidden(user))
