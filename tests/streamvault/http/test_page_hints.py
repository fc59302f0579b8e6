"""What a page asks for at once is named in the Link field of its document, and nothing else."""

import re

import pytest

from streamvault.http.page_hints import Manifest, files_of_pages, link_field

MANIFEST: Manifest = {
    "index.html": {"file": "assets/index-1.js", "imports": ["_first.js"], "css": ["assets/index-1.css"]},
    "_first.js": {"file": "assets/first-1.js"},
    "_round.js": {"file": "assets/round-1.js", "imports": ["_first.js", "src/pages/work/index.tsx"]},
    "src/pages/home/index.tsx": {"file": "assets/home-1.js", "imports": ["_first.js"]},
    "src/pages/home/below.tsx": {"file": "assets/below-1.js", "imports": ["_first.js"]},
    "src/pages/home/shared.tsx": {"file": "assets/shared-1.js"},
    "src/pages/work/index.tsx": {
        "file": "assets/work-1.js",
        "imports": ["_first.js", "_round.js"],
        "css": ["assets/work-1.css"],
        "dynamicImports": ["src/pages/home/shared.tsx"],
    },
    "src/pages/channel/index.tsx": {"file": "assets/channel-1.js"},
    "src/pages/channels/index.tsx": {"file": "assets/channels-1.js"},
    "src/pages/login/index.tsx": {"file": "assets/login-1.js"},
}
FILES = files_of_pages(MANIFEST)
ME = ["/api/me"]
HOME = ["/assets/home-1.js", "/assets/below-1.js"]


def hinted(path: str, *, lists: bool = True) -> list[str]:
    return re.findall(r"<([^>]+)>", link_field(path, FILES, lists=lists))


WATCHED = ["/api/watch?limit=20&finished=false", "/api/watch?limit=40&finished=true"]
WORK = ["/assets/work-1.js", "/assets/work-1.css", "/assets/round-1.js", *ME]


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("/", [*HOME, *ME, "/api/catalog/facets", *WATCHED]),
        ("/work/f:dune (2021)/x", [*WORK, "/api/works/f%3Adune%20(2021)%2Fx"]),
        ("/work/s:küche", [*WORK, "/api/works/s%3Ak%C3%BCche"]),
        ("/channels", ["/assets/channels-1.js", *ME]),
        ("/channels/-100", ["/assets/channel-1.js", *ME]),
        ("/welcome", ["/assets/login-1.js", *ME]),
        ("/unknown/x", ME),
    ],
)
def test_hints(path: str, found: list[str]) -> None:
    assert hinted(path) == found


def test_who_may_see_no_lists_gets_no_hint_to_them() -> None:
    assert hinted("/", lists=False) == [*HOME, *ME]
    assert not any("works" in one for one in hinted("/work/f:dune", lists=False))


def test_each_is_fetched_as_what_it_is() -> None:
    field = link_field("/work/f:x", FILES, lists=True)
    assert "</assets/work-1.js>; rel=modulepreload," in field
    assert "</assets/work-1.css>; rel=preload; as=style; crossorigin," in field
    assert field.endswith("</api/works/f%3Ax>; rel=preload; as=fetch; crossorigin")


def test_a_build_without_a_manifest_hints_at_data_alone() -> None:
    assert files_of_pages({}) == {"home": ()}
    assert link_field("/films", {}, lists=True) == "</api/me>; rel=preload; as=fetch; crossorigin"


def test_no_address_ends_the_field_or_begins_another() -> None:
    field = link_field('/work/x>; rel=evil, <y\r\nSet-Cookie: z"', {}, lists=True)
    assert re.findall(r"<[^>]*>", field) == [
        "</api/me>",
        "</api/works/x%3E%3B%20rel%3Devil%2C%20%3Cy%0D%0ASet-Cookie%3A%20z%22>",
    ]
