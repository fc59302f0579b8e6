"""The catalog: which files there are, in which messages, and the personal data of users.

base and personal are the interfaces, sqlite/ and mongo/ the two engines, which do not import each other; the other
modules are what both share. A test suite (tests/contracts) compares each engine with a simple one in memory.

A filter is a word. Kind, chat, year, tag, resolution, language and work of a file are indexed as terms beside the words
of its texts, so that one index answers every combination of search and filters, newest first.
"""
