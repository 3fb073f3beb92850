"""What has been announced and shown, remembered over restarts: what is taken away later has to be taken back."""

import json
import logging
from dataclasses import dataclass, field
from pathlib import Path

from edge.store.durable import write_durably

FILE_NAME = "mqtt.json"
LOG = logging.getLogger("edge.mqtt")


@dataclass(frozen=True, slots=True)
class Announced:
    """Entities by key with their platforms, where they were announced, and every topic that a broker keeps of us."""

    discovery: str = ""
    platforms: dict[str, str] = field(default_factory=dict)
    topics: tuple[str, ...] = ()


def read_announced(path: Path) -> Announced:
    """Return what the file says; nothing where there is none or it is damaged."""
    try:
        body = json.loads(path.read_text(encoding="utf-8"))
        platforms = {str(key): str(platform) for key, platform in body["platforms"].items()}
        return Announced(str(body["discovery"]), platforms, tuple(map(str, body["topics"])))
    except FileNotFoundError:
        return Announced()
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        LOG.warning("%s cannot be read (%s); what was announced before may stay with the broker", path, error)
        return Announced()


def write_announced(path: Path, announced: Announced) -> None:
    """Keep what is announced; where the disk does not take it, what is removed later may stay with the broker."""
    body = {"discovery": announced.discovery, "platforms": announced.platforms, "topics": announced.topics}
    try:
        write_durably(path, json.dumps(body, indent=1, sort_keys=True) + "\n")
    except OSError as error:
        LOG.warning("cannot keep what is announced over MQTT in %s: %s", path, error.strerror)
