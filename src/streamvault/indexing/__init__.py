"""Indexing: a message in Telegram becomes a file in the catalog.

`live` applies updates as they arrive, `backfill` walks through a chat's history once, `repair` walks through all chats
again and again; both walks use `reconcile`. `walks` runs the backfills of a server, `finder` finds the file of a
message for a viewer, `unknown` reads it if the catalog does not have it, `joining` is the catalog they all write to,
and `naming` parses file names afterwards.

Positions are never ahead of rows: how far a channel's updates or history were read is stored in the same transaction
as what was found up to there, and applying something again changes nothing. A deleted post leaves the catalog in `live`
(an update reports it) or in `reconcile` (a walk finds it missing).
"""
