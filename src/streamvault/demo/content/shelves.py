"""Everything that the demo makes and posts."""

from streamvault.demo.content import films, music, papers, photos, samples, series
from streamvault.demo.entries import Entry, Post, Recipes, Shelf

RECIPES: Recipes = {
    **samples.RECIPES, **films.RECIPES, **series.RECIPES, **music.RECIPES, **photos.RECIPES, **papers.RECIPES
}  # fmt: skip
"""How each file of the media folder is made."""

POSTS: tuple[Post, ...] = tuple(sorted(
    (*samples.POSTS, *films.POSTS, *series.POSTS, *music.POSTS, *photos.POSTS, *papers.POSTS),
    key=lambda post: -post.days,
))  # fmt: skip
"""Every post, the oldest first."""


def entries(shelf: Shelf | None = None) -> list[Entry]:
    """What is posted in one channel, or in all, the oldest first."""
    return [entry for post in POSTS if shelf in (None, post.shelf) for entry in post.entries]
