"""edge.yaml to Settings: the one way in."""

from collections.abc import Iterator
from pathlib import Path

from edge.config.certificate import unusable
from edge.config.errors import ConfigError, ConfigErrors
from edge.config.reader import read, read_text
from edge.settings.ids import with_ids
from edge.settings.marks import Finding
from edge.settings.root import Settings
from edge.settings.together import CHECKS, across

__all__ = ["ConfigError", "ConfigErrors", "load", "loads"]


def load(path: Path, *, files: bool = False) -> Settings:
    """Return the settings of a file, every channel and rule with its id.

    With `files` the certificate and the key that it names must be right too: for whoever is about to work with it here.
    Raises ConfigErrors with every mistake at once, and OSError when the file cannot be read.
    """
    return loads(read_text(path), str(path), files=files)


def loads(text: str, file_name: str, *, files: bool = False) -> Settings:
    """Return the settings of a text; `file_name` stands in the mistakes. `files` as for `load`. Raises ConfigErrors."""
    return with_ids(read(text, file_name, Settings, CHECKS, _across_with_files if files else across))


def _across_with_files(tree: object) -> Iterator[Finding]:
    yield from across(tree)
    yield from unusable(tree)
