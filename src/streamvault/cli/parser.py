"""The parser of the command line: one line for each error, and the settings in groups."""

import argparse
import sys
from collections.abc import Collection
from typing import TYPE_CHECKING, NoReturn

from streamvault.settings.meanings import GROUPS, described, is_secret

if TYPE_CHECKING:
    from _typeshed import SupportsWrite

EXIT_CODES = """\
exit codes:
  0    done, or stopped as asked
  1    failed: one line on standard error, or a failed check of `doctor`
  2    a wrong setting or option: one line that says how to mend it
  130  ended by Ctrl-C before it was done
"""


class Parser(argparse.ArgumentParser):
    """Prints an error as one line, without the usage, and the exit codes at the end of the help."""

    def __init__(self, *args: object, **options: object) -> None:
        given = {"epilog": EXIT_CODES, "formatter_class": _Formatter, **options}
        super().__init__(*args, **given)  # type: ignore[arg-type]

    def error(self, message: str) -> NoReturn:
        """Print the message and where help is; exit with 2."""
        self.exit(2, f"{self.prog.partition(' ')[0]}: {message} (see `{self.prog} --help`)\n")

    def _print_message(self, message: str, file: "SupportsWrite[str] | None" = None) -> None:
        """argparse swallows what writing raises: a long help that nobody reads would end with exit code 0."""
        (file or sys.stderr).write(message)


class _Formatter(argparse.HelpFormatter):
    """Keeps the lines of an epilog, and short lines together."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=32)

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        if text.endswith(EXIT_CODES):
            return "".join(indent + line for line in text.splitlines(keepends=True))
        return super()._fill_text(text, width, indent)


def add_settings(
    parser: argparse.ArgumentParser, *, used: Collection[str] | None = None, without: Collection[str] = ()
) -> None:
    """Add an option for every setting that is not a secret, in groups, and name the secrets; to be called last.

    The help shows those that are `used`, all of them where that is None. `without`: settings whose names the command
    uses for something else.
    """
    parser.usage = f"{' '.join(parser.format_usage().removeprefix('usage: ').split())} [SETTINGS]"
    for title, names in GROUPS.items():
        options = {
            name: described(name).replace("%", "%%") for name in names if not is_secret(name) and name not in without
        }
        if not options:
            continue
        group = parser.add_argument_group(f"settings: {title}")
        for name, text in options.items():
            shown = text if used is None or name in used else argparse.SUPPRESS
            group.add_argument(f"--{name.replace('_', '-')}", metavar=name.upper(), help=shown)
    known = [name for names in GROUPS.values() for name in names if used is None or name in used]
    secrets = [name for name in known if is_secret(name)]
    lines = "\n".join(f"  {name.upper():20}{described(name)}" for name in secrets)
    title = (
        "secrets, set in the environment or in a file .env, since every user of a machine can read its command lines:"
    )
    parser.epilog = (f"{title}\n{lines}\n\n" if secrets else "") + (
        "Any other setting may stand there too; an option wins over it. docs/SETTINGS.md says more about each.\n\n"
        f"{EXIT_CODES}"
    )
