"""`edge show-config`: every setting in force, also those the file leaves to their defaults."""

import argparse
import sys

from edge.cli.settings_file import add_config, load_settings
from edge.config.show import show


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    add_config(parser)


def run(args: argparse.Namespace) -> int:
    """Print the effective configuration, secrets masked."""
    sys.stdout.write(show(load_settings(args.config)))
    return 0
