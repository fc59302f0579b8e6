"""The demo's accounts, channels and posts: two bots, their owner and friends, five channels, a group and a vault."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from streamvault.demo.content.shelves import POSTS, RECIPES
from streamvault.demo.encode import Film, Song
from streamvault.demo.entries import HOME_DC, Entry, Shelf
from streamvault.demo.media import Sample
from streamvault.demo.recipes import Photo, Sticker, Voice
from tgemulator.emulator import Emulator
from tgemulator.world import attributes
from tgemulator.world.content import BytesContent, Content, DiskContent, SyntheticContent
from tgemulator.world.drafts import Draft
from tgemulator.world.model import Channel, Message, User
from tgemulator.world.stored_file import StoredFile, Thumb
from tgemulator.world.thumbs import with_stripped

BOT_TOKEN = "7000000001:the-bot-of-an-emulated-Telegram"
LEECH_TOKEN = "7000000002:the-leech-bot-of-an-emulated-Telegram"
HUGE = 3 << 30
DAY = 86_400

TITLES: Mapping[Shelf, str] = {
    "films": "Films",
    "series": "Series",
    "music": "Music",
    "photos": "Photos · 写真 · صور",
    "everything": "Everything · كل شيء · 全部",
}

_TYPES = {
    ".mp4": "video/mp4",
    ".webm": "video/webm",
    ".mkv": "video/x-matroska",
    ".mp3": "audio/mpeg",
    ".flac": "audio/flac",
    ".ogg": "audio/ogg",
    ".jpg": "image/jpeg",
    ".webp": "image/webp",
    ".pdf": "application/pdf",
    ".zip": "application/zip",
    ".srt": "application/x-subrip",
    ".txt": "text/plain",
    ".md": "text/markdown",
    ".json": "application/json",
}


@dataclass(frozen=True, slots=True)
class DemoWorld:
    """The demo's accounts and channels. The bot is not in the group `club` yet."""

    bot: User
    leecher: User
    owner: User
    friend: User
    channels: Mapping[Shelf, Channel]
    club: Channel
    vault: Channel


@dataclass(frozen=True, slots=True)
class Posted:
    """A message with what it was made of."""

    entry: Entry
    message: Message


def build(emulator: Emulator) -> DemoWorld:
    """Make the accounts and channels, without posts."""
    world = emulator.world
    bot = world.add_bot(BOT_TOKEN, name="StreamVault Demo", username="streamvault_demo_bot", home_dc=HOME_DC)
    leecher = world.add_bot(LEECH_TOKEN, name="StreamVault Leech", username="streamvault_leech_bot", home_dc=HOME_DC)
    owner = world.add_user("+99966 2 0001", first_name="Robin", username="robin", home_dc=HOME_DC)
    friend = world.add_user("+99966 2 0002", first_name="Mira", username="mira", home_dc=HOME_DC)
    channels = {shelf: world.add_channel(title, creator=owner) for shelf, title in TITLES.items()}
    vault = world.add_channel("Vault", creator=owner)
    for channel in (*channels.values(), vault):
        world.add_member(channel, bot, admin=True)
    world.add_member(vault, leecher, admin=True)
    club = world.add_channel("Film club", creator=owner, megagroup=True)
    world.add_member(club, friend)
    return DemoWorld(bot, leecher, owner, friend, channels, club, vault)


def chat_id(channel: Channel) -> int:
    """A channel's number in the form of the Bot API, with -100 in front."""
    return int(f"-100{channel.id}")


def post_all(emulator: Emulator, demo: DemoWorld, samples: Mapping[str, Sample]) -> list[Posted]:
    """Post everything, the oldest first."""
    posted, now = [], emulator.world.now()
    for post in POSTS:
        group = emulator.world.new_group_id() if len(post.entries) > 1 else None
        drafts = [
            Draft(entry.caption, store(emulator, entry, samples), grouped_id=group, date=now - round(post.days * DAY))
            for entry in post.entries
        ]
        messages = emulator.world.post_drafts(demo.channels[post.shelf], drafts)
        posted += [Posted(entry, message) for entry, message in zip(post.entries, messages, strict=True)]
    return posted


def store(emulator: Emulator, entry: Entry, samples: Mapping[str, Sample]) -> StoredFile:
    """Add an entry's file to its data centre, with the attributes that Telegram's clients set."""
    if not entry.recipe:
        return emulator.files.add(SyntheticContent(HUGE, seed=3), dc_id=entry.dc_id, name=entry.name)
    sample = samples[entry.recipe]
    is_photo = isinstance(RECIPES[entry.recipe], Photo) and not entry.plain
    content: Content = DiskContent(sample.path)
    return emulator.files.add(
        content,
        dc_id=entry.dc_id,
        name=entry.name,
        mime_type=_TYPES[sample.path.suffix],
        kind="photo" if is_photo else "document",
        attributes=_attributes(entry, sample),
        thumbs=_thumbs(sample),
    )


def _attributes(entry: Entry, sample: Sample) -> list[Any]:
    facts = sample.facts
    match RECIPES[entry.recipe]:
        case Song() as song:
            return [attributes.audio(facts.duration, title=song.title, performer=song.artist)]
        case Voice():
            return [attributes.voice(facts.duration)]
        case Sticker():
            return [attributes.image_size(facts.width, facts.height), attributes.sticker(entry.emoji)]
        case Photo():
            return [attributes.image_size(facts.width, facts.height)]
        case Film() as film:
            described = attributes.video(
                facts.duration, facts.width, facts.height, silent=not film.tracks, round_message=entry.round
            )
            return [described] if film.tracks else [described, attributes.animated()]
    return []


def _thumbs(sample: Sample) -> list[Thumb]:
    if sample.thumb is None:
        return []
    facts = sample.facts
    picture = BytesContent(sample.thumb.read_bytes())
    return with_stripped([Thumb("m", facts.thumb_width, facts.thumb_height, picture)])
