"""The demo's accounts, channels and posts: a bot, its owner, three channels and a vault."""

from dataclasses import dataclass
from typing import Any

from streamvault.demo.encode import Film, Song
from streamvault.demo.media import Sample
from streamvault.demo.recipes import RECIPES, Photo, Sticker, Voice
from tgemulator.emulator import Emulator
from tgemulator.world import attributes
from tgemulator.world.content import BytesContent, Content, DiskContent, SyntheticContent
from tgemulator.world.model import Channel, Message, User
from tgemulator.world.stored_file import StoredFile, Thumb
from tgemulator.world.thumbs import with_stripped

HOME_DC, FAR_DC, FARTHER_DC = 2, 4, 1
BOT_TOKEN = "7000000001:the-bot-of-an-emulated-Telegram"
HUGE = 3 << 30
MINUTES_APART = 47

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
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One post: the recipe's name ("" is the huge synthetic file), its file name, and its data centre.

    `plain` sends a picture or film as a document, which Telegram does not recompress.
    """

    recipe: str
    name: str
    dc_id: int = HOME_DC
    caption: str = ""
    plain: bool = False


FILMS = (
    Entry("drift.mp4", "drift.gif.mp4", FAR_DC),
    Entry(
        "dunes.mkv",
        "كثبان الرمل – Dunes.mkv",
        FAR_DC,
        "Two audio tracks (AAC, AC-3 5.1), subtitles (SRT, ASS) and chapters.",
    ),
    Entry("dusk.mkv", "Dusk (no index).mkv", FAR_DC, "AC-3 5.1 in a Matroska file without an index."),
    Entry("aurora.webm", "极光之夜 · Aurora.webm", HOME_DC, "VP8 and Opus, as recorded by a browser."),
    Entry("night-tide.mp4", "Ночной прилив (late moov).mp4", FARTHER_DC, "The index of this MP4 is at its end."),
    Entry("ridge-line.mp4", "Ridge Line (2024).mp4", FAR_DC, "One day over the ridges. Seek: the clock follows."),
)
MUSIC = (
    Entry("note.ogg", "", FAR_DC),
    Entry("campfire.mp3", "Лагерный костёр.mp3", HOME_DC),
    Entry("glacier.flac", 'Glacier "live" – 冰川.flac', FARTHER_DC),
    Entry("first-light.mp3", "01 First Light.mp3", FAR_DC),
)
EVERYTHING = (
    Entry("", "Archive, 3 GB.bin", FAR_DC, "Synthetic: no disk holds it, yet every byte can be asked for."),
    Entry("notes.zip", "ملاحظات 📝.zip", HOME_DC),
    Entry("guide.pdf", "What is this? 100% guide #1.pdf", FARTHER_DC),
    Entry("sun.webp", "sticker.webp", FAR_DC),
    Entry("dunes.jpg", "夕阳 & dunes.jpg", FARTHER_DC, "A picture sent as a file.", plain=True),
    Entry("ember.jpg", "", FAR_DC, "Ember"),
    Entry("ice.jpg", "", HOME_DC, "Ледник на закате"),
    Entry("meadow.jpg", "", FAR_DC, "Meadow, early"),
)


@dataclass(frozen=True, slots=True)
class DemoWorld:
    """The demo's accounts and channels."""

    bot: User
    owner: User
    films: Channel
    music: Channel
    everything: Channel
    vault: Channel


def build(emulator: Emulator) -> DemoWorld:
    """Make the accounts and channels, without posts."""
    world = emulator.world
    bot = world.add_bot(BOT_TOKEN, name="StreamVault Demo", username="streamvault_demo_bot", home_dc=HOME_DC)
    owner = world.add_user("+99966 2 0001", first_name="Robin", username="robin", home_dc=HOME_DC)
    channels = [
        world.add_channel(title, creator=owner) for title in ("Films", "Music", "Everything · كل شيء · 全部", "Vault")
    ]
    for channel in channels:
        world.add_member(channel, bot, admin=True)
    return DemoWorld(bot, owner, *channels)


def chat_id(channel: Channel) -> int:
    """A channel's number in the form of the Bot API, with -100 in front."""
    return int(f"-100{channel.id}")


async def post_all(emulator: Emulator, demo: DemoWorld, samples: dict[str, Sample]) -> list[Message]:
    """Post every entry, dated so that the films are the newest."""
    plan = [
        (channel, entry)
        for channel, entries in ((demo.everything, EVERYTHING), (demo.music, MUSIC), (demo.films, FILMS))
        for entry in entries
    ]
    now = emulator.world.now()
    return [
        await emulator.world.post(
            channel,
            text=entry.caption,
            file=store(emulator, entry, samples),
            date=now - (len(plan) - 1 - number) * MINUTES_APART * 60,
        )
        for number, (channel, entry) in enumerate(plan)
    ]


def store(emulator: Emulator, entry: Entry, samples: dict[str, Sample]) -> StoredFile:
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
            return [attributes.image_size(facts.width, facts.height), attributes.sticker("🌞")]
        case Photo():
            return [attributes.image_size(facts.width, facts.height)]
        case Film() as film:
            described = attributes.video(facts.duration, facts.width, facts.height, silent=not film.tracks)
            return [described] if film.tracks else [described, attributes.animated()]
    return []


def _thumbs(sample: Sample) -> list[Thumb]:
    if sample.thumb is None:
        return []
    facts = sample.facts
    picture = BytesContent(sample.thumb.read_bytes())
    return with_stripped([Thumb("m", facts.thumb_width, facts.thumb_height, picture)])
