"""`edge check-config`: tells whether the configuration is right."""

import argparse
import sys

from edge.cli.settings_file import add_config, open_settings
from edge.config.loader import ConfigErrors
from edge.model.raster import covered
from edge.settings import ChannelSettings, Settings

EXIT_FAILED = 1
_LOOKED_AT = (320, 180)
"""Columns and rows of the picture that masks are tried on."""


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
    for channel in filter(is_blind, settings.channels):
        sys.stderr.write(
            f'{args.config}: channel "{channel.name}": its masks leave nothing of the picture to analyse\n'
        )
    sys.stdout.write(f"{args.config}: {summary(settings)}\n")
    return 0


def summary(settings: Settings) -> str:
    """Return one line on what the file sets up."""
    if not settings.channels:
        return "right, but it has no channel: nothing will be watched"
    rules = sum(len(channel.rules) for channel in settings.channels)
    return f"right: {_many(len(settings.channels), 'channel')}, {_many(rules, 'rule')}"


def is_blind(channel: ChannelSettings) -> bool:
    """Tell whether a channel's masks cover the whole picture."""
    return bool(covered([mask.polygon for mask in channel.masks], *_LOOKED_AT).all())


def _many(count: int, word: str) -> str:
    return f"{count} {word}" if count == 1 else f"{count} {word}s"
