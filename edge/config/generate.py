"""`python -m edge.config.generate [FOLDER]`: writes docs/CONFIG.md and config/edge.schema.json from the settings."""

import sys
from pathlib import Path

from edge.config.manual import manual
from edge.config.schema import schema_text
from edge.settings.root import Settings


def pages() -> dict[str, str]:
    """Return path -> text of every generated file."""
    return {
        "docs/CONFIG.md": manual(Settings),
        "config/edge.schema.json": schema_text(Settings, "edge.yaml"),
    }


def main(folder: Path) -> None:
    """Write the files under the repository's folder."""
    for name, text in pages().items():
        (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "."))
