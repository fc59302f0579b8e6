"""The parsers of a command line's commands."""

import argparse


def parsers(root: argparse.ArgumentParser) -> dict[tuple[str, ...], argparse.ArgumentParser]:
    """`root` and the parsers of all its subcommands, by the words that lead to them."""
    found: dict[tuple[str, ...], argparse.ArgumentParser] = {(): root}
    for action in root._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, parser in action.choices.items():
                found |= {(name, *path): each for path, each in parsers(parser).items()}
    return found
