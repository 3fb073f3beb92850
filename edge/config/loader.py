"""edge.yaml to Settings: the one way in."""

from pathlib import Path

from edge.config.errors import ConfigError, ConfigErrors
from edge.config.reader import read, read_text
from edge.settings.ids import with_ids
from edge.settings.root import Settings
from edge.settings.together import CHECKS, across

__all__ = ["ConfigError", "ConfigErrors", "load", "loads"]


def load(path: Path) -> Settings:
    """Return the settings of a file, every channel and rule with its id.

    Raises ConfigErrors with every mistake at once, and OSError when the file cannot be read.
    """
    return loads(read_text(path), str(path))


def loads(text: str, file_name: str) -> Settings:
    """Return the settings of a text; `file_name` stands in the mistakes. Raises ConfigErrors."""
    return with_ids(read(text, file_name, Settings, CHECKS, across))
