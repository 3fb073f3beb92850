"""The settings of a command line: which file, and what to say when it is not there or not right."""

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from edge.cli.errors import CommandError
from edge.config.loader import ConfigErrors, load
from edge.settings import Settings

DEFAULT = Path("/etc/edge/edge.yaml")


def add_config(parser: argparse.ArgumentParser) -> None:
    """Add `--config FILE`."""
    parser.add_argument(
        "--config", type=Path, default=DEFAULT, metavar="FILE", help="configuration file (default: %(default)s)"
    )


def open_settings(path: Path) -> Settings:
    """Return the settings of a file, whose certificate is looked at too, as a device does that takes it.

    Raises ConfigErrors, and CommandError when the file cannot be read.
    """
    try:
        return load(path, files=True)
    except FileNotFoundError:
        raise CommandError(f"there is no {path}; write one, or name another with --config FILE") from None
    except OSError as error:
        raise CommandError(f"cannot read {path} ({error.strerror}); look at its kind and its permissions") from None


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Turn what reading a configuration file may raise into CommandError, each mistake a line on standard error."""
    try:
        yield
    except ConfigErrors as wrong:
        sys.stderr.write(f"{wrong}\n")
        raise CommandError(f"{path} is not right; correct the lines above") from None
    except FileNotFoundError:
        raise CommandError(f"there is no {path}; write one, or name another with --config FILE") from None
    except OSError as error:
        raise CommandError(f"cannot read {path} ({error.strerror}); look at its kind and its permissions") from None


def load_settings(path: Path) -> Settings:
    """Return the settings of a file, for commands that need them; each mistake is a line on standard error.

    Raises CommandError.
    """
    with reading(path):
        return load(path)
