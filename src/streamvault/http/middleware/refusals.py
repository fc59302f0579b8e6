"""How often an address may be refused: tokens cannot be guessed, and each wrong one is not looked up.

In front of the access check. Requests without a token that are refused count like all other requests of their address;
those with a token have a smaller limit of their own. Beyond it only tokens that were accepted of late are let through,
so that neighbours behind one address do not lock each other out for long.
"""

import time
from collections import OrderedDict
from collections.abc import Callable

from starlette.types import ASGIApp, Receive, Scope, Send

from streamvault.access.limits import LimitReached, Limits
from streamvault.errors import AccessDenied
from streamvault.http.addresses import client_of, is_by_proxy
from streamvault.http.middleware.access import identity_of, is_refused, token_of
from streamvault.http.middleware.rate_limits import too_many

MAX_ACCEPTED = 10_000
"""Tokens of which it is remembered that they were accepted last."""

TOLD_SECONDS, MAX_TOLD = 3600.0, 1000
"""Seconds in which an address is told of once as refused too often, and how many addresses that is remembered of."""


class Refusals:
    """Raises HTTPException 429 with Retry-After; for `limited` and `spare_proxies` see RateLimits.

    `refused_often(address)` is called for each address that is refused too often, once in TOLD_SECONDS.
    """

    def __init__(
        self, app: ASGIApp, limits: Limits, limited: Callable[[str], None], *, spare_proxies: bool = False,
        refused_often: Callable[[str], None] = lambda _: None, clock: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        self._app = app
        self._limits = limits
        self._limited = limited
        self._spare_proxies = spare_proxies
        self._refused_often = refused_often
        self._clock = clock
        self._told: OrderedDict[str, float] = OrderedDict()
        self._accepted: OrderedDict[int, None] = OrderedDict()  # by their hash, as a token is a secret

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        address = client_of(scope) if scope["type"] == "http" else ""
        if scope["type"] != "http" or (self._spare_proxies and is_by_proxy(scope)):
            await self._app(scope, receive, send)
            return
        try:
            await self._check(scope, receive, send, address=address)
        except LimitReached as error:
            self._limited(error.why)
            if error.why == "refused":
                self._tell(address)
            raise too_many(error) from None

    def _tell(self, address: str) -> None:
        now = self._clock()
        if now - self._told.get(address, -TOLD_SECONDS) < TOLD_SECONDS:
            return
        self._told[address] = now
        self._told.move_to_end(address)
        if len(self._told) > MAX_TOLD:
            self._told.popitem(last=False)
        self._refused_often(address)

    async def _check(self, scope: Scope, receive: Receive, send: Send, *, address: str) -> None:
        token = token_of(scope)
        if token is not None and hash(token) not in self._accepted:
            self._limits.check_refusals(address)
        try:
            await self._app(scope, receive, send)
        except AccessDenied:
            self._count(address, token)
            raise
        if is_refused(scope):
            self._limits.refused(address)
        elif token is not None and identity_of(scope).via not in ("none", "public"):
            self._accept(token)

    def _accept(self, token: str) -> None:
        self._accepted[hash(token)] = None
        self._accepted.move_to_end(hash(token))
        if len(self._accepted) > MAX_ACCEPTED:
            self._accepted.popitem(last=False)

    def _count(self, address: str, token: str | None) -> None:
        """Count a refusal. Raises LimitReached instead of it when a request without a token was one too many."""
        if token is not None:
            self._limits.refused(address)
            self._accepted.pop(hash(token), None)
        else:
            self._limits.request(f"address:{address}")
