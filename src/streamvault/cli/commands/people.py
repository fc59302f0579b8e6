"""`streamvault people list | invite | remove`: who may log in."""

import argparse

from streamvault.access.people import UNCHANGED, Unchanged
from streamvault.cli.options import Subparsers, add_settings, run_async, settings_as
from streamvault.errors import ConfigError
from streamvault.settings import LocalSettings, values

USED = ("data_dir", "database_url", "owner_ids", "members", "secret_key", "old_secret_keys")
ACTIONS = {
    "list": "owners and members",
    "invite": "make somebody a member, by the Telegram user id that the bot tells",
    "remove": "take all rights from a member: sessions, tokens and links of theirs end",
}


def add(commands: Subparsers) -> None:
    """Register `people` and its actions."""
    text = "say who may log in"
    parser = commands.add_parser("people", help=text, description=text)
    actions = parser.add_subparsers(required=True, metavar="ACTION", dest="action")
    for name, help in ACTIONS.items():
        action = actions.add_parser(name, help=help, description=help)
        if name != "list":
            action.add_argument("person", metavar="ID", help="Telegram user id")
        if name == "invite":
            action.add_argument("--name", dest="shown_name", default="", help="the name that lists show")
            which = action.add_mutually_exclusive_group()
            which.add_argument(
                "--chat", action="append", metavar="CHAT", help="only the files of this channel (-100...); repeatable"
            )
            which.add_argument(
                "--all-chats", action="store_true", help="the files of all channels again; so it is for new members"
            )
        add_settings(action, used=USED)
        action.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """List, invite or remove people."""
    from streamvault.cli import access

    settings = settings_as(LocalSettings, options)

    async def work() -> None:
        match options.action:
            case "list":
                lines = await access.list_people(settings)
            case "invite":
                lines = await access.invite(
                    settings, person_of(options.person), name=options.shown_name, chats=chats_of(options)
                )
            case _:
                lines = await access.remove(settings, person_of(options.person))
        print("\n".join(lines))

    run_async("asyncio", work)
    return 0


def person_of(text: str) -> int:
    """The user id that an argument names. Raises ConfigError."""
    try:
        return int(str(values.user_id(text)))
    except ValueError as error:
        raise ConfigError(f"{text!r} is no Telegram user id: {error}") from None


def chats_of(options: argparse.Namespace) -> list[int] | Unchanged | None:
    """What a member may see: these channels, all (None), or as it was. Raises ConfigError."""
    if options.chat is not None:
        return [channel_of(chat) for chat in options.chat]
    return None if options.all_chats else UNCHANGED


def channel_of(text: str) -> int:
    """The number of a channel that an argument names. Raises ConfigError."""
    number = values.chat_number(text)
    if not isinstance(number, int) or not values.is_channel(number):
        raise ConfigError(f"{text!r} is no channel's number, which begins with -100")
    return number
