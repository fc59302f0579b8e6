"""The catalog in one SQLite file.

A row of `files` is a message, a row of `contents` the file in it; several messages may hold one file. Ids begin with
the date, so that a list by date needs no sorting. `search` is a contentless FTS5 index: for each listed message it
holds the words of the file and, beginning with `_`, one word for each value that filters ask for (index_words), so any
query is one FTS5 expression, whose rows come out newest first.

Since the index returns no text, `files.words` keeps exactly what was indexed. FTS5 needs it to delete an entry, and
`instr` on it checks the same conditions row by row where no index helps: in lists sorted by name or size, and to tell
whether a newer message of the same file matches too.

A prefix in a query is replaced by the words of `vocabulary` that begin with it. The first two letters of each longer
word are words of the index themselves, so that the shortest prefixes do not need thousands of words.
"""
