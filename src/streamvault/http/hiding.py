"""What the caller has hidden is left out of lists."""

from dataclasses import replace

from streamvault.catalog.base import CatalogQuery
from streamvault.http.dependencies import HttpServices


async def without_hidden(
    services: HttpServices, user: str | None, query: CatalogQuery, *, hidden: bool
) -> CatalogQuery:
    """`query` without the files that the user has hidden, unless `hidden` asks for them. Raises CatalogError."""
    if user is None or hidden:
        return query
    return replace(query, without=await services.personal.hidden(user))
