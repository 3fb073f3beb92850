"""Where everything is published: the names of all topics.

Channels and rules stand in topics by their ids, so that what is renamed keeps its topics.
"""

import re
from dataclasses import dataclass

DISCOVERY_PREFIX = "homeassistant"
BIRTH = f"{DISCOVERY_PREFIX}/status"

_UNFIT = re.compile(r"[^A-Za-z0-9_-]+")


def slug(text: str) -> str:
    """Return a text as one level of a topic: letters, digits, - and _ stay, all else becomes -."""
    return _UNFIT.sub("-", text).strip("-") or "-"


@dataclass(frozen=True, slots=True)
class Topics:
    """The topics of one device; `identity` is its id, which never changes, `base` begins with prefix and name."""

    base: str
    identity: str

    @property
    def status(self) -> str:
        """Whether the device is there: online or offline."""
        return f"{self.base}/status"

    @property
    def command(self) -> str:
        """Where the device takes commands for itself."""
        return f"{self.base}/set"

    @property
    def discovery(self) -> str:
        """Where Home Assistant looks for the device."""
        return f"{DISCOVERY_PREFIX}/device/{self.node}/config"

    @property
    def node(self) -> str:
        """The device's name among all devices: what ids for Home Assistant begin with."""
        return f"edge_{slug(self.identity)}"

    def channel(self, channel_id: str, leaf: str) -> str:
        """Return a topic of a channel."""
        return f"{self.base}/{slug(channel_id)}/{leaf}"

    def rule(self, channel_id: str, rule_id: str, leaf: str) -> str:
        """Return a topic of a rule."""
        return f"{self.base}/{slug(channel_id)}/rule/{slug(rule_id)}/{leaf}"

    @property
    def commands(self) -> tuple[str, ...]:
        """Return the filters of all that can be asked of the device."""
        channel, rule = f"{self.base}/+", f"{self.base}/+/rule/+"
        return (self.command, f"{channel}/enabled/set", f"{rule}/enabled/set", f"{rule}/test/set")


def topics_of(prefix: str, device_name: str, identity: str) -> Topics:
    """Return the topics of a device."""
    return Topics(f"{prefix}/{slug(device_name)}", identity)
