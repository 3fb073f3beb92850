"""`edge run`: the appliance, in the foreground."""

import argparse
from pathlib import Path

from edge.app.configuration import first_load
from edge.app.restore import RestartNeeded, resume
from edge.app.run import run_appliance
from edge.cli.errors import CommandError
from edge.cli.settings_file import add_config, reading
from edge.store.errors import StoreError


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    add_config(parser)


def run(args: argparse.Namespace) -> int:
    """Run until told to stop."""
    path: Path = args.config
    try:
        resume(path)
    except RestartNeeded:
        raise CommandError("starting anew, to take a restore back; the lines above say why") from None
    with reading(path):
        loaded = first_load(path)
    try:
        return run_appliance(path, loaded)
    except StoreError as error:
        raise CommandError(str(error)) from None
    except OSError as error:
        raise CommandError(f"cannot use {loaded.settings.state_dir} ({error.strerror}); see state_dir") from None
