"""The SQL statements of lists: rows that satisfy Conditions, in the order of a query."""

import json
from collections.abc import Iterator, Sequence
from typing import Literal

from streamvault.catalog.base import CatalogQuery, Cursor, Sort
from streamvault.catalog.sqlite.query import Clause, Conditions, Parameters, Statement
from streamvault.catalog.sqlite.rows import ENTRY

Plan = Literal["matches", "ids", "rows"]
"""How a list sorted by name or size is made: all matches are sorted; or the rows in the order of the list are filtered
by the ids of the matches; or the rows in that order are checked one by one by their words."""

_SORT_COLUMN = {"date": "id", "name": "name_key", "size": "size"}

REVISION = "SELECT number FROM revision"
"""Grows with each change of what lists show, or of their order."""

IN_SEVERAL_MESSAGES = """
SELECT f.file, f.id FROM (SELECT file FROM files INDEXED BY files_by_file GROUP BY file HAVING count(*) > 1) AS several
CROSS JOIN files AS f INDEXED BY files_by_file ON f.file = several.file ORDER BY f.file, f.behind, f.id DESC
"""
"""The rows of files that several messages hold: of each file first what stands in front (derived.behind)."""

# what comes before the letters, and then from one first character to the next with one index lookup
_NAMES = "files INDEXED BY files_by_name WHERE part_of_chat IS NULL AND"
_IDS = f"SELECT json_group_array(id) FROM (SELECT id FROM {_NAMES} {{}} ORDER BY name_key, id)"
_NEXT = f"SELECT substr(name_key, 1, 1) FROM {_NAMES} name_key >= {{}} ORDER BY name_key LIMIT 1"
# after all texts that begin with the character: no UTF-8 has this byte. (unicode() gives U+FFFD for some characters.)
_AFTER = "start.text || CAST(x'ff' AS TEXT)"
IDS_BY_LETTER = f"""
WITH RECURSIVE start (text) AS (
    SELECT ({_NEXT.format("'a'")})
    UNION ALL
    SELECT ({_NEXT.format(_AFTER)}) FROM start WHERE start.text IS NOT NULL
)
SELECT '', ({_IDS.format("name_key < 'a'")})
UNION ALL
SELECT text, ({_IDS.format("name_key >= start.text AND name_key < " + _AFTER)})
FROM start WHERE text IS NOT NULL
"""
"""The first characters of names from "a" on, ascending, after "" for the names before; and the ids of those names."""
IDS_BY_SIZE = """
SELECT '', json_group_array(id)
FROM (SELECT id FROM files INDEXED BY files_by_size WHERE part_of_chat IS NULL ORDER BY size, id)
"""


def page(query: CatalogQuery, found: Conditions, *, plan: Plan = "matches", tries: int = 0) -> Statement:
    """The rows (ENTRY, then the sort value, then id) of one page, and one more if there is another page.

    `plan`: how a list that is not sorted by date is made. `tries`: the number of rows in the order of the list that are
    examined (0: all); a result that does not fill the page and one row more is incomplete then.
    """
    by_date = query.sort == "date"
    first, last = found.first, found.last
    if query.after is not None and by_date:
        first, last = (first, query.after.key - 1) if query.order == "desc" else (query.after.key + 1, last)
    where = _Where()
    if found.match and (by_date or plan == "matches"):
        source, id = "search CROSS JOIN files AS f ON f.id = search.rowid", "search.rowid"
        where.add(Clause("search MATCH ?", (found.match,)), *found.rest, alias="f")
    elif by_date:
        source, id = "listed CROSS JOIN files AS f ON f.id = listed.id", "listed.id"
        where.add(*found.row, alias="f")
    else:
        source, id = f"files AS f INDEXED BY files_by_{query.sort}", "f.id"
        where.add(Clause("{}.part_of_chat IS NULL"), *_picked(query, found, plan=plan, tries=tries), alias="f")
    where.within(first, last, id=id)
    if query.after is not None and not by_date:
        where.add(_beyond(query.after), alias="f")
    where.add(*_in_front(found), alias="")
    order, column = query.order, _SORT_COLUMN[query.sort]
    inner = id if by_date else f"f.{column} {order}, f.id"
    outer = "f.id" if by_date else inner
    sql = (
        f"SELECT {ENTRY}, f.{column}, f.id FROM files AS f JOIN contents AS c ON c.file = f.file WHERE f.id IN "
        f"(SELECT f.id FROM {source} WHERE {where.sql} ORDER BY {inner} {order} LIMIT ?) ORDER BY {outer} {order}"
    )
    return sql, (*where.parameters, query.limit + 1)


def newest(found: Conditions, columns: str, *, limit: int, before: int | None = None) -> Statement:
    """`columns` of listed as l: the newest `limit` matching rows, with ids below `before`."""
    where = _Where()
    source, id = "listed AS l", "l.id"
    if found.match:
        source, id = "search CROSS JOIN listed AS l ON l.id = search.rowid", "search.rowid"
        where.add(Clause("search MATCH ?", (found.match,)), alias="")
    if found.rest:
        narrow = all(clause.sql.startswith(("{}.size", "{}.file")) for clause in found.rest)
        source += "" if narrow else " CROSS JOIN files AS r ON r.id = l.id"
        where.add(*found.rest, alias="l" if narrow else "r")
    where.within(found.first, found.last if before is None else before - 1, id=id)
    sql = f"SELECT {columns} FROM {source} WHERE {where.sql} ORDER BY {id} DESC LIMIT ?"
    return sql, (*where.parameters, limit)


