"""The way from the address of a job to the answer that holds its file: redirects, cookies, log-in, crowded hosts."""

import base64
from collections.abc import Mapping
from types import MappingProxyType

from streamvault.errors import SourceFailed, SourceRefused
from streamvault.leech.sources.http.client import Client
from streamvault.leech.sources.http.cookies import Cookies
from streamvault.leech.sources.http.exchange import Answer
from streamvault.leech.sources.http.refusals import CROWDED, error_of, retry_after
from streamvault.leech.sources.urls import Url, resolve_reference

AGENT = b"StreamVault"
_REDIRECTS = frozenset({300, 301, 302, 303, 307, 308})
_PERMANENT = frozenset({301, 308})
_FILES = frozenset({200, 203, 206, 416})


class Way:
    """Each request begins at the first address, so that a signed link that expired is signed anew. `also`: further
    statuses that `get` returns.
    """

    def __init__(
        self, client: Client, first: Url, *, also: frozenset[int] = frozenset(),
        headers: Mapping[str, str] = MappingProxyType({}),
    ) -> None:  # fmt: skip
        """`headers`: fields that are sent instead of our own, and beside them; to all hosts that redirects lead to."""
        self.first = first
        self.settled = first
        """Where the permanent redirects before any other led in the last request."""
        self._also = also
        self._headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
        self._client = client
        self._cookies = Cookies()

    async def get(self, headers: list[tuple[bytes, bytes]], *, begun: bool) -> Answer:
        """The answer with the file (200, 203, 206), or 416. `begun`: the address gave the file before. Raises
        SourceRefused (LinkExpired), SourceFailed.
        """
        url, seen = self.first, set[tuple[Url, bytes | None]]()
        self.settled = self.first
        for _ in range(self._client.limits.redirects + 1):
            step = (url, self._cookies.header(url))
            if step in seen:
                raise SourceRefused(f"{url.host} redirects in a circle: the link may need a log-in in a browser")
            seen.add(step)
            answer = await self._ask(url, headers)
            location = answer.fields.get("location")
            if answer.status not in _REDIRECTS or (answer.status == 300 and location is None):
                return self._checked(answer, begun=begun)
            answer.close()
            if location is None:
                raise SourceFailed(f"{url.host} redirects without saying where to")
            moved = answer.status in _PERMANENT and self.settled == url
            url = resolve_reference(url, location)
            self.settled = url if moved else self.settled
        raise SourceRefused(f"{self.first.host} redirects more than {self._client.limits.redirects} times")

    async def _ask(self, url: Url, headers: list[tuple[bytes, bytes]]) -> Answer:
        """One hop. A host that refuses a connection beside another, or soon after one, is asked again when it is the
        only one.
        """
        limits, hosts, name = self._client.limits, self._client.hosts, str(url.host)
        stepped, wait = False, None
        for attempt in range(limits.tries):
            answer, crowded = await self._client.get(url, [*headers, *self._own(url)])
            self._cookies.take(url, answer.fields.all("set-cookie"))
            if answer.status not in CROWDED or not crowded or attempt == limits.tries - 1:
                break
            stepped = True
            hosts.step_down(name)
            wait = retry_after(answer.fields, self._client.wall())
            if wait:
                break
            answer.close()
            await self._client.sleep(limits.pause * 2**attempt)
        if stepped and answer.status in CROWDED and not wait:
            hosts.step_up(name)
        return answer

    def _own(self, url: Url) -> list[tuple[bytes, bytes]]:
        own = [
            (b"User-Agent", AGENT),
            (b"Accept", b"*/*"),
            (b"Accept-Encoding", b"identity"),
            (b"Connection", b"close"),
        ]
        given = {name.lower() for name, _ in self._headers}
        own = [field for field in own if field[0].lower() not in given] + self._headers
        login = url.login or (self.first.login if self.first.trusts(url) else None)
        if login is not None:
            own.append((b"Authorization", b"Basic " + base64.b64encode(b":".join(login))))
        cookies = self._cookies.header(url)
        if cookies is not None:
            own.append((b"Cookie", cookies))
        return own

    def _checked(self, answer: Answer, *, begun: bool) -> Answer:
        if answer.status in _FILES or answer.status in self._also:
            return answer
        answer.close()
        login = self.first.login is not None and self.first.trusts(answer.url)
        host = answer.url.host
        error = error_of(answer.status, answer.fields, host, begun=begun, login=login, now=self._client.wall())
        if isinstance(error, SourceFailed) and error.retry_after:
            self._client.hosts.close_for(str(host), error.retry_after)
        raise error
