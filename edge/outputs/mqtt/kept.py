"""What is remembered over restarts: what has been announced, to be taken back later; which views are spoilt."""

import json
import logging
from dataclasses import dataclass, field
from pathlib import Path

from edge.store.durable import write_durably

FILE_NAME = "mqtt.json"
PROBLEMS_NAME = "mqtt-problems.json"
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


@dataclass(frozen=True, slots=True)
class Problems:
    """Channels whose view is spoilt, with the event that told it, as of the event `read_id`; -1: not known."""

    read_id: int = -1
    spoilt: dict[str, int] = field(default_factory=dict)


def read_problems(path: Path) -> Problems:
    """Return what the file says; nothing where there is none or it is damaged."""
    try:
        body = json.loads(path.read_text(encoding="utf-8"))
        return Problems(int(body["read_id"]), {str(key): int(number) for key, number in body["spoilt"].items()})
    except FileNotFoundError:
        return Problems()
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        LOG.warning("%s cannot be read (%s); a view that was spoilt before may be told as healthy", path, error)
        return Problems()


def write_problems(path: Path, problems: Problems) -> None:
    """Keep which views are spoilt; what the disk does not take is read from the log again."""
    body = {"read_id": problems.read_id, "spoilt": problems.spoilt}
    try:
        write_durably(path, json.dumps(body, indent=1, sort_keys=True) + "\n")
    except OSError as error:
        LOG.warning("cannot keep in %s which views are spoilt: %s", path, error.strerror)
