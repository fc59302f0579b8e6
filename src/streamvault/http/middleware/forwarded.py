"""Gives a request the client, scheme and host that count, before anything else looks at them."""

import logging
from ipaddress import ip_network

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Receive, Scope, Send

from streamvault.http.forwarding import Networks, forwarded, is_in, parsed

log = logging.getLogger(__name__)

THIS_MACHINE: Networks = (ip_network("127.0.0.0/8"), ip_network("::1/128"))


class ForwardedHeaders:
    """Writes into the scope what trusted proxies say (http/forwarding.py): `client`, `scheme` and the field Host.

    `state.own_host` keeps the Host field that X-Forwarded-Host replaced. Where no proxy is trusted, one on this machine
    is still believed in `state.viewer`, the address for what viewers share (http/addresses.py); nothing else is.
    `state.by_proxy`: a proxy nearby that is not trusted sends it.
    """

    def __init__(self, app: ASGIApp, trusted: Networks) -> None:
        self._app = app
        self._trusted = trusted
        self._said = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope.get("client"):
            self._apply(scope)
        await self._app(scope, receive, send)

    def _apply(self, scope: Scope) -> None:
        peer = scope["client"][0]
        state = scope.setdefault("state", {})
        found = forwarded(peer, scope["headers"], self._trusted)
        if not self._trusted:
            state["viewer"] = forwarded(peer, scope["headers"], THIS_MACHINE).client
        state["by_proxy"] = self._is_unnamed_proxy(scope, peer)
        if state["by_proxy"]:
            self._say(peer)
        if found.client != peer:
            scope["client"] = (found.client, 0)
        scope["scheme"] = found.scheme or scope["scheme"]
        if found.host is not None:
            headers = MutableHeaders(scope=scope)
            state["own_host"] = headers.get("host", "")
            headers["host"] = found.host

    def _is_unnamed_proxy(self, scope: Scope, peer: str) -> bool:
        """Whether a proxy nearby sends this that nobody has named: all of its clients would count as one."""
        if not any(name == b"x-forwarded-for" for name, _ in scope["headers"]):
            return False
        address = parsed(peer)
        return address is not None and address.is_private and not is_in(address, self._trusted)

    def _say(self, peer: str) -> None:
        """Once."""
        if not self._said:
            self._said = True
            log.warning(
                "a proxy at %s names its clients (X-Forwarded-For), but is not one of TRUSTED_PROXIES: limits take all "
                "of them for one, and the limits of an address that nobody has set do not hold for it; set "
                "TRUSTED_PROXIES=%s if it is yours", peer, peer,
            )  # fmt: skip
