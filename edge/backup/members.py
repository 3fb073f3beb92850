"""What is in a backup: the names of its members, how large each may be, and what a restore takes of them for whom."""

import re
from dataclasses import dataclass
from enum import Enum

HEAD = "backup.json"
MANIFEST = "manifest.json"
SETTINGS = "config/edge.yaml"
CONFIG = "config/"
STATE = "state/"
LOG = "events.db"
OUTBOX = "deliveries.db"
IDS = "event_ids"
IDENTITY = "device-id"
TOKENS = "tokens.json"
PICTURES = "snapshots"

NOT_YET = ".new"
"""So a file's name ends while it is written, before it takes its place."""

KB, MB, GB = 2**10, 2**20, 2**30
MOST_MEMBERS = 1_000_000
MOST_BYTES = 16 * GB
MOST_OF_A_FILE = 8 * GB - 1
"""The most that the plain form of tar can say."""


class Choice(Enum):
    """Who the device is after a restore."""

    SAME = "same"
    """It is the device that the backup is of."""
    AS_NEW = "as-new"
    """It is another one, and stays that: the device of the backup may go on running."""
    REPLACE = "replace"
    """It becomes the device of the backup, which is gone for good."""


@dataclass(frozen=True, slots=True)
class StateMember:
    """A file of `state_dir`: its bound in bytes, and for whom a restore puts the backup's in its place.

    For those in `cleared` what the device has goes, also where the backup brings none. Else the device's own stays, and
    a device that has none gets the backup's only where it is in `taken`.
    """

    name: str
    most_bytes: int
    taken: frozenset[Choice]
    cleared: frozenset[Choice] = frozenset()


_ALL = frozenset(Choice)
_REPLACE = frozenset({Choice.REPLACE})
_OTHERS = frozenset({Choice.AS_NEW, Choice.REPLACE})

STATE_MEMBERS = (
    StateMember(LOG, MOST_OF_A_FILE, _ALL, _ALL),
    StateMember(IDS, KB, _ALL, _ALL),
    StateMember(PICTURES, MOST_OF_A_FILE, _ALL, _OTHERS),  # of the same device they belong to the same ids
    StateMember(OUTBOX, MOST_OF_A_FILE, frozenset({Choice.SAME, Choice.REPLACE}), _OTHERS),
    StateMember(IDENTITY, KB, _REPLACE, _REPLACE),
    StateMember("mqtt.json", MB, _REPLACE, _REPLACE),
    StateMember("mqtt-problems.json", MB, _REPLACE, _REPLACE),
    StateMember("cameras.json", MB, _ALL),
    StateMember("tracks.db", 0, frozenset(), _OTHERS),
    StateMember("last-good.yaml", 0, frozenset(), _ALL),
)
"""In the order in which they are put in place. The tokens are not replaced but joined, see tokens in apply.py."""

_PICTURE = re.compile(rf"{STATE}{PICTURES}/\d{{6,}}/\d{{1,19}}\.jpg")
_SECRET = re.compile(rf"{CONFIG}(?:[^/\x00-\x1f\x7f]{{1,100}}/){{0,4}}[^/\x00-\x1f\x7f]{{1,100}}")
_FIXED = {
    HEAD: MB,
    MANIFEST: 256 * MB,
    SETTINGS: MB,
    f"{STATE}{TOKENS}": MB,
    **{f"{STATE}{each.name}": each.most_bytes for each in STATE_MEMBERS if each.most_bytes and each.name != PICTURES},
}


def most_bytes(name: str) -> int | None:
    """Return how large a member of this name may be; None where a backup has none of this name."""
    if name in _FIXED:
        return _FIXED[name]
    if _PICTURE.fullmatch(name):
        return 32 * MB
    if _SECRET.fullmatch(name) and not name.endswith(NOT_YET) and not {".", ".."} & set(name.split("/")):
        return MB
    return None
