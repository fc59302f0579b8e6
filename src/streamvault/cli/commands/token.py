"""`streamvault token create | list | revoke`: API tokens for scripts and players."""

import argparse

from streamvault.cli.commands.link import hours_of
from streamvault.cli.commands.people import person_of
from streamvault.cli.options import Subparsers, add_settings, run_async, settings_as
from streamvault.settings import LocalSettings

USED = ("data_dir", "database_url", "owner_ids", "members", "secret_key", "old_secret_keys")
ACTIONS = {
    "create": "print a new API token, which cannot be shown again",
    "list": "the API tokens, without their text",
    "revoke": "end an API token at once",
}


def add(commands: Subparsers) -> None:
    """Register `token` and its actions."""
    text = "make and revoke API tokens for scripts and players"
    parser = commands.add_parser("token", help=text, description=text)
    actions = parser.add_subparsers(required=True, metavar="ACTION", dest="action")
    for name, help in ACTIONS.items():
        action = actions.add_parser(name, help=help, description=help)
        if name == "create":
            action.add_argument("token_name", metavar="NAME", help="what it is for, such as 'Kodi in the kitchen'")
            action.add_argument(
                "--can", default="read,playback", metavar="RIGHTS",
                help="read, index, links, people, leech, voice, playback; separated by commas (read,playback)",
            )  # fmt: skip
            action.add_argument("--person", metavar="ID", help="the member whose token it is (nobody's)")
            action.add_argument("--expires-in", type=hours_of, metavar="HOURS", help="how long it works (for ever)")
        if name == "revoke":
            action.add_argument("id", metavar="ID", help="as `streamvault token list` shows it")
        add_settings(action, used=USED)
        action.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Create, list or revoke API tokens."""
    from streamvault.cli import access

    settings = settings_as(LocalSettings, options)

    async def work() -> None:
        match options.action:
            case "create":
                person = None if options.person is None else person_of(options.person)
                can = [right.strip() for right in options.can.split(",") if right.strip()]
                lines = await access.create_token(
                    settings,
                    options.token_name,
                    can=can,
                    person=person,
                    hours=options.expires_in,
                )
            case "list":
                lines = await access.list_tokens(settings)
            case _:
                lines = await access.revoke_token(settings, options.id)
        print("\n".join(lines))

    run_async("asyncio", work)
    return 0
