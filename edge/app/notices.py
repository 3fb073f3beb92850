"""What the system under us found at its start and people should know."""

import re
from pathlib import Path

from edge.health import Health

FILE = Path("/run/edge-appliance/notices")
"""One line each, `NAME: sentence`; the appliance's image writes it where its data partition was not as it should be."""
_LINE = re.compile(r"([a-z_]{1,40}): (\S.{0,400})")


def pass_on(health: Health, file: Path = FILE) -> None:
    """Put what stands in the file into health; where there is none, all is well."""
    try:
        text = file.read_text("utf-8", errors="replace")
    except OSError:
        return
    for line in text.splitlines():
        found = _LINE.fullmatch(line.strip())
        if found:
            health.set_notice(found[1], found[2])
