"""`edge check-config`: tells whether the configuration is right."""

import argparse
import sys

from edge.cli.settings_file import add_config, open_settings
from edge.config.loader import ConfigErrors
from edge.settings import Settings

EXIT_FAILED = 1


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    add_config(parser)


def run(args: argparse.Namespace) -> int:
    """Say that the file is right, or what is wrong with it."""
    try:
        settings = open_settings(args.config)
    except ConfigErrors as wrong:
        sys.stderr.write(f"{wrong}\n")
        return EXIT_FAILED
    sys.stdout.write(f"{args.config}: {summary(settings)}\n")
    return 0


def summary(settings: Settings) -> str:
    """Return one line on what the file sets up."""
    if not settings.channels:
        return "right, but it has no channel: nothing will be watched"
    rules = sum(len(channel.rules) for channel in settings.channels)
    return f"right: {_many(len(settings.channels), 'channel')}, {_many(rules, 'rule')}"


def _many(count: int, word: str) -> str:
    return f"{count} {word}" if count == 1 else f"{count} {word}s"
