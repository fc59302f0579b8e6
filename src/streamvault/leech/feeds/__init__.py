"""Feeds: RSS, Atom and podcasts that are looked at on a schedule, and whose new items become leech jobs.

A feed is stored like a job: whole, changed by compare-and-set, held by a lease while one worker looks at it. What a
look finds is judged by pure functions (`keys`, `rules`, `choice`, `judging`, `transitions`). New items are stored with
the feed as picks, in the same write as the marks by which they are known from then on; only then do they become jobs,
whose ids follow from the feed and the item, so that a repeated step adds nothing twice and none is lost.

A feed is fetched by the HTTP client of the sources, through the egress guard (`reading`), and parsed in a child process
(`apart`, `program`), as its bytes are anybody's.
"""
