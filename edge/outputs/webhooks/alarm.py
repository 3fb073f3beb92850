"""A webhook as the target of a test alarm: one marked body, through no log and no outbox."""

import secrets
from collections.abc import Sequence
from datetime import tzinfo

from edge.model.clock import Clock
from edge.model.event import Event
from edge.outputs.alarm.target import Outcome
from edge.outputs.payload import json_bytes
from edge.outputs.webhooks.payload import event_keys
from edge.outputs.webhooks.post import ATTEMPT_S, Poster, Verdict
from edge.outputs.webhooks.subscription import Subscription
from edge.outputs.webhooks.worker import post

MARK = {"X-Edge-Test": "1"}


class WebhookTarget:
    """Sends the nine keys of an event once, with the header `X-Edge-Test: 1` and no event id. Sums have no test."""

    def __init__(self, name: str, subscription: Subscription, clock: Clock, zone: tzinfo) -> None:
        self.name = name
        self.address = subscription.shown
        self._subscription = subscription
        self._clock = clock
        self._zone = zone

    def wants(self, event: Event) -> bool:
        """Tell whether the webhook would get such an event."""
        return self._subscription.immediate and self._subscription.wants(event)

    def send(self, event: Event, timeout_s: float) -> Outcome:
        """Send the event and return what came of it, within `timeout_s` seconds."""
        poster = Poster(self._subscription.settings.url, lambda: self._clock.now_us() / 1e6)
        at_s = self._clock.now_us() // 1_000_000
        body = json_bytes(event_keys(event, self._zone))
        message_id = f"{self._subscription.device_id}-test-{secrets.token_hex(8)}"
        answer = post(self._subscription, poster, message_id, MARK, body, at_s=at_s, seconds=min(timeout_s, ATTEMPT_S))
        return Outcome(delivered=answer.verdict is Verdict.DELIVERED, text=answer.text, http_status=answer.http_status)


def webhook_targets(subscribed: Sequence[Subscription], clock: Clock, zone: tzinfo) -> list[WebhookTarget]:
    """Return the targets of all webhooks, numbered from 1 as in edge.yaml."""
    return [WebhookTarget(f"webhook {number}", each, clock, zone) for number, each in enumerate(subscribed, start=1)]
