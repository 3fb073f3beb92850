"""One webhook of the settings, as the rest of this room sees it: its name, whom it is for, and what it sends along."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from edge import __version__
from edge.model.event import Event, EventType
from edge.outputs.webhooks.address import AddressRefused, parse_target
from edge.outputs.webhooks.signature import read_secret, signature_headers
from edge.settings import Settings, WebhookSettings

READER_PREFIX = "webhook:"
_KEY_DIGITS, _FILTER_DIGITS = 8, 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """A webhook with its key.

    The key is made of URL, `when` and filters, so that two of one URL stay apart wherever they stand in the settings;
    it holds no secret: the host and hashes. `base` is the part without filters, as a name in the outbox.
    `channel_ids` is empty for all.
    """

    key: str
    base: str
    settings: WebhookSettings = field(repr=False)
    channel_ids: frozenset[str]
    device_id: str

    @property
    def reader(self) -> str:
        """Its name in the outbox, and that of its worker."""
        return reader_name(self.key)

    @property
    def shown(self) -> str:
        """What people and logs see of its URL: no path, no query."""
        return shown(self.settings.url)

    @property
    def immediate(self) -> bool:
        """Tell whether it gets each event, not sums."""
        return self.settings.when == "immediate"

    def wants(self, event: Event) -> bool:
        """Tell whether it is to get such an event."""
        return self._wants_type(event.type) and self.wants_channel(event.channel_id)

    def wants_channel(self, channel_id: str) -> bool:
        """Tell whether a channel is among its own."""
        return not self.channel_ids or channel_id in self.channel_ids

    def _wants_type(self, kind: EventType) -> bool:
        return not self.settings.events or kind in self.settings.events

    def headers(self, message_id: str, further: Mapping[str, str], at_s: int, body: bytes) -> dict[str, str]:
        """Return the headers of one attempt, signed where there are secrets; the settings' own come over ours.

        Raises SecretError where a secret file cannot be used.
        """
        ours = {"Content-Type": "application/json", "User-Agent": f"edge/{__version__}", **further}
        own = self.settings.headers
        names = {name.lower() for name in own}
        headers = {name: value for name, value in ours.items() if name.lower() not in names} | dict(own)
        secrets = [read_secret(Path(path)) for path in self.settings.secret_files]
        return headers | (signature_headers(secrets, message_id, at_s, body) if secrets else {})


def subscriptions(settings: Settings, device_id: str) -> Sequence[Subscription]:
    """Return all webhooks of the settings in their order; only those that are the same in all count by their place."""
    made: dict[str, Subscription] = {}
    for hook in settings.webhooks:
        base = _base(hook)
        key = first = base + _filters(hook)
        number = 1
        while key in made:
            number += 1
            key = f"{first}-{number}"
        ids = frozenset(channel.id for channel in settings.channels if channel.name in hook.channels)
        made[key] = Subscription(key=key, base=reader_name(base), settings=hook, channel_ids=ids, device_id=device_id)
    return list(made.values())


def reader_name(key: str) -> str:
    """Return a key as a name in the outbox."""
    return f"{READER_PREFIX}{key}"


def shown(url: str) -> str:
    """Return what people may see of a URL."""
    try:
        return parse_target(url).shown
    except AddressRefused:
        return "an address that is not valid"


def _base(hook: WebhookSettings) -> str:
    return f"{shown(hook.url).partition('://')[2]}-{_hash(f'{hook.when} {hook.url}')[:_KEY_DIGITS]}"


def _filters(hook: WebhookSettings) -> str:
    """Return what tells webhooks of one URL apart: empty for one that gets everything."""
    if not hook.events and not hook.channels:
        return ""
    text = "\n".join([*sorted(kind.value for kind in hook.events), "", *sorted(hook.channels)])
    return f"-{_hash(text)[:_FILTER_DIGITS]}"


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