def works(found: Conditions, *, series: bool | None) -> Statement:
    """The works of matching rows, or the series or films of them: the newest id, the number of files, if a series.

    A file counts once, by the row that stands in front (derived.behind).
    """
    sql, parameters = newest(found, "l.file, l.id, l.behind, l.work", limit=-1)
    having = "" if series is None else f"HAVING max(work & 1) = {series:d}"
    return (
        "SELECT max(id), count(*), max(work & 1) FROM ("
        "SELECT id, work, row_number() OVER (PARTITION BY file ORDER BY behind, id DESC) AS place "
        f"FROM ({sql}) WHERE work > 0) WHERE place = 1 GROUP BY work >> 1 {having}",
        parameters,
    )


def ids(found: Conditions, *, limit: int, before: int | None = None) -> Statement:
    """The ids of the newest `limit` matching rows, with ids below `before`, as a JSON array."""
    sql, parameters = newest(found, "l.id", limit=limit, before=before)
    return f"SELECT json_group_array(id) FROM ({sql})", parameters


def in_order(sort: Sort, ids: Sequence[int]) -> Statement:
    """Of these rows id, file, behind and the first character of the name (derived.name_key), in ascending order."""
    sql = (
        "SELECT f.id, f.file, f.behind, substr(f.name_key, 1, 1) FROM json_each(?) AS wanted "
        f"CROSS JOIN files AS f ON f.id = wanted.value ORDER BY f.{_SORT_COLUMN[sort]}, f.id"
    )
    return sql, (json.dumps(ids),)


def sort_value(sort: Sort, id: int) -> Statement:
    """The sort value of a row and its id."""
    return f"SELECT {_SORT_COLUMN[sort]}, id FROM files WHERE id = ?", (id,)


def count(found: Conditions, most: int) -> Statement:
    """The number of rows that the index finds, up to `most`."""
    sql = "SELECT 1 FROM search WHERE search MATCH ? AND rowid BETWEEN ? AND ? LIMIT ?"
    return f"SELECT count(*) FROM ({sql})", (found.match, found.first, found.last, most)


def _in_front(found: Conditions) -> Iterator[Clause]:
    """That no other matching message of the same file comes before `f` (derived.behind); most are not behind."""
    newer = _others(found, "other.behind = f.behind AND other.id > f.id")
    before = _others(found, "other.behind < f.behind")
    yield Clause(f"NOT EXISTS ({newer.sql})", newer.parameters)
    yield Clause(f"(f.behind = 0 OR NOT EXISTS ({before.sql}))", before.parameters)


def _others(found: Conditions, which: str) -> Clause:
    where = _Where()
    where.add(Clause(f"other.file = f.file AND other.part_of_chat IS NULL AND {which}"), alias="")
    where.add(*found.row, alias="other")
    where.within(found.first, found.last, id="other.id")
    return Clause(f"SELECT 1 FROM files AS other INDEXED BY files_by_file WHERE {where.sql}", where.parameters)


def _picked(query: CatalogQuery, found: Conditions, *, plan: Plan, tries: int) -> tuple[Clause, ...]:
    """The conditions by which rows in the order of another index are filtered."""
    first = tuple(_first(query, tries)) if tries else ()
    if found.match and plan == "ids":
        return (*first, Clause("{}.id IN (SELECT rowid FROM search WHERE search MATCH ?)", (found.match,)), *found.rest)
    return (*first, *found.row)


def _first(query: CatalogQuery, tries: int) -> Iterator[Clause]:
    """Keeps the first `tries` rows in the order of the list; none when there are fewer."""
    column, where = _SORT_COLUMN[query.sort], _Where()
    where.add(Clause("{}.part_of_chat IS NULL"), *([_beyond(query.after)] if query.after else ()), alias="t")
    last = (
        f"SELECT t.{column}, t.id FROM files AS t INDEXED BY files_by_{query.sort} WHERE {where.sql} "
        f"ORDER BY t.{column} {query.order}, t.id {query.order} LIMIT 1 OFFSET ?"
    )
    sign = ">=" if query.order == "desc" else "<="
    yield Clause(f"({{}}.{column}, {{}}.id) {sign} ({last})", (*where.parameters, tries))


class _Where:
    """Conditions joined by AND, with their parameters in order."""

    def __init__(self) -> None:
        self.sql = ""
        self.parameters: Parameters = ()

    def add(self, *clauses: Clause, alias: str) -> None:
        for clause in clauses:
            self.sql += (" AND " if self.sql else "") + clause.sql.replace("{}", alias)
            self.parameters += clause.parameters

    def within(self, first: int, last: int, *, id: str) -> None:
        self.add(Clause(f"{id} >= ? AND {id} <= ?", (first, last)), alias="")


def _beyond(after: Cursor) -> Clause:
    sign = "<" if after.order == "desc" else ">"
    return Clause(f"({{}}.{_SORT_COLUMN[after.sort]}, {{}}.id) {sign} (?, ?)", (after.value, after.key))
