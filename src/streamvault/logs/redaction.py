"""Takes out of a text what opens something: tokens, cookies and credentials, by their form and by where they stand.

Addresses come into the log from many sides (errors of libraries, Referer fields, chats), and percent-encoded, once or
more often. What is not sure to be a secret but stands where one may is taken out too.
"""

import re

HIDDEN = "***"

_ENCODED = "%(?:25){0,3}"
_SLASH = rf"(?:/|{_ENCODED}2[Ff])"
_DASHES = rf"(?:[A-Za-z0-9_-]|{_ENCODED}(?:2[Dd]|5[Ff]))"
"""What tokens consist of."""

_HEADER = re.compile(
    r"(?P<kept>\b(?:(?:proxy-)?authorization|(?:set-)?cookie)(?:[\"']\s*[:=,]|\s*[:=])\s*b?)"
    r"(?:(?P<quote>[\"'])(?:\\.|(?!(?P=quote)).)*|[^\"'\s][^\r\n]*)",
    re.IGNORECASE,
)
"""A header field in a text, a mapping or a list of pairs: all of its value."""

_VALUE = re.compile(
    rf"""
    (?P<kept>
      (?:[?&;]|{_ENCODED}(?:3F|26|3B))(?:token|code|start)(?:=|{_ENCODED}3D)   # in a query
      | \b(?:__(?:Host|Secure)-)?sv_[a-z0-9_]{{1,24}}=                         # a cookie, by its name
    )
    [^&;\s"'<>]+
    | (?P<scheme>\bbearer(?:\s|\+|{_ENCODED}20)+)[^&;\s"'<>]{{8,}}
    """,
    re.IGNORECASE | re.VERBOSE,
)
_SEGMENT = re.compile(
    rf"""
    (?P<kept>{_SLASH}(?:(?:s|stremio|dav){_SLASH}|login{_SLASH}(?!(?:start|wait)\b)))
    (?:(?!{_ENCODED}2[Ff])[^/\s"'?&\#<>])+
    """,
    re.VERBOSE,
)
"""In the path of an address."""

_FIELD = re.compile(
    rf"""
    (?P<kept>
      (?<![A-Za-z0-9])(?:token|secret)
      (?:\s?(?:=|{_ENCODED}3D)\s?|(?:["']|{_ENCODED}2[27])\s?(?::|{_ENCODED}3A)\s?|["'],\s?)
      b?(?:["']|{_ENCODED}2[27])?
    )
    (?!(?:None|null|true|false)\b)[^&;,\s"'<>(){{}}\[\]]{{4,}}
    """,
    re.IGNORECASE | re.VERBOSE,
)
"""A named value: in a form, an assignment, a mapping or a pair."""

_CODE = re.compile(
    rf"""
    (?P<kept>
      (?<![A-Za-z0-9])code(?:["']|{_ENCODED}2[27])?,?\s?(?:=|:|(?<=,\s)|{_ENCODED}3[AD])\s?b?(?:["']|{_ENCODED}2[27])?
      | /login(?:@\w{{1,32}})?(?:\s|\+|{_ENCODED}20)
      | \blogin(?:_|:|{_ENCODED}(?:5F|3A))
    )
    [0-9A-Z]{{4}}(?:-|{_ENCODED}2D)?[0-9A-Z]{{4}}(?![A-Za-z0-9])(?::[0-9A-Za-z]+)*
    | (?P<word>\b(?:invite(?:_|{_ENCODED}5F)|withdraw(?::|{_ENCODED}3A))){_DASHES}{{43}}
    """,
    re.IGNORECASE | re.VERBOSE,
)
"""The code of a log-in, and an invitation, as people and buttons send them to the bot."""

_TOKEN = re.compile(
    rf"""
      \b[0-9]{{6,18}}(?::|{_ENCODED}3[Aa]){_DASHES}{{20,}}   # a bot's
    | sv(?:_|{_ENCODED}5[Ff]){_DASHES}{{20,}}                 # of the API
    | \b(?:svs(?:_|{_ENCODED}5[Ff]))?[0-9a-f]{{16}}(?:\.|{_ENCODED}2[Ee]){_DASHES}{{20,}}   # of a web session
    | (?:(?<![A-Za-z0-9_-])|(?<=%[0-9A-Fa-f]{{2}}))           # of a link
      A[Qg][E-T]{_DASHES}{{29}}(?:{_DASHES}{{12}})?(?![A-Za-z0-9_-])
    """,
    re.VERBOSE,
)


def redacted(text: str) -> str:
    """`text` with HIDDEN in the place of everything that may open something."""
    text = _HEADER.sub(lambda match: f"{match['kept']}{match['quote'] or ''}{HIDDEN}", text)
    text = _VALUE.sub(lambda match: f"{match['kept'] or match['scheme']}{HIDDEN}", text)
    text = _FIELD.sub(lambda match: f"{match['kept']}{HIDDEN}", text)
    text = _CODE.sub(lambda match: f"{match['kept'] or match['word']}{HIDDEN}", text)
    text = _SEGMENT.sub(lambda match: f"{match['kept']}{HIDDEN}", text)
    return _TOKEN.sub(HIDDEN, text)
