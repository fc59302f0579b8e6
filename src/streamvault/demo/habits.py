"""What the demo's owner has done before: begun films, favourites, collections, links, and a member invited."""

import time
from collections.abc import Mapping, Sequence

from streamvault.access.identity import Target
from streamvault.catalog.personal import Personal, Watched
from streamvault.demo.content.series import HARBOUR, ORCHARD, Series, recipe_of
from streamvault.demo.content.shelves import RECIPES
from streamvault.demo.encode import Film
from streamvault.demo.world import DAY, DemoWorld
from streamvault.http.users import user_of_person
from streamvault.media.model import MediaFile
from streamvault.server.services import Services


def _episode(series: Series, season: int, episode: int) -> str:
    return recipe_of(series, series.seasons[season - 1], episode)


WATCHED: Sequence[tuple[str, float, float]] = (
    ("moons.mp4", 1.0, 21.0),
    ("copper.mp4", 1.0, 13.5),
    (_episode(ORCHARD, 1, 1), 1.0, 8.3),
    *((_episode(HARBOUR, 1, episode), 1.0, 7.0 - episode) for episode in range(1, 5)),
    ("library.mp4", 0.22, 2.6),
    ("dunes.mkv", 0.55, 1.4),
    (_episode(HARBOUR, 1, 5), 0.4, 0.9),
    ("night-tide-hd.mkv", 0.62, 0.2),
)
"""Recipe, the share that was seen (1.0: to its end), and how many days ago."""
FAVOURITES = (
    "photo-14.jpg", "salt-03.mp3", "mirel.mp4", _episode(ORCHARD, 1, 3), "low-04.mp3", "night-tide-hd.mkv",
)  # fmt: skip
COLLECTIONS = {
    "Film evenings": ("night-tide-hd.mkv", "mirel.mp4", "library.mp4", "daughter.mp4", "moons.mp4"),
    "Songs for the ferry": ("low-01.mp3", "salt-02.mp3", "ember-03.mp3", "windows-02.mp3", "single-01.mp3"),
    "On the wall": ("photo-03.jpg", "photo-12.jpg", "photo-16.jpg", "photo-27.jpg", "photo-40.jpg"),
}


async def begin(services: Services, demo: DemoWorld, files: Mapping[str, MediaFile]) -> None:
    """Store all of it; `files` by their recipes."""
    keys = {recipe: file.key.file_unique_id for recipe, file in files.items()}
    personal, user = services.personal, user_of_person(demo.owner.id)
    for recipe, share, days in WATCHED:
        await personal.set_watched(user, _state(recipe, keys[recipe], share=share, days=days))
    for recipe in FAVOURITES:
        await personal.set_favourite(user, keys[recipe], like=True)
    numbers = [await _collect(personal, user, name, [keys[one] for one in COLLECTIONS[name]]) for name in COLLECTIONS]
    access, owner = services.admission.access, demo.owner.id
    await access.people.seen(owner, demo.owner.first_name)
    await access.people.invite(demo.friend.id, demo.friend.first_name)
    await access.revoked()
    access.audit.note("invited", person=owner, detail=str(demo.friend.id), address="bot")
    film = Target(origin=files["mirel.mp4"].origin)
    for link in (
        await access.links.create(owner, film, media="watch", expires_in=7 * DAY, viewers=5),
        await access.links.create(owner, Target(collection=numbers[0])),
        await access.links.create(owner, Target(query="harbour lights"), expires_in=30 * DAY),
    ):
        access.audit.note("link made", person=owner, detail=link.id, address="bot")


async def _collect(personal: Personal, user: str, name: str, members: Sequence[str]) -> int:
    number = await personal.create_collection(user, name)
    for one in members:
        await personal.set_member(user, number, one, member=True)
    return number


def _state(recipe: str, key: str, *, share: float, days: float) -> Watched:
    film = RECIPES[recipe]
    assert isinstance(film, Film)
    return Watched(key, film.seconds * share, float(film.seconds), share == 1.0, round(time.time() - days * DAY))
