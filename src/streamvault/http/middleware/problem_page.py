"""Problems as a page, for people whose browser opened an address: what is wrong, and what to do next.

Programs and players get problem+json (RFC 9457); a browser says with `Accept: text/html` that it shows a page.
"""

import base64
import hashlib
import json
from html import escape
from typing import Any

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import Scope

_STYLE = """
:root { color-scheme: dark light; --page: #0e0f1d; --ink: #f1effa; --quiet: #a6a5c3; --accent: #ffb35c; }
@media (prefers-color-scheme: light) { :root { --page: #f6f3ec; --ink: #1c1a33; --quiet: #63607c; --accent: #4f3fc4; } }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: var(--page); color: var(--ink);
  font: 17px/1.55 system-ui, "Noto Sans", sans-serif; }
main { max-width: 34rem; padding: 2rem; overflow-wrap: anywhere; }
h1 { font: 600 1.9rem/1.2 Georgia, "Noto Serif", serif; margin: 0 0 .6rem; }
p { margin: .6rem 0; }
.status { color: var(--quiet); letter-spacing: .06em; }
code { color: var(--accent); }
"""

_STEPS = {
    401: (
        "Open it with a link: the bot answers with one to each file that its owner sends it or replies to with /link.",
        "The owner gets one to everything with `streamvault link --everything`, on the machine of the server.",
    ),
    403: ("Ask the person who gave you the link for a new one.",),
    404: ("The address may be incomplete: copy all of it.",),
    410: ("The post was deleted in Telegram. Another copy may be in the library.",),
    421: (),
    429: ("Wait a little, then reload this page.",),
    503: ("Reload this page in a moment; `/readyz` says what the server waits for.",),
}

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
        f"style-src 'sha256-{base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()}'"
    ),
    "Content-Type": "text/html; charset=utf-8",
    "Referrer-Policy": "no-referrer",
    "Vary": "Accept",
    "X-Content-Type-Options": "nosniff",
}


def for_reader(answer: Response, scope: Scope) -> Response:
    """`answer`, a problem, as a page if a browser opened the address; else as it is."""
    if scope["method"] not in ("GET", "HEAD") or "text/html" not in Headers(scope=scope).get("accept", ""):
        return answer
    kept = {name: value for name, value in answer.headers.items() if name not in ("content-type", "content-length")}
    return Response(_page(json.loads(bytes(answer.body))), answer.status_code, {**kept, **HEADERS})


def _page(problem: dict[str, Any]) -> str:
    steps = "".join(f"<p>{_coded(step)}</p>" for step in _STEPS.get(problem["status"], ()))
    return (
        "<!doctype html><html lang='en'><head><meta charset='utf-8'>"
        "<meta name='viewport' content='width=device-width, initial-scale=1'>"
        f"<title>{escape(problem['title'])}</title><style>{_STYLE}</style></head><body><main>"
        f"<p class='status'>{problem['status']} {escape(problem['title'])}</p>"
        f"<h1>{escape(problem['detail'])}</h1>{steps}</main></body></html>"
    )


def _coded(text: str) -> str:
    """What stands in backquotes is code."""
    return "".join(f"<code>{part}</code>" if odd % 2 else part for odd, part in enumerate(escape(text).split("`")))
