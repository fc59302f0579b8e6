"""People who are logged in on a Site, and the credentials that they hold."""

from dataclasses import dataclass
from typing import Any

import httpx

from streamvault.http.cookies import SECURE_SESSION
from tests.support.site import Site

OWNER, MEMBER, STRANGER = 11111111, 22222222, 33333333


@dataclass
class Browser:
    """A browser of a person: its cookies, and nothing else."""

    site: Site
    cookies: dict[str, str]

    async def ask(self, method: str, path: str, **how: Any) -> httpx.Response:
        """The answer; cookies that it sets are kept, and those of other browsers are not sent."""
        headers = {**how.pop("headers", {})}
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        self.site.client.cookies.clear()
        answer = await self.site.client.request(method, path, headers=headers, **how)
        for cookie in answer.cookies.jar:
            self.cookies[cookie.name] = str(cookie.value)
        self.site.client.cookies.clear()
        return answer

    async def get(self, path: str, **how: Any) -> httpx.Response:
        return await self.ask("GET", path, **how)


async def logged_in(site: Site, person: int, *, name: str = "Ann") -> Browser:
    """A browser in which this person is logged in."""
    await site.access.people.seen(person, name)
    value = await site.access.sessions.begin(person, browser="Firefox on Linux", address="203.0.113.7")
    return Browser(site, {SECURE_SESSION: value})


def nobody(site: Site) -> Browser:
    """A browser without cookies."""
    return Browser(site, {})
