"""What the broker keeps of us: the announcement for Home Assistant, states and last pictures. Sent where it differs."""

from collections import deque
from collections.abc import Sequence

from edge.model.event import EventType
from edge.outputs.mqtt import discovery
from edge.outputs.mqtt.context import MqttContext
from edge.outputs.mqtt.kept import (
    PROBLEMS_NAME,
    Announced,
    read_announced,
    read_problems,
    write_announced,
    write_problems,
)
from edge.outputs.mqtt.message import Message
from edge.outputs.mqtt.sender import Sender
from edge.outputs.mqtt.states import Moment, states
from edge.outputs.mqtt.topics import Topics
from edge.outputs.mqtt.watch import Watch
from edge.outputs.tally import LineCounts
from edge.picture.board import View
from edge.settings import Settings

LOOK_S = 1.0
"""States are looked at so often where no event comes; an occupancy changes no more often than this."""
REST_S = 0.05
"""So long is waited between two looks although events come."""


class Show:
    """Keeps the broker's retained messages the same as what is true. Used by one thread."""

    def __init__(self, context: MqttContext, topics: Topics, sender: Sender) -> None:
        self._context = context
        self._topics = topics
        self._sender = sender
        self._watch = Watch(context.log)
        self._problems_file = context.kept.with_name(PROBLEMS_NAME)
        self._kept_spoilt: frozenset[str] = frozenset()
        self._counts = LineCounts(context.log, context.clock, context.timezone)
        self._shown: dict[str, bytes] = {}
        self._announced = Announced()
        self._announced_for: tuple[Settings, str] | None = None
        self._queue: deque[Message] = deque()
        self._last_number: int | None = None
        self._saved = True
        self._looked_s = float("-inf")
        self._looked_id = -1

    def begin(self) -> None:
        """Remember what was announced and which views were spoilt, and find the last pictures. Raises StoreError."""
        self._announced = read_announced(self._context.kept)
        problems = read_problems(self._problems_file)
        self._kept_spoilt = frozenset(problems.spoilt)
        self._watch.begin(self._context.settings().channels, problems)
        if problems.read_id < 0:
            self._keep_problems()

    def end(self) -> None:
        """Keep for the next start what is spoilt and how far the log was read."""
        self._keep_problems()

    def _keep_problems(self) -> None:
        write_problems(self._problems_file, self._watch.problems)
        self._kept_spoilt = self._watch.spoilt

    def anew(self) -> None:
        """Have everything sent again: the broker, or Home Assistant, may have forgotten it."""
        if not self._saved:  # nobody has confirmed the newest announcement: what it took away is to be taken away again
            self._announced, self._saved = read_announced(self._context.kept), True
        self._queue.clear()
        self._shown.clear()
        self._announced_for = self._last_number = None
        self._looked_s = float("-inf")
        self._watch.show_again()

    def acknowledged(self, number: int) -> None:
        """Note that a message is done with: once all of an announcement is, it is remembered."""
        if number == self._last_number:
            self._last_number = None
            write_announced(self._context.kept, self._announced)
            self._saved = True

    def update(self, address: str, now_s: float) -> None:
        """Send what has changed, as far as there is room; raises StoreError.

        `address` is our own as the broker sees it.
        """
        settings = self._context.settings()
        last_id = self._context.log.last_event_id()
        if now_s - self._looked_s < (LOOK_S if last_id == self._looked_id else REST_S):
            return
        views = self._views(settings)
        self._watch.look(settings.channels, views)
        if self._watch.spoilt != self._kept_spoilt:
            self._keep_problems()
        current = states(self._moment(settings, views), self._topics)
        if self._announced_for != (settings, address):
            self._announce(settings, address, tuple(current))
        changed = [
            Message(topic, body, retain=True) for topic, body in current.items() if self._shown.get(topic) != body
        ]
        if self._send_queue() and self._send_states(changed):
            self._show_pictures(settings, now_s)
            self._looked_s, self._looked_id = now_s, last_id

    def _views(self, settings: Settings) -> dict[str, View]:
        found = ((channel.id, self._context.board.latest(channel.id)) for channel in settings.channels)
        return {channel_id: view for channel_id, view in found if view is not None}

    def _moment(self, settings: Settings, views: dict[str, View]) -> Moment:
        crossings, since = self._counts.since_midnight()
        opened = self._context.log.open_events()
        return Moment(
            settings=settings,
            health=self._context.health.snapshot().channels,
            moving=frozenset((each.channel_id, each.rule_id) for each in opened if each.type is EventType.MOTION_ON),
            spoilt=self._watch.spoilt,
            crossings=crossings,
            since=since,
            views=views,
        )

    def _announce(self, settings: Settings, address: str, state_topics: Sequence[str]) -> None:
        """Queue what announces all entities, removes those that are no more, and takes back their topics."""
        before, broker, home = self._announced, self._context.broker, self._topics.discovery
        pictures = (self._topics.channel(channel.id, "snapshot") for channel in settings.channels)
        topics = (self._topics.status, *state_topics, *pictures)
        found = discovery.components(settings, self._topics, commands=broker.commands) if broker.home_assistant else {}
        after = Announced(home if found else "", discovery.platforms(found), topics)
        gone = {key: platform for key, platform in before.platforms.items() if key not in found}
        presented = discovery.Presented(self._context.device_name, self._context.device_id, address)
        self._queue.clear()
        for removed in ([gone, {}] if gone else [{}]) if found else []:
            body = discovery.payload(found, removed, settings, self._topics, presented)
            self._queue.append(Message(home, body, retain=True))
        stale = [topic for topic in before.topics if topic not in topics]
        if before.discovery and before.discovery != after.discovery:
            stale.append(before.discovery)
        self._queue += (Message(topic, b"", retain=True) for topic in stale)
        self._announced_for = (settings, address)
        if after != before:
            self._announced, self._saved = after, False

    def _send_queue(self) -> bool:
        """Send what is queued; False where there is no room for all of it yet."""
        while self._queue:
            number = self._sender.send(self._queue[0])
            if number is None:
                return False
            self._queue.popleft()
            if not self._queue and not self._saved:
                self._last_number = number
        return True

    def _send_states(self, changed: Sequence[Message]) -> bool:
        for message in changed:
            if self._sender.send(message) is None:
                return False
            self._shown[message.topic] = message.payload
        return True

    def _show_pictures(self, settings: Settings, now_s: float) -> None:
        for channel_id, event_id in self._watch.pictures_due(settings.channels, now_s):
            jpeg = self._context.log.snapshot(event_id)
            message = Message(self._topics.channel(channel_id, "snapshot"), jpeg or b"", retain=True)
            if jpeg is None or not self._sender.fits(message) or self._sender.send(message) is not None:
                self._watch.shown(channel_id, event_id, now_s)
